package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"customer360/idgraph"
)

var _ idgraph.Decider = (*DB)(nil)

// Decide keeps decisions in the ledger, and then has the graph follow them. If
// the process ends in between, the next change of the graph does.
func (d *DB) Decide(ctx context.Context, decisions []idgraph.Decision) (idgraph.Change, error) {
	if len(decisions) == 0 {
		return idgraph.Change{}, nil
	}
	refs := make([]idgraph.Ref, 0, 2*len(decisions))
	for i, v := range decisions {
		if v.A == v.B {
			return idgraph.Change{}, fmt.Errorf("decide: record %s is one with itself", v.A)
		}
		if v.B.Less(v.A) {
			decisions[i].A, decisions[i].B = v.B, v.A
		}
		refs = append(refs, v.A, v.B)
	}
	held, err := d.ByRefs(ctx, refs)
	if err != nil {
		return idgraph.Change{}, fmt.Errorf("decide: %w", err)
	}
	for _, ref := range refs {
		if held[ref] == 0 {
			return idgraph.Change{}, fmt.Errorf("decide: record %s: %w", ref, idgraph.ErrUnknownRecord)
		}
	}
	rows, reasons := make([]verdict, len(decisions)), make([]string, len(decisions))
	for i, v := range decisions {
		rows[i], reasons[i] = verdict{a: v.A, b: v.B, same: v.Same, actor: v.Actor, at: stampOr(v.At, d.now)}, v.Reason
	}
	change, first, err := d.decide(ctx, rows, reasons)
	for i := range decisions {
		decisions[i].Seq = first + int64(i)
	}
	return change, err
}

// Undo takes decisions back: what was decided of the two before holds again.
func (d *DB) Undo(ctx context.Context, seqs []int64, actor, reason string) (idgraph.Change, error) {
	all, err := d.verdictsInForce(ctx)
	if err != nil {
		return idgraph.Change{}, fmt.Errorf("undo: %w", err)
	}
	var rows []verdict
	var reasons []string
	for i, seq := range seqs {
		of := all.seq(seq)
		if of == nil || of.undone || slices.Index(seqs, seq) < i {
			return idgraph.Change{}, fmt.Errorf("undo: %w %d", idgraph.ErrUnknownDecision, seq)
		}
		rows = append(rows, verdict{a: of.a, b: of.b, same: of.same, undoes: seq, actor: actor, at: stamp(d.now())})
		reasons = append(reasons, reason)
	}
	if len(rows) == 0 {
		return idgraph.Change{}, nil
	}
	change, _, err := d.decide(ctx, rows, reasons)
	return change, err
}

// decide appends to the ledger, durably, and has the graph follow. It answers the
// number of the first.
func (d *DB) decide(ctx context.Context, rows []verdict, reasons []string) (_ idgraph.Change, first int64, _ error) {
	var last int64
	err := d.appending(ctx, decides, func(s *scope) error {
		if err := s.get(&last, selectDecision); err != nil {
			return err
		}
		ring, err := d.ledgerRing(s)
		if err != nil {
			return err
		}
		first = last + 1
		for i, v := range rows {
			last++
			if v.reason, err = ring.Encrypt([]byte(reasons[i]), reasonPlace(v.a, v.b)); err != nil {
				return err
			}
			err = s.exec(insertDecision, last, v.at, clean(v.actor), string(v.a.Source), v.a.ID, string(v.b.Source), v.b.ID, flag(v.same), v.undoes, v.reason)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return idgraph.Change{}, 0, fmt.Errorf("keep decisions: %w", err)
	}
	cause := fmt.Sprint("decision ", first)
	if last > first {
		cause = fmt.Sprintf("decisions %d to %d", first, last)
	}
	change, err := d.changeGraph(ctx, cause, (*learning).follow)
	if err != nil {
		return idgraph.Change{}, first, fmt.Errorf("follow %s, which is kept and will be followed later: %w", cause, err)
	}
	return change, first, nil
}

// reasonPlace is what a decision's reason is bound to.
func reasonPlace(a, b idgraph.Ref) []byte {
	return []byte("reason\x00" + string(a.Source) + "\x00" + a.ID + "\x00" + string(b.Source) + "\x00" + b.ID)
}

func stampOr(t time.Time, now func() time.Time) int64 {
	if t.IsZero() {
		t = now()
	}
	return stamp(t)
}
