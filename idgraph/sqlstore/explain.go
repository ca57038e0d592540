package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"customer360/idgraph"
)

// Compare answers how two records compare.
func (d *DB) Compare(ctx context.Context, a, b idgraph.Ref) (link idgraph.Link, err error) {
	err = d.looking(ctx, func(l *looking) error {
		x, y, err := l.two(a, b)
		if err != nil {
			return err
		}
		p := pairOf(x, y)
		edges, err := l.edgesOf(p[:])
		if err != nil {
			return err
		}
		e := edges[p]
		if e == nil {
			x, y := l.rows[p[0]], l.rows[p[1]]
			if err := l.marksOfRows([]*row{x, y}); err != nil {
				return err
			}
			found := l.rules.Compare(x.f, y.f, l.markOf)
			e = &edge{pair: p, rule: found.Rule, weight: int64(found.Weight), levels: found.Levels[:], decided: l.verdicts.about(a, b)}
		}
		link = l.link(e)
		return nil
	})
	if err != nil {
		return idgraph.Link{}, fmt.Errorf("compare two records: %w", err)
	}
	return link, nil
}

// two are the rows of two records.
func (l *looking) two(a, b idgraph.Ref) (x, y *row, err error) {
	held, err := l.held([]idgraph.Ref{a, b})
	if err != nil {
		return nil, nil, err
	}
	for _, ref := range []idgraph.Ref{a, b} {
		if held[ref] == nil {
			return nil, nil, fmt.Errorf("%w: %s", idgraph.ErrUnknownRecord, ref)
		}
	}
	return held[a], held[b], nil
}

// Path answers the strongest way from one record to another of its customer:
// its weakest link is as strong as can be, and of such ways it is a shortest.
func (d *DB) Path(ctx context.Context, from, to idgraph.Ref) (path []idgraph.Link, err error) {
	err = d.looking(ctx, func(l *looking) error {
		x, y, err := l.two(from, to)
		if err != nil || x.customer != y.customer || x == y {
			return err
		}
		rids := map[int64]bool{}
		if err := l.othersOf([]idgraph.CustomerID{x.customer}, rids); err != nil {
			return err
		}
		if _, err := l.all(rids); err != nil {
			return err
		}
		edges, err := l.edgesOf(slices.Sorted(maps.Keys(rids)))
		if err != nil {
			return err
		}
		links := slices.DeleteFunc(slices.Collect(maps.Values(edges)), func(e *edge) bool { return !e.links() })
		for _, e := range strongestWay(links, x.rid, y.rid) {
			path = append(path, l.link(e))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("explain a path: %w", err)
	}
	return path, nil
}

// strongestWay takes links in, the strongest first, until there is a way.
func strongestWay(links []*edge, from, to int64) []*edge {
	slices.SortFunc(links, func(a, b *edge) int {
		return cmp.Or(cmp.Compare(grade(b), grade(a)), cmp.Compare(b.weight, a.weight), comparePairs(a.pair, b.pair))
	})
	for n := range links {
		if n+1 < len(links) && grade(links[n]) == grade(links[n+1]) && links[n].weight == links[n+1].weight {
			continue // all that are as strong
		}
		if way := shortest(links[:n+1], from, to); way != nil {
			return way
		}
	}
	return nil
}

// grade is 2 for a person's word, 1 for a verified link, else 0.
func grade(e *edge) int {
	switch {
	case e.decided == same:
		return 2
	case e.rule.Verified():
		return 1
	}
	return 0
}

func shortest(links []*edge, from, to int64) []*edge {
	near := map[int64][]*edge{}
	for _, e := range links {
		near[e.pair[0]], near[e.pair[1]] = append(near[e.pair[0]], e), append(near[e.pair[1]], e)
	}
	by := map[int64]*edge{from: nil}
	for queue := []int64{from}; len(queue) > 0; queue = queue[1:] {
		for _, e := range near[queue[0]] {
			other := e.pair[0] + e.pair[1] - queue[0]
			if _, seen := by[other]; !seen {
				by[other] = e
				queue = append(queue, other)
			}
		}
	}
	var way []*edge
	for at := to; at != from; {
		e := by[at]
		if e == nil {
			return nil
		}
		way = append(way, e)
		at = e.pair[0] + e.pair[1] - at
	}
	slices.Reverse(way)
	return way
}
