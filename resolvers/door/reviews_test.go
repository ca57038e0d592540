package door_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/consent"
)

const queue = `query($first: Int! = 20, $after: String) { matchReviews(first: $first, after: $after) {
	nodes { kind value stoppedBy customer { id name } other { id name } link { from { source id customer { name } } to { source id } rule weight verified levels { field level bits } } }
	edges { cursor } pageInfo { hasNextPage endCursor } truncated
} }`

func TestAQuestionShowsBothCustomersAndTheEvidenceWithoutAnyValue(t *testing.T) {
	c := &clerk{reviews: []idgraph.Review{pair(refOf("crm", "1"), refOf("crm", "2"), 1, 2, "conflict"), {Kind: idgraph.ReviewFrozen, Value: 0.5, Customer: 2}}}
	r := house(t, c.employ)
	a := r.ask(lead, queue).fine()
	a.is("matchReviews.nodes.0.kind", `"PAIR"`)
	a.is("matchReviews.nodes.0.customer.name", `"Maria Gold"`)
	a.is("matchReviews.nodes.0.other.name", `"Otto Stein"`)
	a.is("matchReviews.nodes.0.stoppedBy", `["CONFLICT"]`)
	a.is("matchReviews.nodes.0.link", `{"from":{"customer":{"name":"Maria Gold"},"id":"1","source":"crm"},"levels":[{"bits":17.5,"field":"email","level":"exact"},{"bits":-5.25,"field":"birth_date","level":"differs"}],"rule":"SAME_EMAIL","to":{"id":"2","source":"crm"},"verified":true,"weight":12.25}`)
	a.is("matchReviews.nodes.1.kind", `"FROZEN"`)
	a.is("matchReviews.nodes.1.other", `null`)
	a.is("matchReviews.nodes.1.link", `null`)
	if strings.Contains(a.body, "@") {
		t.Errorf("an address got out: %s", a.body)
	}
	if n := len(r.sources["crm"].asked(connectors.KindProfile)); n != 1 {
		t.Errorf("the CRM was asked %d times for both customers", n)
	}
	if e := r.audit.entries; len(e) != 1 || len(e[0].Subjects) != 2 {
		t.Errorf("audit: %+v", e)
	}
}

func TestWhoMaySeeQuestions(t *testing.T) {
	c := &clerk{reviews: []idgraph.Review{pair(refOf("crm", "1"), refOf("crm", "2"), 1, 2)}}
	scoped := func(w who) who { w.caller.Scopes = []string{"identity:review"}; return w }
	purposeless := lead
	purposeless.purpose = ""
	for _, tc := range []struct {
		name  string
		as    who
		codes string
		shown int
	}{
		{"a support lead", lead, "", 1},
		{"a privacy officer", officer, "", 1},
		{"an agent has no such scope", agent, "FORBIDDEN", 0},
		{"an agent whose token has it", scoped(agent), "", 1},
		{"a lead who says no purpose", purposeless, "FORBIDDEN", 0},
		{"an analyst, who is shown no identities", scoped(analyst), "FORBIDDEN", 0},
		{"marketing, which is shown parts of identities alone", scoped(marketing), "FORBIDDEN", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := house(t, c.employ).ask(tc.as, queue)
			nodes, _ := a.at("matchReviews.nodes").([]any)
			if a.codes() != tc.codes || len(nodes) != tc.shown {
				t.Errorf("%q and %d questions, want %q and %d\n%s", a.codes(), len(nodes), tc.codes, tc.shown, a.body)
			}
		})
	}
}

func TestAQuestionIsThereOnlyWhereAllWhomItConcernsAreShown(t *testing.T) {
	c := &clerk{reviews: []idgraph.Review{pair(refOf("crm", "1"), refOf("crm", "2"), 1, 2), {Kind: idgraph.ReviewFrozen, Customer: 1}, pair(refOf("shop", "1"), refOf("crm", "2"), 1, 2), {Kind: idgraph.ReviewFrozen, Customer: 9}}}
	r := house(t, c.employ)
	_ = r.ledger.Append(context.Background(), []consent.Event{{Ref: refOf("crm", "2"), State: consent.Restricted, At: *day(1)}})
	a := r.ask(lead, queue).fine()
	a.is("matchReviews.nodes.0.kind", `"FROZEN"`)
	a.is("matchReviews.nodes.0.customer.name", `"Maria Gold"`)
	a.is("matchReviews.nodes.1", `null`)
	if strings.Contains(a.body, r.id(2)) || len(r.audit.entries[0].Subjects) != 1 {
		t.Errorf("somebody who is not shown left a trace: %s, %+v", a.body, r.audit.entries)
	}

	t.Run("nor over a probable link", func(t *testing.T) {
		r := house(t, c.employ)
		doubting(r, [3]string{"crm", "desk", "SAME_EMAIL"}, [3]string{"desk", "erp", "SAME_EMAIL"}, [3]string{"erp", "shop", "SIMILAR_RECORDS"})
		a := r.ask(lead, queue).fine()
		if nodes := a.at("matchReviews.nodes").([]any); len(nodes) != 2 || strings.Contains(a.body, "shop") && !strings.Contains(a.body, `"source":"shop","state"`) {
			t.Errorf("%d questions: %s", len(nodes), a.body)
		}
	})
}

