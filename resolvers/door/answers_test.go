package door_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/consent"
	"customer360/resolvers/door"
)

// house is a door over four systems that know Maria (1) and Otto (2). Maria
// allowed e-mails; Otto was never asked.
func house(t testing.TB, change func(*door.Config)) *rig {
	t.Helper()
	crm := &fake{name: "crm", about: connectors.About{Kind: "fake", Role: connectors.CRM}, rows: map[connectors.Kind]map[string][]connectors.Row{}}
	erp := &fake{name: "erp", about: connectors.About{Kind: "fake", Role: connectors.ERP}, rows: map[connectors.Kind]map[string][]connectors.Row{}}
	shop := &fake{name: "shop", about: connectors.About{Kind: "fake", Role: connectors.Commerce}, rows: map[connectors.Kind]map[string][]connectors.Row{}}
	desk := &fake{name: "desk", about: connectors.About{Kind: "fake", Role: connectors.Helpdesk}, rows: map[connectors.Kind]map[string][]connectors.Row{}}
	born := connectors.Date("1984-05-06")
	for i, name := range []string{"Maria Gold", "Otto Stein"} {
		id := fmt.Sprint(i + 1)
		mail := strings.ToLower(strings.Split(name, " ")[0]) + "@mail.example"
		crm.put(id, id, connectors.Profile{Name: text(name), Emails: []connectors.EmailAddress{{Address: text(mail), Source: "crm"}}, BirthDate: &born, UpdatedAt: day(9)})
		crm.put(id, "10"+id, connectors.Deal{Title: text("Lease"), Amount: money("900.00", "EUR"), OpenedAt: day(8)})
		erp.put(id, id, connectors.Profile{Name: text(strings.ToUpper(name)), UpdatedAt: day(1)})
		erp.put(id, "20"+id, connectors.Invoice{Number: text("R-1"), Total: money("120.00", "EUR"), IssuedAt: day(5)})
		erp.put(id, "30"+id, connectors.Balance{BalanceDue: money("29.70", "EUR")})
		for n, amount := range []string{"10.00", "20.50", "30.25"} {
			status := connectors.OrderStatus("DONE")
			shop.put(id, fmt.Sprintf("4%d%s", n, id), connectors.Order{Number: text(fmt.Sprint("A", n)), Total: money(amount, []string{"EUR", "EUR", "USD"}[n]), Status: &status, PlacedAt: day(7 - n)})
		}
		open := connectors.TicketStatus("OPEN")
		desk.put(id, "50"+id, connectors.Ticket{Subject: text("Where is it?"), Status: &open, OpenedAt: day(2), UpdatedAt: day(1)})
	}
	r := open(t, change, crm, erp, shop, desk)
	for i := range 2 {
		id := fmt.Sprint(i + 1)
		refs := []idgraph.Ref{{Source: "crm", ID: id}, {Source: "desk", ID: id}, {Source: "erp", ID: id}, {Source: "shop", ID: id}}
		c := idgraph.Customer{ID: idgraph.CustomerID(i + 1), Since: now, Refs: refs}
		for _, other := range refs[1:] {
			c.Links = append(c.Links, idgraph.Link{A: refs[0], B: other, Rule: idgraph.SameEmail, RuleVersion: 1, Since: now})
		}
		r.people.customers[c.ID] = c
	}
	_ = r.ledger.Append(context.Background(), []consent.Event{{Ref: idgraph.Ref{Source: "crm", ID: "1"}, Purpose: "marketing.email", State: consent.Granted, At: *day(3), Notice: "form@1"}})
	return r
}

func (r *rig) id(n idgraph.CustomerID) string { return r.door.SealCustomer(n) }

