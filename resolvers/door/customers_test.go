package door_test

import (
	"fmt"
	"slices"
	"testing"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/consent"
)

// town is a door over thirty customers: the odd ones have a record in the shop
// besides, every tenth one restricts what is done with its data.
func town(t *testing.T) *rig {
	t.Helper()
	var sources []*fake
	for _, name := range []idgraph.Source{"crm", "shop"} {
		sources = append(sources, &fake{name: name, about: connectors.About{Kind: "fake"}, rows: map[connectors.Kind]map[string][]connectors.Row{connectors.KindProfile: {}}})
	}
	r := open(t, nil, sources...)
	for n := 1; n <= 30; n++ {
		r.settles(n)
	}
	return r
}

func (r *rig) settles(n int) {
	id := fmt.Sprint(n)
	c := idgraph.Customer{ID: idgraph.CustomerID(n), Since: *day(30 - n/2), Changed: *day(n % 7), Refs: []idgraph.Ref{{Source: "crm", ID: id}}}
	if n%2 == 1 {
		c.Refs = append(c.Refs, idgraph.Ref{Source: "shop", ID: id})
		c.Links = []idgraph.Link{{A: c.Refs[0], B: c.Refs[1], Rule: idgraph.SameEmail, RuleVersion: 1, Since: now}}
	}
	r.people.customers[c.ID] = c
	if n%10 == 0 {
		_ = r.ledger.Append(r.t.Context(), []consent.Event{{Ref: c.Refs[0], State: consent.Restricted, At: *day(1)}})
	}
}

// listed pages a list to its end, and answers the customers in order.
func (r *rig) listed(as who, args string, first int, meanwhile func()) []idgraph.CustomerID {
	r.t.Helper()
	var out []idgraph.CustomerID
	for after, pages := any(nil), 0; ; pages++ {
		a := r.ask(as, `query($after: String) { customers(first: `+fmt.Sprint(first)+`, after: $after`+args+`) { nodes { id } truncated pageInfo { hasNextPage endCursor } } }`, "after", after).fine()
		for _, n := range a.at("customers.nodes").([]any) {
			id, _ := r.door.CustomerID(n.(map[string]any)["id"].(string))
			out = append(out, id)
		}
		if a.at("customers.pageInfo.hasNextPage") == false {
			return out
		}
		if after = a.at("customers.pageInfo.endCursor"); pages > 100 {
			r.t.Fatalf("the pages have no end: %s", a.body)
		}
		if meanwhile != nil {
			meanwhile()
		}
	}
}

func TestCustomersAreListedByWhatIsShownOfThem(t *testing.T) {
	restricted := []idgraph.CustomerID{10, 20, 30}
	for _, c := range []struct {
		name, args string
		as         who
		first      []idgraph.CustomerID // of the list
		n          int
	}{
		{"all, by id", ``, agent, []idgraph.CustomerID{1, 2, 3}, 30},
		{"the latest first", `, orderBy: {field: ID, direction: DESC}`, agent, []idgraph.CustomerID{30, 29}, 30},
		{"known longest, equal ones by id", `, orderBy: {field: KNOWN_SINCE}`, agent, []idgraph.CustomerID{1, 2, 3, 4}, 30},
		{"changed last, who is withheld at the end", `, orderBy: {field: LAST_CHANGED, direction: DESC}`, agent, []idgraph.CustomerID{28, 21, 14, 7, 29}, 30},
		{"in the shop", `, filter: {sources: {allOf: ["shop", "crm"]}}`, agent, []idgraph.CustomerID{1, 3}, 15},
		{"in none but the CRM: who is withheld is in no answer", `, filter: {sources: {noneOf: ["shop"]}}`, agent, []idgraph.CustomerID{2, 4, 6, 8, 12}, 12},
		{"an officer is shown all", `, filter: {sources: {noneOf: ["shop"]}}`, officer, []idgraph.CustomerID{2, 4, 6, 8, 10}, 15},
		{"of one week, in an order", `, filter: {knownSince: {since: "2026-02-10T12:00:00Z", until: "2026-02-13T12:00:00Z"}}, orderBy: {field: KNOWN_SINCE, direction: DESC}`, agent, []idgraph.CustomerID{27, 26, 25, 24, 23, 22}, 6},
		{"a filter of nothing", `, filter: {sources: {anyOf: []}}`, agent, nil, 0},
		{"an empty filter", `, filter: {}`, agent, []idgraph.CustomerID{1}, 30},
		{"an analyst is shown no identity: nothing matches", `, filter: {knownSince: {since: "2000-01-01T00:00:00Z"}}`, analyst, nil, 0},
		{"and the order is that of ids", `, orderBy: {field: LAST_CHANGED, direction: DESC}`, analyst, []idgraph.CustomerID{1, 2, 3}, 30},
		{"without a purpose likewise", `, orderBy: {field: KNOWN_SINCE, direction: DESC}`, who{agent.caller, ""}, []idgraph.CustomerID{1, 2, 3}, 30},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := town(t)
			var want []idgraph.CustomerID
			for _, size := range []int{100, 1, 4} {
				got := r.listed(c.as, c.args, size, nil)
				if want == nil {
					want = got
				}
				if !slices.Equal(got, want) || len(got) != c.n || !slices.Equal(got[:min(len(got), len(c.first))], c.first) {
					t.Errorf("%d a page: %v, want %d beginning with %v", size, got, c.n, c.first)
				}
			}
			if c.as.caller.Name == "agent" && c.n == 30 && c.args != `` && !slices.Contains([]string{`, orderBy: {field: ID, direction: DESC}`, `, filter: {}`}, c.args) && c.as.purpose != "" {
				if !slices.Equal(want[27:], restricted) {
					t.Errorf("at the end stand %v, want %v", want[27:], restricted)
				}
			}
		})
	}
}

