package tryton

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"customer360/connectors"
	"customer360/connectors/connectortest"
	"customer360/idgraph"
)

func TestTheSuiteOnACRM(t *testing.T) {
	connectortest.Run(t, subject(t, connectors.CRM, connectortest.Subject{
		Want:    knownToTheCRM(),
		Unknown: []string{"999999", "1x", "007", "-3", "9223372036854775808", "", "x' OR '1'='1"},
		Find: map[idgraph.Identifier][]string{
			{Type: idgraph.Email, Value: "zoe.cruz@example.org"}:   {"4"},
			{Type: idgraph.Email, Value: "aXobrien@corp.example"}:  nil, // what "_" would match
			{Type: idgraph.Email, Value: "a_obrien@corp.example"}:  {"6"},
			{Type: idgraph.Email, Value: "moved.away@example.org"}: nil, // deactivated
			{Type: idgraph.Phone, Value: "+491713920001"}:          {"4"},
			{Type: idgraph.Phone, Value: "+447700900002"}:          {"5"},
			{Type: idgraph.Reference("erp"), Value: "C10001"}:      {"4"},
			{Type: idgraph.Reference("crm"), Value: "K20005"}:      {"5"},
			{Type: idgraph.LoyaltyID, Value: "C10001"}:             nil,
		},
		Names: map[connectors.Kind]map[string]string{
			connectors.KindProfile: withWord("company", "relations.to.name"),
			connectors.KindDeal:    {"number": "number", "title": "description", "stage": "state", "amount": "amount", "openedAt": "start_date"},
		},
	}))
}

func TestTheSuiteOnAnERP(t *testing.T) {
	connectortest.Run(t, subject(t, connectors.ERP, connectortest.Subject{
		Want:    knownToTheERP(),
		Unknown: []string{"999999", "1x", "007", "-3", "9223372036854775808", "", "x' OR '1'='1"},
		Find: map[idgraph.Identifier][]string{
			{Type: idgraph.Email, Value: "zoe.cruz+orders@example.org"}: {"2"},
			{Type: idgraph.Email, Value: "wtanaka@post.example"}:        {"3"},
			{Type: idgraph.Phone, Value: "+16175550104"}:                {"4"},
			{Type: idgraph.Reference("erp"), Value: "C10002"}:           {"3"},
		},
		Names: map[connectors.Kind]map[string]string{
			connectors.KindProfile: withWord("", ""),
			connectors.KindInvoice: {"number": "number", "status": "state", "issuedAt": "invoice_date", "total": "total_amount", "amountDue": "amount_to_pay"},
			connectors.KindPayment: {"paidAt": "date", "amount": "credit", "method": "journal.name", "invoiceNumber": "invoice_payment.number"},
			connectors.KindOrder: {
				"number": "number", "status": "state", "placedAt": "sale_date", "total": "total_amount",
				"items.name": "lines.description", "items.sku": "lines.product.code", "items.quantity": "lines.quantity", "items.unitPrice": "lines.unit_price",
			},
			connectors.KindBalance: {"balanceDue": "receivable"},
		},
	}))
}

// withWord are the server's words for a party's fields, and one more.
func withWord(field, word string) map[string]string {
	words := map[string]string{
		"name": "id name", "emails.address": "contact_mechanism", "phones.number": "contact_mechanism", "addresses.street": "addresses.street",
		"addresses.city": "addresses.city", "addresses.postcode": "addresses.postal_code", "addresses.region": "addresses.subdivision.code",
		"addresses.country": "addresses.country.code", "language": "lang.code", "updatedAt": "write_date",
	}
	words[field] = word
	return words
}

