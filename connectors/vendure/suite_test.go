package vendure

import (
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"customer360/connectors"
	"customer360/connectors/connectortest"
	"customer360/idgraph"
	"customer360/internal/keys"
)

func TestTheSuite(t *testing.T) {
	rec := newTape(t)
	if *recordFrom == "" {
		t.Setenv("VENDURE_KEY", "swordfish")
	}
	s := connectortest.Subject{
		Source: here, Role: connectors.Commerce, Open: behind(rec), Stuck: behind(hangs), Live: live,
		Want:    known(),
		Unknown: []string{"999999", "4105", "1", "1x", "04101", "-3", "9223372036854775808", "", "x' OR '1'='1", `"}{`}, // 4105 was deleted
		Find: map[idgraph.Identifier][]string{
			{Type: idgraph.Email, Value: "zoe.cruz@example.org"}:   {"4101"},
			{Type: idgraph.Email, Value: "wtanaka@post.example"}:   {"4102"}, // typed in capitals
			{Type: idgraph.Email, Value: "aXobrien@corp.example"}:  nil,      // what "_" would match
			{Type: idgraph.Email, Value: "a_obrien@corp.example"}:  {"4103"},
			{Type: idgraph.Email, Value: "gone.away@mail.example"}: nil, // deleted
			{Type: idgraph.Email, Value: "zoecruz@gmail.com"}:      nil, // searched roughly
			{Type: idgraph.Email, Value: "zoë^@xn--kln-sna.de"}:    nil,
			{Type: idgraph.Phone, Value: "+491713920001"}:          {"4101"},
			{Type: idgraph.Phone, Value: "+447700900002"}:          {"4102"}, // typed without its country
			{Type: idgraph.Phone, Value: "+16175550104"}:           {"4104"},
			{Type: idgraph.Phone, Value: "+16175550199"}:           nil, // whoever takes Zoë's parcels
			{Type: idgraph.Reference("shop"), Value: "4103"}:       {"4103"},
			{Type: idgraph.Reference("shop"), Value: "C4103"}:      nil,
			{Type: idgraph.Reference("erp"), Value: "4103"}:        nil,
			{Type: idgraph.LoyaltyID, Value: "4103"}:               nil,
		},
		Names: map[connectors.Kind]map[string]string{
			connectors.KindProfile: {
				"name": "firstName", "givenName": "firstName", "emails.address": "emailAddress", "phones.number": "phoneNumber", "addresses.street": "addresses.streetLine1",
				"addresses.city": "addresses.city", "addresses.postcode": "addresses.postalCode", "addresses.region": "addresses.province",
				"addresses.country": "addresses.country.code", "company": "customFields.companyName", "updatedAt": "updatedAt",
			},
			connectors.KindOrder: {
				"number": "orders.code", "status": "orders.state", "placedAt": "orders.orderPlacedAt", "total": "orders.totalWithTax", "items.name": "orders.lines.productVariant.name",
				"items.sku": "orders.lines.productVariant.sku", "items.quantity": "orders.lines.quantity", "items.unitPrice": "orders.lines.unitPriceWithTax",
			},
		},
		Secrets: []string{"swordfish", "vendure.test", "storefront"},
	}
	for _, f := range faults() {
		f.Open = behind(f.rt)
		s.Faults = append(s.Faults, f.Fault)
	}
	connectortest.Run(t, s)
}

// config is the configuration that the recorded shop is read by.
func config() Config {
	return Config{
		URL: "http://vendure.test/admin-api", Key: keys.Secret{Env: "VENDURE_KEY"}, Company: "companyName",
		Consents: []Consent{{Purpose: "marketing.email", Field: "acceptsMarketing", Notice: "checkout@2024"}},
	}
}

