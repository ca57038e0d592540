package storetest

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"customer360/idgraph"
	"customer360/idgraph/match"
)

// incremental proves that learning bit by bit, in whatever order, with changes
// and deletions, ends where resolving everything at once would.
func incremental(t *testing.T, open Opener) {
	s := opened(t, open)
	ever := map[idgraph.CustomerID]bool{}
	rapid.Check(t, func(rt *rapid.T) {
		empty(t, s)
		have := map[idgraph.Ref]idgraph.Record{}
		for range rapid.IntRange(1, 12).Draw(rt, "batches") {
			b := idgraph.Batch{Source: rapid.SampledFrom([]idgraph.Source{"crm", "erp", "shop"}).Draw(rt, "source"), Cursor: "next"}
			for range rapid.IntRange(0, 4).Draw(rt, "records") {
				r := drawRecord(rt, b.Source)
				b.Records = append(b.Records, r)
				have[r.Ref] = r
			}
			for range rapid.IntRange(0, 2).Draw(rt, "gone") {
				r := ref(b.Source, rapid.SampledFrom(recordIDs).Draw(rt, "gone id"))
				b.Gone = append(b.Gone, r)
				delete(have, r)
			}
			if _, err := s.Learn(ctx, b); err != nil {
				rt.Fatal(err)
			}
			compare(rt, s, have)
			stable(rt, s, ever)
		}
	})
}

// empty has a store forget all records.
func empty(t testing.TB, s Store) {
	t.Helper()
	page, err := s.Page(ctx, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	gone := map[idgraph.Source][]idgraph.Ref{}
	for _, c := range page {
		for _, r := range c.Refs {
			gone[r.Source] = append(gone[r.Source], r)
		}
	}
	for _, refs := range gone {
		forget(t, s, refs...)
	}
}

var recordIDs = []string{"1", "2", "3", "4", "5", "6", "7", "8"}

// drawRecord draws out of so few values that records meet.
func drawRecord(t *rapid.T, source idgraph.Source) idgraph.Record {
	pick := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
	r := idgraph.Record{
		Ref:       ref(source, rapid.SampledFrom(recordIDs).Draw(t, "id")),
		GivenName: pick("given", "", "Anna", "Anne", "A.", "Bob", "Robert"), FamilyName: pick("family", "", "Byron", "Bryon", "Kay"),
		BirthDate: pick("birth", "", "", "", "1980-02-03", "1990-02-03"),
		Postcode:  pick("postcode", "", "12345", "54321"), Street: pick("street", "", "1 Hill", "2 Hill"),
	}
	for range rapid.IntRange(0, 3).Draw(t, "values") {
		r.Identifiers = append(r.Identifiers, identifier(pick("value", "a.byron@example.com", "anna@example.com", "kay@example.com", "info@example.com",
			"+4917112345671", "+4917112345672", "#100001", "#100002", "erp:C-1001", "erp:C-1002", "crm:77")))
	}
	return r
}

// compare holds the store against match.Resolve over all records.
func compare(t *rapid.T, s Store, have map[idgraph.Ref]idgraph.Record) {
	var all []idgraph.Record
	for _, r := range have {
		all = append(all, match.NormaliseRecord(r, "DE"))
	}
	want := match.ResolveExact(all)
	var clusters [][]idgraph.Ref
	var links []idgraph.Link
	for after := idgraph.CustomerID(0); ; {
		page, err := s.Page(ctx, after, 5)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, c := range page {
			after = c.ID
			clusters = append(clusters, c.Refs)
			for _, l := range c.Links {
				l.Since = l.Since.Truncate(0)
				links = append(links, idgraph.Link{A: l.A, B: l.B, Rule: l.Rule, RuleVersion: l.RuleVersion})
			}
			for _, r := range c.Refs {
				if id, err := s.ByRef(ctx, r); err != nil || id != c.ID {
					t.Fatalf("record %s of customer %d answers %d, %v", r, c.ID, id, err)
				}
			}
		}
	}
	slices.SortFunc(clusters, func(a, b []idgraph.Ref) int {
		if a[0].Less(b[0]) {
			return -1
		}
		return 1
	})
	if fmt.Sprint(clusters) != fmt.Sprint(want.Clusters) {
		t.Fatalf("clusters\n%v\nof a rebuild\n%v", clusters, want.Clusters)
	}
	order := func(l idgraph.Link) string { return fmt.Sprint(l.A, l.B, -l.Rule.Strength()) }
	byOrder := func(a, b idgraph.Link) int {
		if order(a) < order(b) {
			return -1
		}
		return 1
	}
	slices.SortFunc(links, byOrder)
	slices.SortFunc(want.Links, byOrder)
	if !reflect.DeepEqual(links, want.Links) {
		t.Fatalf("links\n%v\nof a rebuild\n%v", links, want.Links)
	}
}

// stable holds that an id which once named somebody names a customer with
// records, or nobody, and that new ids rise.
func stable(t *rapid.T, s Store, ever map[idgraph.CustomerID]bool) {
	var highest idgraph.CustomerID
	var asked []idgraph.CustomerID
	for id := range ever {
		highest, asked = max(highest, id), append(asked, id)
	}
	found, err := s.Customers(ctx, asked)
	if err != nil {
		t.Fatal(err)
	}
	for id, c := range found {
		if len(c.Refs) == 0 || c.ID != id && c.RedirectedFrom != id {
			t.Fatalf("%d answers %+v", id, c)
		}
	}
	page, err := s.Page(ctx, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range page {
		if !ever[c.ID] && c.ID <= highest {
			t.Fatalf("id %d was given out after %d", c.ID, highest)
		}
		ever[c.ID] = true
	}
}
