package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"customer360/idgraph"
)

func graph(t *testing.T, open Opener) {
	t.Run("records that share an e-mail are one customer, and it says why", func(t *testing.T) {
		s := opened(t, open)
		got := learn(t, s, person("crm", "1", "Ada", "Byron", "Ada.Byron@example.com"), person("crm", "2", "Bob", "Kay", "bob@example.com"))
		if got != (idgraph.Change{Records: 2, Customers: 2}) {
			t.Errorf("change %+v", got)
		}
		if got := learn(t, s, person("shop", "a", "A.", "Byron", " ada.byron@EXAMPLE.com ")); got != (idgraph.Change{Records: 1}) {
			t.Errorf("change %+v", got)
		}
		c := customerOf(t, s, ref("shop", "a"))
		if !slices.Equal(c.Refs, []idgraph.Ref{ref("crm", "1"), ref("shop", "a")}) {
			t.Errorf("refs %v", c.Refs)
		}
		if len(c.Links) != 1 || c.Links[0].Rule != idgraph.SameEmail || c.Links[0].A != ref("crm", "1") || c.Links[0].B != ref("shop", "a") || c.Links[0].Since.IsZero() || c.Links[0].RuleVersion == 0 {
			t.Errorf("links %+v", c.Links)
		}
		if c.Since.IsZero() || c.RedirectedFrom != 0 {
			t.Errorf("customer %+v", c)
		}
	})
	t.Run("a look-up by identifier answers every customer that holds it, in id order", func(t *testing.T) {
		s := opened(t, open)
		learn(t, s, person("crm", "1", "Ada", "Byron", "home@example.com"), person("crm", "2", "Bob", "Byron", "home@example.com"), person("crm", "3", "Eve", "Kay", "eve@example.com"))
		for value, want := range map[string]int{"home@example.com": 2, "eve@example.com": 1, "nobody@example.com": 0} {
			got, err := s.ByIdentifier(ctx, identifier(value))
			if err != nil || len(got) != want || !slices.IsSorted(got) {
				t.Errorf("%s: %v, %v", value, got, err)
			}
		}
		if got, _ := s.ByIdentifier(ctx, idgraph.Identifier{Type: idgraph.LoyaltyID, Value: "eve@example.com"}); len(got) != 0 {
			t.Errorf("a value of another type: %v", got)
		}
	})
	t.Run("the records that hold an identifier come in the order of their refs", func(t *testing.T) {
		s := opened(t, open)
		learn(t, s, person("shop", "a", "Ada", "Byron", "home@example.com"), person("shop", "b", "Eve", "Kay", "eve@example.com"))
		learn(t, s, person("crm", "2", "Bob", "Byron", "home@example.com"), person("crm", "1", "Ada", "Byron", "home@example.com"))
		got, err := s.HeldBy(ctx, identifier("home@example.com"))
		if want := []idgraph.Ref{ref("crm", "1"), ref("crm", "2"), ref("shop", "a")}; err != nil || !slices.Equal(got, want) {
			t.Errorf("%v, %v, want %v", got, err, want)
		}
		if got, err := s.HeldBy(ctx, identifier("nobody@example.com")); err != nil || len(got) != 0 {
			t.Errorf("nobody's: %v, %v", got, err)
		}
	})
	t.Run("records are looked up together", func(t *testing.T) {
		s := opened(t, open)
		learn(t, s, person("crm", "1", "Ada", "Byron", "ada@example.com"), person("crm", "2", "Bob", "Kay", "bob@example.com"))
		learn(t, s, person("erp", "1", "Ada", "Byron", "ada@example.com"))
		many := []idgraph.Ref{ref("erp", "1"), ref("crm", "2"), ref("crm", "9"), ref("shop", "1"), ref("crm", "1"), ref("crm", "2")}
		for i := range 600 {
			many = append(many, ref("crm", fmt.Sprint("none", i)))
		}
		got, err := s.ByRefs(ctx, many)
		if err != nil || len(got) != 3 {
			t.Errorf("%v, %v", got, err)
		}
		for r, id := range got {
			if alone, err := s.ByRef(ctx, r); err != nil || alone != id || id == 0 {
				t.Errorf("%s: %d together, %d alone, %v", r, id, alone, err)
			}
		}
	})
	t.Run("what is not known is not there", func(t *testing.T) {
		s := opened(t, open)
		if id, err := s.ByRef(ctx, ref("crm", "1")); id != 0 || err != nil {
			t.Errorf("by ref: %d, %v", id, err)
		}
		if found, err := s.Customers(ctx, []idgraph.CustomerID{1, 2, 99}); len(found) != 0 || err != nil {
			t.Errorf("customers: %v, %v", found, err)
		}
		if page, err := s.Page(ctx, 0, 10); len(page) != 0 || err != nil {
			t.Errorf("page: %v, %v", page, err)
		}
		if found, err := s.Customers(ctx, nil); len(found) != 0 || err != nil {
			t.Errorf("no customers: %v, %v", found, err)
		}
	})
	t.Run("pages go through all customers in id order", func(t *testing.T) {
		s := opened(t, open)
		var all []idgraph.Record
		for _, id := range []string{"1", "2", "3", "4", "5", "6", "7"} {
			all = append(all, person("crm", id, "Ada", "Byron", "ada"+id+"@example.com"))
		}
		learn(t, s, all...)
		var seen []idgraph.CustomerID
		for after := idgraph.CustomerID(0); ; {
			page, err := s.Page(ctx, after, 3)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, c := range page {
				seen, after = append(seen, c.ID), c.ID
				if len(c.Refs) != 1 {
					t.Errorf("customer %+v", c)
				}
			}
		}
		if len(seen) != 7 || !slices.IsSorted(seen) {
			t.Errorf("seen %v", seen)
		}
	})
	t.Run("a record that is as it was changes nothing", func(t *testing.T) {
		s := opened(t, open)
		ada := person("crm", "1", "Ada", "Byron", "ada@example.com", "+4917112345678")
		learn(t, s, ada)
		before := customerOf(t, s, ada.Ref)
		ada.Identifiers = []idgraph.Identifier{identifier("+49 171 12345678"), identifier("ADA@example.com")} // spelt otherwise
		if got := learn(t, s, ada); got != (idgraph.Change{}) {
			t.Errorf("change %+v", got)
		}
		if after := customerOf(t, s, ada.Ref); after.ID != before.ID || after.Since != before.Since {
			t.Errorf("before %+v, after %+v", before, after)
		}
	})
	t.Run("a value that too many records hold links nobody, also once it has linked", func(t *testing.T) {
		s := opened(t, open)
		var all []idgraph.Record
		for i := range 40 {
			all = append(all, person(idgraph.Source("s"+string(rune('a'+i%20))), string(rune('a'+i)), "Ada", "Byron", "office.ada.byron@example.com"))
		}
		for i, r := range all {
			learn(t, s, r)
			if i == 3 && len(customerOf(t, s, r.Ref).Refs) != 4 {
				t.Errorf("four that share it: %+v", customerOf(t, s, r.Ref))
			}
		}
		for _, r := range all {
			if c := customerOf(t, s, r.Ref); len(c.Refs) != 1 || len(c.Links) != 0 {
				t.Fatalf("linked by a generic value: %+v", c)
			}
		}
		for _, r := range all[2:] {
			forget(t, s, r.Ref)
		}
		if c := customerOf(t, s, all[0].Ref); len(c.Refs) != 2 {
			t.Errorf("no longer generic: %+v", c)
		}
	})
	t.Run("a batch with a foreign record is refused whole", func(t *testing.T) {
		s := opened(t, open)
		for name, b := range map[string]idgraph.Batch{
			"record": {Source: "crm", Records: []idgraph.Record{person("crm", "1", "Ada", "Byron", "ada@example.com"), person("shop", "1", "Ada", "Byron", "ada@example.com")}},
			"gone":   {Source: "crm", Records: []idgraph.Record{person("crm", "1", "Ada", "Byron", "ada@example.com")}, Gone: []idgraph.Ref{ref("shop", "1")}},
			"no id":  {Source: "crm", Records: []idgraph.Record{person("crm", "1", "Ada", "Byron", "ada@example.com"), person("crm", "", "Ada", "Byron", "ada@example.com")}},
		} {
			if _, err := s.Learn(ctx, b); err == nil {
				t.Errorf("%s: taken in", name)
			}
			if id, _ := s.ByRef(ctx, ref("crm", "1")); id != 0 {
				t.Errorf("%s: half of it was taken in", name)
			}
		}
	})
	t.Run("of a record that comes twice in a batch the last counts", func(t *testing.T) {
		s := opened(t, open)
		learn(t, s, person("crm", "1", "Ada", "Byron", "old@example.com"), person("crm", "1", "Ada", "Byron", "new@example.com"))
		old, _ := s.ByIdentifier(ctx, identifier("old@example.com"))
		now, _ := s.ByIdentifier(ctx, identifier("new@example.com"))
		if len(old) != 0 || len(now) != 1 {
			t.Errorf("old %v, new %v", old, now)
		}
	})
}

