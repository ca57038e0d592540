package sqlstore

import (
	"cmp"
	"slices"

	"customer360/idgraph"
)

// A knownRecord is what comparing takes.
type knownRecord struct {
	rid         int64
	keyID       string
	fingerprint []byte
	stale       bool
}

// known answers which of the source's records the store has.
func (l *learning) known(ids []string) (map[string]knownRecord, error) {
	found := make(map[string]knownRecord, len(ids))
	err := in(ids, func(marks string, args []any) error {
		return l.each(selectKnown+marks, append([]any{string(l.source)}, args...), func(scan func(...any) error) error {
			var id string
			var k knownRecord
			var stale int64
			err := scan(&k.rid, &id, &k.keyID, &k.fingerprint, &stale)
			k.stale = stale == 1
			found[id] = k
			return err
		})
	})
	return found, err
}

// load reads rows by their numbers, in that order.
func (l *learning) load(rids []int64) ([]*row, error) {
	found := make([]*row, 0, len(rids))
	err := in(rids, func(marks string, args []any) error {
		return l.each(selectRows+marks, args, func(scan func(...any) error) error {
			r, features, stale := &row{}, []byte(nil), int64(0)
			if err := scan(&r.rid, &r.ref.Source, &r.ref.ID, &r.customer, &r.origin, &features, &stale); err != nil {
				return err
			}
			rec, err := decrypt(l.db.ring, r.ref, features)
			if err != nil {
				return err
			}
			r.f, r.other, r.stale = l.rules.Features(rec), l.otherFeatures(rec), stale == 1
			found = append(found, r)
			return nil
		})
	})
	slices.SortFunc(found, func(a, b *row) int { return cmp.Compare(a.rid, b.rid) })
	return found, err
}

// have sees to it that rows are loaded.
func (l *learning) have(rids []int64) error {
	missing := make([]int64, 0, len(rids))
	for _, rid := range rids {
		if l.rows[rid] == nil {
			missing = append(missing, rid)
		}
	}
	slices.Sort(missing)
	rows, err := l.load(slices.Compact(missing))
	for _, r := range rows {
		l.rows[r.rid] = r
	}
	return err
}

// held answers the rows of those records that are held.
func (l *learning) held(refs []idgraph.Ref) (map[idgraph.Ref]*row, error) {
	out := make(map[idgraph.Ref]*row, len(refs))
	for _, r := range l.news {
		out[r.ref] = r
	}
	ids := map[idgraph.Source][]string{}
	for _, ref := range refs {
		if out[ref] == nil && l.db.dialect.holds(ref.ID) && l.db.dialect.holds(string(ref.Source)) {
			ids[ref.Source] = append(ids[ref.Source], ref.ID)
		}
	}
	for source, of := range ids {
		var rids []int64
		err := in(of, func(marks string, args []any) error {
			return l.each(selectKnown+marks, append([]any{string(source)}, args...), func(scan func(...any) error) error {
				var k knownRecord
				var id string
				var stale int64
				err := scan(&k.rid, &id, &k.keyID, &k.fingerprint, &stale)
				rids = append(rids, k.rid)
				return err
			})
		})
		if err != nil {
			return nil, err
		}
		if err := l.have(rids); err != nil {
			return nil, err
		}
		for _, rid := range rids {
			out[l.rows[rid].ref] = l.rows[rid]
		}
	}
	return out, nil
}
