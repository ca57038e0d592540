package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"customer360/idgraph"
)

// decisions proves what people decide, and what they are asked.
func decisions(t *testing.T, open Opener) {
	ada := func(source idgraph.Source, values ...string) idgraph.Record {
		return person(source, "ada", "Ada", "Byron", values...)
	}
	crm, shop, erp := ref("crm", "ada"), ref("shop", "ada"), ref("erp", "ada")
	t.Run("whom a person puts together is one, and whom a person parts is two", func(t *testing.T) {
		s := opened(t, open)
		learn(t, s, ada("crm", "ada@example.com"))
		learn(t, s, person("shop", "ada", "Countess", "Lovelace", "+4917112345678"))
		d := decide(t, s, true, crm, shop)
		c := customerOf(t, s, shop)
		if len(c.Refs) != 2 || len(c.Links) != 1 || c.Links[0].Rule != idgraph.Confirmed || c.ID != customerOf(t, s, crm).ID {
			t.Errorf("decided that they are one: %+v", c)
		}
		if again := decide(t, s, false, shop, crm); again.Seq <= d.Seq {
			t.Errorf("decision %d came after %d", again.Seq, d.Seq)
		}
		if a, b := customerOf(t, s, crm), customerOf(t, s, shop); a.ID == b.ID || len(a.Links)+len(b.Links) != 0 {
			t.Errorf("and then that they are two: %+v, %+v", a, b)
		}
	})
	t.Run("no evidence overrides a person", func(t *testing.T) {
		s := opened(t, open)
		learn(t, s, ada("crm", "ada.byron@example.com"))
		learn(t, s, ada("shop", "ada.byron@example.com"))
		decide(t, s, false, crm, shop)
		learn(t, s, ada("crm", "ada.byron@example.com", "+4917112345678"))
		learn(t, s, ada("shop", "ada.byron@example.com", "+4917112345678"))
		if a, b := customerOf(t, s, crm), customerOf(t, s, shop); a.ID == b.ID {
			t.Errorf("joined again: %+v", a)
		}
		if asked := reviews(t, s); len(asked) != 0 {
			t.Errorf("asked again: %+v", asked)
		}
	})
	t.Run("undoing a merge restores who was who, and undoing that brings the merge back", func(t *testing.T) {
		s := opened(t, open)
		learn(t, s, ada("crm", "ada@example.com"))
		learn(t, s, person("shop", "ada", "Countess", "Lovelace", "+4917112345678"))
		before := [2]idgraph.CustomerID{customerOf(t, s, crm).ID, customerOf(t, s, shop).ID}
		one := decide(t, s, true, crm, shop)
		two := decide(t, s, false, crm, shop)
		if _, err := s.Undo(ctx, []int64{two.Seq}, "ops", "they are one after all"); err != nil {
			t.Fatal(err)
		}
		if customerOf(t, s, crm).ID != customerOf(t, s, shop).ID {
			t.Error("the earlier decision doesn't hold again")
		}
		if _, err := s.Undo(ctx, []int64{one.Seq}, "ops", "a slip"); err != nil {
			t.Fatal(err)
		}
		if customerOf(t, s, crm).ID != before[0] || customer(t, s, before[1]).Refs[0] != shop {
			t.Errorf("customers %d and %d, before %v", customerOf(t, s, crm).ID, customerOf(t, s, shop).ID, before)
		}
		for _, seqs := range [][]int64{{one.Seq}, {999}, {0}} {
			if _, err := s.Undo(ctx, seqs, "ops", ""); !errors.Is(err, idgraph.ErrUnknownDecision) {
				t.Errorf("undo %v: %v", seqs, err)
			}
		}
	})
	t.Run("a decision about a record that is not held is refused, and so are those beside it", func(t *testing.T) {
		s := opened(t, open)
		learn(t, s, ada("crm", "ada@example.com"))
		learn(t, s, person("shop", "ada", "Countess", "Lovelace", "+4917112345678"))
		_, err := s.Decide(ctx, []idgraph.Decision{{A: crm, B: shop, Same: true}, {A: crm, B: erp, Same: true}})
		if !errors.Is(err, idgraph.ErrUnknownRecord) || customerOf(t, s, crm).ID == customerOf(t, s, shop).ID {
			t.Errorf("%v, customers %d and %d", err, customerOf(t, s, crm).ID, customerOf(t, s, shop).ID)
		}
	})
	t.Run("a decision waits for a record that is gone", func(t *testing.T) {
		s := opened(t, open)
		learn(t, s, ada("crm", "ada@example.com"))
		countess := person("shop", "ada", "Countess", "Lovelace", "+4917112345678")
		learn(t, s, countess)
		decide(t, s, true, crm, shop)
		forget(t, s, shop)
		if c := customerOf(t, s, crm); len(c.Refs) != 1 {
			t.Errorf("without the other: %+v", c)
		}
		learn(t, s, countess)
		if c := customerOf(t, s, crm); len(c.Refs) != 2 {
			t.Errorf("with the other again: %+v", c)
		}
	})
	t.Run("events say what became of a customer, newest first, and who decided", func(t *testing.T) {
		s := opened(t, open)
		learn(t, s, ada("crm", "ada@example.com"))
		learn(t, s, person("shop", "ada", "Countess", "Lovelace", "+4917112345678"))
		young := customerOf(t, s, shop).ID
		d := decide(t, s, true, crm, shop)
		events, err := s.Events(ctx, customerOf(t, s, crm).ID, 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		kinds := map[idgraph.EventKind]idgraph.Event{}
		for i, e := range events {
			kinds[e.Kind] = e
			if i > 0 && e.Seq >= events[i-1].Seq || e.At.IsZero() {
				t.Errorf("event %+v after %d", e, events[max(i, 1)-1].Seq)
			}
		}
		cause := fmt.Sprint("decision ", d.Seq)
		if e := kinds[idgraph.Merged]; e.Customer != young || e.Cause != cause || e.Decision == nil || e.Decision.Actor != "ops" || e.Decision.Reason != "they said so" || !e.Decision.Same {
			t.Errorf("merged %+v %+v", e, e.Decision)
		}
		if e := kinds[idgraph.Linked]; e.A != crm || e.B != shop || e.Rule != idgraph.Confirmed {
			t.Errorf("linked %+v", e)
		}
		if e := kinds[idgraph.Decided]; e.Decision == nil || e.Decision.Seq != d.Seq || e.Decision.A != crm || e.Decision.B != shop {
			t.Errorf("decided %+v", e)
		}
		if e := kinds[idgraph.Minted]; e.Cause != "learn crm" || e.Decision != nil {
			t.Errorf("minted %+v", e)
		}
		older, err := s.Events(ctx, customerOf(t, s, crm).ID, events[1].Seq, 1)
		if err != nil || len(older) != 1 || older[0].Seq != events[2].Seq {
			t.Errorf("before %d: %+v, %v", events[1].Seq, older, err)
		}
	})
	t.Run("people are asked what the evidence leaves open, the most worthwhile first", func(t *testing.T) {
		s := opened(t, open)
		for i, family := range []string{"Byron", "Lovelace", "Hopper", "Turing", "Curie", "Noether"} {
			r := person("crm", fmt.Sprint(i), "Johanna", family, fmt.Sprintf("+49171%d", 1234567*(i+1)))
			r.City, r.Postcode = "London", "12345"
			other := person("shop", fmt.Sprint(i), "Johanna", family, fmt.Sprintf("jo%d.x@example.com", i))
			other.City, other.Postcode = r.City, r.Postcode
			learn(t, s, r)
			learn(t, s, other)
		}
		asked := reviews(t, s)
		if len(asked) != 6 || !slices.IsSortedFunc(asked, func(a, b idgraph.Review) int { return int(1000 * (b.Value - a.Value)) }) {
			t.Fatalf("asked %+v", asked)
		}
		q := asked[0]
		if q.Kind != idgraph.ReviewPair || q.Value <= 0 || q.Customer == q.Other || q.Link.Weight == 0 || len(q.Link.Evidence) < 3 || len(q.StoppedBy) != 0 {
			t.Errorf("asked %+v", q)
		}
		sum := 0.0
		for _, e := range q.Link.Evidence {
			sum += e.Bits
		}
		if diff := sum - q.Link.Weight; diff > .001 || diff < -.001 {
			t.Errorf("the evidence adds up to %f, the weight is %f: %+v", sum, q.Link.Weight, q.Link.Evidence)
		}
		rivals, err := s.Rivals(ctx, q.Customer)
		if err != nil || len(rivals) != 1 || rivals[0].Link.A != q.Link.A {
			t.Errorf("rivals %+v, %v", rivals, err)
		}
		decide(t, s, true, q.Link.A, q.Link.B)
		if left := reviews(t, s); len(left) != len(asked)-1 {
			t.Errorf("%d questions are left of %d", len(left), len(asked))
		}
	})
	t.Run("a strong pair that was not followed says what stopped it", func(t *testing.T) {
		s := opened(t, open)
		learn(t, s, person("crm", "1", "Ada", "Byron", "ada.byron@example.com", "#100077"), person("crm", "2", "Al", "Byron", "+4917112345678"))
		learn(t, s, person("shop", "1", "A.", "Byron", "ada.byron@example.com", "#100077", "+4917112345678"))
		for _, q := range reviews(t, s) {
			if len(q.StoppedBy) > 0 {
				if !slices.Contains(q.StoppedBy, "conflict") {
					t.Errorf("stopped by %v", q.StoppedBy)
				}
				return
			}
		}
		t.Errorf("nobody is asked: %+v", reviews(t, s))
	})
	t.Run("a path leads from one record to another, along the strongest links", func(t *testing.T) {
		s := opened(t, open)
		learn(t, s, ada("crm", "ada.byron@example.com"))
		learn(t, s, ada("erp", "ada.byron@example.com", "+4917112345678"))
		learn(t, s, ada("shop", "+4917112345678"), person("shop", "eve", "Eve", "Kay"))
		path, err := s.Path(ctx, crm, shop)
		if err != nil || len(path) != 2 || path[0].A != crm || path[0].B != erp || path[1].B != shop || len(path[0].Evidence) == 0 {
			t.Errorf("path %+v, %v", path, err)
		}
		if path, err := s.Path(ctx, crm, ref("shop", "eve")); err != nil || len(path) != 0 {
			t.Errorf("to somebody else: %+v, %v", path, err)
		}
		if _, err := s.Path(ctx, crm, ref("shop", "nobody")); !errors.Is(err, idgraph.ErrUnknownRecord) {
			t.Errorf("to nobody: %v", err)
		}
		link, err := s.Compare(ctx, shop, crm)
		if err != nil || link.A != crm || link.B != shop || len(link.Evidence) == 0 {
			t.Errorf("compare: %+v, %v", link, err)
		}
	})
	t.Run("a merge that is undone leaves no trace", func(t *testing.T) {
		s := opened(t, open)
		worlds := 0
		rapid.Check(t, func(rt *rapid.T) {
			worlds++
			w := newWorld(t, s, worlds)
			for range rapid.IntRange(1, 5).Draw(rt, "batches") {
				w.learn(rt)
			}
			before := partition(rt, s)
			var given []idgraph.Decision
			for range rapid.IntRange(1, 3).Draw(rt, "decisions") {
				if d, ok := w.draw(rt); ok {
					given = append(given, d)
				}
			}
			if len(given) == 0 {
				return
			}
			if _, err := s.Decide(ctx, given); err != nil {
				rt.Fatal(err)
			}
			var seqs []int64
			for _, d := range given {
				seqs = append(seqs, d.Seq)
			}
			if _, err := s.Undo(ctx, seqs, "ops", "never mind"); err != nil {
				rt.Fatal(err)
			}
			if after := partition(rt, s); after != before {
				rt.Fatalf("after\n%s\nbefore\n%s", after, before)
			}
		})
	})
}

// partition is who is one customer with whom.
func partition(t interface{ Fatal(...any) }, s Store) string {
	page, err := s.Page(ctx, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	groups := make([]string, len(page))
	for i, c := range page {
		groups[i] = fmt.Sprint(c.Refs)
	}
	slices.Sort(groups)
	return fmt.Sprint(groups)
}

// decide has a person decide of two records.
func decide(t testing.TB, s Store, same bool, a, b idgraph.Ref) idgraph.Decision {
	t.Helper()
	given := []idgraph.Decision{{A: a, B: b, Same: same, Actor: "ops", Reason: "they said so"}}
	if _, err := s.Decide(ctx, given); err != nil {
		t.Fatal(err)
	}
	return given[0]
}

// reviews are all questions, in pages of two.
func reviews(t testing.TB, s Store) (all []idgraph.Review) {
	t.Helper()
	for after := ""; ; {
		page, next, err := s.Reviews(ctx, after, 2)
		if err != nil {
			t.Fatal(err)
		}
		if all = append(all, page...); next == "" {
			return all
		}
		after = next
	}
}
