package storetest

import (
	"fmt"
	"maps"
	"testing"

	"customer360/idgraph"
)

// lookupKeys proves what a store keeps of the keys that sources are asked by.
func lookupKeys(t *testing.T, open Opener) {
	keyed := func(id, key string) idgraph.Record {
		r := person("desk", id, "Ada", "Byron", "ada"+id+"@example.com")
		r.LookupKey = key
		return r
	}
	holds := func(t *testing.T, s Store, want map[idgraph.Ref]string, refs ...idgraph.Ref) {
		t.Helper()
		if got, err := s.LookupKeys(ctx, "desk", refs); err != nil || !maps.Equal(got, want) {
			t.Errorf("%d keys, want %d, %v", len(got), len(want), err)
		}
	}
	one, two, three := ref("desk", "1"), ref("desk", "2"), ref("desk", "3")

	t.Run("a key comes back as it was learnt, and only where there is one", func(t *testing.T) {
		s := opened(t, open)
		learn(t, s, keyed("1", " Ada B "), keyed("2", ""))
		holds(t, s, map[idgraph.Ref]string{one: " Ada B "}, one, two, three)
		holds(t, s, map[idgraph.Ref]string{})
		if got, err := s.LookupKeys(ctx, "crm", []idgraph.Ref{ref("crm", "1")}); err != nil || len(got) != 0 {
			t.Errorf("another source's record of the same id has %d keys, %v", len(got), err)
		}
	})
	t.Run("a key that changed alone is learnt, moves nobody, and goes with its record", func(t *testing.T) {
		s := opened(t, open)
		learn(t, s, keyed("1", "ada"))
		before := customerOf(t, s, one)
		if c := learn(t, s, keyed("1", "ada")); c.Records != 0 {
			t.Errorf("the same again: %+v", c)
		}
		if c := learn(t, s, keyed("1", "countess")); c.Records != 1 || c.Customers+c.Merged+c.Split != 0 {
			t.Errorf("another key: %+v", c)
		}
		holds(t, s, map[idgraph.Ref]string{one: "countess"}, one)
		if after := customerOf(t, s, one); after.ID != before.ID {
			t.Errorf("customer %d, before %d", after.ID, before.ID)
		}
		learn(t, s, keyed("1", ""))
		holds(t, s, map[idgraph.Ref]string{}, one)
		learn(t, s, keyed("1", "ada"))
		forget(t, s, one)
		holds(t, s, map[idgraph.Ref]string{}, one)
	})
	t.Run("one key links nobody", func(t *testing.T) {
		s := opened(t, open)
		learn(t, s, keyed("1", "shared"), keyed("2", "shared"))
		if a, b := customerOf(t, s, one), customerOf(t, s, two); a.ID == b.ID {
			t.Error("two records became one customer")
		}
	})
	t.Run("many are read at once", func(t *testing.T) {
		s := opened(t, open)
		var records []idgraph.Record
		var refs []idgraph.Ref
		want := map[idgraph.Ref]string{}
		for n := range 700 {
			r := keyed(fmt.Sprint(n), fmt.Sprint("login", n))
			records, refs, want[r.Ref] = append(records, r), append(refs, r.Ref), r.LookupKey
		}
		learn(t, s, records...)
		holds(t, s, want, refs...)
	})
}
