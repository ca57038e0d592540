package door_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
)

// crowd is a door over four sources with so many rows of one customer between
// them, many of one time. Not all can be asked for parts of their lists.
func crowd(t *testing.T, rows int, whole ...idgraph.Source) *rig {
	t.Helper()
	var all []*fake
	for _, name := range []idgraph.Source{"crm", "desk", "erp", "shop"} {
		f := &fake{name: name, about: connectors.About{Kind: "fake", Windows: map[connectors.Kind]bool{}}, rows: map[connectors.Kind]map[string][]connectors.Row{}}
		for _, k := range map[idgraph.Source][]connectors.Kind{
			"crm": {connectors.KindDeal}, "desk": {connectors.KindTicket}, "erp": {connectors.KindInvoice, connectors.KindBalance}, "shop": {connectors.KindOrder},
		}[name] {
			f.rows[k] = map[string][]connectors.Row{}
		}
		for _, k := range connectors.Kinds {
			f.about.Windows[k] = !slices.Contains(whole, name)
		}
		all = append(all, f)
	}
	r := open(t, nil, all...)
	c := idgraph.Customer{ID: 1, Since: now}
	for _, f := range all {
		c.Refs = append(c.Refs, idgraph.Ref{Source: f.name, ID: "1"})
		if f.name != "crm" {
			c.Links = append(c.Links, idgraph.Link{A: c.Refs[0], B: c.Refs[len(c.Refs)-1], Rule: idgraph.SameEmail, RuleVersion: 1, Since: now})
		}
	}
	r.people.customers[1] = c
	for i := range rows {
		r.happens(i, day(i/9)) // nine of each time
	}
	return r
}

// happens adds a row to one of the sources.
func (r *rig) happens(n int, at *time.Time) {
	id := fmt.Sprint(n + 1)
	switch n % 4 {
	case 0:
		r.sources["crm"].put("1", id, connectors.Deal{OpenedAt: at})
	case 1:
		stands := connectors.TicketStatuses[n%5]
		r.sources["desk"].put("1", id, connectors.Ticket{OpenedAt: at, Status: &stands})
	case 2:
		r.sources["erp"].put("1", id, connectors.Invoice{IssuedAt: at})
	default:
		stands := connectors.OrderStatuses[n%3]
		r.sources["shop"].put("1", id, connectors.Order{PlacedAt: at, Status: &stands})
	}
}

const timelinePage = `query($id: ID!, $first: Int!, $after: String) { customer(id: $id) { timeline(first: $first, after: $after) {
	truncated pageInfo { hasNextPage endCursor }
	nodes { __typename ... on Deal { id } ... on Invoice { id } ... on Order { id } ... on Ticket { id } }
} } }`

// asked is how many rows the sources were asked for, and forgets it.
func (r *rig) rowsAsked() (n int) {
	for _, f := range r.sources {
		f.mu.Lock()
		for _, c := range f.calls {
			n += c.Limit
		}
		f.calls = nil
		f.mu.Unlock()
	}
	return n
}

