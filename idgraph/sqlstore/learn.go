package sqlstore

import (
	"context"
	"fmt"
	"time"

	"customer360/idgraph"
	"customer360/idgraph/match"
)

// Learn takes a batch in: what of it is news is kept and compared with whom it
// may concern, the components that this touches are clustered again, and the
// source's cursor moves on; all in one transaction. Records that are as they
// were cost a comparison.
func (d *DB) Learn(ctx context.Context, b idgraph.Batch) (idgraph.Change, error) {
	news, err := d.makeReady(b)
	if err != nil {
		return idgraph.Change{}, fmt.Errorf("learn %s: %w", b.Source, err)
	}
	change, err := d.changeGraph(ctx, "learn "+string(b.Source), func(l *learning) error {
		l.source = b.Source
		if err := l.takeIn(news); err != nil {
			return err
		}
		if err := l.forget(b.Gone); err != nil {
			return err
		}
		if err := l.follow(); err != nil {
			return err
		}
		return l.moveOn(b)
	})
	if err != nil {
		return idgraph.Change{}, fmt.Errorf("learn %s: %w", b.Source, err)
	}
	d.tending.learnt(change.Records + change.Gone)
	return change, nil
}

// changeGraph runs one change of the graph, alone and whole.
func (d *DB) changeGraph(ctx context.Context, cause string, do func(*learning) error) (_ idgraph.Change, err error) {
	defer func() { err = whenFull(err) }()
	if err := d.learning.enter(ctx); err != nil {
		return idgraph.Change{}, err
	}
	defer d.learning.leave()
	conn, err := d.write.Connx(ctx)
	if err != nil {
		return idgraph.Change{}, err
	}
	defer conn.Close()
	tx, err := d.begin(ctx, conn, learns)
	if err != nil {
		return idgraph.Change{}, err
	}
	defer rollback(tx)
	l := &learning{
		scope: newScope(ctx, tx, d.writes), db: d, cause: cause, now: d.now(), counters: map[string]int64{},
		rows: map[int64]*row{}, news: map[int64]*row{}, blocks: map[uint64]*block{}, marks: map[uint64]match.Mark{},
		crowds: map[uint64]bool{}, seeds: map[int64]bool{}, near: map[int64]bool{}, stirred: map[idgraph.CustomerID]bool{},
	}
	l.on(conn)
	if l.rules, l.keys, err = d.rulesInForce(l.scope); err != nil {
		return idgraph.Change{}, err
	}
	if l.keys.other != nil {
		l.other = d.newRules(l.rules.Snapshot(), l.keys.other)
	}
	if l.verdicts, err = d.verdictsInForce(ctx); err != nil {
		return idgraph.Change{}, err
	}
	if err := do(l); err != nil {
		return idgraph.Change{}, err
	}
	if err := l.writeEvents(); err != nil {
		return idgraph.Change{}, err
	}
	if err := l.keepCounters(); err != nil {
		return idgraph.Change{}, err
	}
	if err := tx.Commit(); err != nil {
		return idgraph.Change{}, err
	}
	return l.change, nil
}

// A learning is one change of the graph under way.
type learning struct {
	*scope
	db       *DB
	keys     keying
	rules    *match.Rules
	other    *match.Rules // the same under the other key, while a rekey is under way
	verdicts *verdicts
	source   idgraph.Source
	cause    string
	now      time.Time
	change   idgraph.Change
	counters map[string]int64

	rows    map[int64]*row // all that were loaded, by number
	news    map[int64]*row // those of them that are new or changed
	gone    []*row         // those that were deleted
	added   struct{ identifiers, blocks [][]any }
	blocks  map[uint64]*block     // those that news stand in, or stood in
	marks   map[uint64]match.Mark // of the identifiers that were asked for
	crowds  map[uint64]bool       // whether blocks that were asked for are over their cap
	seeds   map[int64]bool        // records whose components are to be clustered
	near    map[int64]bool        // records with an edge that links nobody and has changed
	events  []event
	stirred map[idgraph.CustomerID]bool // of whom something has changed
	records int                         // how many more of them the source has
}

// A row is a record as the store has it.
type row struct {
	rid              int64
	ref              idgraph.Ref
	customer, origin idgraph.CustomerID // 0 for a fresh one
	f                *match.Features
	other            *match.Features // under the other key
	fresh            *fresh          // nil for one that the store has
	stale            bool            // whether it stands in no block yet
	changed          bool            // whether the news changed it
}

// follow does all that follows from what was taken in and forgotten, and from
// decisions that have not been followed yet.
func (l *learning) follow() error {
	pending, err := l.pending()
	if err != nil {
		return err
	}
	if len(l.news) == 0 && len(l.gone) == 0 && len(pending) == 0 {
		return nil
	}
	for _, step := range []func() error{
		l.enter, l.survey, l.mark,
		func() error { return l.weigh(pending) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	reached, err := l.reach()
	if err != nil {
		return err
	}
	if err := l.settle(reached); err != nil {
		return err
	}
	if err := l.place(reached); err != nil {
		return err
	}
	if err := l.followed(pending); err != nil {
		return err
	}
	return l.writeStirred()
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
