package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/jmoiron/sqlx"

	"customer360/idgraph"
	"customer360/idgraph/match"
)

var _ idgraph.Reviewer = (*DB)(nil)

// selectReviews reads questions behind a place of the queue, from each of its
// two indexes; a frozen customer's is a row with b = 0.
const selectReviews = `SELECT * FROM (SELECT review, a, b FROM edges WHERE review > 0 AND (review, a, b) < (?, ?, ?) ORDER BY review DESC, a DESC, b DESC LIMIT ?) AS e
	UNION ALL SELECT * FROM (SELECT review, customer, 0 FROM frozen WHERE (review, customer) <= (?, ?) AND (review, customer, CAST(0 AS BIGINT)) < (?, ?, ?) ORDER BY review DESC, customer DESC LIMIT ?) AS f
	ORDER BY 1 DESC, 2 DESC, 3 DESC LIMIT ?`

// A spot is a place in the queue.
type spot struct{ review, a, b int64 }

func (s spot) String() string { return fmt.Sprintf("%d-%d-%d", s.review, s.a, s.b) }

// Reviews answers questions, the most worthwhile first.
func (d *DB) Reviews(ctx context.Context, after string, limit int) (found []idgraph.Review, next string, err error) {
	from := spot{math.MaxInt64, math.MaxInt64, math.MaxInt64}
	if after != "" {
		if n, err := fmt.Sscanf(after, "%d-%d-%d", &from.review, &from.a, &from.b); n != 3 || err != nil || from.String() != after {
			return nil, "", fmt.Errorf("read reviews: %w", idgraph.ErrPlace)
		}
	}
	err = d.looking(ctx, func(l *looking) error {
		var spots []spot
		args := []any{from.review, from.a, from.b, limit, from.review, from.a, from.review, from.a, from.b, limit, limit}
		err := l.each(selectReviews, args, func(scan func(...any) error) error {
			var s spot
			err := scan(&s.review, &s.a, &s.b)
			spots = append(spots, s)
			return err
		})
		if err != nil {
			return err
		}
		found, err = l.reviews(spots)
		if len(spots) == limit && limit > 0 {
			next = spots[limit-1].String()
		}
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("read reviews: %w", err)
	}
	return found, next, nil
}

// Rivals answers the questions about one customer, redirects followed.
func (d *DB) Rivals(ctx context.Context, id idgraph.CustomerID) (found []idgraph.Review, err error) {
	customers, err := d.Customers(ctx, []idgraph.CustomerID{id})
	if err != nil || len(customers) == 0 {
		return nil, err
	}
	id = customers[id].ID
	err = d.looking(ctx, func(l *looking) error {
		var rids []int64
		if err := l.selects(&rids, selectOthers+`?)`, id); err != nil {
			return err
		}
		edges, err := l.edgesOf(rids)
		if err != nil {
			return err
		}
		var spots []spot
		for p, e := range edges {
			if e.review > 0 {
				spots = append(spots, spot{e.review, p[0], p[1]})
			}
		}
		err = l.each(`SELECT review FROM frozen WHERE customer = ?`, []any{id}, func(scan func(...any) error) error {
			s := spot{a: int64(id)}
			err := scan(&s.review)
			spots = append(spots, s)
			return err
		})
		if err != nil {
			return err
		}
		slices.SortFunc(spots, func(a, b spot) int {
			return cmp.Or(cmp.Compare(b.review, a.review), cmp.Compare(b.a, a.a), cmp.Compare(b.b, a.b))
		})
		found, err = l.reviews(spots)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the rivals of a customer: %w", err)
	}
	return found, nil
}

// A looking reads on one state of the graph, by the means of a learning.
type looking struct{ *learning }

// looking runs what reads.
func (d *DB) looking(ctx context.Context, do func(*looking) error) error {
	tx, err := d.read.BeginTxx(ctx, d.dialect.look())
	if err != nil {
		return err
	}
	defer rollback(tx)
	l := &looking{&learning{
		scope: &scope{ctx: ctx, tx: tx, of: d.reads, own: map[string]*sqlx.Stmt{}}, db: d,
		rows: map[int64]*row{}, marks: map[uint64]match.Mark{}, crowds: map[uint64]bool{},
	}}
	if l.rules, l.keys, err = d.rulesInForce(l.scope); err != nil {
		return err
	}
	if l.verdicts, err = d.verdictsInForce(ctx); err != nil {
		return err
	}
	return do(l)
}

// reviews reads the questions at spots.
func (l *looking) reviews(spots []spot) ([]idgraph.Review, error) {
	var rids []int64
	for _, s := range spots {
		if s.b != 0 {
			rids = append(rids, s.a, s.b)
		}
	}
	if err := l.have(rids); err != nil {
		return nil, err
	}
	slices.Sort(rids)
	edges, err := l.edgesOf(slices.Compact(rids))
	if err != nil {
		return nil, err
	}
	out := make([]idgraph.Review, 0, len(spots))
	for _, s := range spots {
		r := idgraph.Review{Kind: idgraph.ReviewFrozen, Value: float64(s.review) / 1000, Customer: idgraph.CustomerID(s.a)}
		if s.b != 0 {
			e := edges[pair{s.a, s.b}]
			r.Kind, r.Customer, r.Other = idgraph.ReviewPair, l.rows[s.a].customer, l.rows[s.b].customer
			r.Link = l.link(e)
			if e.strong {
				if r.StoppedBy, err = l.stops(r.Customer, r.Other); err != nil {
					return nil, err
				}
			}
		}
		out = append(out, r)
	}
	return out, nil
}

// stops says what keeps two customers from being one.
func (l *looking) stops(x, y idgraph.CustomerID) ([]string, error) {
	var sides [2][]*match.Features
	for i, id := range []idgraph.CustomerID{x, y} {
		to := map[int64]bool{}
		if err := l.othersOf([]idgraph.CustomerID{id}, to); err != nil {
			return nil, err
		}
		rows, err := l.all(to)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			sides[i] = append(sides[i], r.f)
		}
	}
	frozen := 0
	if err := l.get(&frozen, `SELECT COUNT(*) FROM frozen WHERE customer IN (?, ?)`, x, y); err != nil {
		return nil, err
	}
	return l.rules.Stops(sides[0], sides[1], frozen > 0, l.markOf), nil
}

// all loads rows with their marks, in order of their numbers.
func (l *looking) all(rids map[int64]bool) ([]*row, error) {
	order := make([]int64, 0, len(rids))
	for rid := range rids {
		order = append(order, rid)
	}
	slices.Sort(order)
	if err := l.have(order); err != nil {
		return nil, err
	}
	rows := make([]*row, len(order))
	for i, rid := range order {
		rows[i] = l.rows[rid]
	}
	return rows, l.marksOfRows(rows)
}

// link is an edge with its evidence; both ends must be loaded.
func (l *looking) link(e *edge) idgraph.Link {
	x, y := l.rows[e.pair[0]], l.rows[e.pair[1]]
	kept := match.KeptEdge(0, 0, e.weight, e.rule, e.strong, e.levels)
	return idgraph.Link{
		A: x.ref, B: y.ref, Rule: e.reason(), RuleVersion: int(e.version), Weight: kept.Bits(),
		Evidence: l.rules.Evidence(kept, x.f, y.f), Since: moment(e.since),
	}
}