func TestATimelineIsPagedToItsEndWhileRowsAreAdded(t *testing.T) {
	for _, first := range []int{1, 7, 50, 100} {
		t.Run(fmt.Sprint(first, " a page"), func(t *testing.T) {
			rows := 1600
			if first == 1 {
				rows = 150
			}
			r := crowd(t, rows)
			rnd := rand.New(rand.NewPCG(1, uint64(first)))
			there := map[string]bool{} // ids from the start
			for after, more := any(nil), true; more; {
				a := r.ask(officer, timelinePage, "id", r.id(1), "first", 100, "after", after).fine()
				for _, n := range a.at("customer.timeline.nodes").([]any) {
					there[n.(map[string]any)["id"].(string)] = true
				}
				after, more = a.at("customer.timeline.pageInfo.endCursor"), a.at("customer.timeline.pageInfo.hasNextPage").(bool)
			}
			if len(there) != rows {
				t.Fatalf("%d rows at rest, want %d", len(there), rows)
			}
			r.rowsAsked()
			seen, added := map[string]bool{}, rows
			for after, more := any(nil), true; more; {
				a := r.ask(officer, timelinePage, "id", r.id(1), "first", first, "after", after).fine()
				a.is("customer.timeline.truncated", `false`)
				if n := r.rowsAsked(); n > 4*(first+1) {
					t.Fatalf("the sources were asked for %d rows, want at most %d of each of four", n, first+1)
				}
				for _, n := range a.at("customer.timeline.nodes").([]any) {
					id := n.(map[string]any)["id"].(string)
					if seen[id] {
						t.Fatalf("a row came twice, after %d", len(seen))
					}
					seen[id] = true
				}
				after, more = a.at("customer.timeline.pageInfo.endCursor"), a.at("customer.timeline.pageInfo.hasNextPage").(bool)
				for _, ago := range []int{-1, rnd.IntN(rows / 9), rnd.IntN(rows / 9), 0} { // at the top, somewhere, and at times that others have
					if added > 2*rows {
						break // else small pages would never catch up
					}
					r.happens(added, day(ago))
					added++
				}
			}
			for id := range there {
				if !seen[id] {
					t.Fatal("a row that was there from the start was left out")
				}
			}
		})
	}
}

func TestManyRowsOfOneTimeAreEachPagedOnce(t *testing.T) {
	r := crowd(t, 0)
	for i := range 300 {
		r.happens(i, day(3))
	}
	for i := range 40 {
		r.happens(300+i, nil)
	}
	seen := map[string]bool{}
	pages := 0
	for after, more := any(nil), true; more; pages++ {
		a := r.ask(officer, timelinePage, "id", r.id(1), "first", 9, "after", after).fine()
		for _, n := range a.at("customer.timeline.nodes").([]any) {
			seen[n.(map[string]any)["id"].(string)] = true
		}
		after, more = a.at("customer.timeline.pageInfo.endCursor"), a.at("customer.timeline.pageInfo.hasNextPage").(bool)
		if pages > 340/9+1 {
			t.Fatal("the pages have no end")
		}
	}
	if len(seen) != 340 {
		t.Errorf("%d rows in %d pages, want 340", len(seen), pages)
	}
}

func TestASourceThatCannotBeAskedForPartsIsReadFromTheBeginning(t *testing.T) {
	r := crowd(t, 200, "shop", "desk")
	seen := map[string]bool{}
	for after, more := any(nil), true; more; {
		a := r.ask(officer, timelinePage, "id", r.id(1), "first", 30, "after", after).fine()
		for _, n := range a.at("customer.timeline.nodes").([]any) {
			seen[n.(map[string]any)["id"].(string)] = true
		}
		a.is("customer.timeline.truncated", `false`)
		after, more = a.at("customer.timeline.pageInfo.endCursor"), a.at("customer.timeline.pageInfo.hasNextPage").(bool)
	}
	if len(seen) != 200 {
		t.Errorf("%d rows, want 200", len(seen))
	}
	for _, c := range r.sources["shop"].asked(connectors.KindOrder) {
		if !c.Window.IsZero() {
			t.Errorf("asked for a part: %+v", c.Query)
		}
	}
}