func TestPagesOfQuestions(t *testing.T) {
	c := &clerk{}
	for n := range 7 {
		c.reviews = append(c.reviews, idgraph.Review{Kind: idgraph.ReviewFrozen, Value: float64(10 - n), Customer: idgraph.CustomerID(1 + n%2)})
	}
	r := house(t, c.employ)
	var seen []string
	after := any(nil)
	for range 10 {
		a := r.ask(lead, queue, "first", 2, "after", after).fine()
		nodes, _ := a.at("matchReviews.nodes").([]any)
		for i := range nodes {
			seen = append(seen, fmt.Sprint(a.at(fmt.Sprintf("matchReviews.nodes.%d.value", i))))
		}
		if a.at("matchReviews.pageInfo.hasNextPage") == false {
			break
		}
		after = a.at("matchReviews.pageInfo.endCursor")
	}
	if got := strings.Join(seen, " "); got != "10 9 8 7 6 5 4" {
		t.Errorf("pages: %s", got)
	}
	for _, bad := range []any{"x", r.id(1), r.ring.Seal("cursor", "customers", "1")} {
		if a := r.ask(lead, queue, "after", bad); a.codes() != "BAD_INPUT" {
			t.Errorf("cursor %q: %s", bad, a.body)
		}
	}
}

func TestRivalsOfACustomer(t *testing.T) {
	c := &clerk{reviews: []idgraph.Review{pair(refOf("crm", "1"), refOf("crm", "2"), 1, 2, "rival"), {Kind: idgraph.ReviewFrozen, Customer: 1}}}
	r := house(t, c.employ)
	const query = `query($id: ID!) { customer(id: $id) { identity { frozen rivals { kind stoppedBy customer { name } other { name tickets { nodes { subject } } } link { to { id } levels { level } } } } } }`
	a := r.ask(lead, query, "id", r.id(1)).fine()
	a.is("customer.identity.frozen", `true`)
	a.is("customer.identity.rivals.0", `{"customer":{"name":"Maria Gold"},"kind":"PAIR","link":{"levels":[{"level":"exact"},{"level":"differs"}],"to":{"id":"2"}},"other":{"name":"Otto Stein","tickets":{"nodes":[{"subject":"Where is it?"}]}},"stoppedBy":["RIVAL"]}`)
	if calls := r.sources["desk"].asked(connectors.KindTicket); len(calls) != 1 || len(calls[0].Refs) > 2 {
		t.Errorf("tickets: %+v, want one call", calls)
	}
	if e := r.audit.entries; len(e) != 1 || len(e[0].Subjects) != 2 {
		t.Errorf("audit: %+v", e)
	}
	a = r.ask(agent, query, "id", r.id(1)).fine()
	a.is("customer.identity", `{"frozen":true,"rivals":null}`)
	if e := r.audit.entries; len(e[1].Subjects) != 1 {
		t.Errorf("an agent saw more than one customer: %+v", e)
	}
}

func TestThePathBetweenTwoRecords(t *testing.T) {
	c := &clerk{}
	r := house(t, c.employ)
	c.path = append(c.path, r.people.customers[1].Links[1:]...)
	const query = `query($from: SourceRecordInput!, $to: SourceRecordInput!) { explainPath(from: $from, to: $to) { from { id customer { name } } to { source } rule } }`
	named := func(source, id string) map[string]any { return map[string]any{"source": source, "id": id} }
	a := r.ask(agent, query, "from", named("erp", "1"), "to", named("shop", "1")).fine()
	a.is("explainPath.0", `{"from":{"customer":{"name":"Maria Gold"},"id":"1"},"rule":"SAME_EMAIL","to":{"source":"erp"}}`)
	for name, tc := range map[string]struct {
		as       who
		from, to map[string]any
		codes    string
	}{
		"records of two customers":    {agent, named("erp", "1"), named("shop", "2"), ""},
		"an unknown record":           {agent, named("erp", "1"), named("shop", "9"), ""},
		"who may not look up":         {marketing, named("erp", "1"), named("shop", "1"), ""},
		"a source that there is none": {agent, named("erp", "1"), named("nowhere", "1"), "BAD_INPUT"},
	} {
		a := r.ask(tc.as, query, "from", tc.from, "to", tc.to)
		if a.codes() != tc.codes || a.at("explainPath") != nil {
			t.Errorf("%s: %s", name, a.body)
		}
	}
	doubting(r, [3]string{"crm", "erp", "SAME_EMAIL"}, [3]string{"crm", "desk", "SAME_EMAIL"}, [3]string{"crm", "shop", "NAME_AND_BIRTH_DATE"})
	r.ask(officer, query, "from", named("erp", "1"), "to", named("shop", "1")).fine().is("explainPath", `null`)
	r.ask(officer, query, "from", named("erp", "1"), "to", named("crm", "1")).fine().is("explainPath", `null`) // the way leads over the shop's
}

