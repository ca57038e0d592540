package sqlstore

import (
	"cmp"
	"slices"

	"customer360/idgraph"
	"customer360/idgraph/match"
)

// selectHolders is asked per value and not for many at once, so that a value
// that half the store holds costs no more than its limit.
const (
	selectHolders = `SELECT rid FROM identifiers WHERE hash = ? LIMIT ?`
	selectOthers  = `SELECT rid FROM records WHERE customer IN (`
)

// reach loads everybody whom the news may concern: all records that are
// connected by shared values, old or new, with a record of the news, and all
// records of their customers. Resolving a set that is closed in this way gives
// what resolving the whole store would.
func (l *learning) reach() error {
	asked := map[string]bool{}
	next := map[int64]bool{}
	for _, h := range l.touched() {
		asked[h] = true
		if err := l.holdersOf(h, next); err != nil {
			return err
		}
	}
	customers := map[idgraph.CustomerID]bool{}
	for _, r := range l.gone {
		customers[r.customer] = r.customer != 0
	}
	fresh := make([]*row, 0, len(l.rows))
	for _, r := range l.rows {
		fresh = append(fresh, r)
	}
	for {
		of := []idgraph.CustomerID{}
		for _, r := range fresh {
			for i, h := range r.hashes {
				if asked[h] {
					continue
				}
				asked[h] = true
				l.types[h] = r.rec.Identifiers[i].Type
				if !match.CanLink(r.rec.Identifiers[i]) {
					continue
				}
				if err := l.holdersOf(h, next); err != nil {
					return err
				}
			}
			if r.customer != 0 {
				customers[r.customer] = true
			}
		}
		for c, news := range customers {
			if news {
				of, customers[c] = append(of, c), false
			}
		}
		if err := l.othersOf(of, next); err != nil {
			return err
		}
		wanted := make([]int64, 0, len(next))
		for rid := range next {
			if l.rows[rid] == nil {
				wanted = append(wanted, rid)
			}
		}
		clear(next)
		if len(wanted) == 0 {
			return nil
		}
		slices.Sort(wanted)
		rows, err := l.load(wanted)
		if err != nil {
			return err
		}
		for _, r := range rows {
			l.rows[r.rid] = r
		}
		fresh = rows
	}
}

// touched are the values whose holders have changed.
func (l *learning) touched() []string {
	out := make([]string, 0, len(l.added)+len(l.removed))
	for h := range l.added {
		out = append(out, h)
	}
	for h := range l.removed {
		if l.added[h] == 0 {
			out = append(out, h)
		}
	}
	slices.SortFunc(out, cmp.Compare[string])
	return out
}

// holdersOf adds those who hold a value. A generic value connects nobody; but
// where it has just become one, those whom it linked so far are concerned.
func (l *learning) holdersOf(h string, to map[int64]bool) error {
	limit := match.LimitOf(l.types[h]).Records
	var rids []int64
	if err := l.selects(&rids, selectHolders, []byte(h), limit+1+l.added[h]); err != nil {
		return err
	}
	if len(rids) > limit {
		l.generic[h] = true
		whole := len(rids) <= limit+l.added[h]
		if !whole || len(rids)-l.added[h]+l.removed[h] > limit {
			return nil
		}
	}
	for _, rid := range rids {
		to[rid] = true
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
