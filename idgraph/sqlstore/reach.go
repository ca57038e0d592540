package sqlstore

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"customer360/idgraph"
	"customer360/idgraph/match"
)

const (
	selectJoinsAfter = `SELECT a, b, rule, levels, weight, strong, decided FROM edges WHERE strong + decided > 0 AND a IN (`
	selectJoinsUntil = `SELECT a, b, rule, levels, weight, strong, decided FROM edges WHERE strong + decided > 0 AND b IN (`
	selectOthers     = `SELECT rid FROM records WHERE customer IN (`
)

// A reached set is whole components, and whole customers.
type reached struct {
	rows     map[int64]*row
	joins    map[pair]*edge // of these: strong ones, and those that a person joined
	clusters []*cluster     // who is one person, in order of their oldest record
}

// reach loads the components of all seeds, and the components of all records of
// their customers, and clusters them.
func (l *learning) reach() (*reached, error) {
	r := &reached{rows: map[int64]*row{}, joins: map[pair]*edge{}}
	next, customers := l.seeds, map[idgraph.CustomerID]bool{}
	ask := map[idgraph.CustomerID]bool{}
	for _, gone := range l.gone {
		ask[gone.customer] = true
	}
	for len(next) > 0 || len(ask) > 0 {
		var rids []int64
		for rid := range next {
			if r.rows[rid] == nil {
				rids = append(rids, rid)
			}
		}
		slices.Sort(rids)
		if err := l.have(rids); err != nil {
			return nil, err
		}
		next = map[int64]bool{}
		for _, rid := range rids {
			row := l.rows[rid]
			if row == nil {
				continue // deleted
			}
			r.rows[rid] = row
			ask[row.customer] = true
		}
		if err := l.joinsOf(rids, r, next); err != nil {
			return nil, err
		}
		maps.DeleteFunc(ask, func(id idgraph.CustomerID, _ bool) bool { return id == 0 || customers[id] })
		if err := l.othersOf(sorted(ask), next); err != nil {
			return nil, err
		}
		maps.Copy(customers, ask)
		clear(ask)
		maps.DeleteFunc(next, func(rid int64, _ bool) bool { return r.rows[rid] != nil })
	}
	return r, l.cluster(r)
}

// joinsOf adds the edges that make components of records, and their other ends.
func (l *learning) joinsOf(rids []int64, to *reached, ends map[int64]bool) error {
	for _, text := range []string{selectJoinsAfter, selectJoinsUntil} {
		err := in(rids, func(marks string, args []any) error {
			return l.each(text+marks, args, func(scan func(...any) error) error {
				e, strong := &edge{}, int64(0)
				if err := scan(&e.pair[0], &e.pair[1], &e.rule, &e.levels, &e.weight, &strong, &e.decided); err != nil {
					return err
				}
				if e.strong = strong == 1; e.joins() {
					to.joins[e.pair] = e
					ends[e.pair[0]], ends[e.pair[1]] = true, true
				}
				return nil
			})
		})
		if err != nil {
			return fmt.Errorf("read components: %w", err)
		}
	}
	return nil
}

// othersOf adds all records of customers.
func (l *learning) othersOf(customers []idgraph.CustomerID, to map[int64]bool) error {
	return in(customers, func(marks string, args []any) error {
		var rids []int64
		err := l.selects(&rids, selectOthers+marks, args...)
		for _, rid := range rids {
			to[rid] = true
		}
		return err
	})
}

// cluster says who of the reached is one person.
func (l *learning) cluster(r *reached) error {
	components := componentsOf(r)
	var many []*row
	for _, c := range components {
		if len(c.rows) > 1 {
			many = append(many, c.rows...)
		}
	}
	if err := l.marksOfRows(many); err != nil {
		return err
	}
	for _, c := range components {
		r.clusters = append(r.clusters, l.clusterOne(c)...)
	}
	for _, c := range r.clusters {
		slices.SortFunc(c.rows, func(a, b *row) int { return cmp.Compare(a.rid, b.rid) })
	}
	slices.SortFunc(r.clusters, byAge)
	return nil
}

// A component is rows in order of their refs, and the edges that connect them.
type component struct {
	rows  []*row
	edges []*edge
}

func componentsOf(r *reached) []*component {
	root := make(map[int64]int64, len(r.rows))
	find := func(rid int64) int64 {
		for root[rid] != rid {
			root[rid] = root[root[rid]]
			rid = root[rid]
		}
		return rid
	}
	for rid := range r.rows {
		root[rid] = rid
	}
	for p := range r.joins {
		a, b := find(p[0]), find(p[1])
		root[max(a, b)] = min(a, b)
	}
	of := map[int64]*component{}
	var out []*component
	for _, rid := range slices.Sorted(maps.Keys(r.rows)) {
		c := of[find(rid)]
		if c == nil {
			c = &component{}
			of[find(rid)], out = c, append(out, c)
		}
		c.rows = append(c.rows, r.rows[rid])
	}
	for p, e := range r.joins {
		c := of[find(p[0])]
		c.edges = append(c.edges, e)
	}
	for _, c := range out {
		slices.SortFunc(c.rows, func(a, b *row) int { return compareRefs(a.ref, b.ref) })
	}
	return out
}

// clusterOne clusters a component.
func (l *learning) clusterOne(c *component) []*cluster {
	if len(c.rows) == 1 {
		return []*cluster{{rows: c.rows}}
	}
	in := match.Component{Members: make([]*match.Features, len(c.rows))}
	at := make(map[int64]int32, len(c.rows))
	place := make(map[idgraph.Ref]int32, len(c.rows))
	for i, r := range c.rows {
		in.Members[i], at[r.rid], place[r.ref] = r.f, int32(i), int32(i)
	}
	for _, e := range c.edges {
		a, b := at[e.pair[0]], at[e.pair[1]]
		if e.strong {
			in.Edges = append(in.Edges, match.KeptEdge(a, b, e.weight, e.rule, true, e.levels))
		}
		if e.decided == same {
			in.Same = append(in.Same, [2]int32{a, b})
		}
	}
	for i, r := range c.rows {
		for _, v := range l.verdicts.of(r.ref) {
			if j, ok := place[v.b]; ok && v.a == r.ref && l.verdicts.about(v.a, v.b) == apart {
				in.Not = append(in.Not, [2]int32{int32(i), j})
			}
		}
	}
	groups := l.rules.Cluster(in, l.markOf)
	out := make([]*cluster, len(groups.Groups))
	for i, g := range groups.Groups {
		out[i] = &cluster{rows: make([]*row, len(g)), frozen: slices.Contains(groups.Frozen, g[0])}
		for j, m := range g {
			out[i].rows[j] = c.rows[m]
		}
	}
	return out
}
