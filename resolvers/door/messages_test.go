package door_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/resolvers/door"
)

// wrote is what a helpdesk holds of Maria (1) and Otto (2), who have two
// tickets each and one together; every ticket has three messages.
func wrote(t *testing.T, change func(desk, crm *fake)) *rig {
	t.Helper()
	rows := func() map[connectors.Kind]map[string][]connectors.Row {
		return map[connectors.Kind]map[string][]connectors.Row{}
	}
	desk := &fake{name: "desk", about: connectors.About{Kind: "fake", Role: connectors.Helpdesk}, rows: rows()}
	crm := &fake{name: "crm", about: connectors.About{Kind: "fake", Role: connectors.CRM}, rows: rows()}
	authors := []connectors.MessageAuthor{"CUSTOMER", "AGENT", "SYSTEM"}
	for ticket := 11; ticket <= 15; ticket++ {
		row := connectors.Ticket{Subject: text(fmt.Sprint("Ticket ", ticket)), OpenedAt: day(30 - ticket)}
		if ticket != 12 && ticket != 14 {
			desk.put("1", fmt.Sprint(ticket), row)
		}
		if ticket >= 14 || ticket == 12 {
			desk.put("2", fmt.Sprint(ticket), row)
		}
		for n, author := range authors {
			desk.put(fmt.Sprint(ticket), fmt.Sprint(ticket, n), connectors.Message{Author: &author, SentAt: day(9 - n), Text: text(fmt.Sprintf("%d/%d", ticket, n))})
		}
	}
	crm.put("1", "1", connectors.Profile{Name: text("Maria Gold")})
	if change != nil {
		change(desk, crm)
	}
	r := open(t, nil, crm, desk)
	for i := range 2 {
		id := fmt.Sprint(i + 1)
		a, b := idgraph.Ref{Source: "crm", ID: id}, idgraph.Ref{Source: "desk", ID: id}
		r.people.customers[idgraph.CustomerID(i+1)] = idgraph.Customer{
			ID: idgraph.CustomerID(i + 1), Since: now, Refs: []idgraph.Ref{a, b}, Links: []idgraph.Link{{A: a, B: b, Rule: idgraph.SameEmail, RuleVersion: 1, Since: now}},
		}
	}
	return r
}

func tickets(ids ...string) (out []idgraph.Ref) {
	for _, id := range ids {
		out = append(out, idgraph.Ref{Source: "desk", ID: id})
	}
	return out
}

func sorted(refs []idgraph.Ref) []idgraph.Ref {
	return slices.SortedFunc(slices.Values(refs), func(a, b idgraph.Ref) int { return strings.Compare(a.String(), b.String()) })
}

func TestMessagesOfAllTicketsOnThePagesCostOneCall(t *testing.T) {
	r := wrote(t, nil)
	a := r.ask(agent, `query($ids: [ID!]!) {
		customersById(ids: $ids) { tickets(first: 2) { nodes { subject messages(first: 2) { text sentAt author } one: messages(first: 1) { text } } } }
		again: customersById(ids: $ids) { tickets(first: 2) { nodes { messages { text } } } }
	}`, "ids", []string{r.id(1), r.id(2)}).fine()
	calls := r.sources["desk"].asked(connectors.KindMessage)
	if len(calls) != 1 || !slices.Equal(sorted(calls[0].Refs), tickets("13", "14", "15")) {
		t.Fatalf("asked %+v", calls)
	}
	if want := connectors.Fields("author", "sentAt", "text"); calls[0].Fields != want || calls[0].Order != connectors.NewestFirst || calls[0].Limit != 20 {
		t.Errorf("asked for %s in order %d, %d each; want %s, newest first, 20", calls[0].Fields, calls[0].Order, calls[0].Limit, want)
	}
	a.is("customersById.0.tickets.nodes.0.messages", `[{"author":"SYSTEM","sentAt":"2026-02-22T12:00:00Z","text":"15/2"},{"author":"AGENT","sentAt":"2026-02-21T12:00:00Z","text":"15/1"}]`)
	a.is("customersById.0.tickets.nodes.1.messages.0.text", `"13/2"`)
	a.is("customersById.1.tickets.nodes.0.messages.0.text", `"15/2"`) // it is both customers'
	a.is("customersById.1.tickets.nodes.1.one", `[{"text":"14/2"}]`)
	a.is("again.1.tickets.nodes.1.messages.2.text", `"14/0"`)
}

