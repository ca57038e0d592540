package main

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	_ "github.com/mattn/go-sqlite3" // reads the gateway's store
)

// vouching are the rules that make a link verified. What other rules join is
// withheld, and so is that it is joined: it is read where the graph keeps it.
var vouching = []string{"CROSS_REFERENCE", "SAME_NATIONAL_ID", "SAME_LOYALTY_ID", "SAME_EMAIL", "SAME_PHONE"}

// A graph is who is one person as the gateway has it, probable links included.
// Records go by "source/id".
type graph struct {
	customer map[string]string   // whose each is
	doubtful map[string]bool     // those that only links in doubt reach
	records  map[string][]string // by customer
}

// readGraph reads the gateway's store beside it.
func readGraph(ctx context.Context, g *gateway) (*graph, error) {
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(g.home, "data", "graph.db")+"?mode=ro&_busy_timeout=5000")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	out := &graph{customer: map[string]string{}, doubtful: map[string]bool{}, records: map[string][]string{}}
	part := map[string]string{} // by record: the first one of its part
	err = each(ctx, db, `SELECT source || '/' || id, customer FROM records ORDER BY source, id`, func(record, customer string) {
		out.customer[record], part[record] = customer, record
		out.records[customer] = append(out.records[customer], record)
	})
	if err != nil {
		return nil, err
	}
	links := `SELECT x.source || '/' || x.id, y.source || '/' || y.id FROM edges e JOIN records x ON x.rid = e.a JOIN records y ON y.rid = e.b
		WHERE e.customer > 0 AND (e.decided = 1 OR e.decided = 0 AND e.strong = 1 AND e.rule IN ('` + strings.Join(vouching, "','") + `'))`
	err = each(ctx, db, links, func(a, b string) {
		for from, to := max(part[a], part[b]), min(part[a], part[b]); from != to; from = to {
			for record, first := range part {
				if first == from {
					part[record] = to
				}
			}
		}
	})
	for _, records := range out.records {
		sure := largest(records, part)
		for _, record := range records {
			out.doubtful[record] = part[record] != sure
		}
	}
	return out, err
}

// largest is the part of a customer that is the customer: of the most records,
// of equally large ones that with the first record.
func largest(records []string, part map[string]string) (best string) {
	size := map[string]int{}
	for _, record := range records {
		size[part[record]]++
	}
	for _, record := range records {
		if size[part[record]] > size[best] {
			best = part[record]
		}
	}
	return best
}

// each calls for every row of two texts.
func each(ctx context.Context, db *sql.DB, query string, call func(a, b string)) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var a, b string
		if err := rows.Scan(&a, &b); err != nil {
			return err
		}
		call(a, b)
	}
	return rows.Err()
}

// inDoubt are the records that only links in doubt reach, of the customer whose
// record this is.
func (g *graph) inDoubt(record string) (out []string) {
	for _, other := range g.records[g.customer[record]] {
		if g.doubtful[other] {
			out = append(out, other)
		}
	}
	return out
}

// shows holds what a customer is said to be made of against the graph: all of
// its records but those in doubt.
func (g *graph) shows(a customer) error {
	var got, want []string
	for _, ref := range a.Identity.Records {
		got = append(got, ref.Source+"/"+ref.ID)
	}
	if got == nil {
		return fmt.Errorf("%s is made of nothing", a.ID)
	}
	for _, record := range g.records[g.customer[got[0]]] {
		if !g.doubtful[record] {
			want = append(want, record)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	return wantIf(slices.Equal(got, want), "%v of %s, got %v", want, a.ID, got)
}
