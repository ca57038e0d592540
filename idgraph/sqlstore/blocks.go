package sqlstore

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"customer360/idgraph"
	"customer360/idgraph/match"
)

const (
	selectCrowded = `SELECT key, records FROM crowded WHERE key IN (`
	insertCrowded = `INSERT INTO crowded (key, kind, records) VALUES (?, ?, ?)`
	updateCrowded = `UPDATE crowded SET records = ? WHERE key = ?`
	deleteCrowded = `DELETE FROM crowded WHERE key = ?`
	selectMembers = `SELECT key, rid FROM blocks WHERE key IN (`
	selectHolders = `SELECT hash, rid FROM identifiers WHERE hash IN (`
	selectMarks   = `SELECT key, mark FROM shared WHERE key IN (`
	upsertMark    = `INSERT INTO shared (key, mark) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET mark = excluded.mark`
	deleteMark    = `DELETE FROM shared WHERE key = ?`
)

// A block is who stands in one, as far as a learning must know.
type block struct {
	key            uint64
	id             idgraph.Identifier // of an identifier's; else the zero one
	hash           string             // of the identifier
	added, removed []int64
	crowded, was   bool // over its cap now; before
	toggled        bool // whether its identifier is marked otherwise now
	members        []int64
}

func (b *block) cap() int { return match.CapOf(b.id.Type, b.key) }

// hashOf makes the key of a block: the first bytes of a keyed hash.
func hashOf(hash []byte) uint64 { return binary.BigEndian.Uint64(hash) }

// block answers the block of a key of a record.
func (l *learning) block(key uint64, of *match.Entry) *block {
	b := l.blocks[key]
	if b == nil {
		b = &block{key: key}
		if of != nil {
			b.id, b.hash = of.Identifier, string(l.keys.index.Hash(string(of.Type), of.Value))
		}
		l.blocks[key] = b
	}
	return b
}

// combinations are the keys of a record that are no identifier's.
func combinations(f *match.Features, entries []match.Entry) []uint64 {
	return slices.DeleteFunc(slices.Clone(f.Keys()), func(key uint64) bool {
		return slices.ContainsFunc(entries, func(e match.Entry) bool { return e.Key == key })
	})
}

// stand puts a record into its blocks, where it has not stood as it was.
func (l *learning) stand(r, before *row) {
	var stood []uint64
	var held []match.Entry
	if before != nil && !before.stale {
		stood, held = before.f.Keys(), before.f.Entries()
	}
	entries := r.f.Entries()
	for i, e := range entries {
		if !slices.Contains(held, e) {
			hash := l.keys.index.Hash(string(e.Type), e.Value)
			l.added.identifiers = append(l.added.identifiers, []any{hash, r.rid})
			b := l.block(e.Key, &entries[i])
			b.added = append(b.added, r.rid)
		}
	}
	for _, key := range combinations(r.f, entries) {
		if _, found := slices.BinarySearch(stood, key); !found {
			b := l.block(key, nil)
			b.added = append(b.added, r.rid)
			l.added.blocks = append(l.added.blocks, []any{int64(key), r.rid})
		}
	}
	if l.keys.adding {
		l.addOther(r)
	}
}

// leave takes a record as it was out of the blocks that it stands in no longer.
func (l *learning) leave(before, now *row) error {
	if l.keys.other != nil {
		if err := l.leaveOther(before, now); err != nil {
			return err
		}
	}
	var stands []uint64
	var holds []match.Entry
	if now != nil {
		stands, holds = now.f.Keys(), now.f.Entries()
	}
	entries := before.f.Entries()
	for i, e := range entries {
		if slices.Contains(holds, e) {
			continue
		}
		if err := l.exec(deleteHash, l.keys.index.Hash(string(e.Type), e.Value), before.rid); err != nil {
			return err
		}
		if !before.stale {
			b := l.block(e.Key, &entries[i])
			b.removed = append(b.removed, before.rid)
		}
	}
	if before.stale {
		return nil
	}
	for _, key := range combinations(before.f, entries) {
		if _, found := slices.BinarySearch(stands, key); found {
			continue
		}
		b := l.block(key, nil)
		b.removed = append(b.removed, before.rid)
		if err := l.exec(deleteBlock, int64(key), before.rid); err != nil {
			return err
		}
	}
	return nil
}

// enter writes who has come into blocks; neighbours share pages.
func (l *learning) enter() error {
	slices.SortFunc(l.added.identifiers, func(a, b []any) int { return bytes.Compare(a[0].([]byte), b[0].([]byte)) })
	slices.SortFunc(l.added.blocks, func(a, b []any) int { return cmp.Compare(a[0].(int64), b[0].(int64)) })
	if err := l.scope.rows(insertIdentifiers, l.added.identifiers); err != nil {
		return err
	}
	if err := l.scope.rows(insertBlocks, l.added.blocks); err != nil {
		return err
	}
	l.added.identifiers, l.added.blocks = nil, nil
	return nil
}