func TestFiltersWorkOnWhatIsShown(t *testing.T) {
	r := crowd(t, 400)
	const query = `query($id: ID!, $since: Time, $until: Time) { customer(id: $id) {
		orders(first: 100, since: $since, until: $until) { nodes { placedAt } truncated }
		shipped: orders(first: 100, status: [DRAFT, CONFIRMED]) { nodes { status } pageInfo { hasNextPage } truncated }
		none: orders(first: 100, status: []) { nodes { status } pageInfo { hasNextPage } }
		timeline(first: 100, since: $since, until: $until, kinds: [TICKET, DEAL]) { nodes { __typename } }
	} }`
	a := r.ask(officer, query, "id", r.id(1), "since", "2026-02-19T12:00:00Z", "until", "2026-02-24T12:00:00Z").fine()
	if n := len(a.at("customer.orders.nodes").([]any)); n != 11 { // of 45 rows
		t.Errorf("%d orders within five days: %s", n, a.body)
	}
	for _, n := range a.at("customer.orders.nodes").([]any) {
		if at := n.(map[string]any)["placedAt"].(string); at < "2026-02-19T12:00:00Z" || at >= "2026-02-24T12:00:00Z" {
			t.Errorf("an order of %s", at)
		}
	}
	if n := len(a.at("customer.shipped.nodes").([]any)); n != 67 {
		t.Errorf("%d drafts and confirmed orders", n)
	}
	a.is("customer.none.nodes", `[]`)
	for _, n := range a.at("customer.timeline.nodes").([]any) {
		if kind := n.(map[string]any)["__typename"]; kind != "Ticket" && kind != "Deal" {
			t.Errorf("a %s in the timeline", kind)
		}
	}
	for _, kind := range []connectors.Kind{connectors.KindInvoice} {
		if calls := r.sources["erp"].asked(kind); len(calls) > 0 {
			t.Errorf("asked for %s: %+v", kind, calls)
		}
	}

	t.Run("a time that is withheld is in no range, and no source hears of the range", func(t *testing.T) {
		r := house(t, nil)
		for _, f := range r.sources {
			f.about.Windows = map[connectors.Kind]bool{connectors.KindOrder: true}
		}
		a := r.ask(marketing, `query($id: ID!) { customer(id: $id) { orders(since: "2000-01-01T00:00:00Z") { nodes { source } } all: orders { nodes { source } } kept: orders(status: [DONE]) { nodes { source } } } }`, "id", r.id(1)).fine()
		a.is("customer.orders.nodes", `[]`)
		a.is("customer.kept.nodes", `[]`)
		if n := len(a.at("customer.all.nodes").([]any)); n != 3 {
			t.Errorf("%d orders without a range", n)
		}
		for _, c := range r.sources["shop"].asked(connectors.KindOrder) {
			if !c.Window.IsZero() || c.Order != connectors.ByID || c.Fields.Has("placedAt") || c.Fields.Has("status") {
				t.Errorf("asked %+v", c.Query)
			}
		}
	})
	t.Run("rows are looked through beyond the first thousand", func(t *testing.T) {
		r := crowd(t, 0)
		rare := connectors.OrderStatus("REFUNDED")
		for i := range 2500 {
			o := connectors.Order{PlacedAt: day(i)}
			if i%1200 == 1100 {
				o.Status = &rare
			}
			r.sources["shop"].put("1", fmt.Sprint(i+1), o)
		}
		found, pages := 0, 0
		for after, more := any(nil), true; more && pages < 10; pages++ {
			a := r.ask(officer, `query($id: ID!, $after: String) { customer(id: $id) { orders(status: [REFUNDED], after: $after) { nodes { status } truncated pageInfo { hasNextPage endCursor } } } }`, "id", r.id(1), "after", after).fine()
			a.is("customer.orders.truncated", `false`)
			found += len(a.at("customer.orders.nodes").([]any))
			after, more = a.at("customer.orders.pageInfo.endCursor"), a.at("customer.orders.pageInfo.hasNextPage").(bool)
		}
		if found != 2 || pages != 3 {
			t.Errorf("%d found in %d pages, want 2 in 3", found, pages)
		}
	})
	t.Run("wrong arguments are named", func(t *testing.T) {
		for args, code := range map[string]string{
			`timeline(kinds: [PROFILE])`:              "BAD_INPUT",
			`orders(since: "0999-01-01T00:00:00Z")`:   "BAD_INPUT",
			`orders(after: "x", status: [DONE])`:      "BAD_INPUT",
			`orders(first: 0, status: [DONE])`:        "BAD_INPUT",
			`orders(until: "2026-02-30T00:00:00Z")`:   "BAD_INPUT",
			`timeline(kinds: [], first: 1)`:           "",
			`timeline(kinds: ORDER, first: 1)`:        "",
			`orders(status: DONE, since: null)`:       "",
			`invoices(status: [PAID], after: null)`:   "",
			`deals(stage: [WON, WON])`:                "",
			`payments(until: "2020-01-01T00:00:00Z")`: "",
		} {
			a := r.ask(officer, `query($id: ID!) { customer(id: $id) { `+args+` { nodes { __typename } } } }`, "id", r.id(1))
			if a.codes() != code {
				t.Errorf("%s: %s", args, a.body)
			}
		}
	})
	t.Run("too many pages of one kind in one operation are refused", func(t *testing.T) {
		query := ""
		for i := range 12 {
			query += fmt.Sprintf("o%d: orders(since: \"2026-01-%02dT00:00:00Z\") { nodes { number } }\n", i, i+1)
		}
		a := r.ask(officer, `query($id: ID!) { customer(id: $id) { `+query+` } }`, "id", r.id(1))
		if a.codes() != "TOO_COSTLY TOO_COSTLY TOO_COSTLY TOO_COSTLY" {
			t.Errorf("%s", a.body)
		}
	})
}

