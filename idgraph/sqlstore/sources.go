package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"customer360/idgraph"
)

const (
	selectSources = `SELECT source, cursor, complete, records, at, error, began, read_to, total, whole_at, swept_at, gone, missed, missed_are, sweep_error FROM sources`
	selectHeld    = `SELECT id FROM records WHERE source = ?`
	insertSource  = `INSERT INTO sources (source, cursor, complete, records, at, error) VALUES (?, '', 0, 0, 0, '') ON CONFLICT (source) DO NOTHING`
)

// moveOn writes how far the source has been read. A reading that goes on after
// an interruption began when its first page was asked for.
func (l *learning) moveOn(b idgraph.Batch) error {
	const counted = `INSERT INTO sources (source, cursor, complete, records, at, error) VALUES (?, '', 0, ?, 0, '')
		ON CONFLICT (source) DO UPDATE SET records = sources.records + excluded.records`
	const moved = `INSERT INTO sources (source, cursor, complete, records, at, error, total, began, read_to, whole_at) VALUES (?, ?, ?, ?, ?, '', ?, ?, ?, ?)
		ON CONFLICT (source) DO UPDATE SET cursor = excluded.cursor, complete = CASE WHEN sources.complete = 1 THEN 1 ELSE excluded.complete END,
		records = sources.records + excluded.records, at = excluded.at, error = '',
		total = CASE WHEN excluded.total > 0 THEN excluded.total ELSE sources.total END,
		began = CASE WHEN excluded.complete = 1 THEN 0 WHEN sources.began > 0 THEN sources.began ELSE excluded.began END,
		read_to = CASE WHEN excluded.complete = 0 THEN sources.read_to WHEN sources.began > 0 THEN sources.began ELSE excluded.read_to END,
		whole_at = CASE WHEN sources.complete = 1 OR excluded.complete = 0 THEN sources.whole_at WHEN sources.began > 0 THEN sources.began ELSE excluded.read_to END`
	if b.Aside {
		return l.exec(counted, string(b.Source), l.records)
	}
	began, readTo := stampOf(b.Began), int64(0)
	if b.Full {
		began, readTo = 0, began
	}
	return l.exec(moved, string(b.Source), b.Cursor, flag(b.Full), l.records, stamp(l.now), b.Total, began, readTo, readTo)
}

// SyncFailed remembers what stopped a reading.
func (d *DB) SyncFailed(ctx context.Context, s idgraph.Source, code string) error {
	return d.ofSource(ctx, s, `UPDATE sources SET error = ? WHERE source = ?`, code, string(s))
}

// Swept remembers what came of a sweep.
func (d *DB) Swept(ctx context.Context, s idgraph.Source, end idgraph.Sweep) error {
	return d.ofSource(ctx, s, `UPDATE sources SET swept_at = ?, whole_at = ?, gone = gone + ?, missed = ?, missed_are = ?, sweep_error = ? WHERE source = ?`,
		stampOf(end.At), stampOf(end.WholeAt), end.Gone, end.Missed, end.MissedAre, end.Error, string(s))
}

// SweepFailed remembers what stopped a sweep.
func (d *DB) SweepFailed(ctx context.Context, s idgraph.Source, code string) error {
	return d.ofSource(ctx, s, `UPDATE sources SET sweep_error = ? WHERE source = ?`, code, string(s))
}

// ofSource writes what is known of a source, of which nothing may be known yet.
func (d *DB) ofSource(ctx context.Context, s idgraph.Source, text string, args ...any) error {
	if err := d.learning.enter(ctx); err != nil {
		return fmt.Errorf("remember the state of %s: %w", s, err)
	}
	defer d.learning.leave()
	tx, err := d.begin(ctx, d.write, learns)
	if err != nil {
		return fmt.Errorf("remember the state of %s: %w", s, err)
	}
	defer rollback(tx)
	_, err = tx.ExecContext(ctx, tx.Rebind(insertSource), string(s))
	if err == nil {
		_, err = tx.ExecContext(ctx, tx.Rebind(text), args...)
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return fmt.Errorf("remember the state of %s: %w", s, err)
	}
	return nil
}

// Sources answers how far each source has been read.
func (d *DB) Sources(ctx context.Context) (map[idgraph.Source]idgraph.SyncState, error) {
	found := map[idgraph.Source]idgraph.SyncState{}
	err := d.reads.each(ctx, selectSources, nil, func(scan func(...any) error) error {
		var state idgraph.SyncState
		var complete, at, began, readTo, wholeAt, sweptAt int64
		w := &state.Sweep
		err := scan(&state.Source, &state.Cursor, &complete, &state.Records, &at, &state.Error, &began, &readTo, &state.Total,
			&wholeAt, &sweptAt, &w.Gone, &w.Missed, &w.MissedAre, &w.Error)
		state.Full, state.At, state.Began, state.ReadTo = complete == 1, moment(at), moment(began), moment(readTo)
		w.At, w.WholeAt = moment(sweptAt), moment(wholeAt)
		found[state.Source] = state
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read sources: %w", err)
	}
	return found, nil
}

// Held answers the ids of a source's records.
func (d *DB) Held(ctx context.Context, s idgraph.Source) ([]string, error) {
	var ids []string
	err := d.reads.each(ctx, selectHeld, []any{string(s)}, func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the records of %s: %w", s, err)
	}
	slices.Sort(ids)
	return ids, nil
}

// stampOf is a stamp, 0 for no time.
func stampOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return stamp(t)
}
