package sqlstore

import (
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"customer360/idgraph"
	"customer360/idgraph/match"
)

const (
	updateMember     = `UPDATE records SET customer = ? WHERE rid = ?`
	updateCount      = `UPDATE customers SET records = ? WHERE id = ? AND records <> ?`
	selectLastNumber = `SELECT last FROM counters WHERE name = ?`
	updateLastNumber = `INSERT INTO counters (name, last) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET last = excluded.last`
	updateStir       = `UPDATE customers SET changed = ? WHERE id IN (`
)

var (
	insertCustomers = insert{table: "customers", columns: "id, since, records, changed"}
	insertEvents    = insert{table: "identity_events", columns: "seq, at, kind, customer, other, a, b, rule, rule_version, cause"}
)

// hotInLearn are prepared when a store is opened.
var hotInLearn = append(append([]string{
	selectKeying, updateRecord, updateStale, deleteRecord, deleteHash, deleteBlock, updateMember, updateCount, updateEdge, deleteEdge, updatePlace,
	insertCrowded, updateCrowded, deleteCrowded, upsertMark, deleteMark, selectFollowed, selectVersion, selectLastNumber, updateLastNumber,
	insertRecords.text(insertRows), insertIdentifiers.text(insertRows), insertBlocks.text(insertRows), insertCustomers.text(insertRows), insertEdges.text(insertRows), insertEvents.text(insertRows),
	insertRecords.text(1), insertCustomers.text(1), insertEvents.text(1), insertIdentifiers.text(1), insertBlocks.text(1), insertEdges.text(1),
}, lists(selectHolders, selectMembers, selectCrowded, selectMarks, selectRows, selectOthers, selectAfter, selectUntil, selectJoinsAfter, selectJoinsUntil,
	selectFellow, selectSizes, selectFrozen, updateStir)...), lists(selectKnown)...)

// An event is a line of identity_events.
type event struct {
	kind            idgraph.EventKind
	customer, other idgraph.CustomerID
	a, b            int64
	rule            idgraph.Rule
	cause           string // "" is that of the learning
}

// writeCustomers writes who belongs to whom.
func (l *learning) writeCustomers(clusters []*cluster, before map[idgraph.CustomerID]map[*cluster]int, merged map[idgraph.CustomerID]idgraph.CustomerID) error {
	var minted, added [][]any
	for _, c := range clusters {
		if len(c.claims) == 0 {
			minted = append(minted, []any{c.customer, stamp(l.now), len(c.rows), stamp(l.now)})
			l.events = append(l.events, event{kind: idgraph.Minted, customer: c.customer})
		} else if err := l.exec(updateCount, len(c.rows), c.customer, len(c.rows)); err != nil {
			return err
		}
		for _, r := range c.rows {
			if r.customer == c.customer {
				if r.changed {
					l.stirred[c.customer] = true
				}
				continue
			}
			l.stirred[c.customer], l.stirred[r.customer] = true, true
			if r.fresh != nil {
				added = append(added, r.fresh.columns(r, c.customer))
				continue
			}
			if err := l.exec(updateMember, c.customer, r.rid); err != nil {
				return err
			}
		}
	}
	if err := l.scope.rows(insertCustomers, minted); err != nil {
		return err
	}
	if err := l.scope.rows(insertRecords, added); err != nil {
		return err
	}
	for _, id := range sorted(merged) {
		if err := l.exec(`UPDATE customers SET records = 0, merged_into = ? WHERE id = ?`, merged[id], id); err != nil {
			return err
		}
		l.change.Merged++
		l.events = append(l.events, event{kind: idgraph.Merged, customer: id, other: merged[id]})
	}
	for _, id := range sorted(before) {
		if len(before[id]) < 2 {
			continue
		}
		l.change.Split++
		heir := largest(before[id])
		for _, c := range slices.SortedFunc(maps.Keys(before[id]), byAge) {
			if c != heir {
				l.events = append(l.events, event{kind: idgraph.SplitOff, customer: id, other: c.customer})
			}
		}
	}
	return l.emptied(before)
}

// emptied ends customers whose last record was deleted.
func (l *learning) emptied(before map[idgraph.CustomerID]map[*cluster]int) error {
	done := map[idgraph.CustomerID]bool{}
	for _, r := range l.gone {
		l.stirred[r.customer] = true
		if before[r.customer] != nil || done[r.customer] || r.customer == 0 {
			continue
		}
		done[r.customer] = true
		if err := l.exec(`UPDATE customers SET records = 0 WHERE id = ?`, r.customer); err != nil {
			return err
		}
		l.events = append(l.events, event{kind: idgraph.Gone, customer: r.customer})
	}
	return nil
}

// writeStirred dates the customers of whom something has changed.
func (l *learning) writeStirred() error {
	delete(l.stirred, 0)
	return in(sorted(l.stirred), func(marks string, args []any) error {
		return l.exec(updateStir+marks, append([]any{stamp(l.now)}, args...)...)
	})
}

// writeEvents appends what became of customers and links.
func (l *learning) writeEvents() error {
	rows := make([][]any, 0, len(l.events))
	for _, e := range l.events {
		seq, err := l.next("event")
		if err != nil {
			return err
		}
		if e.cause == "" {
			e.cause = l.cause
		}
		rows = append(rows, []any{seq, stamp(l.now), string(e.kind), e.customer, e.other, e.a, e.b, string(e.rule), match.RuleVersion, e.cause})
	}
	return l.scope.rows(insertEvents, rows)
}

// next gives out the next number of a kind.
func (l *learning) next(kind string) (int64, error) {
	if _, ok := l.counters[kind]; !ok {
		var last int64
		err := l.get(&last, selectLastNumber, kind)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return 0, fmt.Errorf("next %s: %w", kind, err)
		}
		l.counters[kind] = last
	}
	l.counters[kind]++
	return l.counters[kind], nil
}

// keepCounters writes the numbers that were given out.
func (l *learning) keepCounters() error {
	if err := l.db.reserve(l.ctx, l.tx, l.counters["customer"]); err != nil {
		return err
	}
	for _, kind := range []string{"record", "customer", "event"} {
		if last, ok := l.counters[kind]; ok {
			if err := l.exec(updateLastNumber, kind, last); err != nil {
				return err
			}
		}
	}
	return nil
}
