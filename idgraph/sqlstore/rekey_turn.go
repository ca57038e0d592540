package sqlstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"customer360/idgraph/match"
	"customer360/internal/keys"
)

// turnIndex has look-ups, blocks and marks go by the new key, in one transaction
// with the marks under it. Where records have come under the old one since, they
// are moved first.
func (d *DB) turnIndex(ctx context.Context, _ func(string, int, int)) error {
	for {
		left := 0
		err := d.rekeys(ctx, func(l *learning) (err error) {
			if !l.keys.adding {
				return nil
			}
			if err := l.get(&left, countToMove, l.keys.other.ID()); err != nil {
				return err
			}
			if left == 0 {
				return l.turn()
			}
			_, _, err = l.addBatch(0)
			return err
		})
		if err != nil || left == 0 {
			return err
		}
	}
}

func (l *learning) turn() error {
	for _, step := range []func() error{l.turnMarks, l.turnSnapshots} {
		if err := step(); err != nil {
			return err
		}
	}
	if err := l.exec(updateMeta, "keys", l.keys.other.Check()); err != nil {
		return err
	}
	return l.exec(updateMeta, "rekey", l.keys.index.Check())
}

// A marked key is one with something known of it: the mark of an identifier, or
// how many records an overcrowded block has.
type marked struct {
	key   uint64
	kind  string // of a block: the identifier's type, "" for a combination
	n     int64
	crowd bool
}

func (m marked) identifier() bool { return !m.crowd || m.kind != "" }

// turnMarks writes marks and overcrowded blocks under the new key.
func (l *learning) turnMarks() error {
	all, err := l.allMarked()
	if err != nil {
		return err
	}
	t := newTranslation(l)
	for part := range slices.Chunk(all, 256) {
		if err := t.learn(part); err != nil {
			return err
		}
	}
	if err := errors.Join(l.exec(`DELETE FROM shared`), l.exec(`DELETE FROM crowded`)); err != nil {
		return err
	}
	for _, m := range all {
		key, ok := t.of(m)
		switch {
		case !ok: // nobody is there any more
		case m.crowd:
			err = l.exec(insertCrowded, int64(key), m.kind, m.n)
		default:
			err = l.exec(upsertMark, int64(key), m.n)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *learning) allMarked() (all []marked, err error) {
	err = l.each(`SELECT key, mark FROM shared`, nil, func(scan func(...any) error) error {
		var key int64
		var m marked
		err := scan(&key, &m.n)
		m.key = uint64(key)
		all = append(all, m)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = l.each(`SELECT key, kind, records FROM crowded`, nil, func(scan func(...any) error) error {
		var key int64
		m := marked{crowd: true}
		err := scan(&key, &m.kind, &m.n)
		m.key = uint64(key)
		all = append(all, m)
		return err
	})
	return all, err
}

// A translation says which new key is which old one's: both are computed of the
// features of a record that has it.
type translation struct {
	*learning
	rules        *match.Rules
	ids, blocks  map[uint64]uint64
	recordsAsked map[int64]bool
}

func newTranslation(l *learning) *translation {
	t := &translation{learning: l, ids: map[uint64]uint64{}, blocks: map[uint64]uint64{}, recordsAsked: map[int64]bool{}}
	from, to := hashUnder(l.keys.index), hashUnder(l.keys.other)
	t.rules = match.NewRules(l.db.weights, l.rules.Snapshot(), func(kind string, text []byte) uint64 {
		was, is := from(kind, text), to(kind, text)
		t.ids[was] = is
		for _, odd := range []uint64{0, 1} { // blocks of combinations bear their kind in their last bit
			t.blocks[was&^1|odd] = is&^1 | odd
		}
		return was
	})
	return t
}

func (t *translation) of(m marked) (uint64, bool) {
	if m.identifier() {
		key, ok := t.ids[m.key]
		return key, ok
	}
	key, ok := t.blocks[m.key]
	return key, ok
}

// learn finds a record for each key, and computes all of its keys.
func (t *translation) learn(part []marked) error {
	var ask []int64
	for _, m := range part {
		if _, known := t.of(m); known {
			continue
		}
		rid, err := t.someone(m)
		if err != nil {
			return err
		}
		if rid != 0 && !t.recordsAsked[rid] {
			t.recordsAsked[rid] = true
			ask = append(ask, rid)
		}
	}
	return in(ask, func(marks string, args []any) error {
		found, err := t.keptBy(`SELECT rid, source, id, features, lookup, stale FROM records WHERE rid IN (`+marks, args...)
		for _, k := range found {
			rec, err := decrypt(t.db.ring, k.ref, k.features)
			if err != nil {
				return err
			}
			t.rules.Features(rec)
		}
		return err
	})
}

// someone is the number of a record that has a key, 0 where there is none.
func (t *translation) someone(m marked) (rid int64, err error) {
	if !m.identifier() {
		return rid, t.get(&rid, `SELECT COALESCE(MIN(rid), 0) FROM blocks WHERE key = ?`, int64(m.key))
	}
	first, last := make([]byte, keys.HashSize), bytes.Repeat([]byte{0xff}, keys.HashSize)
	binary.BigEndian.PutUint64(first, m.key)
	binary.BigEndian.PutUint64(last, m.key)
	return rid, t.get(&rid, `SELECT COALESCE(MIN(rid), 0) FROM identifiers WHERE hash >= ? AND hash <= ?`, first, last)
}

// turnSnapshots writes all snapshots under the new key.
func (l *learning) turnSnapshots() error {
	bodies := map[int][]byte{}
	err := l.each(`SELECT version, body FROM snapshots`, nil, func(scan func(...any) error) error {
		var version int
		var body []byte
		err := scan(&version, &body)
		bodies[version] = body
		return err
	})
	if err != nil {
		return err
	}
	for version, body := range bodies {
		plain, err := l.db.ring.Decrypt(body, snapshotPlace(version))
		if err != nil {
			return fmt.Errorf("snapshot %d: %w", version, err)
		}
		if body, err = l.keys.other.Encrypt(plain, snapshotPlace(version)); err != nil {
			return fmt.Errorf("snapshot %d: %w", version, err)
		}
		if err := l.exec(`UPDATE snapshots SET body = ? WHERE version = ?`, body, version); err != nil {
			return err
		}
	}
	return nil
}