// subject plays one tape to every connector that the suite opens.
func subject(t *testing.T, role connectors.Role, s connectortest.Subject) connectortest.Subject {
	name := "suite-" + strings.ToLower(string(role))
	rec := newTape(t, name)
	rec.again = true
	if rec.from == "" {
		t.Setenv("TRYTON_PASSWORD", "swordfish")
	}
	var behind connectortest.Behind = func(rt http.RoundTripper) func(*testing.T, connectors.Setup) connectors.Connector {
		return func(t *testing.T, with connectors.Setup) connectors.Connector {
			with.Transport = rt
			return opened(t, configOf(role), with)
		}
	}
	s.Source, s.Role, s.Open, s.Stuck = idgraph.Source(strings.ToLower(string(role))), role, behind(rec), behind(connectortest.Hangs)
	s.Faults = faults(rec, behind, s.Source)
	s.Secrets = []string{"swordfish", "recorded", "YWRtaW46MTpyZWNvcmRlZA", "tryton.test"}
	return s
}

// faults are the ways in which a server, or what stands before it, fails.
func faults(rec *tape, behind connectortest.Behind, source idgraph.Source) []connectortest.Fault {
	// later lets logins pass and spoils what comes after them.
	later := func(spoil func(c call) string) connectortest.Trip {
		return func(req *http.Request) (*http.Response, error) {
			asked, err := io.ReadAll(req.Body)
			if err != nil {
				return nil, err
			}
			c := call{}
			if err := json.Unmarshal(asked, &c); err != nil {
				return nil, err
			}
			if c.Method == "common.db.login" {
				return connectortest.Says(200, fmt.Sprintf(`{"id": %d, "result": [1, "recorded"]}`, c.ID))(req)
			}
			if body := spoil(c); body != "" {
				return connectortest.Says(200, body)(req)
			}
			again := req.Clone(req.Context())
			again.Body = io.NopCloser(strings.NewReader(string(asked)))
			return rec.RoundTrip(again)
		}
	}
	always := func(body string) connectortest.Trip {
		return later(func(c call) string { return strings.ReplaceAll(body, "ID", fmt.Sprint(c.ID)) })
	}
	list := connectortest.HTTPFaults(behind, `{"id": 1, "result": [`)
	with := func(name string, want error, rt http.RoundTripper) {
		list = append(list, connectortest.Fault{Name: name, Want: want, Open: behind(rt)})
	}
	with("the password is wrong", connectors.ErrAuth, connectortest.Says(401, "Zoë, log in"))
	with("the user is locked out", connectors.ErrRateLimited, connectortest.Says(429, "Zoë, wait"))
	with("there is no such database", connectors.ErrBadData, connectortest.Says(404, "<h1>Zoë was not found</h1>"))
	with("the session ends, and no other is given", connectors.ErrAuth, connectortest.Says(403, "Zoë"))
	with("the answer is cut", connectors.ErrBadData, always(`{"id": ID, "result": [{"id": 3, "name": "Zo`))
	with("the types are wrong", connectors.ErrBadData, always(`{"id": ID, "result": [{"id": "Zoë"}]}`))
	with("the answer is another call's", connectors.ErrBadData, always(`{"id": 4711, "result": []}`))
	with("the answer is empty", connectors.ErrBadData, always(`{"id": ID}`))
	with("the user may not see it", connectors.ErrAuth, always(`{"id": ID, "error": ["UserError", ["Zoë may not", "", null]]}`))
	with("a field is not known", connectors.ErrBadData, always(`{"id": ID, "error": ["'nope'", ""]}`))
	with("the server stumbles", connectors.ErrUnavailable, always(`{"id": ID, "error": ["division by Zoë", ""]}`))
	stranger := later(func(c call) string {
		if strings.HasPrefix(c.Method, "model.company.") {
			return ""
		}
		return fmt.Sprintf(`{"id": %d, "result": [{"id": 77, "party": 77, "receivable": {"__class__": "Decimal", "decimal": "1"}, "invoice_payment.": {"party": 77}}]}`, c.ID)
	})
	with("a stranger is among the rows", connectors.ErrBadData, stranger)
	only := []connectors.Kind{connectors.KindProfile, connectors.KindDeal}
	if source == "erp" {
		only = []connectors.Kind{connectors.KindProfile, connectors.KindOrder, connectors.KindInvoice, connectors.KindPayment, connectors.KindBalance}
	}
	list[len(list)-1].Only = only
	return list
}