func TestMessagesComeWhereverTicketsDo(t *testing.T) {
	for name, query := range map[string]string{
		"in a timeline":         `query($id: ID!) { customer(id: $id) { timeline(first: 1) { nodes { ... on Ticket { messages(first: 1) { text } } } } } }`,
		"in edges":              `query($id: ID!) { customer(id: $id) { tickets(first: 1) { edges { node { messages(first: 1) { text } } } } } }`,
		"in a fragment":         `query($id: ID!) { customer(id: $id) { ...F } } fragment F on Customer { tickets(first: 1) { nodes { ...G } } } fragment G on Ticket { messages(first: 1) { text } }`,
		"through the list":      `{ customers(first: 1) { nodes { tickets(first: 1) { nodes { messages(first: 1) { text } } } } } }`,
		"of a customer by node": `query($id: ID!) { node(id: $id) { ... on Customer { tickets(first: 1) { nodes { messages(first: 1) { text } } } } } }`,
	} {
		t.Run(name, func(t *testing.T) {
			r := wrote(t, nil)
			a := r.ask(agent, query, "id", r.id(1)).fine()
			if calls := r.sources["desk"].asked(connectors.KindMessage); len(calls) != 1 || !slices.Equal(calls[0].Refs, tickets("15")) {
				t.Errorf("asked %+v", calls)
			}
			if !strings.Contains(a.body, `"messages":[{"text":"15/2"}]`) {
				t.Error(a.body)
			}
		})
	}
	t.Run("within a range of time and some states", func(t *testing.T) {
		r := wrote(t, func(desk, _ *fake) {
			for i, row := range desk.rows[connectors.KindTicket]["1"] {
				ticket, status := row.(connectors.Ticket), connectors.TicketStatus([]string{"OPEN", "NEW"}[i%2])
				ticket.Status = &status
				desk.rows[connectors.KindTicket]["1"][i] = ticket
			}
		})
		a := r.ask(agent, `query($id: ID!, $until: Time, $status: [TicketStatus!]) { customer(id: $id) {
			tickets(until: $until, status: $status) { nodes { messages(first: 1) { text } } } timeline(until: "2026-02-12T12:00:00Z", kinds: TICKET) { nodes { ... on Ticket { messages(first: 1) { text } } } } } }`,
			"id", r.id(1), "until", day(16).Format(time.RFC3339), "status", []string{"OPEN"}).fine()
		a.is("customer.tickets.nodes", `[{"messages":[{"text":"11/2"}]}]`)
		a.is("customer.timeline.nodes", `[{"messages":[{"text":"11/2"}]}]`)
		if calls := r.sources["desk"].asked(connectors.KindMessage); len(calls) != 1 || !slices.Equal(calls[0].Refs, tickets("11")) {
			t.Errorf("asked %+v", calls)
		}
	})
	t.Run("where a list's argument is one alone", func(t *testing.T) {
		r := wrote(t, func(desk, _ *fake) {
			for i, row := range desk.rows[connectors.KindTicket]["1"] {
				ticket, status := row.(connectors.Ticket), connectors.TicketStatus("OPEN")
				ticket.Status = &status
				desk.rows[connectors.KindTicket]["1"][i] = ticket
			}
		})
		a := r.ask(agent, `query($id: ID!, $kinds: [RecordKind!], $status: [TicketStatus!]) { customer(id: $id) {
			tickets(first: 1, status: $status) { nodes { messages(first: 1) { text } } } timeline(first: 1, kinds: $kinds) { nodes { ... on Ticket { messages(first: 1) { text } } } } } }`,
			"id", r.id(1), "kinds", "TICKET", "status", "OPEN").fine()
		a.is("customer.tickets.nodes", `[{"messages":[{"text":"15/2"}]}]`)
		a.is("customer.timeline.nodes", `[{"messages":[{"text":"15/2"}]}]`)
	})
	t.Run("where a number is written as a text", func(t *testing.T) {
		r := wrote(t, nil)
		a := r.ask(agent, `query($id: ID!, $n: Int!) { customer(id: $id) { tickets(first: $n) { nodes { messages(first: $n) { text } } } } }`, "id", r.id(1), "n", "2").fine()
		a.is("customer.tickets.nodes", `[{"messages":[{"text":"15/2"},{"text":"15/1"}]},{"messages":[{"text":"13/2"},{"text":"13/1"}]}]`)
	})
	t.Run("behind a cursor", func(t *testing.T) {
		r := wrote(t, nil)
		a := r.ask(agent, `query($id: ID!) { customer(id: $id) { tickets(first: 1) { pageInfo { endCursor } } } }`, "id", r.id(1)).fine()
		a = r.ask(agent, `query($id: ID!, $after: String) { customer(id: $id) { tickets(first: 1, after: $after) { nodes { messages(first: 1) { text } } } } }`,
			"id", r.id(1), "after", a.at("customer.tickets.pageInfo.endCursor")).fine()
		a.is("customer.tickets.nodes.0.messages", `[{"text":"13/2"}]`)
		if calls := r.sources["desk"].asked(connectors.KindMessage); len(calls) != 1 || !slices.Equal(calls[0].Refs, tickets("13")) {
			t.Errorf("asked %+v", calls)
		}
	})
	t.Run("of a ticket by its id, and of no other", func(t *testing.T) {
		r := wrote(t, nil)
		a := r.ask(agent, `query($id: ID!) { customer(id: $id) { tickets { nodes { id } } } }`, "id", r.id(1)).fine()
		if calls := r.sources["desk"].asked(connectors.KindMessage); len(calls) != 0 {
			t.Errorf("messages were asked for that nobody wants: %+v", calls)
		}
		id := a.at("customer.tickets.nodes.1.id")
		a = r.ask(agent, `query($id: ID!) { node(id: $id) { id ... on Ticket { messages { text author } } } }`, "id", id).fine()
		a.is("node.messages.2.text", `"13/0"`)
		if calls := r.sources["desk"].asked(connectors.KindMessage); len(calls) != 1 || !slices.Equal(calls[0].Refs, tickets("13")) {
			t.Errorf("asked %+v", calls)
		}
	})
}