func behind(rt http.RoundTripper) func(*testing.T, connectors.Setup) connectors.Connector {
	return func(t *testing.T, with connectors.Setup) connectors.Connector {
		t.Helper()
		with.Transport = rt
		cfg := config()
		c, err := cfg.Open(with)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
}

type fault struct {
	connectortest.Fault
	rt http.RoundTripper
}

// A trip is a function that carries one call.
type trip func(*http.Request) (*http.Response, error)

func (f trip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

var hangs = trip(func(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
})

func says(status int, body string) trip {
	return func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

// faults are the ways in which a shop, or what stands before it, fails.
func faults() (list []fault) {
	with := func(name string, want error, rt http.RoundTripper, only ...connectors.Kind) {
		list = append(list, fault{connectortest.Fault{Name: name, Want: want, Only: only}, rt})
	}
	// As the shop says it: with status 200, its data beside it.
	code := func(code string) trip {
		return says(200, `{"errors":[{"message":"Zoë","locations":[{"line":1,"column":2}],"path":["customers"],"extensions":{"code":"`+code+`"}}],"data":null}`)
	}
	with("the key is wrong", connectors.ErrAuth, code("FORBIDDEN"))
	with("the key has ended", connectors.ErrAuth, code("UNAUTHORIZED"))
	with("there is no such channel", connectors.ErrAuth, code("CHANNEL_NOT_FOUND"))
	with("a list is asked for too much", connectors.ErrBadData, code("USER_INPUT_ERROR"))
	with("the shop stumbles", connectors.ErrUnavailable, code("INTERNAL_SERVER_ERROR"))
	with("the shop says something new", connectors.ErrUnavailable, code("ZOË"))
	with("a field is not known", connectors.ErrBadData, says(400, `{"errors":[{"message":"Cannot query field \"Zoë\"","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}`))
	with("a part is missing", connectors.ErrUnavailable,
		says(200, `{"errors":[{"message":"Zoë","extensions":{"code":"INTERNAL_SERVER_ERROR"}}],"data":{"customers":{"totalItems":1,"items":[{"id":"1"}]}}}`))
	with("somebody stands before the shop", connectors.ErrAuth, says(401, "Zoë, log in"))
	with("there are too many calls", connectors.ErrRateLimited, says(429, "Zoë, wait"))
	with("there is no such path", connectors.ErrBadData, says(404, "<h1>Zoë was not found</h1>"))
	with("the shop is down", connectors.ErrUnavailable, trip(func(*http.Request) (*http.Response, error) { return nil, syscall.ECONNREFUSED }))
	with("the shop fails", connectors.ErrUnavailable, says(500, "Zoë"))
	with("a proxy has waited long enough", connectors.ErrTimeout, says(504, "Zoë"))
	with("a proxy answers a page", connectors.ErrBadData, says(200, "<html>Zoë</html>"))
	with("the answer breaks off", connectors.ErrUnavailable, trip(func(*http.Request) (*http.Response, error) {
		body := io.MultiReader(strings.NewReader(`{"data":{"cust`), failing{io.ErrUnexpectedEOF})
		return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(body)}, nil
	}))
	with("the answer is too long", connectors.ErrTooLarge, trip(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: 1 << 40, Body: http.NoBody}, nil
	}))
	with("the answer is cut", connectors.ErrBadData, says(200, `{"data":{"customers":{"items":[{"id":"1","firstName":"Zo`))
	with("the answer is empty", connectors.ErrBadData, says(200, `{}`))
	with("the data are null", connectors.ErrBadData, says(200, `{"data":null}`))
	with("the list is missing", connectors.ErrBadData, says(200, `{"data":{}}`))
	with("the types are wrong", connectors.ErrBadData, says(200, `{"data":{"customers":{"totalItems":1,"items":[{"id":17,"firstName":"Zoë"}]}}}`))
	with("more comes than was asked for", connectors.ErrBadData, says(200, `{"data":{"customers":{"totalItems":1,"items":[{"id":"1","zoë":1}]}}}`))
	asked := []connectors.Kind{connectors.KindProfile, connectors.KindOrder}
	with("a stranger is among the rows", connectors.ErrBadData, says(200, `{"data":{"customers":{"items":[{"id":"77","orders":{"totalItems":0,"items":[]}}]}}}`), asked...)
	with("a customer comes twice", connectors.ErrBadData,
		says(200, `{"data":{"customers":{"items":[{"id":"1","orders":{"totalItems":0,"items":[]}},{"id":"1","orders":{"totalItems":0,"items":[]}}]}}}`), asked...)
	with("orders are missing", connectors.ErrBadData, says(200, `{"data":{"customers":{"items":[{"id":"1"}]}}}`), connectors.KindOrder)
	with("an order comes twice", connectors.ErrBadData,
		says(200, `{"data":{"customers":{"items":[{"id":"1","orders":{"totalItems":2,"items":[{"id":"8"},{"id":"8"}]}}]}}}`), connectors.KindOrder)
	with("an amount has no currency", connectors.ErrBadData,
		says(200, `{"data":{"customers":{"items":[{"id":"1","orders":{"totalItems":1,"items":[{"id":"8","totalWithTax":4711}]}}]}}}`), connectors.KindOrder)
	return list
}

// A failing reader fails.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
