package sqlstore

import (
	"context"
	"fmt"

	"customer360/idgraph"
)

// Stats are how much a graph holds.
type Stats struct {
	Records, Customers int
	Merged             int         // customers that were merged into others
	Sizes              map[int]int // records of a customer → customers
	Links              map[idgraph.Rule]int
	Pairs, Frozen      int            // questions to people: pairs, and customers that reached a limit
	Shared             int            // identifiers that are several people's
	Skipped            map[string]int // blocks in which nobody is compared, by an identifier's type, or "" for combinations
	Sources            map[idgraph.Source]idgraph.SyncState
}

// Stats counts, on one state of the graph.
func (d *DB) Stats(ctx context.Context) (Stats, error) {
	s := Stats{Sizes: map[int]int{}, Links: map[idgraph.Rule]int{}, Skipped: map[string]int{}}
	tx, err := d.read.BeginTxx(ctx, d.dialect.look())
	if err != nil {
		return s, fmt.Errorf("count: %w", err)
	}
	defer rollback(tx)
	for text, to := range map[string]*int{
		`SELECT COUNT(*) FROM records`:                                 &s.Records,
		`SELECT COUNT(*) FROM customers WHERE records > 0`:             &s.Customers,
		`SELECT COUNT(*) FROM customers WHERE merged_into IS NOT NULL`: &s.Merged,
		`SELECT COUNT(*) FROM edges WHERE review > 0`:                  &s.Pairs,
		`SELECT COUNT(*) FROM frozen`:                                  &s.Frozen,
		`SELECT COUNT(*) FROM shared`:                                  &s.Shared,
	} {
		if err := tx.GetContext(ctx, to, text); err != nil {
			return s, fmt.Errorf("count: %w", err)
		}
	}
	v := &verifying{ctx: ctx, tx: tx}
	for text, add := range map[string]func(name string, n int){
		`SELECT CASE decided WHEN 1 THEN 'CONFIRMED' ELSE rule END, COUNT(*) FROM edges WHERE customer > 0 AND (decided = 1 OR strong > decided) GROUP BY 1`: func(rule string, n int) {
			s.Links[idgraph.Rule(rule)] += n
		},
		`SELECT kind, COUNT(*) FROM crowded GROUP BY kind`: func(kind string, n int) { s.Skipped[kind] = n },
	} {
		err := v.each(text, func(scan func(...any) error) error {
			var name string
			var n int
			err := scan(&name, &n)
			add(name, n)
			return err
		})
		if err != nil {
			return s, fmt.Errorf("count: %w", err)
		}
	}
	err = v.each(`SELECT records, COUNT(*) FROM customers WHERE records > 0 GROUP BY records`, func(scan func(...any) error) error {
		var size, n int
		err := scan(&size, &n)
		s.Sizes[size] = n
		return err
	})
	if err != nil {
		return s, fmt.Errorf("count: %w", err)
	}
	s.Sources, err = d.Sources(ctx)
	return s, err
}