func TestMessagesThatMayNotBeShownAreNotAskedForAndCountAsSaved(t *testing.T) {
	for name, as := range map[string]who{"by the role": billing, "by the purpose": analyst, "for want of consent": sales, "for want of a purpose": {agent.caller, ""}} {
		t.Run(name, func(t *testing.T) {
			r := wrote(t, nil)
			a := r.ask(as, `query($id: ID!) { customer(id: $id) { tickets { nodes { messages { text } } } } }`, "id", r.id(1)).fine()
			a.is("customer.tickets", `null`)
			if calls := r.sources["desk"].asked(connectors.KindMessage); len(calls) != 0 {
				t.Errorf("asked %+v", calls)
			}
			saved := map[connectors.Kind]int{}
			for _, s := range a.Extensions.Sources {
				for _, k := range s.Kinds {
					saved[k.Kind] += k.Saved
				}
			}
			if saved[connectors.KindTicket] != 1 || saved[connectors.KindMessage] != 1 {
				t.Errorf("saved %v", saved)
			}
			if !slices.ContainsFunc(a.Extensions.Privacy.Fields, func(e door.PrivacyEntry) bool { return e.Field == "Message.text" }) {
				t.Errorf("nothing is said of Message.text: %+v", a.Extensions.Privacy.Fields)
			}
		})
	}
}

func TestMessagesThatFailCostThemselvesAlone(t *testing.T) {
	for name, c := range map[string]struct {
		change func(desk, crm *fake)
		codes  string
		third  string // what becomes of ticket 13's messages
	}{
		"the source fails": {func(desk, _ *fake) {
			desk.fail = map[connectors.Kind]error{connectors.KindMessage: connectors.ErrTooLarge}
		}, "SOURCE_TOO_LARGE", "null"},
		"one ticket fails": {func(desk, _ *fake) { desk.lone = map[string]error{"15": connectors.ErrUnavailable} }, "SOURCE_UNAVAILABLE", `[{"text":"13/2"}]`},
		"a row is another ticket's": {func(desk, _ *fake) {
			stranger := connectors.Message{Record: connectors.NewRecord(idgraph.Ref{Source: "desk", ID: "99"}, "990"), SentAt: day(0), Text: text("not yours")}
			desk.add(connectors.KindMessage, "15", stranger)
		}, "SOURCE_BAD_DATA", "null"},
		"the source keeps none": {func(desk, _ *fake) { delete(desk.rows, connectors.KindMessage) }, "", "null"},
		"a ticket has none":     {func(desk, _ *fake) { delete(desk.rows[connectors.KindMessage], "13") }, "", "[]"},
	} {
		t.Run(name, func(t *testing.T) {
			r := wrote(t, c.change)
			a := r.ask(agent, `query($id: ID!) { customer(id: $id) { name tickets { nodes { subject messages(first: 1) { text } } } timeline { nodes { ... on Ticket { messages(first: 1) { text } } } } } }`, "id", r.id(1))
			a.is("customer.tickets.nodes.1.subject", `"Ticket 13"`)
			a.is("customer.tickets.nodes.1.messages", c.third)
			if got := a.codes(); got != c.codes {
				t.Errorf("codes %q, want %q: %s", got, c.codes, a.body)
			}
			if c.codes != "" && len(a.Errs) > 0 && a.Errs[0].Path[0] != "customer" {
				t.Errorf("the error's path is %v", a.Errs[0].Path)
			}
			if strings.Contains(a.body, "not yours") {
				t.Error("a stranger's message got out")
			}
		})
	}
}

func TestHowManyMessages(t *testing.T) {
	r := wrote(t, nil)
	for _, first := range []int{0, -1, 101} {
		a := r.ask(agent, `query($id: ID!, $n: Int!) { customer(id: $id) { tickets(first: 1) { nodes { subject messages(first: $n) { text } } } } }`, "id", r.id(1), "n", first)
		a.is("customer.tickets.nodes.0", `{"messages":null,"subject":"Ticket 15"}`)
		if a.codes() != "BAD_INPUT" {
			t.Errorf("first: %d is %q", first, a.codes())
		}
	}
	a := r.ask(agent, `query($id: ID!) { customer(id: $id) { tickets(first: 1, after: "no cursor") { nodes { messages { text } } } } }`, "id", r.id(1))
	if a.codes() != "BAD_INPUT" {
		t.Errorf("a bad cursor is %q", a.codes())
	}
}
