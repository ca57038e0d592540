package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"customer360/idgraph"
)

// rekeyBatch is how many records one transaction of a rekey moves.
var rekeyBatch = 500 // fewer in tests

// ErrNothingToRekey says that a ring has no old key that a store could be moved
// away from.
var ErrNothingToRekey = errors.New("the ring has one key: there is none to move to")

// Rekey moves the store from the ring's old keys to its new ones, in short
// transactions between which others read, learn and decide as ever. It ends at
// once where that is done. Stopped at any point, it goes on when it is run again.
// A record that does not decrypt ends it; nothing is lost. Progress is told the
// stage and how many records it has come to.
func (d *DB) Rekey(ctx context.Context, progress func(stage string, done, total int)) error {
	if d.ring.Old() == nil {
		return ErrNothingToRekey
	}
	for _, stage := range []func(context.Context, func(string, int, int)) error{
		d.beginRekey, d.addUnderNew, d.rekeyLedger, d.turnIndex, d.removeUnderOld, d.endRekey,
	} {
		if err := stage(ctx, progress); err != nil {
			return fmt.Errorf("rekey: %w", err)
		}
	}
	return nil
}

// rekeys runs one transaction of a rekey.
func (d *DB) rekeys(ctx context.Context, do func(l *learning) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	_, err := d.changeGraph(ctx, "rekey", do)
	return err
}

// beginRekey has everybody write under both keys from now on.
func (d *DB) beginRekey(ctx context.Context, _ func(string, int, int)) error {
	return d.rekeys(ctx, func(l *learning) error {
		if l.keys.other != nil || l.keys.index == d.ring {
			return nil // begun, or done
		}
		return l.exec(updateMeta, "rekey", d.ring.Check())
	})
}

const (
	selectToMove  = `SELECT rid, source, id, features, lookup, stale FROM records WHERE key_id <> ? AND rid > ? ORDER BY rid LIMIT ?`
	selectToClean = `SELECT rid, source, id, features, lookup, stale FROM records WHERE rid > ? ORDER BY rid LIMIT ?`
	moveRecord    = `UPDATE records SET key_id = ?, fingerprint = ?, features = ?, lookup = ? WHERE rid = ?`
	countToMove   = `SELECT COUNT(*) FROM records WHERE key_id <> ?`
	countRecords  = `SELECT COUNT(*) FROM records`
	removeHashes  = `DELETE FROM identifiers WHERE rid = ? AND hash IN (`
	removeBlocks  = `DELETE FROM blocks WHERE rid = ? AND key IN (`
)

// A kept record is one as it rests.
type kept struct {
	rid              int64
	ref              idgraph.Ref
	features, lookup []byte
	stale            bool
}

// keptBy reads records as they rest.
func (l *learning) keptBy(text string, args ...any) ([]kept, error) {
	var out []kept
	err := l.each(text, args, func(scan func(...any) error) error {
		var k kept
		var stale int64
		err := scan(&k.rid, &k.ref.Source, &k.ref.ID, &k.features, &k.lookup, &stale)
		k.stale = stale == 1
		out = append(out, k)
		return err
	})
	return out, err
}

// addUnderNew writes every record under the new key, and adds its identifiers and
// blocks under that.
func (d *DB) addUnderNew(ctx context.Context, progress func(string, int, int)) error {
	total, left := 0, 0
	if err := d.reads.get(ctx, &total, countRecords); err != nil {
		return err
	}
	if err := d.reads.get(ctx, &left, countToMove, d.ring.ID()); err != nil {
		return err
	}
	done := total - left
	for after, n := int64(0), rekeyBatch; n == rekeyBatch; done += n {
		progress("add", min(done, total), total)
		err := d.rekeys(ctx, func(l *learning) (err error) {
			n, after, err = l.addBatch(after)
			return err
		})
		if err != nil {
			return err
		}
	}
	progress("add", total, total)
	return nil
}

func (l *learning) addBatch(after int64) (n int, last int64, err error) {
	if !l.keys.adding {
		return 0, after, nil
	}
	batch, err := l.keptBy(selectToMove, l.keys.other.ID(), after, rekeyBatch)
	if err != nil {
		return 0, after, err
	}
	for _, k := range batch {
		if err := l.move(k); err != nil {
			return 0, after, err
		}
		after = k.rid
	}
	return len(batch), after, l.enter()
}

