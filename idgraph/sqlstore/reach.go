package sqlstore

import (
	"bytes"
	"cmp"
	"slices"

	"customer360/idgraph"
	"customer360/idgraph/match"
)

const (
	selectHolders = `SELECT hash, rid FROM identifiers WHERE hash IN (`
	selectCrowd   = `SELECT hash, rid FROM identifiers WHERE hash = ? LIMIT ?`
	selectOthers  = `SELECT rid FROM records WHERE customer IN (`
)

// reach loads everybody whom the news may concern: all records that are
// connected by shared values, old or new, with a record of the news, and all
// records of their customers. Resolving a set that is closed in this way gives
// what resolving the whole store would.
func (l *learning) reach() error {
	asked, of := map[string]bool{}, map[idgraph.CustomerID]bool{}
	hashes, customers, fresh := l.touched(), []idgraph.CustomerID{}, make([]*row, 0, len(l.rows))
	for _, h := range hashes {
		asked[h] = true
	}
	for _, r := range l.rows {
		fresh = append(fresh, r)
	}
	add := func(r *row) {
		if r.customer != 0 && !of[r.customer] {
			of[r.customer], customers = true, append(customers, r.customer)
		}
	}
	for _, r := range l.gone {
		add(r)
	}
	for {
		for _, r := range fresh {
			add(r)
			for i, h := range r.hashes {
				if !asked[h] && match.CanLink(r.rec.Identifiers[i]) {
					asked[h], l.types[h] = true, r.rec.Identifiers[i].Type
					hashes = append(hashes, h)
				}
			}
		}
		next := map[int64]bool{}
		if err := l.holdersOf(hashes, next); err != nil {
			return err
		}
		if err := l.othersOf(customers, next); err != nil {
			return err
		}
		wanted := make([]int64, 0, len(next))
		for rid := range next {
			if l.rows[rid] == nil {
				wanted = append(wanted, rid)
			}
		}
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
		fresh, hashes, customers = rows, nil, nil
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

// holdersOf adds those who hold the values. Values known to be crowded are
// asked for one by one, so that what half the store holds costs no more than
// its limit.
func (l *learning) holdersOf(hashes []string, to map[int64]bool) error {
	held := make(map[string][]int64, len(hashes))
	keep := func(scan func(...any) error) error {
		var h []byte
		var rid int64
		err := scan(&h, &rid)
		held[string(h)] = append(held[string(h)], rid)
		return err
	}
	few := make([][]byte, 0, len(hashes))
	for _, h := range hashes {
		if !l.db.crowded[h] {
			few = append(few, []byte(h))
			continue
		}
		if err := l.each(selectCrowd, []any{[]byte(h), match.LimitOf(l.types[h]).Records + 1 + l.added[h]}, keep); err != nil {
			return err
		}
	}
	slices.SortFunc(few, bytes.Compare)
	err := in(few, func(marks string, args []any) error { return l.each(selectHolders+marks, args, keep) })
	if err != nil {
		return err
	}
	for _, h := range hashes {
		if l.concern(h, len(held[h])) {
			for _, rid := range held[h] {
				to[rid] = true
			}
		}
	}
	return nil
}

// concern says whether those who hold a value are concerned: a generic value
// connects nobody, but where it has just become one, those whom it linked are.
func (l *learning) concern(h string, holders int) bool {
	limit := match.LimitOf(l.types[h]).Records
	if holders <= limit {
		delete(l.db.crowded, h)
		return true
	}
	l.generic[h], l.db.crowded[h] = true, true
	return holders-l.added[h]+l.removed[h] <= limit
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
