package requesttracker

import (
	"net/http"
	"strings"
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

func behind(rt http.RoundTripper) func(*testing.T, connectors.Setup) connectors.Connector {
	return func(t *testing.T, with connectors.Setup) connectors.Connector {
		t.Helper()
		with.Transport = rt
		return opened(t, config(), with)
	}
}

func TestTheSuite(t *testing.T) {
	rec := newTape(t, "suite")
	s := connectortest.Subject{
		Source: "helpdesk", Role: connectors.Helpdesk, Open: behind(rec), Stuck: behind(connectortest.Hangs),
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
		Faults:  faults(),
	}
	connectortest.Run(t, s)
}

// faults are the ways in which a server, or what stands before it, fails.
func faults() []connectortest.Fault {
	const lists = `{"items":[{"id":4,"Name":"Privileged","Domain":"SystemInternal"}],"total":1}`
	all := connectortest.HTTPFaults(behind, `{"items": [`)
	with := func(name string, want error, rt http.RoundTripper, only ...connectors.Kind) {
		all = append(all, connectortest.Fault{Name: name, Want: want, Only: only, Open: behind(rt)})
	}
	with("the token is wrong", connectors.ErrAuth, connectortest.Says(401, `{"message":"Unauthorized, Zoë"}`))
	with("the token's user may not", connectors.ErrAuth, connectortest.Says(403, `{"message":"Forbidden, Zoë"}`))
	with("the token's user may not see groups", connectors.ErrAuth, connectortest.Says(200, `{"items":[],"total":null}`), "find")
	with("a proxy wants a login", connectors.ErrBadData, connectortest.Says(302, "<h1>Zoë</h1>"))
	with("there is no Request Tracker", connectors.ErrBadData, connectortest.Says(404, "<h1>Zoë was not found</h1>"))
	with("there is no such list", connectors.ErrBadData, connectortest.Says(404, `{"message":"Not Found"}`), connectors.KindProfile, connectors.KindTicket, connectors.KindMessage, "find", "changes")
	with("the query is not understood", connectors.ErrBadData, connectortest.Says(400, `{"message":"Wrong query, expecting a VALUE in 'Zoë>=<--here'"}`))
	with("it is too much", connectors.ErrRateLimited, connectortest.Says(429, "Zoë, wait"))
	with("the answer is cut", connectors.ErrBadData, connectortest.Says(200, `{"items":[{"id":27,"RealName":"Zo`))
	with("the answer is empty", connectors.ErrBadData, connectortest.Says(200, `{}`))
	with("the answer is null", connectors.ErrBadData, connectortest.Says(200, `null`))
	with("an id is a login", connectors.ErrBadData, connectortest.Says(200, `{"id":"Zoe.Cruz@Example.org","items":[{"id":"Zoe.Cruz@Example.org"}]}`))
	with("a time is none", connectors.ErrBadData, connectortest.Says(200, `{"id":27,"LastUpdated":"Zoë","items":[{"id":27,"LastUpdated":"Zoë"}]}`),
		connectors.KindProfile, connectors.KindTicket, "changes")
	with("a stranger is among the rows", connectors.ErrBadData, connectortest.Trip(func(req *http.Request) (*http.Response, error) {
		if strings.Contains(req.URL.Path, "group") {
			return says(200, lists), nil
		}
		return says(200, `{"id":77,"Privileged":0,"items":[{"id":77,"Name":"stranger@mail.example","EmailAddress":"stranger@mail.example","Requestor":[{"type":"user","id":77}]}],"total":1}`), nil
	}), connectors.KindProfile, connectors.KindTicket, "find")
	with("the order is another", connectors.ErrBadData, connectortest.Trip(func(req *http.Request) (*http.Response, error) {
		if strings.Contains(req.URL.Path, "group") {
			return says(200, lists), nil
		}
		const who = `"LastUpdated":"2026-01-02T03:04:05Z","Requestor":[{"type":"user","id":27}]`
		return says(200, `{"items":[{"id":2,`+who+`},{"id":1,`+who+`}],"total":2}`), nil
	}), connectors.KindTicket, "changes")
	with("a stranger's message is among the rows", connectors.ErrBadData, connectortest.Trip(func(req *http.Request) (*http.Response, error) {
		if strings.Contains(req.URL.Path, "group") {
			return says(200, lists), nil
		}
		return says(200, `{"items":[{"id":1,"Type":"Create","ObjectType":"RT::Ticket","ObjectId":"77"}],"total":1}`), nil
	}), connectors.KindMessage)
	with("a comment of the staff's is among the rows", connectors.ErrBadData, connectortest.Trip(func(req *http.Request) (*http.Response, error) {
		if strings.Contains(req.URL.Path, "group") {
			return says(200, lists), nil
		}
		return says(200, `{"items":[{"id":1,"Type":"Comment","ObjectType":"RT::Ticket","ObjectId":"1"}],"total":1}`), nil
	}), connectors.KindMessage)
	with("the text of another message is among the rows", connectors.ErrBadData, connectortest.Trip(func(req *http.Request) (*http.Response, error) {
		switch {
		case strings.Contains(req.URL.Path, "group"):
			return says(200, lists), nil
		case strings.Contains(req.URL.Path, "attachments"):
			return says(200, `{"items":[{"id":1,"TransactionId":"77","ContentType":"text/plain","Content":"Zoë"}],"total":1}`), nil
		}
		return says(200, `{"items":[{"id":1,"Type":"Create","ObjectType":"RT::Ticket","ObjectId":"1"}],"total":1}`), nil
	}), connectors.KindMessage)
	with("the list has no end", connectors.ErrTooLarge, connectortest.Trip(func(req *http.Request) (*http.Response, error) {
		return says(200, `{"items":[],"total":1,"next_page":"x"}`), nil
	}), connectors.KindTicket)
	with("a status is not known", connectors.ErrBadData, connectortest.Says(200, `{"items":[{"id":1,"Status":"Zoë","Requestor":[{"type":"user","id":27}]}],"total":1}`), connectors.KindTicket)
	return all
}
