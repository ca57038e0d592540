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
	updateMember = `UPDATE records SET customer = ? WHERE rid = ?`
	updateCount  = `UPDATE customers SET records = ? WHERE id = ? AND records <> ?`
	selectEdges  = `SELECT a, b, rule, rule_version, customer FROM links WHERE customer IN (`
	updateStir   = `UPDATE customers SET changed = ? WHERE id IN (`
	updateLink   = `UPDATE links SET customer = ?, rule_version = ? WHERE a = ? AND b = ? AND rule = ?`
	deleteLink   = `DELETE FROM links WHERE a = ? AND b = ? AND rule = ?`
)

var (
	insertCustomers = insert{table: "customers", columns: "id, since, records, changed"}
	insertLinks     = insert{table: "links", columns: "a, b, rule, rule_version, since, customer"}
	insertEvents    = insert{table: "identity_events", columns: "seq, at, kind, customer, other, a, b, rule, rule_version, cause"}
)

// hotInLearn are prepared when a store is opened.
var hotInLearn = append(append([]string{
	selectCrowd, updateRecord, deleteRecord, deleteHash, updateMember, updateCount, updateLink, deleteLink,
	insertRecords.text(insertRows), insertIdentifiers.text(insertRows), insertCustomers.text(insertRows), insertLinks.text(insertRows), insertEvents.text(insertRows),
	insertRecords.text(1), insertCustomers.text(1), insertEvents.text(1),
}, lists(selectHolders, selectRows, selectOthers, selectEdges, updateStir)...), lists(selectKnown)...)

// An event is a line of identity_events.
type event struct {
	kind            string // minted, merged, split, gone, linked, unlinked
	customer, other idgraph.CustomerID
	a, b            int64
	rule            idgraph.Rule
}

// writeCustomers writes who belongs to whom.
func (l *learning) writeCustomers(clusters []*cluster, before map[idgraph.CustomerID]map[*cluster]int, merged map[idgraph.CustomerID]idgraph.CustomerID) error {
	var minted, added [][]any
	for _, c := range clusters {
		if len(c.claims) == 0 {
			minted = append(minted, []any{c.customer, stamp(l.now), len(c.rows), stamp(l.now)})
			l.events = append(l.events, event{kind: "minted", customer: c.customer})
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
		l.events = append(l.events, event{kind: "merged", customer: id, other: merged[id]})
	}
	for _, id := range sorted(before) {
		if len(before[id]) < 2 {
			continue
		}
		l.change.Split++
		heir := largest(before[id])
		for _, c := range slices.SortedFunc(maps.Keys(before[id]), byAge) {
			if c != heir {
				l.events = append(l.events, event{kind: "split", customer: id, other: c.customer})
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
		l.events = append(l.events, event{kind: "gone", customer: r.customer})
	}
	return nil
}

// An edge is a link as the store has it.
type edge struct {
	a, b int64
	rule idgraph.Rule
}

// writeLinks writes which links are new, gone or another customer's now. The
// others keep their since.
func (l *learning) writeLinks(links []idgraph.Link, of map[int64]*cluster) error {
	type state struct {
		version  int
		customer idgraph.CustomerID
	}
	have := map[edge]state{}
	var order []edge
	customers := map[idgraph.CustomerID]bool{}
	for _, r := range l.rows {
		customers[r.customer] = true
	}
	for _, r := range l.gone {
		customers[r.customer] = true
	}
	delete(customers, 0)
	err := in(sorted(customers), func(marks string, args []any) error {
		return l.each(selectEdges+marks, args, func(scan func(...any) error) error {
			var e edge
			var s state
			err := scan(&e.a, &e.b, &e.rule, &s.version, &s.customer)
			if _, twice := have[e]; !twice {
				have[e], order = s, append(order, e)
			}
			return err
		})
	})
	if err != nil {
		return err
	}
	rid := make(map[idgraph.Ref]int64, len(l.rows))
	for id, r := range l.rows {
		rid[r.ref] = id
	}
	var added [][]any
	kept := map[edge]bool{}
	for _, link := range links {
		e := edge{a: rid[link.A], b: rid[link.B], rule: link.Rule}
		c := of[e.a].customer
		kept[e] = true
		switch s, ok := have[e]; {
		case !ok:
			l.stirred[c] = true
			added = append(added, []any{e.a, e.b, string(e.rule), match.RuleVersion, stamp(l.now), c})
			l.events = append(l.events, event{kind: "linked", customer: c, a: e.a, b: e.b, rule: e.rule})
		case s.customer != c || s.version != match.RuleVersion:
			if err := l.exec(updateLink, c, match.RuleVersion, e.a, e.b, string(e.rule)); err != nil {
				return err
			}
		}
	}
	for _, e := range order {
		if kept[e] {
			continue
		}
		l.stirred[have[e].customer] = true
		if err := l.exec(deleteLink, e.a, e.b, string(e.rule)); err != nil {
			return err
		}
		l.events = append(l.events, event{kind: "unlinked", customer: have[e].customer, a: e.a, b: e.b, rule: e.rule})
	}
	return l.scope.rows(insertLinks, added)
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
		rows = append(rows, []any{seq, stamp(l.now), e.kind, e.customer, e.other, e.a, e.b, string(e.rule), match.RuleVersion, "learn " + string(l.source)})
	}
	return l.scope.rows(insertEvents, rows)
}

// next gives out the next number of a kind.
func (l *learning) next(kind string) (int64, error) {
	if _, ok := l.counters[kind]; !ok {
		var last int64
		err := l.tx.GetContext(l.ctx, &last, l.tx.Rebind(`SELECT last FROM counters WHERE name = ?`), kind)
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
			if err := l.exec(`INSERT INTO counters (name, last) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET last = excluded.last`, kind, last); err != nil {
				return err
			}
		}
	}
	return nil
}
