package vendure

import (
	"net/http"
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
		Source: here, Role: connectors.Commerce, Open: behind(rec), Stuck: behind(connectortest.Hangs), Live: live,
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
		Faults:  faults(),
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

// faults are the ways in which a shop, or what stands before it, fails.
func faults() []connectortest.Fault {
	list := connectortest.HTTPFaults(behind, `{"data":{"cust`)
	with := func(name string, want error, rt http.RoundTripper, only ...connectors.Kind) {
		list = append(list, connectortest.Fault{Name: name, Want: want, Only: only, Open: behind(rt)})
	}
	// As the shop says it: with status 200, its data beside it.
	code := func(code string) http.RoundTripper {
		return connectortest.Says(200, `{"errors":[{"message":"Zoë","locations":[{"line":1,"column":2}],"path":["customers"],"extensions":{"code":"`+code+`"}}],"data":null}`)
	}
	with("the key is wrong", connectors.ErrAuth, code("FORBIDDEN"))
	with("the key has ended", connectors.ErrAuth, code("UNAUTHORIZED"))
	with("there is no such channel", connectors.ErrAuth, code("CHANNEL_NOT_FOUND"))
	with("a list is asked for too much", connectors.ErrBadData, code("USER_INPUT_ERROR"))
	with("the shop stumbles", connectors.ErrUnavailable, code("INTERNAL_SERVER_ERROR"))
	with("the shop says something new", connectors.ErrUnavailable, code("ZOË"))
	with("a field is not known", connectors.ErrBadData, connectortest.Says(400, `{"errors":[{"message":"Cannot query field \"Zoë\"","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}`))
	with("a part is missing", connectors.ErrUnavailable,
		connectortest.Says(200, `{"errors":[{"message":"Zoë","extensions":{"code":"INTERNAL_SERVER_ERROR"}}],"data":{"customers":{"totalItems":1,"items":[{"id":"1"}]}}}`))
	with("somebody stands before the shop", connectors.ErrAuth, connectortest.Says(401, "Zoë, log in"))
	with("there are too many calls", connectors.ErrRateLimited, connectortest.Says(429, "Zoë, wait"))
	with("there is no such path", connectors.ErrBadData, connectortest.Says(404, "<h1>Zoë was not found</h1>"))
	with("the answer is cut", connectors.ErrBadData, connectortest.Says(200, `{"data":{"customers":{"items":[{"id":"1","firstName":"Zo`))
	with("the answer is empty", connectors.ErrBadData, connectortest.Says(200, `{}`))
	with("the data are null", connectors.ErrBadData, connectortest.Says(200, `{"data":null}`))
	with("the list is missing", connectors.ErrBadData, connectortest.Says(200, `{"data":{}}`))
	with("the types are wrong", connectors.ErrBadData, connectortest.Says(200, `{"data":{"customers":{"totalItems":1,"items":[{"id":17,"firstName":"Zoë"}]}}}`))
	with("more comes than was asked for", connectors.ErrBadData, connectortest.Says(200, `{"data":{"customers":{"totalItems":1,"items":[{"id":"1","zoë":1}]}}}`))
	asked := []connectors.Kind{connectors.KindProfile, connectors.KindOrder}
	with("a stranger is among the rows", connectors.ErrBadData, connectortest.Says(200, `{"data":{"customers":{"items":[{"id":"77","orders":{"totalItems":0,"items":[]}}]}}}`), asked...)
	with("a customer comes twice", connectors.ErrBadData,
		connectortest.Says(200, `{"data":{"customers":{"items":[{"id":"1","orders":{"totalItems":0,"items":[]}},{"id":"1","orders":{"totalItems":0,"items":[]}}]}}}`), asked...)
	with("orders are missing", connectors.ErrBadData, connectortest.Says(200, `{"data":{"customers":{"items":[{"id":"1"}]}}}`), connectors.KindOrder)
	with("an order comes twice", connectors.ErrBadData,
		connectortest.Says(200, `{"data":{"customers":{"items":[{"id":"1","orders":{"totalItems":2,"items":[{"id":"8"},{"id":"8"}]}}]}}}`), connectors.KindOrder)
	with("an amount has no currency", connectors.ErrBadData,
		connectortest.Says(200, `{"data":{"customers":{"items":[{"id":"1","orders":{"totalItems":1,"items":[{"id":"8","totalWithTax":4711}]}}]}}}`), connectors.KindOrder)
	return list
}
