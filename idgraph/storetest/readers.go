package storetest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"customer360/idgraph"
)

// readers proves what readers see while a store learns, and when learning ends early.
func readers(t *testing.T, open Opener) {
	t.Run("nobody sees half of a learning", func(t *testing.T) {
		s := opened(t, open)
		half := func(source idgraph.Source, n int, values ...string) idgraph.Record {
			return person(source, fmt.Sprint(n), "Ada", "Byron", values...)
		}
		const people = 5
		mail := func(n int) string { return fmt.Sprintf("ada.byron%d@example.com", n) }
		for n := range people {
			learn(t, s, half("crm", n, mail(n)))
			learn(t, s, half("shop", n, mail(n)))
		}
		var all []idgraph.CustomerID
		for n := range people {
			all = append(all, customerOf(t, s, ref("crm", fmt.Sprint(n))).ID)
		}
		stop := make(chan struct{})
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					found, err := s.Customers(ctx, all)
					if err != nil {
						t.Error(err)
						return
					}
					for _, c := range found {
						whole(t, c)
					}
				}
			})
		}
		for round := range 30 { // the shop's records leave their customers, and come back
			var batch []idgraph.Record
			for n := range people {
				value := mail(n)
				if round%2 == 0 {
					value = fmt.Sprintf("elsewhere%d@example.com", n)
				}
				batch = append(batch, half("shop", n, value))
			}
			learn(t, s, batch...)
		}
		close(stop)
		wg.Wait()
	})
	t.Run("a learning that is cancelled has not begun", func(t *testing.T) {
		s := opened(t, open)
		cancelled, cancel := context.WithCancel(ctx)
		cancel()
		b := idgraph.Batch{Source: "crm", Records: []idgraph.Record{person("crm", "1", "Ada", "Byron", "ada@example.com")}, Cursor: "p1"}
		if _, err := s.Learn(cancelled, b); err == nil {
			t.Error("taken in")
		}
		if id, _ := s.ByRef(ctx, ref("crm", "1")); id != 0 || stateOf(t, s, "crm").Cursor != "" {
			t.Errorf("customer %d, state %+v", id, stateOf(t, s, "crm"))
		}
		if got := learnBatch(t, s, b); got.Records != 1 {
			t.Errorf("then %+v", got)
		}
	})
}

// whole holds that a customer's links join its own records, all of them.
func whole(t *testing.T, c idgraph.Customer) {
	for _, l := range c.Links {
		if !slices.Contains(c.Refs, l.A) || !slices.Contains(c.Refs, l.B) {
			t.Errorf("customer %d has records %v and a link of %s and %s", c.ID, c.Refs, l.A, l.B)
		}
	}
	if len(c.Refs) > 1 && len(c.Links) == 0 {
		t.Errorf("customer %d has records %v and nothing that links them", c.ID, c.Refs)
	}
}