func TestAListOfCustomersStaysWhileCustomersAreAdded(t *testing.T) {
	for _, order := range []string{`{field: ID, direction: DESC}`, `{field: KNOWN_SINCE}`, `{field: LAST_CHANGED, direction: DESC}`} {
		r := town(t)
		next := 31
		got := r.listed(officer, `, orderBy: `+order, 4, func() {
			if next < 45 {
				r.settles(next)
				next++
			}
		})
		seen := map[idgraph.CustomerID]int{}
		for _, id := range got {
			seen[id]++
		}
		for id := idgraph.CustomerID(1); id < 45; id++ {
			if n := seen[id]; n > 1 || n == 0 && id <= 30 {
				t.Errorf("%s: customer %d came %d times", order, id, n)
			}
		}
	}
}

func TestACursorOfAnotherListOfCustomersIsRefused(t *testing.T) {
	r := town(t)
	cursor := r.ask(agent, `{ customers(first: 3, orderBy: {field: KNOWN_SINCE}) { pageInfo { endCursor } } }`).fine().at("customers.pageInfo.endCursor")
	for _, args := range []string{``, `, orderBy: {field: KNOWN_SINCE, direction: DESC}`, `, orderBy: {field: KNOWN_SINCE}, filter: {sources: {anyOf: ["crm"]}}`, `, orderBy: {field: KNOWN_SINCE}, filter: {}`} {
		a := r.ask(agent, `query($after: String) { customers(after: $after`+args+`) { nodes { id } } }`, "after", cursor)
		if a.codes() != "BAD_INPUT" || a.Errs[0].Message[:6] != "after:" {
			t.Errorf("%s: %s", args, a.body)
		}
	}
	r.ask(agent, `query($after: String) { customers(after: $after, orderBy: {field: KNOWN_SINCE}) { nodes { id } } }`, "after", cursor).fine()
	a := r.ask(agent, `{ customers(filter: {sources: {anyOf: ["nowhere"]}}) { nodes { id } } }`)
	if a.codes() != "BAD_INPUT" {
		t.Errorf("a source that is none: %s", a.body)
	}
}

func TestALongSearchEndsAndGoesOn(t *testing.T) {
	r := town(t)
	for n := 31; n <= 2600; n++ {
		r.settles(10 * n) // all restricted
	}
	r.settles(99999)
	a := r.ask(agent, `{ customers(first: 40, filter: {sources: {anyOf: ["crm"]}}) { nodes { id } truncated pageInfo { hasNextPage endCursor } } }`).fine()
	a.is("customers.truncated", `true`)
	a.is("customers.pageInfo.hasNextPage", `true`)
	if n := len(a.at("customers.nodes").([]any)); n != 27 {
		t.Errorf("%d customers", n)
	}
	if len(r.audit.entries) == 0 || len(r.audit.entries[len(r.audit.entries)-1].Subjects) != 27 {
		t.Error("the audit log tells of others than were shown")
	}
	b := r.ask(agent, `query($after: String) { customers(first: 40, after: $after, filter: {sources: {anyOf: ["crm"]}}) { nodes { id } truncated pageInfo { hasNextPage } } }`, "after", a.at("customers.pageInfo.endCursor")).fine()
	b.is("customers.nodes.0.id", `"`+r.id(99999)+`"`)
	b.is("customers.truncated", `false`)
	b.is("customers.pageInfo.hasNextPage", `false`)
}