func TestAGapComesBeforeThePagesThatLackASource(t *testing.T) {
	r := crowd(t, 40)
	first := r.ask(officer, timelinePage, "id", r.id(1), "first", 5).fine()
	r.sources["shop"].fail = map[connectors.Kind]error{connectors.KindOrder: connectors.ErrUnavailable}
	r.sources["erp"].fail = map[connectors.Kind]error{connectors.KindInvoice: connectors.ErrUnavailable}
	cursor := first.at("customer.timeline.pageInfo.endCursor")
	for i, want := range []string{"TimelineGap", "TimelineGap", "Ticket"} {
		a := r.ask(officer, timelinePage, "id", r.id(1), "first", 1, "after", cursor)
		if got := a.at("customer.timeline.nodes.0.__typename"); i < 2 && got != want || i == 2 && got == "TimelineGap" {
			t.Errorf("entry %d is a %v, want a %s", i, got, want)
		}
		cursor = a.at("customer.timeline.pageInfo.endCursor")
	}
}

func TestADashboardPageOfFiftyCosts(t *testing.T) {
	r := crowd(t, 0)
	for n := 2; n <= 60; n++ {
		c := r.people.customers[1]
		c.ID, c.Refs, c.Links = idgraph.CustomerID(n), nil, nil
		for _, source := range []idgraph.Source{"crm", "desk", "erp", "shop"} {
			c.Refs = append(c.Refs, idgraph.Ref{Source: source, ID: fmt.Sprint(n)})
			if len(c.Refs) > 1 {
				c.Links = append(c.Links, idgraph.Link{A: c.Refs[0], B: c.Refs[len(c.Refs)-1], Rule: idgraph.SameEmail, RuleVersion: 1, Since: now})
			}
		}
		r.people.customers[c.ID] = c
		done := connectors.OrderStatus("DONE")
		r.sources["shop"].put(fmt.Sprint(n), fmt.Sprint(n), connectors.Order{Total: money("2.00", "EUR"), Status: &done, PlacedAt: day(n)})
		r.sources["desk"].put(fmt.Sprint(n), fmt.Sprint(n), connectors.Ticket{OpenedAt: day(n)})
		r.sources["erp"].put(fmt.Sprint(n), fmt.Sprint(n), connectors.Balance{BalanceDue: money("1.00", "EUR")})
	}
	a := r.ask(officer, `{ customers(first: 50) { nodes { summary { lifetimeValue { amount } openTickets balanceDue { amount } complete } orders(first: 3) { nodes { placedAt } } } pageInfo { hasNextPage } } }`).fine()
	if n := len(a.at("customers.nodes").([]any)); n != 50 {
		t.Fatalf("%d customers", n)
	}
	a.is("customers.nodes.1.summary.lifetimeValue.0.amount", `"2.00"`)
	a.is("customers.nodes.49.summary.complete", `true`)
	for source, f := range r.sources {
		if len(f.calls) > 1 {
			t.Errorf("%s was called %d times for fifty customers: %+v", source, len(f.calls), f.calls)
		}
	}
}