func TestAFailedSourceCostsItsOwnFieldsAndOneErrorPerRecordKind(t *testing.T) {
	r := house(t, nil)
	r.sources["erp"].fail = map[connectors.Kind]error{connectors.KindInvoice: connectors.ErrUnavailable, connectors.KindBalance: connectors.ErrTimeout}
	a := r.ask(billing, `query($a: ID!, $b: ID!) {
		first: customer(id: $a) { name orders(first: 1) { nodes { number } } }
		second: customersById(ids: [$a, $b]) { invoices { nodes { number } } more: invoices(first: 2) { nodes { number } } summary { balanceDue { amount } complete } }
	}`, "a", r.id(1), "b", r.id(2))
	a.is("first.name", `"Maria Gold"`)
	a.is("first.orders.nodes.0.number", `"A2"`)
	a.is("second.0.invoices", `null`)
	a.is("second.1.summary.complete", `false`)
	if a.codes() != "SOURCE_TIMEOUT SOURCE_UNAVAILABLE" {
		t.Errorf("errors %q: %s", a.codes(), a.body)
	}
	for _, e := range a.Errs {
		if len(e.Path) != 1 || e.Path[0] != "second" || e.Extensions["source"] != "erp" {
			t.Errorf("error %+v, want the path of the first root field that asked", e)
		}
	}
}

func TestFiftyFieldsOfTwoCustomersCostOneCallPerSourceAndRecordKind(t *testing.T) {
	r := house(t, nil)
	r.ask(officer, `query($a: ID!, $b: ID!) {
		a: customer(id: $a) { name timeline(first: 3) { nodes { __typename } } o1: orders(first: 1) { nodes { number } } o2: orders { nodes { total { amount } } } }
		b: customer(id: $b) { emails { address } orders { nodes { status } } timeline { nodes { __typename } } }
		c: customers { nodes { birthDate summary { lifetimeValue { amount } } } }
	}`, "a", r.id(1), "b", r.id(2)).fine()
	for source, kinds := range map[idgraph.Source][]connectors.Kind{
		"crm": {connectors.KindProfile, connectors.KindDeal}, "shop": {connectors.KindOrder}, "erp": {connectors.KindInvoice}, "desk": {connectors.KindTicket},
	} {
		for _, kind := range kinds {
			if calls := r.sources[source].asked(kind); len(calls) != 1 || len(calls[0].Refs) != 2 {
				t.Errorf("%s %s: %d calls: %+v, want one for both customers", source, kind, len(calls), calls)
			}
		}
	}
}

func TestOnlyWhatIsAskedForAndMayBeShownIsFetched(t *testing.T) {
	for _, c := range []struct {
		name   string
		as     who
		query  string
		source idgraph.Source
		kind   connectors.Kind
		fields connectors.FieldSet
		order  connectors.Ordering
	}{
		{"an agent's birth decade needs the birth date, the date itself is withheld", agent, `birthDate birthDecade`, "crm", connectors.KindProfile, connectors.Fields("birthDate", "updatedAt"), connectors.ByID},
		{"a sort key that is shown is asked for", agent, `orders { nodes { number } }`, "shop", connectors.KindOrder, connectors.Fields("number", "placedAt"), connectors.NewestFirst},
		{"one that is not shown is not, and rows come by id", marketing, `orders { nodes { number amountBand } }`, "shop", connectors.KindOrder, connectors.Fields("total"), connectors.ByID},
		{"a lead's invoice is its band", lead, `invoices { nodes { number total { amount } amountBand } }`, "erp", connectors.KindInvoice, connectors.Fields("total"), connectors.ByID},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := house(t, nil)
			r.ask(c.as, `query($id: ID!) { customer(id: $id) { `+c.query+` } }`, "id", r.id(1)).fine()
			calls := r.sources[c.source].asked(c.kind)
			if len(calls) != 1 || calls[0].Fields != c.fields || calls[0].Order != c.order {
				t.Errorf("asked %+v, want %s in order %d", calls, c.fields, c.order)
			}
		})
	}
}

