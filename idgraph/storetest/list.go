package storetest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"customer360/idgraph"
)

// Select is what List answers, out of memory.
func Select(all []idgraph.Customer, s idgraph.Selection, limit int) []idgraph.Customer {
	var out []idgraph.Customer
	for _, c := range all {
		if holds(s, c) && (s.After == nil || compareMarks(s, s.By.Mark(c), *s.After) > 0) {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b idgraph.Customer) int { return compareMarks(s, s.By.Mark(a), s.By.Mark(b)) })
	return out[:min(limit, len(out))]
}

func compareMarks(s idgraph.Selection, a, b idgraph.Mark) int {
	d := cmp.Or(a.Key.Compare(b.Key), cmp.Compare(a.ID, b.ID))
	if s.Descending {
		return -d
	}
	return d
}

func holds(s idgraph.Selection, c idgraph.Customer) bool {
	of := func(source idgraph.Source) bool {
		return slices.ContainsFunc(c.Refs, func(r idgraph.Ref) bool { return r.Source == source })
	}
	within := func(at, from, until time.Time) bool {
		return (from.IsZero() || !at.Before(from)) && (until.IsZero() || at.Before(until))
	}
	for _, source := range s.AllOf {
		if !of(source) {
			return false
		}
	}
	return (s.AnyOf == nil || slices.ContainsFunc(s.AnyOf, of)) && !slices.ContainsFunc(s.NoneOf, of) &&
		within(c.Since, s.SinceFrom, s.SinceUntil) && within(c.Changed, s.ChangedFrom, s.ChangedUntil)
}

