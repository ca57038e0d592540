package sqlstore

import (
	"slices"

	"customer360/idgraph/match"
	"customer360/internal/keys"
)

// While a rekey is under way, records that are learnt stand under both keys, and
// leave both.

// addOther puts a record into all of its blocks under the new key.
func (l *learning) addOther(r *row) {
	ids, blocks := rowsUnder(l.keys.other, r.other, r.rid)
	l.added.identifiers = append(l.added.identifiers, ids...)
	l.added.blocks = append(l.added.blocks, blocks...)
}

// rowsUnder are a record's rows of identifiers and of blocks under a ring.
func rowsUnder(ring *keys.Ring, f *match.Features, rid int64) (ids, blocks [][]any) {
	entries := f.Entries()
	for _, e := range entries {
		ids = append(ids, []any{ring.Hash(string(e.Type), e.Value), rid})
	}
	for _, key := range combinations(f, entries) {
		blocks = append(blocks, []any{int64(key), rid})
	}
	return ids, blocks
}

// leaveOther takes a record as it was out of the blocks under the other key that
// it stands in no longer, where it has stood there.
func (l *learning) leaveOther(before, now *row) error {
	var stands []uint64
	var holds []match.Entry
	if now != nil {
		stands, holds = now.other.Keys(), now.other.Entries()
	}
	entries := before.other.Entries()
	for _, e := range entries {
		if slices.Contains(holds, e) {
			continue
		}
		if err := l.exec(deleteHash, l.keys.other.Hash(string(e.Type), e.Value), before.rid); err != nil {
			return err
		}
	}
	for _, key := range combinations(before.other, entries) {
		if _, found := slices.BinarySearch(stands, key); found {
			continue
		}
		if err := l.exec(deleteBlock, int64(key), before.rid); err != nil {
			return err
		}
	}
	return nil
}