func TestWhatMayNotBeShownIsNotAskedForAndCountsAsSaved(t *testing.T) {
	for _, c := range []struct {
		name   string
		as     who
		id     idgraph.CustomerID
		field  string
		source idgraph.Source
		kind   connectors.Kind
		reason string
	}{
		{"by the role", agent, 1, "invoices { nodes { number } }", "erp", connectors.KindInvoice, "ROLE_CEILING"},
		{"by the purpose", analyst, 1, "tickets { nodes { subject } }", "desk", connectors.KindTicket, "PURPOSE_NOT_FOR_FIELD"},
		{"for want of consent", marketing, 2, "orders { nodes { amountBand } }", "shop", connectors.KindOrder, "CONSENT_NOT_GIVEN"},
		{"for want of a second consent", sales, 1, "tickets { nodes { subject } }", "desk", connectors.KindTicket, "CONSENT_NOT_GIVEN"},
		{"for want of a purpose", who{officer.caller, ""}, 1, "tickets { nodes { subject } }", "desk", connectors.KindTicket, "NO_PURPOSE"},
		{"for a purpose that is not held", who{agent.caller, "legal.request"}, 1, "tickets { nodes { subject } }", "desk", connectors.KindTicket, "PURPOSE_NOT_HELD"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := house(t, nil)
			a := r.ask(c.as, `query($id: ID!) { customer(id: $id) { `+c.field+` privacy { reason } } }`, "id", r.id(c.id)).fine()
			if calls := r.sources[c.source].asked(c.kind); len(calls) != 0 {
				t.Errorf("asked %+v", calls)
			}
			a.is("customer."+strings.Fields(c.field)[0], `null`)
			if len(a.Extensions.Privacy.Fields) == 0 || string(a.Extensions.Privacy.Fields[0].Reason) != c.reason {
				t.Errorf("privacy %+v, want the reason %s", a.Extensions.Privacy.Fields, c.reason)
			}
			saved := 0
			for _, s := range a.Extensions.Sources {
				if s.Source == c.source {
					saved = s.Saved
				}
			}
			if saved != 1 {
				t.Errorf("%d calls saved, want 1", saved)
			}
		})
	}
}

func TestFailClosed(t *testing.T) {
	t.Run("a ledger that cannot be read withholds", func(t *testing.T) {
		r := house(t, nil)
		r.ledger.err = errors.New("gone")
		a := r.ask(agent, `query($id: ID!) { customer(id: $id) { name } }`, "id", r.id(1)).fine()
		a.is("customer.name", `null`)
		if got := a.Extensions.Privacy.Fields[0].Reason; got != "CONSENT_UNAVAILABLE" {
			t.Errorf("reason %s", got)
		}
	})
	t.Run("an audit log that cannot be written holds the answer back", func(t *testing.T) {
		r := house(t, nil)
		r.audit.err = errors.New("full")
		a := r.ask(agent, `query($id: ID!) { customer(id: $id) { name tickets { nodes { subject } } } }`, "id", r.id(1))
		if a.Data != nil || len(a.Errs) != 1 || strings.Contains(a.body, "Maria") {
			t.Errorf("answered %s", a.body)
		}
	})
	t.Run("a connector that answers strangers is not believed", func(t *testing.T) {
		r := house(t, nil)
		r.sources["shop"].put("1", "66", connectors.Order{Number: text("A9")})
		row := r.sources["shop"].rows[connectors.KindOrder]["1"]
		r.sources["shop"].rows[connectors.KindOrder]["2"] = row // Maria's orders for Otto
		a := r.ask(officer, `query($id: ID!) { customer(id: $id) { orders { nodes { number } } } }`, "id", r.id(2))
		a.is("customer.orders", `null`)
		if a.codes() != "SOURCE_BAD_DATA" {
			t.Errorf("errors %q", a.codes())
		}
	})
}

func TestLookups(t *testing.T) {
	email := func(s string) map[string]any { return map[string]any{"email": s} }
	maria := idgraph.Identifier{Type: idgraph.Email, Value: "maria@mail.example"}
	const find = `query($by: LookupBy!) { lookup(by: $by) { name } }`
	t.Run("whoever holds the right finds, in any spelling", func(t *testing.T) {
		r := house(t, nil)
		r.people.holders[maria] = []idgraph.CustomerID{1}
		r.ask(agent, find, "by", email(" MARIA@Mail.example ")).fine().is("lookup.name", `"Maria Gold"`)
	})
	t.Run("whoever lacks it is answered null, and nothing is called", func(t *testing.T) {
		r := house(t, nil)
		r.people.holders[maria] = []idgraph.CustomerID{1}
		hit, miss := r.ask(marketing, find, "by", email(maria.Value)).fine(), r.ask(marketing, find, "by", email("paula@mail.example")).fine()
		hit.is("lookup", `null`)
		if hit.body != miss.body || len(r.sources["crm"].calls) != 0 {
			t.Errorf("a hit answers %s, a miss %s", hit.body, miss.body)
		}
	})
	t.Run("a value of several customers is a conflict", func(t *testing.T) {
		r := house(t, nil)
		r.people.holders[maria] = []idgraph.CustomerID{1, 2}
		if a := r.ask(agent, find, "by", email(maria.Value)); a.codes() != "CONFLICT" || a.at("lookup") != nil {
			t.Errorf("answered %s", a.body)
		}
	})
	t.Run("too many are refused", func(t *testing.T) {
		r := house(t, func(c *door.Config) { c.MayLookUp = func(string) bool { return false } })
		if a := r.ask(agent, find, "by", email(maria.Value)); a.codes() != "RATE_LIMITED" {
			t.Errorf("answered %s", a.body)
		}
	})
}

