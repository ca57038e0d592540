package storetest

import (
	"reflect"
	"slices"
	"testing"

	"customer360/idgraph"
)

// ids proves what becomes of customer ids.
func ids(t *testing.T, open Opener) {
	ada := func(source idgraph.Source, values ...string) idgraph.Record {
		return person(source, "ada", "Ada", "Byron", values...)
	}
	t.Run("the older id survives a merge, and the other redirects", func(t *testing.T) {
		s := opened(t, open)
		learn(t, s, ada("crm", "ada.byron@example.com"))
		learn(t, s, ada("shop", "+4917112345678"))
		old, young := customerOf(t, s, ref("crm", "ada")).ID, customerOf(t, s, ref("shop", "ada")).ID
		if got := learn(t, s, ada("erp", "ada.byron@example.com", "+4917112345678")); got.Merged != 1 || got.Customers != 0 {
			t.Errorf("change %+v", got)
		}
		c := customer(t, s, young)
		if c.ID != old || c.RedirectedFrom != young || len(c.Refs) != 3 {
			t.Errorf("the younger id answers %+v", c)
		}
		if c := customer(t, s, old); c.RedirectedFrom != 0 || len(c.Refs) != 3 {
			t.Errorf("the older id answers %+v", c)
		}
		if page, _ := s.Page(ctx, 0, 10); len(page) != 1 {
			t.Errorf("page %+v", page)
		}
		both, _ := s.Customers(ctx, []idgraph.CustomerID{young, old})
		if len(both) != 2 || both[young].ID != old || both[old].ID != old {
			t.Errorf("both %+v", both)
		}
	})
	t.Run("redirects are followed to the last survivor", func(t *testing.T) {
		s := opened(t, open)
		for source, v := range map[idgraph.Source]string{"a": "ada1@example.com", "b": "ada2@example.com", "c": "ada3@example.com"} {
			learn(t, s, person(source, "ada", "Ada", "Byron", v))
		}
		var before []idgraph.CustomerID
		for _, source := range []idgraph.Source{"a", "b", "c"} {
			before = append(before, customerOf(t, s, ref(source, "ada")).ID)
		}
		slices.Sort(before)
		records := map[idgraph.CustomerID]idgraph.Ref{}
		for _, source := range []idgraph.Source{"a", "b", "c"} {
			records[customerOf(t, s, ref(source, "ada")).ID] = ref(source, "ada")
		}
		mail := map[idgraph.Source]string{"a": "ada1@example.com", "b": "ada2@example.com", "c": "ada3@example.com"}
		x, y, z := records[before[0]], records[before[1]], records[before[2]]
		home := func(r idgraph.Record) idgraph.Record { r.Street, r.Postcode = "1 Hill", "12345"; return r }
		for _, r := range []idgraph.Ref{x, y, z} {
			learn(t, s, home(person(r.Source, r.ID, "Ada", "Byron", mail[r.Source])))
		}
		learn(t, s, home(person("d", "1", "Ada", "Byron", mail[y.Source], mail[z.Source])))
		learn(t, s, home(person("e", "1", "Ada", "Byron", mail[x.Source], mail[y.Source])))
		for _, id := range before {
			if c := customer(t, s, id); c.ID != before[0] || len(c.Refs) != 5 {
				t.Errorf("%d answers %+v", id, c)
			}
		}
	})
	t.Run("the larger part of a split keeps the id, and the other gets a new one", func(t *testing.T) {
		s := opened(t, open)
		learn(t, s, ada("crm", "ada.byron@example.com"))
		learn(t, s, ada("erp", "ada.byron@example.com", "+4917112345678"))
		learn(t, s, ada("shop", "+4917112345678"))
		whole := customerOf(t, s, ref("crm", "ada"))
		if len(whole.Refs) != 3 {
			t.Fatalf("whole %+v", whole)
		}
		if got := learn(t, s, ada("crm", "other.byron@example.com")); got.Split != 1 || got.Customers != 1 {
			t.Errorf("change %+v", got)
		}
		large, small := customerOf(t, s, ref("erp", "ada")), customerOf(t, s, ref("crm", "ada"))
		if large.ID != whole.ID || len(large.Refs) != 2 || small.ID <= whole.ID || len(small.Refs) != 1 || len(small.Links) != 0 {
			t.Errorf("large %+v, small %+v", large, small)
		}
	})
	t.Run("of equal parts the one with the oldest record keeps the id", func(t *testing.T) {
		s := opened(t, open)
		learn(t, s, ada("shop", "ada.byron@example.com"))
		learn(t, s, ada("crm", "ada.byron@example.com"))
		whole := customerOf(t, s, ref("crm", "ada")).ID
		learn(t, s, ada("crm", "other.byron@example.com"))
		if got := customerOf(t, s, ref("shop", "ada")).ID; got != whole {
			t.Errorf("the oldest record got %d, the customer was %d", got, whole)
		}
	})
	t.Run("an id is never reused", func(t *testing.T) {
		s := opened(t, open)
		learn(t, s, ada("crm", "ada@example.com"))
		gone := customerOf(t, s, ref("crm", "ada")).ID
		if got := forget(t, s, ref("crm", "ada")); got.Gone != 1 {
			t.Errorf("change %+v", got)
		}
		if found, _ := s.Customers(ctx, []idgraph.CustomerID{gone}); len(found) != 0 {
			t.Errorf("a deleted customer: %+v", found)
		}
		if found, _ := s.ByIdentifier(ctx, identifier("ada@example.com")); len(found) != 0 {
			t.Errorf("a deleted identifier: %v", found)
		}
		learn(t, s, ada("crm", "ada@example.com"))
		if again := customerOf(t, s, ref("crm", "ada")).ID; again <= gone {
			t.Errorf("id %d came after %d", again, gone)
		}
	})
	t.Run("once a merge is undone, a redirect follows the records that were its own", func(t *testing.T) {
		s := opened(t, open)
		learn(t, s, ada("crm", "ada.byron@example.com"))
		learn(t, s, ada("shop", "+4917112345678"))
		young := customerOf(t, s, ref("shop", "ada")).ID
		learn(t, s, ada("erp", "ada.byron@example.com", "+4917112345678")) // joins both
		learn(t, s, ada("erp", "ada.byron@example.com"))                   // and no longer does
		if c := customer(t, s, young); !slices.Equal(c.Refs, []idgraph.Ref{ref("shop", "ada")}) {
			t.Errorf("the merged id answers %+v", c)
		}
	})
	t.Run("two who turn out to be two are parted", func(t *testing.T) {
		s := opened(t, open)
		learn(t, s, person("crm", "1", "A.", "Byron", "ada.byron@example.com"))
		learn(t, s, person("shop", "1", "Ada", "Byron", "ada.byron@example.com"))
		if len(customerOf(t, s, ref("crm", "1")).Refs) != 2 {
			t.Fatal("not linked")
		}
		learn(t, s, person("helpdesk", "1", "George", "Byron", "ada.byron@example.com"))
		for _, r := range []idgraph.Ref{ref("crm", "1"), ref("shop", "1"), ref("helpdesk", "1")} {
			if c := customerOf(t, s, r); len(c.Refs) != 1 || len(c.Links) != 0 {
				t.Errorf("a household value links %+v", c)
			}
		}
	})
	t.Run("links keep their since", func(t *testing.T) {
		s := opened(t, open)
		learn(t, s, ada("crm", "ada.byron@example.com"))
		learn(t, s, ada("erp", "ada.byron@example.com"))
		before := customerOf(t, s, ref("crm", "ada")).Links[0]
		learn(t, s, ada("shop", "ada.byron@example.com"))
		after := customerOf(t, s, ref("crm", "ada")).Links
		if len(after) != 3 || !reflect.DeepEqual(after[0], before) || !after[1].Since.After(before.Since) {
			t.Errorf("before %+v, after %+v", before, after)
		}
	})
}
