package door_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"customer360/idgraph"
	"customer360/idgraph/consent"
)

// doubting has rules join Maria's records (crm, desk, erp, shop) and no others:
// each link is two of their sources and a rule.
func doubting(r *rig, links ...[3]string) {
	c := r.people.customers[1]
	c.Links = nil
	for _, l := range links {
		c.Links = append(c.Links, idgraph.Link{A: idgraph.Ref{Source: idgraph.Source(l[0]), ID: "1"}, B: idgraph.Ref{Source: idgraph.Source(l[1]), ID: "1"}, Rule: idgraph.Rule(l[2]), RuleVersion: 2, Since: now})
	}
	r.people.customers[1] = c
}

func TestWhatOnlyAProbableLinkJoinsIsNotShown(t *testing.T) {
	for _, c := range []struct {
		name  string
		links [][3]string
		shown string
	}{
		{"the largest part is the customer", [][3]string{{"crm", "desk", "NAME_AND_BIRTH_DATE"}, {"desk", "erp", "SAME_EMAIL"}, {"erp", "shop", "CONFIRMED"}}, "[desk erp shop]"},
		{"of two as large, the one with the first record", [][3]string{{"crm", "shop", "SAME_PHONE"}, {"desk", "erp", "SAME_EMAIL"}, {"erp", "shop", "NAME_AND_ADDRESS"}}, "[crm shop]"},
		{"a rule of a later build is probable", [][3]string{{"crm", "desk", "SAME_EMAIL"}, {"desk", "erp", "SAME_NATIONAL_ID"}, {"erp", "shop", "SAME_FACE"}}, "[crm desk erp]"},
		{"many probable links are no verified one", [][3]string{{"crm", "desk", "SIMILAR_RECORDS"}, {"crm", "erp", "SIMILAR_RECORDS"}, {"desk", "erp", "NAME_AND_ADDRESS"}, {"erp", "shop", "NAME_AND_BIRTH_DATE"}}, "[crm]"},
		{"a probable link beside verified ones changes nothing", [][3]string{{"crm", "desk", "SAME_EMAIL"}, {"crm", "desk", "SIMILAR_RECORDS"}, {"desk", "erp", "SAME_LOYALTY_ID"}, {"crm", "shop", "CROSS_REFERENCE"}}, "[crm desk erp shop]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := house(t, nil)
			doubting(r, c.links...)
			a := r.ask(officer, `query($id: ID!) { customer(id: $id) {
				name identity { records { source } links { from { source } to { source } } }
				timeline(first: 50) { nodes { ... on Deal { source } ... on Invoice { source } ... on Order { source } ... on Ticket { source } } }
				sources { source }
			} }`, "id", r.id(1)).fine()
			if got := sourcesIn(a.at("customer.identity.records")); fmt.Sprint(got) != c.shown {
				t.Errorf("records %v, want %s", got, c.shown)
			}
			for what, list := range map[string]any{"the timeline": a.at("customer.timeline.nodes"), "how sources answered": a.at("customer.sources")} {
				if got := sourcesIn(list); fmt.Sprint(got) != c.shown {
					t.Errorf("%s: %v, want %s", what, got, c.shown)
				}
			}
			links, _ := a.at("customer.identity.links").([]any)
			for i := range links {
				for _, side := range []string{"from", "to"} {
					if s, _ := a.at(fmt.Sprintf("customer.identity.links.%d.%s.source", i, side)).(string); !slices.Contains(sourcesIn(a.at("customer.identity.records")), s) {
						t.Errorf("link %d leads to %q, which is withheld", i, s)
					}
				}
			}
			for _, src := range r.sources {
				if len(src.calls) > 0 != slices.Contains(sourcesIn(a.at("customer.identity.records")), string(src.name)) {
					t.Errorf("%s was asked %d times", src.name, len(src.calls))
				}
			}
		})
	}
}

