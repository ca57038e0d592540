package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"customer360/idgraph"
	"customer360/idgraph/consent"
)

const (
	selectEvents = `SELECT seq, source, id, purpose, state, at, recorded_at, held_by, method, notice, valid_until FROM consent_events WHERE source = ? AND id IN (`
	insertEvent  = `INSERT INTO consent_events (seq, source, id, purpose, state, at, recorded_at, held_by, method, notice, valid_until, digest)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (digest) DO NOTHING`
	selectLast = `SELECT COALESCE(MAX(seq), 0) FROM consent_events`
)

var (
	hotInAppend = []string{selectLast, insertEvent, insertAudit, selectDecision, insertDecision}
	hotInAsk    = append(lists(selectEvents), selectLast, selectDecisions)
)

// Append adds events, all or none. An event that the ledger has already (the
// same of everything but Seq and RecordedAt) is left out, so that a source may
// be read again. What has no RecordedAt is recorded now.
func (d *DB) Append(ctx context.Context, events []consent.Event) error {
	if len(events) == 0 {
		return nil
	}
	var seq int64
	err := d.appending(ctx, consents, func(s *scope) error {
		if err := s.get(&seq, selectLast); err != nil {
			return err
		}
		for _, e := range events {
			if e.RecordedAt.IsZero() {
				e.RecordedAt = d.now()
			}
			var until sql.NullInt64
			if !e.ValidUntil.IsZero() {
				until = sql.NullInt64{Int64: stamp(e.ValidUntil), Valid: true}
			}
			digest := d.ring.Digest("consent event", string(e.Ref.Source), e.Ref.ID, string(e.Purpose), string(e.State), fmt.Sprint(stamp(e.At)), e.HeldBy, e.Method, e.Notice,
				fmt.Sprint(until.Int64, until.Valid))
			added, err := s.changed(insertEvent, seq+1, string(e.Ref.Source), e.Ref.ID, string(e.Purpose), string(e.State), stamp(e.At), stamp(e.RecordedAt),
				e.HeldBy, e.Method, e.Notice, until, digest)
			if err != nil {
				return err
			}
			seq += added
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("append consent events: %w", err)
	}
	d.pulse.raise(seq)
	return nil
}

// Of answers all events of the refs, in the order in which they came.
func (d *DB) Of(ctx context.Context, refs []idgraph.Ref) (map[idgraph.Ref][]consent.Event, error) {
	ids := map[idgraph.Source][]string{}
	for _, ref := range refs {
		if d.dialect.holds(ref.ID) {
			ids[ref.Source] = append(ids[ref.Source], ref.ID)
		}
	}
	found := make(map[idgraph.Ref][]consent.Event, len(refs))
	for source, of := range ids {
		err := in(of, func(marks string, args []any) error {
			return d.asks.each(ctx, selectEvents+marks, append([]any{string(source)}, args...), func(scan func(...any) error) error {
				var e consent.Event
				var at, recorded int64
				var until sql.NullInt64
				if err := scan(&e.Seq, &e.Ref.Source, &e.Ref.ID, &e.Purpose, &e.State, &at, &recorded, &e.HeldBy, &e.Method, &e.Notice, &until); err != nil {
					return err
				}
				e.At, e.RecordedAt, e.ValidUntil = moment(at), moment(recorded), moment(until.Int64)
				found[e.Ref] = append(found[e.Ref], e)
				return nil
			})
		})
		if err != nil {
			return nil, fmt.Errorf("read consent events: %w", err)
		}
	}
	for _, events := range found {
		slices.SortFunc(events, func(a, b consent.Event) int { return cmp.Compare(a.Seq, b.Seq) })
	}
	return found, nil
}

// appending runs a transaction of the ledger; it is on the disk when this returns nil.
func (d *DB) appending(ctx context.Context, t turn, do func(*scope) error) (err error) {
	defer func() { err = whenFull(err) }()
	tx, err := d.begin(ctx, d.ledger, t)
	if err != nil {
		return err
	}
	defer rollback(tx)
	if err := do(newScope(ctx, tx, d.appends)); err != nil {
		return err
	}
	return tx.Commit()
}
