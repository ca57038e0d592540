package sqlstore

import (
	"slices"

	"customer360/idgraph"
)

// forget deletes records that the source no longer has, with all that tells of them.
func (l *learning) forget(gone []idgraph.Ref) error {
	if len(gone) == 0 {
		return nil
	}
	if err := l.enter(); err != nil {
		return err
	}
	ids := make([]string, len(gone))
	for i, ref := range gone {
		ids[i] = ref.ID
	}
	known, err := l.known(ids)
	if err != nil {
		return err
	}
	rids := make([]int64, 0, len(known))
	for _, k := range known {
		rids = append(rids, k.rid)
	}
	slices.Sort(rids)
	rows, err := l.load(rids)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if l.news[r.rid] != nil { // it was stale, and has been taken in with another
			delete(l.news, r.rid)
			r.stale = false
		}
		delete(l.rows, r.rid)
		if err := l.leave(r, nil); err != nil {
			return err
		}
		if err := l.exec(deleteRecord, r.rid); err != nil {
			return err
		}
		l.gone = append(l.gone, r)
		l.records--
		l.change.Gone++
	}
	return nil
}