// survey finds out which blocks are over their cap, and who stands in the others.
func (l *learning) survey() error {
	for _, r := range l.news {
		entries := r.f.Entries()
		for i, e := range entries {
			l.block(e.Key, &entries[i])
		}
		for _, key := range combinations(r.f, entries) {
			l.block(key, nil)
		}
	}
	records := map[uint64]int64{}
	err := in(signed(slices.Sorted(maps.Keys(l.blocks))), func(marks string, args []any) error {
		return l.each(selectCrowded+marks, args, func(scan func(...any) error) error {
			var key, n int64
			err := scan(&key, &n)
			records[uint64(key)] = n
			return err
		})
	})
	if err != nil {
		return err
	}
	var read []*block
	for key, b := range l.blocks {
		n, was := records[key]
		if b.was = was; !was {
			read = append(read, b)
			continue
		}
		now := n + int64(len(b.added)-len(b.removed))
		if b.crowded = now > int64(b.cap()); !b.crowded {
			read = append(read, b)
			err = l.exec(deleteCrowded, int64(key))
		} else if now != n {
			err = l.exec(updateCrowded, now, int64(key))
		}
		if err != nil {
			return err
		}
	}
	if err := l.readMembers(read); err != nil {
		return err
	}
	for _, b := range l.blocks {
		if b.crowded = b.crowded || len(b.members) > b.cap(); b.crowded && !b.was {
			if err := l.exec(insertCrowded, int64(b.key), string(b.id.Type), len(b.members)); err != nil {
				return err
			}
		}
		l.crowds[b.key] = b.crowded
	}
	return nil
}

// readMembers reads who stands in blocks.
func (l *learning) readMembers(of []*block) error {
	var keys []uint64
	var hashes [][]byte
	for _, b := range of {
		if b.hash != "" {
			hashes = append(hashes, []byte(b.hash))
		} else {
			keys = append(keys, b.key)
		}
	}
	slices.Sort(keys)
	slices.SortFunc(hashes, bytes.Compare)
	err := in(signed(keys), func(marks string, args []any) error {
		return l.each(selectMembers+marks, args, func(scan func(...any) error) error {
			var key, rid int64
			err := scan(&key, &rid)
			l.blocks[uint64(key)].stands(rid)
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("read blocks: %w", err)
	}
	err = in(hashes, func(marks string, args []any) error {
		var hash []byte
		return l.each(selectHolders+marks, args, func(scan func(...any) error) error {
			var rid int64
			err := scan(&hash, &rid)
			l.blocks[hashOf(hash)].stands(rid)
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("read identifiers: %w", err)
	}
	return nil
}

func (b *block) stands(rid int64) { b.members = append(b.members, rid) }

// mark finds out whose the identifiers are that a new, changed or deleted record
// holds or held.
func (l *learning) mark() error {
	var of []*block
	var keys []uint64
	var holders []int64
	for key, b := range l.blocks {
		if b.hash == "" {
			continue
		}
		of, keys = append(of, b), append(keys, key)
		if !b.crowded && len(b.members) > 1 {
			holders = append(holders, b.members...)
		}
	}
	if err := l.marksOf(keys); err != nil {
		return err
	}
	if err := l.have(holders); err != nil {
		return err
	}
	for _, b := range of {
		mark := match.OnePersons
		switch {
		case b.crowded:
			mark = match.Several
		case len(b.members) > 1:
			held := make([]*match.Features, len(b.members))
			for i, rid := range b.members {
				held[i] = l.rows[rid].f
			}
			mark = l.rules.MarkOf(b.id, held)
		}
		if mark == l.marks[b.key] {
			continue
		}
		b.toggled, l.marks[b.key] = true, mark
		text, args := upsertMark, []any{int64(b.key), int64(mark)}
		if mark == match.OnePersons {
			text, args = deleteMark, args[:1]
		}
		if err := l.exec(text, args...); err != nil {
			return err
		}
	}
	return nil
}

// marksOf reads the marks of identifiers that have not been asked for.
func (l *learning) marksOf(keys []uint64) error {
	var ask []uint64
	for _, key := range keys {
		if _, known := l.marks[key]; !known {
			ask, l.marks[key] = append(ask, key), match.OnePersons
		}
	}
	slices.Sort(ask)
	return in(signed(ask), func(marks string, args []any) error {
		return l.each(selectMarks+marks, args, func(scan func(...any) error) error {
			var key, mark int64
			err := scan(&key, &mark)
			l.marks[uint64(key)] = match.Mark(mark)
			return err
		})
	})
}

// marksOfRows reads the marks of all identifiers of rows.
func (l *learning) marksOfRows(rows []*row) error {
	var keys []uint64
	for _, r := range rows {
		for _, e := range r.f.Entries() {
			keys = append(keys, e.Key)
		}
	}
	return l.marksOf(keys)
}

func (l *learning) markOf(key uint64) match.Mark { return l.marks[key] }

// crowdsOf finds out which blocks are over their cap.
func (l *learning) crowdsOf(keys []uint64) error {
	var ask []uint64
	for _, key := range keys {
		if _, known := l.crowds[key]; !known {
			ask, l.crowds[key] = append(ask, key), false
		}
	}
	slices.Sort(ask)
	return in(signed(ask), func(marks string, args []any) error {
		return l.each(selectCrowded+marks, args, func(scan func(...any) error) error {
			var key, n int64
			err := scan(&key, &n)
			l.crowds[uint64(key)] = true
			return err
		})
	})
}

// signed are keys as columns hold them.
func signed(keys []uint64) []int64 {
	out := make([]int64, len(keys))
	for i, key := range keys {
		out[i] = int64(key)
	}
	return out
}