func sources(t *testing.T, open Opener) {
	t.Run("the cursor moves with what was taken in", func(t *testing.T) {
		s := opened(t, open)
		learnBatch(t, s, idgraph.Batch{Source: "crm", Records: []idgraph.Record{person("crm", "1", "Ada", "Byron"), person("crm", "2", "Bob", "Kay")}, Cursor: "p1"})
		state := stateOf(t, s, "crm")
		if state.Cursor != "p1" || state.Full || state.Records != 2 || state.At.IsZero() || state.Error != "" {
			t.Errorf("after a page: %+v", state)
		}
		learnBatch(t, s, idgraph.Batch{Source: "crm", Gone: []idgraph.Ref{ref("crm", "2"), ref("crm", "3")}, Cursor: "p2", Full: true})
		if state = stateOf(t, s, "crm"); state.Cursor != "p2" || !state.Full || state.Records != 1 {
			t.Errorf("after the last page: %+v", state)
		}
		learnBatch(t, s, idgraph.Batch{Source: "crm", Cursor: "p3"})
		if state = stateOf(t, s, "crm"); state.Cursor != "p3" || !state.Full {
			t.Errorf("full once is full: %+v", state)
		}
	})
	t.Run("a batch learnt aside leaves the cursor", func(t *testing.T) {
		s := opened(t, open)
		learnBatch(t, s, idgraph.Batch{Source: "crm", Records: []idgraph.Record{person("crm", "1", "Ada", "Byron")}, Cursor: "p1"})
		before := stateOf(t, s, "crm")
		learnBatch(t, s, idgraph.Batch{Source: "crm", Records: []idgraph.Record{person("crm", "9", "Eve", "Kay")}, Cursor: "p9", Full: true, Aside: true})
		after := stateOf(t, s, "crm")
		before.Records = 2
		if after != before {
			t.Errorf("before %+v, after %+v", before, after)
		}
	})
	t.Run("how far a reading has come in time", func(t *testing.T) {
		s := opened(t, open)
		first, later := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 1, 0, 5, 0, 0, time.UTC)
		learnBatch(t, s, idgraph.Batch{Source: "crm", Cursor: "p1", Began: first, Total: 7})
		if state := stateOf(t, s, "crm"); !state.Began.Equal(first) || !state.ReadTo.IsZero() || state.Total != 7 || !state.Sweep.WholeAt.IsZero() {
			t.Errorf("under way: %+v", state)
		}
		learnBatch(t, s, idgraph.Batch{Source: "crm", Cursor: "p2", Began: later}) // carried on, after an interruption
		learnBatch(t, s, idgraph.Batch{Source: "crm", Cursor: "p3", Began: later, Full: true})
		if state := stateOf(t, s, "crm"); !state.Began.IsZero() || !state.ReadTo.Equal(first) || state.Total != 7 || !state.Sweep.WholeAt.Equal(first) {
			t.Errorf("at its end: %+v", state)
		}
		learnBatch(t, s, idgraph.Batch{Source: "crm", Cursor: "p4", Began: later, Full: true})
		if state := stateOf(t, s, "crm"); !state.ReadTo.Equal(later) || !state.Sweep.WholeAt.Equal(first) {
			t.Errorf("the next one: %+v", state)
		}
	})
	t.Run("what came of sweeps is remembered, and what they removed adds up", func(t *testing.T) {
		s := opened(t, open)
		learn(t, s, person("crm", "b", "Ada", "Byron"), person("crm", "a", "Bob", "Kay"), person("crm", "B", "Eve", "Kay"))
		learn(t, s, person("shop", "c", "Bob", "Kay"))
		for source, want := range map[idgraph.Source][]string{"crm": {"B", "a", "b"}, "shop": {"c"}, "erp": nil} {
			if ids, err := s.Held(ctx, source); err != nil || !slices.Equal(ids, want) {
				t.Errorf("held of %s: %v, %v", source, ids, err)
			}
		}
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		want := idgraph.Sweep{At: at, WholeAt: at.Add(-time.Hour), Gone: 2, Missed: 3, MissedAre: "these", Error: "SOURCE_BAD_DATA"}
		for range 2 {
			if err := s.Swept(ctx, "crm", want); err != nil {
				t.Fatal(err)
			}
		}
		want.Gone = 4
		if got := stateOf(t, s, "crm").Sweep; got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if err := s.SweepFailed(ctx, "crm", "SOURCE_TIMEOUT"); err != nil {
			t.Fatal(err)
		}
		want.Error = "SOURCE_TIMEOUT"
		if got := stateOf(t, s, "crm"); got.Sweep != want || got.Error != "" || got.Cursor != "next" {
			t.Errorf("failed: %+v", got)
		}
		if err := s.SweepFailed(ctx, "new", "SOURCE_AUTH"); err != nil || stateOf(t, s, "new").Sweep.Error != "SOURCE_AUTH" {
			t.Errorf("a source that was never read: %v, %+v", err, stateOf(t, s, "new"))
		}
	})
	t.Run("a failure is remembered until a page comes", func(t *testing.T) {
		s := opened(t, open)
		learnBatch(t, s, idgraph.Batch{Source: "crm", Cursor: "p1"})
		if err := s.SyncFailed(ctx, "crm", "SOURCE_TIMEOUT"); err != nil {
			t.Fatal(err)
		}
		if state := stateOf(t, s, "crm"); state.Error != "SOURCE_TIMEOUT" || state.Cursor != "p1" {
			t.Errorf("failed: %+v", state)
		}
		learnBatch(t, s, idgraph.Batch{Source: "crm", Cursor: "p2"})
		if state := stateOf(t, s, "crm"); state.Error != "" {
			t.Errorf("recovered: %+v", state)
		}
		if err := s.SyncFailed(ctx, "new", "SOURCE_AUTH"); err != nil || stateOf(t, s, "new").Error != "SOURCE_AUTH" {
			t.Errorf("a source that never answered: %v, %+v", err, stateOf(t, s, "new"))
		}
	})
}

func stateOf(t testing.TB, s Store, source idgraph.Source) idgraph.SyncState {
	t.Helper()
	all, err := s.Sources(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return all[source]
}
