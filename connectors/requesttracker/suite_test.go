package requesttracker

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

// config is the configuration that the recorded systems are read by.
func config() *Config {
	return &Config{
		URL: base + "/", Token: keys.Secret{Env: "RT_TOKEN"},
		Priorities: map[connectors.TicketPriority]int64{"LOW": 0, "NORMAL": 50, "HIGH": 100},
	}
}

func opened(t *testing.T, cfg *Config, s connectors.Setup) *connector {
	t.Helper()
	c, err := cfg.Open(s)
	if err != nil {
		t.Fatal(err)
	}
	return c.(*connector)
}

func TestTheSuite(t *testing.T) {
	rec := newTape(t, "suite")
	behind := func(rt http.RoundTripper) func(*testing.T, connectors.Setup) connectors.Connector {
		return func(t *testing.T, with connectors.Setup) connectors.Connector {
			with.Transport = rt
			return opened(t, config(), with)
		}
	}
	s := connectortest.Subject{
		Source: "helpdesk", Role: connectors.Helpdesk, Open: behind(rec), Stuck: behind(hangs),
		Want:    known(),
		Unknown: []string{"999999", "14", "1", "1x", "007", "-3", "0", "9223372036854775808", "", "27 OR Requestor.id = 41"},
		Find: map[idgraph.Identifier][]string{
			{Type: idgraph.Email, Value: "zoe.cruz@example.org"}:       {"27"},
			{Type: idgraph.Email, Value: "wtanaka@post.example"}:       {"41"},
			{Type: idgraph.Email, Value: "a_obrien@corp.example"}:      {"47"}, // disabled, and a person
			{Type: idgraph.Email, Value: "aXobrien@corp.example"}:      nil,
			{Type: idgraph.Email, Value: "soeren+orders@mail.example"}: {"53"},
			{Type: idgraph.Email, Value: "soeren@mail.example"}:        nil,
			{Type: idgraph.Email, Value: "clerk@helpdesk.example"}:     nil, // staff
			{Type: idgraph.Phone, Value: "+491713920001"}:              nil, // not searchable
			{Type: idgraph.LoyaltyID, Value: "27"}:                     nil,
		},
		Gone: []string{"1", "14", "55"},
		Names: map[connectors.Kind]map[string]string{
			connectors.KindProfile: {
				"name": "RealName", "emails.address": "EmailAddress", "phones.number": "HomePhone", "addresses.street": "Address1", "addresses.city": "City",
				"addresses.postcode": "Zip", "addresses.region": "State", "addresses.country": "Country", "language": "Lang", "company": "Organization", "updatedAt": "LastUpdated",
			},
			connectors.KindTicket:  {"subject": "Subject", "status": "Status", "priority": "Priority", "openedAt": "Created", "updatedAt": "LastUpdated"},
			connectors.KindMessage: {"author": "Creator", "sentAt": "Created", "text": "Content"},
		},
		Secrets: []string{"swordfish", "rt.test"},
	}
	for _, f := range faults() {
		f.Open = behind(f.rt)
		s.Faults = append(s.Faults, f.Fault)
	}
	connectortest.Run(t, s)
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

func always(status int, body string) trip {
	return func(*http.Request) (*http.Response, error) { return says(status, body), nil }
}

// faults are the ways in which a server, or what stands before it, fails.
func faults() []fault {
	const lists = `{"items":[{"id":4,"Name":"Privileged","Domain":"SystemInternal"}],"total":1}`
	var all []fault
	with := func(name string, want error, rt http.RoundTripper, only ...connectors.Kind) {
		all = append(all, fault{connectortest.Fault{Name: name, Want: want, Only: only}, rt})
	}
	with("the token is wrong", connectors.ErrAuth, always(401, `{"message":"Unauthorized, Zoë"}`))
	with("the token's user may not", connectors.ErrAuth, always(403, `{"message":"Forbidden, Zoë"}`))
	with("the token's user may not see groups", connectors.ErrAuth, always(200, `{"items":[],"total":null}`), "find")
	with("a proxy wants a login", connectors.ErrBadData, always(302, "<h1>Zoë</h1>"))
	with("there is no Request Tracker", connectors.ErrBadData, always(404, "<h1>Zoë was not found</h1>"))
	with("there is no such list", connectors.ErrBadData, always(404, `{"message":"Not Found"}`), connectors.KindProfile, connectors.KindTicket, connectors.KindMessage, "find", "changes")
	with("the query is not understood", connectors.ErrBadData, always(400, `{"message":"Wrong query, expecting a VALUE in 'Zoë>=<--here'"}`))
	with("it is too much", connectors.ErrRateLimited, always(429, "Zoë, wait"))
	with("the server is down", connectors.ErrUnavailable, trip(func(*http.Request) (*http.Response, error) { return nil, syscall.ECONNREFUSED }))
	with("the server fails", connectors.ErrUnavailable, always(500, "Zoë"))
	with("a proxy has waited long enough", connectors.ErrTimeout, always(504, "Zoë"))
	with("a proxy answers a page", connectors.ErrBadData, always(200, "<html>Zoë</html>"))
	with("the answer breaks off", connectors.ErrUnavailable, trip(func(*http.Request) (*http.Response, error) {
		body := io.MultiReader(strings.NewReader(`{"items": [`), failing{io.ErrUnexpectedEOF})
		return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(body)}, nil
	}))
	with("the answer is too long", connectors.ErrTooLarge, trip(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: 1 << 40, Body: http.NoBody}, nil
	}))
	with("the answer is cut", connectors.ErrBadData, always(200, `{"items":[{"id":27,"RealName":"Zo`))
	with("the answer is empty", connectors.ErrBadData, always(200, `{}`))
	with("the answer is null", connectors.ErrBadData, always(200, `null`))
	with("an id is a login", connectors.ErrBadData, always(200, `{"id":"Zoe.Cruz@Example.org","items":[{"id":"Zoe.Cruz@Example.org"}]}`))
	with("a time is none", connectors.ErrBadData, always(200, `{"id":27,"LastUpdated":"Zoë","items":[{"id":27,"LastUpdated":"Zoë"}]}`),
		connectors.KindProfile, connectors.KindTicket, "changes")
	with("a stranger is among the rows", connectors.ErrBadData, trip(func(req *http.Request) (*http.Response, error) {
		if strings.Contains(req.URL.Path, "group") {
			return says(200, lists), nil
		}
		return says(200, `{"id":77,"Privileged":0,"items":[{"id":77,"Name":"stranger@mail.example","EmailAddress":"stranger@mail.example","Requestor":[{"type":"user","id":77}]}],"total":1}`), nil
	}), connectors.KindProfile, connectors.KindTicket, "find")
	with("the order is another", connectors.ErrBadData, trip(func(req *http.Request) (*http.Response, error) {
		if strings.Contains(req.URL.Path, "group") {
			return says(200, lists), nil
		}
		const who = `"LastUpdated":"2026-01-02T03:04:05Z","Requestor":[{"type":"user","id":27}]`
		return says(200, `{"items":[{"id":2,`+who+`},{"id":1,`+who+`}],"total":2}`), nil
	}), connectors.KindTicket, "changes")
	with("a stranger's message is among the rows", connectors.ErrBadData, trip(func(req *http.Request) (*http.Response, error) {
		if strings.Contains(req.URL.Path, "group") {
			return says(200, lists), nil
		}
		return says(200, `{"items":[{"id":1,"Type":"Create","ObjectType":"RT::Ticket","ObjectId":"77"}],"total":1}`), nil
	}), connectors.KindMessage)
	with("a comment of the staff's is among the rows", connectors.ErrBadData, trip(func(req *http.Request) (*http.Response, error) {
		if strings.Contains(req.URL.Path, "group") {
			return says(200, lists), nil
		}
		return says(200, `{"items":[{"id":1,"Type":"Comment","ObjectType":"RT::Ticket","ObjectId":"1"}],"total":1}`), nil
	}), connectors.KindMessage)
	with("the text of another message is among the rows", connectors.ErrBadData, trip(func(req *http.Request) (*http.Response, error) {
		switch {
		case strings.Contains(req.URL.Path, "group"):
			return says(200, lists), nil
		case strings.Contains(req.URL.Path, "attachments"):
			return says(200, `{"items":[{"id":1,"TransactionId":"77","ContentType":"text/plain","Content":"Zoë"}],"total":1}`), nil
		}
		return says(200, `{"items":[{"id":1,"Type":"Create","ObjectType":"RT::Ticket","ObjectId":"1"}],"total":1}`), nil
	}), connectors.KindMessage)
	with("the list has no end", connectors.ErrTooLarge, trip(func(req *http.Request) (*http.Response, error) {
		return says(200, `{"items":[],"total":1,"next_page":"x"}`), nil
	}), connectors.KindTicket)
	with("a status is not known", connectors.ErrBadData, always(200, `{"items":[{"id":1,"Status":"Zoë","Requestor":[{"type":"user","id":27}]}],"total":1}`), connectors.KindTicket)
	return all
}

// A failing reader fails.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
