package sqlstore

import (
	"context"
	"fmt"
	"time"

	"customer360/idgraph"
	"customer360/idgraph/match"
)

// Learn takes a batch in: what of it is news is kept, everybody whom the news
// may concern is resolved again, and the source's cursor moves on; all in one
// transaction. Records that are as they were cost a comparison.
func (d *DB) Learn(ctx context.Context, b idgraph.Batch) (idgraph.Change, error) {
	news, err := d.makeReady(b)
	if err != nil {
		return idgraph.Change{}, fmt.Errorf("learn %s: %w", b.Source, err)
	}
	d.learning.Lock()
	defer d.learning.Unlock()
	tx, err := d.begin(ctx, d.write, learns)
	if err != nil {
		return idgraph.Change{}, fmt.Errorf("learn %s: %w", b.Source, err)
	}
	defer rollback(tx)
	l := &learning{
		scope: newScope(ctx, tx, d.writes), db: d, source: b.Source, now: d.now(), counters: map[string]int64{},
		rows: map[int64]*row{}, added: map[string]int{}, removed: map[string]int{}, types: map[string]idgraph.IdentifierType{}, generic: map[string]bool{}, stirred: map[idgraph.CustomerID]bool{},
	}
	if err := l.learn(b, news); err != nil {
		return idgraph.Change{}, fmt.Errorf("learn %s: %w", b.Source, err)
	}
	if err := tx.Commit(); err != nil {
		return idgraph.Change{}, fmt.Errorf("learn %s: %w", b.Source, err)
	}
	return l.change, nil
}

// A learning is one Learn under way.
type learning struct {
	*scope
	db       *DB
	source   idgraph.Source
	now      time.Time
	change   idgraph.Change
	counters map[string]int64

	rows           map[int64]*row // all that are to be resolved again, by rid
	gone           []*row         // those that were deleted
	added, removed map[string]int // by hash: how many records got it, lost it
	types          map[string]idgraph.IdentifierType
	generic        map[string]bool // hashes that too many records hold to link anybody
	events         []event
	stirred        map[idgraph.CustomerID]bool // of whom something has changed
	records        int                         // how many more of them the source has
}

// A row is a record as the store has it.
type row struct {
	rid              int64
	ref              idgraph.Ref
	customer, origin idgraph.CustomerID // 0 for a fresh one
	rec              idgraph.Record
	hashes           []string // of rec.Identifiers
	fresh            *fresh   // nil for one that the store has
	changed          bool     // whether the news changed it
}

func (l *learning) learn(b idgraph.Batch, news []incoming) error {
	if err := l.takeIn(news); err != nil {
		return err
	}
	if err := l.forget(b.Gone); err != nil {
		return err
	}
	if len(l.rows) > 0 || len(l.gone) > 0 || len(l.removed) > 0 {
		if err := l.reach(); err != nil {
			return err
		}
		if err := l.settle(l.resolve()); err != nil {
			return err
		}
	}
	if err := l.writeEvents(); err != nil {
		return err
	}
	if err := l.keepCounters(); err != nil {
		return err
	}
	return l.moveOn(b)
}

// resolve clusters the rows that were reached; values that are generic in the
// whole store are left out.
func (l *learning) resolve() match.ExactResolution {
	records := make([]idgraph.Record, 0, len(l.rows))
	for _, r := range l.rows {
		rec := r.rec
		for i, h := range r.hashes {
			if l.generic[h] {
				rec.Identifiers = rec.Identifiers[:0:0]
				for j, id := range r.rec.Identifiers {
					if j < i || !l.generic[r.hashes[j]] {
						rec.Identifiers = append(rec.Identifiers, id)
					}
				}
				break
			}
		}
		records = append(records, rec)
	}
	return match.ResolveExact(records)
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
