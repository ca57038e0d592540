package sqlstore

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"customer360/idgraph"
)

const (
	updatePlace  = `UPDATE edges SET customer = ?, review = ? WHERE a = ? AND b = ?`
	selectSizes  = `SELECT r.rid, r.customer, c.records FROM records r JOIN customers c ON c.id = r.customer WHERE r.rid IN (`
	selectFrozen = `SELECT customer FROM frozen WHERE customer IN (`
)

// A home is whose a record is, and how many records that customer has.
type home struct {
	customer idgraph.CustomerID
	records  int
}

// place writes of which customer the edges of the reached are, and what it is
// worth to ask about the others.
func (l *learning) place(r *reached) error {
	homes := make(map[int64]home, len(r.rows))
	for _, c := range r.clusters {
		for _, row := range c.rows {
			homes[row.rid] = home{c.customer, len(c.rows)}
		}
	}
	rids := slices.Collect(maps.Keys(r.rows))
	for rid := range l.near {
		if r.rows[rid] == nil && l.rows[rid] != nil {
			rids = append(rids, rid)
		}
	}
	slices.Sort(rids)
	edges, err := l.edgesOf(rids)
	if err != nil {
		return err
	}
	if err := l.homesOf(edges, homes); err != nil {
		return err
	}
	order := slices.SortedFunc(maps.Keys(edges), comparePairs)
	for _, p := range order {
		e := edges[p]
		customer, review := placeOf(e, homes[p[0]], homes[p[1]])
		if customer == e.customer && review == e.review {
			continue
		}
		if err := l.exec(updatePlace, customer, review, p[0], p[1]); err != nil {
			return err
		}
		if !e.vouches() {
			continue
		}
		if e.customer == 0 && customer != 0 {
			l.stirred[customer] = true
			l.events = append(l.events, event{kind: idgraph.Linked, customer: customer, a: p[0], b: p[1], rule: e.reason()})
		}
		if e.customer != 0 && customer == 0 {
			l.unlinked(e)
		}
	}
	return nil
}

// homesOf adds the homes of ends that were not reached.
func (l *learning) homesOf(edges map[pair]*edge, to map[int64]home) error {
	var ask []int64
	for p := range edges {
		for _, rid := range p {
			if _, known := to[rid]; !known {
				ask = append(ask, rid)
			}
		}
	}
	slices.Sort(ask)
	err := in(slices.Compact(ask), func(marks string, args []any) error {
		return l.each(selectSizes+marks, args, func(scan func(...any) error) error {
			var rid int64
			var h home
			err := scan(&rid, &h.customer, &h.records)
			to[rid] = h
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("read the customers of edges: %w", err)
	}
	return nil
}

// placeOf answers whose edge it is, or what its question is worth.
func placeOf(e *edge, a, b home) (idgraph.CustomerID, int64) {
	switch {
	case a.customer == b.customer:
		return a.customer, 0
	case e.decided != undecided:
		return 0, 0
	}
	return 0, worthOf(float64(e.weight)/100, a.records+b.records)
}

// worthOf is the chance that it is one person, times the records that would be
// joined, in thousandths.
func worthOf(bits float64, records int) int64 {
	return max(1, int64(math.Round(1000*float64(records)/(1+math.Exp2(-bits)))))
}

// freeze keeps who has reached a limit.
func (l *learning) freeze(clusters []*cluster, before map[idgraph.CustomerID]map[*cluster]int) error {
	ask := map[idgraph.CustomerID]bool{}
	now := map[idgraph.CustomerID]*cluster{}
	for id := range before {
		ask[id] = true
	}
	for _, r := range l.gone {
		ask[r.customer] = true
	}
	for _, c := range clusters {
		if c.frozen {
			now[c.customer] = c
		}
	}
	was := map[idgraph.CustomerID]bool{}
	err := in(sorted(ask), func(marks string, args []any) error {
		return l.each(selectFrozen+marks, args, func(scan func(...any) error) error {
			var id idgraph.CustomerID
			err := scan(&id)
			was[id] = true
			return err
		})
	})
	if err != nil {
		return err
	}
	for _, id := range sorted(was) {
		if now[id] == nil {
			if err := l.exec(`DELETE FROM frozen WHERE customer = ?`, id); err != nil {
				return err
			}
			l.stirred[id] = true
			l.events = append(l.events, event{kind: idgraph.Thawed, customer: id})
		}
	}
	for _, id := range sorted(now) {
		worth := worthOf(0, len(now[id].rows))
		if was[id] {
			err = l.exec(`UPDATE frozen SET review = ? WHERE customer = ?`, worth, id)
		} else {
			err = l.exec(`INSERT INTO frozen (customer, since, review) VALUES (?, ?, ?)`, id, stamp(l.now), worth)
			l.stirred[id] = true
			l.events = append(l.events, event{kind: idgraph.Frozen, customer: id})
		}
		if err != nil {
			return err
		}
	}
	return nil
}