func TestEventsTellNothingOfWhomIsNotShown(t *testing.T) {
	decision := &idgraph.Decision{Seq: 7, A: refOf("crm", "1"), B: refOf("crm", "2"), Same: false, At: now, Actor: "lead", Reason: "twins"}
	c := &clerk{events: map[idgraph.CustomerID][]idgraph.Event{1: {
		{Seq: 5, At: now, Kind: idgraph.Decided, Customer: 1, A: refOf("crm", "1"), B: refOf("crm", "2"), Cause: "decision 7", Decision: decision},
		{Seq: 4, At: now, Kind: idgraph.SplitOff, Customer: 1, Other: 2, Cause: "decision 7"},
		{Seq: 3, At: now, Kind: idgraph.Unlinked, Customer: 1, A: refOf("crm", "1"), B: refOf("crm", "2"), Rule: idgraph.SameEmail, RuleVersion: 2},
		{Seq: 2, At: now, Kind: idgraph.Linked, Customer: 1, A: refOf("crm", "1"), B: refOf("shop", "1"), Rule: idgraph.NameAndBirthDate, RuleVersion: 2, Cause: "learn shop"},
		{Seq: 1, At: now, Kind: idgraph.Minted, Customer: 1, Cause: "learn crm"},
	}}}
	const query = `query($id: ID!, $first: Int! = 20) { customer(id: $id) { identity { events(first: $first) { kind cause other from { source id } to { source id } rule decision { same actor reason undone from { id } to { id } } } } } }`
	t.Run("to a lead", func(t *testing.T) {
		r := house(t, c.employ)
		a := r.ask(lead, query, "id", r.id(1)).fine()
		a.is("customer.identity.events.0", `{"cause":"decision 7","decision":{"actor":"lead","from":{"id":"1"},"reason":"twins","same":false,"to":{"id":"2"},"undone":false},"from":{"id":"1","source":"crm"},"kind":"DECIDED","other":null,"rule":null,"to":{"id":"2","source":"crm"}}`)
		a.is("customer.identity.events.1.other", fmt.Sprintf("%q", r.id(2)))
		a.is("customer.identity.events.3.rule", `"NAME_AND_BIRTH_DATE"`)
		a.is("customer.identity.events.4.kind", `"MINTED"`)
		r.ask(lead, query, "id", r.id(1), "first", 0).is("customer.identity.events", `null`)
	})
	t.Run("to an agent, who is not told who decided, and why", func(t *testing.T) {
		r := house(t, c.employ)
		r.ask(agent, query, "id", r.id(1)).fine().is("customer.identity.events.0.decision", `{"actor":null,"from":{"id":"1"},"reason":null,"same":false,"to":{"id":"2"},"undone":false}`)
	})
	t.Run("where the other customer is not shown", func(t *testing.T) {
		r := house(t, c.employ)
		_ = r.ledger.Append(context.Background(), []consent.Event{{Ref: refOf("crm", "2"), State: consent.Restricted, At: *day(1)}})
		a := r.ask(lead, query, "id", r.id(1)).fine()
		a.is("customer.identity.events.0.decision", `{"actor":"lead","from":{"id":"1"},"reason":null,"same":false,"to":null,"undone":false}`)
		a.is("customer.identity.events.1.other", `null`)
		a.is("customer.identity.events.2.to", `null`)
	})
	t.Run("about a record in doubt", func(t *testing.T) {
		r := house(t, c.employ)
		doubting(r, [3]string{"crm", "erp", "SAME_EMAIL"}, [3]string{"crm", "desk", "SAME_EMAIL"}, [3]string{"crm", "shop", "NAME_AND_BIRTH_DATE"})
		a := r.ask(lead, query, "id", r.id(1)).fine()
		a.is("customer.identity.events.3.kind", `"MINTED"`)
		a.is("customer.identity.events.4", `null`)
	})
}
