package sqlstore

import (
	"context"
	"fmt"
	"math"
	"strings"

	"customer360/idgraph"
)

const (
	eventColumns   = `seq, at, kind, customer, other, a, b, rule, rule_version, cause`
	selectEventsOf = `SELECT ` + eventColumns + ` FROM (SELECT ` + eventColumns + ` FROM identity_events WHERE customer = ? AND seq < ? ORDER BY seq DESC LIMIT ?) AS own
		UNION SELECT ` + eventColumns + ` FROM (SELECT ` + eventColumns + ` FROM identity_events WHERE other = ? AND other > 0 AND seq < ? ORDER BY seq DESC LIMIT ?) AS others
		ORDER BY 1 DESC LIMIT ?`
	selectRefs = `SELECT rid, source, id FROM records WHERE rid IN (`
)

// Events answers what became of a customer, newest first.
func (d *DB) Events(ctx context.Context, id idgraph.CustomerID, before int64, limit int) (found []idgraph.Event, err error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	err = d.looking(ctx, func(l *looking) error {
		var ends [][2]int64
		var rids []int64
		err := l.each(selectEventsOf, []any{id, before, limit, id, before, limit, limit}, func(scan func(...any) error) error {
			var e idgraph.Event
			var at, a, b int64
			err := scan(&e.Seq, &at, &e.Kind, &e.Customer, &e.Other, &a, &b, &e.Rule, &e.RuleVersion, &e.Cause)
			e.At, e.Kind = moment(at), idgraph.EventKind(strings.ToUpper(string(e.Kind))) // older builds wrote small letters
			found, ends, rids = append(found, e), append(ends, [2]int64{a, b}), append(rids, a, b)
			return err
		})
		if err != nil {
			return err
		}
		refs, err := l.refs(rids)
		for i := range found {
			found[i].A, found[i].B = refs[ends[i][0]], refs[ends[i][1]]
			if found[i].Decision, err = l.decisionOf(found[i].Cause); err != nil {
				return err
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	return found, nil
}

// refs answers the refs of records that are still there.
func (l *looking) refs(rids []int64) (map[int64]idgraph.Ref, error) {
	out := map[int64]idgraph.Ref{}
	err := in(rids, func(marks string, args []any) error {
		return l.each(selectRefs+marks, args, func(scan func(...any) error) error {
			var rid int64
			var ref idgraph.Ref
			err := scan(&rid, &ref.Source, &ref.ID)
			out[rid] = ref
			return err
		})
	})
	return out, err
}

// decisionOf answers the decision that a cause names, nil where it names none. Of
// one that was taken back, it says who did, and why.
func (l *looking) decisionOf(cause string) (*idgraph.Decision, error) {
	var seq int64
	if n, _ := fmt.Sscanf(cause, "decision %d", &seq); n != 1 {
		return nil, nil
	}
	for _, v := range l.verdicts.all {
		if v.seq != seq {
			continue
		}
		reason, err := l.db.ring.Decrypt(v.reason, reasonPlace(v.a, v.b))
		if err != nil {
			return nil, fmt.Errorf("decision %d: %w", seq, err)
		}
		d := &idgraph.Decision{Seq: v.seq, A: v.a, B: v.b, Same: v.same, At: moment(v.at), Actor: v.actor, Reason: string(reason), Undone: v.undone}
		if v.undoes != 0 {
			d.Seq, d.Undone = v.undoes, true
		}
		return d, nil
	}
	return nil, nil
}