// sourcesIn are the sources that the entries of a list name, each once, in order.
func sourcesIn(list any) []string {
	out := []string{}
	entries, _ := list.([]any)
	for _, e := range entries {
		if s, ok := e.(map[string]any)["source"].(string); ok && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return out
}

func TestOverAProbableLinkDenialsTravelAndGrantsDoNot(t *testing.T) {
	apart := [][3]string{{"crm", "desk", "SAME_EMAIL"}, {"desk", "erp", "SAME_EMAIL"}, {"erp", "shop", "NAME_AND_BIRTH_DATE"}}
	for _, c := range []struct {
		name  string
		about string // the source whose record it was said about
		state consent.State
		shown bool
	}{
		{"a grant for a record that is surely hers", "desk", consent.Granted, true},
		{"a grant for one that is probably hers", "shop", consent.Granted, false},
		{"a withdrawal for one that is probably hers", "shop", consent.Withdrawn, false},
		{"a denial for one that is probably hers", "shop", consent.Denied, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := house(t, nil)
			r.ledger.events = map[idgraph.Ref][]consent.Event{}
			doubting(r, apart...)
			say := func(source idgraph.Source, state consent.State, ago int) {
				_ = r.ledger.Append(context.Background(), []consent.Event{{Ref: idgraph.Ref{Source: source, ID: "1"}, Purpose: "marketing.email", State: state, At: *day(ago), Notice: "form@1"}})
			}
			if c.state != consent.Granted {
				say("crm", consent.Granted, 9)
			}
			say(idgraph.Source(c.about), c.state, 1)
			a := r.ask(marketing, `query($id: ID!) { customer(id: $id) { emails { address } } }`, "id", r.id(1))
			if got := a.at("customer.emails") != nil; got != c.shown {
				t.Errorf("shown: %v, want %v\n%s", got, c.shown, a.body)
			}
		})
	}
}

func TestWhoseARecordIsIsNotToldOverAProbableLink(t *testing.T) {
	r := house(t, nil)
	doubting(r, [3]string{"crm", "desk", "SAME_EMAIL"}, [3]string{"desk", "erp", "SAME_EMAIL"}, [3]string{"erp", "shop", "NAME_AND_BIRTH_DATE"})
	shop, crm := idgraph.Identifier{Type: idgraph.Email, Value: "shop@mail.example"}, idgraph.Identifier{Type: idgraph.Email, Value: "maria@mail.example"}
	r.people.holders[shop], r.people.holders[crm] = []idgraph.CustomerID{1}, []idgraph.CustomerID{1}
	r.people.heldBy = map[idgraph.Identifier][]idgraph.Ref{shop: {{Source: "shop", ID: "1"}}, crm: {{Source: "crm", ID: "1"}, {Source: "shop", ID: "1"}}}
	a := r.ask(officer, `query($r: [_Any!]!) {
		surely: lookup(by: {email: "maria@mail.example"}) { name }
		probably: lookup(by: {email: "shop@mail.example"}) { name }
		bySureRecord: lookup(by: {record: {source: "erp", id: "1"}}) { name }
		byRecord: lookup(by: {record: {source: "shop", id: "1"}}) { name }
		_entities(representations: $r) { ... on SourceRecord { customer { name } } }
	}`, "r", []any{record("shop", "1"), record("desk", "1")}).fine()
	a.is("surely.name", `"Maria Gold"`)
	a.is("probably", `null`)
	a.is("bySureRecord.name", `"Maria Gold"`)
	a.is("byRecord", `null`)
	a.is("_entities.0.customer", `null`)
	a.is("_entities.1.customer.name", `"Maria Gold"`)
	a = r.ask(officer, `query($id: ID!) { node(id: $id) { id } }`, "id", r.ring.Seal("node", "Order", "shop", "1", "401")).fine()
	a.is("node", `null`)
	if calls := r.sources["shop"].calls; len(calls) > 0 {
		t.Errorf("the shop was asked: %+v", calls)
	}
}