func list(t *testing.T, open Opener) {
	t.Run("a source that no text could name has nobody", func(t *testing.T) {
		s := opened(t, open)
		learn(t, s, person("crm", "1", "Ada", "Byron", "ada@example.com"))
		for _, odd := range []idgraph.Source{"crm\x00", "\xffcrm"} {
			none, err := s.List(ctx, idgraph.Selection{AllOf: []idgraph.Source{odd}}, 10)
			either, err2 := s.List(ctx, idgraph.Selection{AnyOf: []idgraph.Source{odd, "crm"}, NoneOf: []idgraph.Source{odd}}, 10)
			if err != nil || err2 != nil || len(none) != 0 || len(either) != 1 {
				t.Errorf("%q: %d and %d, %v, %v", odd, len(none), len(either), err, err2)
			}
		}
	})
	t.Run("any selection, in any order, in pages of any size", func(t *testing.T) {
		s := opened(t, open)
		rnd := rand.New(rand.NewPCG(1, 2))
		sources := []idgraph.Source{"crm", "erp", "shop", "desk"}
		for n := range 40 {
			var batch []idgraph.Record
			source := sources[n%4]
			for i := range 3 {
				who := rnd.IntN(60)
				batch = append(batch, person(source, fmt.Sprint(n*3+i), fmt.Sprint("Ada", string(rune('a'+who%26))), "Byron", fmt.Sprintf("p%d@example.com", who)))
			}
			learn(t, s, batch...)
		}
		all, err := s.Page(ctx, 0, 1000)
		if err != nil || len(all) < 30 {
			t.Fatal(len(all), err)
		}
		at := func(n int, of func(idgraph.Customer) time.Time) time.Time {
			return of(all[n%len(all)]).Add(time.Duration(rnd.IntN(3)-1) * 500 * time.Nanosecond)
		}
		since, changed := func(c idgraph.Customer) time.Time { return c.Since }, func(c idgraph.Customer) time.Time { return c.Changed }
		some := func() []idgraph.Source {
			if rnd.IntN(2) == 0 {
				return nil
			}
			return append([]idgraph.Source{}, sources[rnd.IntN(4):][:rnd.IntN(2)]...)
		}
		hits := 0
		for range 300 {
			q := idgraph.Selection{AllOf: some(), AnyOf: some(), NoneOf: some(), By: idgraph.ListKey(rnd.IntN(3)), Descending: rnd.IntN(2) == 0}
			if rnd.IntN(4) == 0 {
				q.SinceFrom, q.ChangedUntil = at(rnd.IntN(9), since), at(20+rnd.IntN(30), changed)
			}
			if rnd.IntN(4) == 0 {
				q.SinceUntil, q.ChangedFrom = at(20+rnd.IntN(30), since), at(rnd.IntN(9), changed)
			}
			want, size := Select(all, q, 1000), 1+rnd.IntN(7)
			var got []idgraph.CustomerID
			for {
				page, err := s.List(ctx, q, size)
				if err != nil {
					t.Fatal(err)
				}
				for _, c := range page {
					got = append(got, c.ID)
				}
				if len(page) < size {
					break
				}
				mark := q.By.Mark(page[len(page)-1])
				q.After = &mark
			}
			var ids []idgraph.CustomerID
			for _, c := range want {
				ids = append(ids, c.ID)
			}
			if !slices.Equal(got, ids) {
				t.Fatalf("%+v: %v, want %v", q, got, ids)
			}
			hits += len(got)
		}
		if hits < 500 {
			t.Errorf("%d hits in all: the selections try nothing", hits)
		}
	})
	t.Run("who is added meanwhile shifts no page", func(t *testing.T) {
		s := opened(t, open)
		for n := range 12 {
			learn(t, s, person("crm", fmt.Sprint(n), "Ada", "Byron", fmt.Sprintf("ada%d@example.com", n)))
		}
		there, _ := s.Page(ctx, 0, 100)
		for _, q := range []idgraph.Selection{{By: idgraph.BySince, Descending: true}, {By: idgraph.BySince}, {By: idgraph.ByChanged}, {Descending: true}} {
			seen := map[idgraph.CustomerID]int{}
			for n := 0; ; n++ {
				page, err := s.List(ctx, q, 5)
				if err != nil {
					t.Fatal(err)
				}
				for _, c := range page {
					seen[c.ID]++
					mark := q.By.Mark(c)
					q.After = &mark
				}
				if len(page) < 5 || n > 50 {
					break
				}
				if n < 3 {
					learn(t, s, person("crm", fmt.Sprint("new", q.By, q.Descending, n), "Eve", "Kay", fmt.Sprintf("eve%d%d%t@example.com", n, q.By, q.Descending)))
				}
			}
			for _, c := range there {
				if seen[c.ID] != 1 {
					t.Errorf("%+v: customer %d came %d times", q, c.ID, seen[c.ID])
				}
			}
		}
	})
	t.Run("a customer's last change is that of its records and links", func(t *testing.T) {
		s := opened(t, open)
		ada, bob := person("crm", "1", "Ada", "Byron", "ada.byron@example.com"), person("crm", "2", "Bob", "Kay", "bob.kay@example.com")
		learn(t, s, ada, bob)
		last := customerOf(t, s, ada.Ref)
		if !last.Changed.Equal(last.Since) {
			t.Errorf("new: %+v", last)
		}
		still := customerOf(t, s, bob.Ref).Changed
		moves := func(what string, do func()) {
			t.Helper()
			do()
			now := customerOf(t, s, ada.Ref)
			if !now.Changed.After(last.Changed) {
				t.Errorf("%s: still %s", what, now.Changed)
			}
			last = now
		}
		moves("another record", func() { learn(t, s, person("shop", "a", "Ada", "Byron", "ada.byron@example.com")) })
		moves("a changed address", func() { ada.City = "London"; learn(t, s, ada) })
		moves("a record that leaves", func() { learn(t, s, person("shop", "a", "Ada", "Byron", "elsewhere@example.com")) })
		moves("a record that comes back", func() { learn(t, s, person("shop", "a", "Ada", "Byron", "ada.byron@example.com")) })
		moves("a record that is deleted", func() { forget(t, s, ref("shop", "a")) })
		learn(t, s, ada)
		if now := customerOf(t, s, ada.Ref); now.Changed != last.Changed {
			t.Error("a record that is as it was moved it")
		}
		if now := customerOf(t, s, bob.Ref); now.Changed != still {
			t.Error("somebody else's changes moved it")
		}
	})
}