func TestPages(t *testing.T) {
	r := house(t, nil)
	const page = `query($id: ID!, $after: String) { customer(id: $id) { orders(first: 2, after: $after) { nodes { number } pageInfo { hasNextPage hasPreviousPage endCursor } } tickets { pageInfo { endCursor } } } }`
	a := r.ask(agent, page, "id", r.id(1)).fine()
	a.is("customer.orders.nodes", `[{"number":"A2"},{"number":"A1"}]`)
	a.is("customer.orders.pageInfo.hasNextPage", `true`)
	next := a.at("customer.orders.pageInfo.endCursor").(string)
	b := r.ask(agent, page, "id", r.id(1), "after", next).fine()
	b.is("customer.orders.nodes", `[{"number":"A0"}]`)
	b.is("customer.orders.pageInfo.hasNextPage", `false`)
	b.is("customer.orders.pageInfo.hasPreviousPage", `true`)
	for name, cursor := range map[string]string{"another customer's": next, "another list's": a.at("customer.tickets.pageInfo.endCursor").(string), "a forged": next[:len(next)-2] + "AA", "no": "nonsense"} {
		id := r.id(1)
		if name == "another customer's" {
			id = r.id(2)
		}
		if got := r.ask(agent, page, "id", id, "after", cursor); got.codes() != "BAD_INPUT" || got.at("customer.orders") != nil {
			t.Errorf("%s cursor is answered %s", name, got.body)
		}
	}
}

func TestSummaryAddsUpEachCurrencyByItself(t *testing.T) {
	r := house(t, nil)
	a := r.ask(officer, `query($id: ID!) { customer(id: $id) { summary { lifetimeValue { amount currency } averageOrder { amount currency } balanceDue { amount } openTickets complete } } }`, "id", r.id(1)).fine()
	a.is("customer.summary.lifetimeValue", `[{"amount":"30.50","currency":"EUR"},{"amount":"30.25","currency":"USD"}]`)
	a.is("customer.summary.averageOrder", `[{"amount":"15.25","currency":"EUR"},{"amount":"30.25","currency":"USD"}]`)
	a.is("customer.summary.balanceDue.0.amount", `"29.70"`)
	a.is("customer.summary.openTickets", `1`)
	a.is("customer.summary.complete", `true`)
}

func TestTimelineMergesNewestFirstAndShowsGaps(t *testing.T) {
	r := house(t, nil)
	r.sources["shop"].fail = map[connectors.Kind]error{connectors.KindOrder: connectors.ErrUnavailable}
	a := r.ask(officer, `query($id: ID!) { customer(id: $id) { timeline { nodes { __typename ... on TimelineGap { source kind } } } } }`, "id", r.id(1))
	a.is("customer.timeline.nodes", `[{"__typename":"TimelineGap","kind":"ORDER","source":"shop"},{"__typename":"Ticket"},{"__typename":"Invoice"},{"__typename":"Deal"}]`)
}

func TestGoldenValuesComeFromTheBestRankedSourceAndSaySo(t *testing.T) {
	r := house(t, nil)
	a := r.ask(officer, `query($id: ID!) { customer(id: $id) { name provenance { field source rule rivals } } }`, "id", r.id(1)).fine()
	a.is("customer.name", `"Maria Gold"`)
	a.is("customer.provenance.0", `{"field":"name","rivals":["erp"],"rule":"SOURCE_RANK","source":"crm"}`)
}