// move writes one record under the new key.
func (l *learning) move(k kept) error {
	ring := l.keys.other
	packed, err := l.db.ring.Decrypt(k.features, place(k.ref))
	if err != nil {
		return fmt.Errorf("record %s: %w", k.ref, err)
	}
	rec, err := unpack(k.ref, packed)
	if err != nil {
		return fmt.Errorf("record %s: %w", k.ref, err)
	}
	var lookup []byte
	if k.lookup != nil {
		if lookup, err = l.db.ring.Decrypt(k.lookup, lookupPlace(k.ref)); err != nil {
			return fmt.Errorf("record %s: %w", k.ref, err)
		}
	}
	n := incoming{rec: rec, packed: packed, lookup: string(lookup)}
	features, encrypted, err := n.encrypt(ring)
	if err != nil {
		return err
	}
	ids, blocks := rowsUnder(ring, l.other.Features(rec), k.rid)
	l.added.identifiers = append(l.added.identifiers, ids...)
	if !k.stale { // else it stands in no block
		l.added.blocks = append(l.added.blocks, blocks...)
	}
	return l.exec(moveRecord, ring.ID(), fingerprint(ring, k.ref, packed, n.lookup), features, encrypted, k.rid)
}

// removeUnderOld takes away what is under the old key.
func (d *DB) removeUnderOld(ctx context.Context, progress func(string, int, int)) error {
	total, done := 0, 0
	if err := d.reads.get(ctx, &total, countRecords); err != nil {
		return err
	}
	for n := rekeyBatch; n == rekeyBatch; {
		err := d.rekeys(ctx, func(l *learning) (err error) {
			if n = 0; l.keys.other == nil {
				return nil
			}
			n, err = l.removeBatch()
			return err
		})
		if err != nil {
			return err
		}
		done += n
		progress("remove", min(done, total), total)
	}
	return nil
}

func (l *learning) removeBatch() (int, error) {
	after, err := l.cleaned()
	if err != nil {
		return 0, err
	}
	batch, err := l.keptBy(selectToClean, after, rekeyBatch)
	if err != nil || len(batch) == 0 {
		return 0, err
	}
	for _, k := range batch {
		rec, err := decrypt(l.db.ring, k.ref, k.features)
		if err != nil {
			return 0, err
		}
		ids, blocks := rowsUnder(l.keys.other, l.other.Features(rec), k.rid)
		if err := l.removeRows(removeHashes, k.rid, ids); err != nil {
			return 0, err
		}
		if err := l.removeRows(removeBlocks, k.rid, blocks); err != nil {
			return 0, err
		}
		after = k.rid
	}
	return len(batch), l.exec(updateMeta, "rekey_cleaned", []byte(strconv.FormatInt(after, 10)))
}

func (l *learning) removeRows(text string, rid int64, rows [][]any) error {
	first := make([]any, len(rows))
	for i, r := range rows {
		first[i] = r[0]
	}
	return in(first, func(marks string, args []any) error { return l.exec(text+marks, append([]any{rid}, args...)...) })
}

// cleaned is the record that the taking away has come to.
func (l *learning) cleaned() (int64, error) {
	var text []byte
	err := l.get(&text, `SELECT value FROM meta WHERE name = 'rekey_cleaned'`)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(string(text), 10, 64)
}

// endRekey says that there is one key again.
func (d *DB) endRekey(ctx context.Context, _ func(string, int, int)) error {
	return d.rekeys(ctx, func(l *learning) error {
		if l.keys.adding {
			return errors.New("another process began anew")
		}
		return errors.Join(l.exec(deleteMeta, "rekey"), l.exec(deleteMeta, "rekey_cleaned"))
	})
}

// CanDropOld says whether nothing is under the ring's old keys any more, and
// takes what was from the disk where the database lets it: in SQLite's files no
// byte of it is left.
func (d *DB) CanDropOld(ctx context.Context) error {
	alone := d.ring.Alone()
	err := d.rekeys(ctx, func(l *learning) error {
		left := 0
		if err := l.get(&left, countToMove, alone.ID()); err != nil {
			return err
		}
		if l.keys.index.ID() != alone.ID() || l.keys.other != nil || left > 0 {
			return fmt.Errorf("%d records are under the old key, or are found by it: run customer360 identity rekey to its end", left)
		}
		return nil
	})
	if err == nil {
		err = d.asks.each(ctx, selectDecisions, []any{0}, func(scan func(...any) error) error {
			v, err := scanVerdict(scan)
			if err != nil {
				return err
			}
			if _, err := alone.Decrypt(v.reason, reasonPlace(v.a, v.b)); err != nil {
				return fmt.Errorf("decision %d is under the old key", v.seq)
			}
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("drop the old key: %w", err)
	}
	if d.dialect.shared {
		return nil
	}
	d.tending.mu.Lock() // nobody else may be about the log
	defer d.tending.mu.Unlock()
	for _, q := range []string{"PRAGMA temp_store = FILE", "VACUUM", "PRAGMA temp_store = MEMORY", "PRAGMA wal_checkpoint(TRUNCATE)"} {
		for _, db := range []interface {
			ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
		}{d.write, d.ledger} {
			if _, err := db.ExecContext(ctx, q); err != nil {
				return fmt.Errorf("drop the old key: %w", err)
			}
		}
	}
	return nil
}
