package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"customer360/idgraph"
)

// The reading texts. Those with a list are followed by its placeholders.
const (
	selectByIdentifier = `SELECT DISTINCT r.customer FROM identifiers i JOIN records r ON r.rid = i.rid WHERE i.hash = ? ORDER BY r.customer`
	selectByRef        = `SELECT customer FROM records WHERE source = ? AND id = ?`
	selectPage         = `SELECT id FROM customers WHERE records > 0 AND id > ? ORDER BY id LIMIT ?`
	selectSources      = `SELECT source, cursor, complete, records, at, error FROM sources`
	selectMerged       = `SELECT id, merged_into FROM customers WHERE merged_into IS NOT NULL AND id IN (`
	selectMembers      = `SELECT c.id, c.since, r.rid, r.source, r.id FROM records r JOIN customers c ON c.id = r.customer WHERE r.customer IN (`
	selectLinks        = `SELECT customer, a, b, rule, rule_version, since FROM links WHERE customer IN (`
)

// hotInRead are prepared when a store is opened.
var hotInRead = append([]string{selectByIdentifier, selectByRef, selectPage, selectSources}, lists(selectMerged, selectMembers, selectLinks)...)

// ByIdentifier answers whose records hold a normalised identifier.
func (d *DB) ByIdentifier(ctx context.Context, id idgraph.Identifier) ([]idgraph.CustomerID, error) {
	rows, err := d.reads.of[selectByIdentifier].QueryContext(ctx, d.ring.Hash(string(id.Type), id.Value))
	if err != nil {
		return nil, fmt.Errorf("look up %s: %w", id, err)
	}
	defer rows.Close()
	var found []idgraph.CustomerID
	for rows.Next() {
		var c idgraph.CustomerID
		if err := rows.Scan(&c); err != nil {
			return nil, fmt.Errorf("look up %s: %w", id, err)
		}
		found = append(found, c)
	}
	return found, rows.Err()
}

// ByRef answers the customer of one record, or 0.
func (d *DB) ByRef(ctx context.Context, ref idgraph.Ref) (idgraph.CustomerID, error) {
	var c idgraph.CustomerID
	err := d.reads.of[selectByRef].QueryRowContext(ctx, string(ref.Source), ref.ID).Scan(&c)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("look up record %s: %w", ref, err)
	}
	return c, nil
}

// Customers answers many customers, redirects followed.
func (d *DB) Customers(ctx context.Context, ids []idgraph.CustomerID) (map[idgraph.CustomerID]idgraph.Customer, error) {
	var found map[idgraph.CustomerID]idgraph.Customer
	err := d.reading(ctx, func(s *scope) (err error) {
		if found, err = living(s, ids); err != nil {
			return err
		}
		return redirected(s, ids, found)
	})
	if err != nil {
		return nil, fmt.Errorf("read customers: %w", err)
	}
	return found, nil
}

// redirected adds those who have been merged into others.
func redirected(s *scope, ids []idgraph.CustomerID, found map[idgraph.CustomerID]idgraph.Customer) error {
	into := map[idgraph.CustomerID]idgraph.CustomerID{}
	missing := slices.DeleteFunc(slices.Clone(ids), func(id idgraph.CustomerID) bool { _, ok := found[id]; return ok })
	err := in(missing, func(marks string, args []any) error {
		return s.each(selectMerged+marks, args, func(scan func(...any) error) error {
			var from, to idgraph.CustomerID
			err := scan(&from, &to)
			into[from] = to
			return err
		})
	})
	if err != nil || len(into) == 0 {
		return err
	}
	survivors := make([]idgraph.CustomerID, 0, len(into))
	for _, to := range into {
		survivors = append(survivors, to)
	}
	slices.Sort(survivors)
	alive, err := living(s, slices.Compact(survivors))
	if err != nil {
		return err
	}
	for from, to := range into {
		if c, ok := alive[to]; ok {
			c.RedirectedFrom = from
			found[from] = c
		}
	}
	return nil
}

// Page answers customers in id order.
func (d *DB) Page(ctx context.Context, after idgraph.CustomerID, limit int) ([]idgraph.Customer, error) {
	var page []idgraph.Customer
	err := d.reading(ctx, func(s *scope) error {
		var ids []idgraph.CustomerID
		if err := s.selects(&ids, selectPage, after, limit); err != nil {
			return err
		}
		found, err := living(s, ids)
		for _, id := range ids {
			page = append(page, found[id])
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("page of customers: %w", err)
	}
	return page, nil
}

// living reads customers that have records, with these and their links.
func living(s *scope, ids []idgraph.CustomerID) (map[idgraph.CustomerID]idgraph.Customer, error) {
	found := make(map[idgraph.CustomerID]idgraph.Customer, len(ids))
	refs := make(map[int64]idgraph.Ref, 2*len(ids))
	err := in(ids, func(marks string, args []any) error {
		err := s.each(selectMembers+marks, args, func(scan func(...any) error) error {
			var id idgraph.CustomerID
			var since, rid int64
			var ref idgraph.Ref
			if err := scan(&id, &since, &rid, &ref.Source, &ref.ID); err != nil {
				return err
			}
			c := found[id]
			c.ID, c.Since, c.Refs = id, moment(since), append(c.Refs, ref)
			found[id], refs[rid] = c, ref
			return nil
		})
		if err != nil {
			return err
		}
		return s.each(selectLinks+marks, args, func(scan func(...any) error) error {
			var id idgraph.CustomerID
			var a, b, since int64
			var link idgraph.Link
			if err := scan(&id, &a, &b, &link.Rule, &link.RuleVersion, &since); err != nil {
				return err
			}
			link.A, link.B, link.Since = refs[a], refs[b], moment(since)
			c := found[id]
			c.Links = append(c.Links, link)
			found[id] = c
			return nil
		})
	})
	for _, c := range found {
		slices.SortFunc(c.Refs, compareRefs)
		slices.SortFunc(c.Links, compareLinks)
	}
	return found, err
}

func compareRefs(a, b idgraph.Ref) int {
	switch {
	case a.Less(b):
		return -1
	case b.Less(a):
		return 1
	}
	return 0
}

// compareLinks orders by the two records, then the strongest rule first.
func compareLinks(a, b idgraph.Link) int {
	if c := compareRefs(a.A, b.A); c != 0 {
		return c
	}
	if c := compareRefs(a.B, b.B); c != 0 {
		return c
	}
	return b.Rule.Strength() - a.Rule.Strength()
}

// Sources answers how far each source has been read.
func (d *DB) Sources(ctx context.Context) (map[idgraph.Source]idgraph.SyncState, error) {
	found := map[idgraph.Source]idgraph.SyncState{}
	err := d.reading(ctx, func(s *scope) error {
		return s.each(selectSources, nil, func(scan func(...any) error) error {
			var state idgraph.SyncState
			var complete, at int64
			err := scan(&state.Source, &state.Cursor, &complete, &state.Records, &at, &state.Error)
			state.Full, state.At = complete == 1, moment(at)
			found[state.Source] = state
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read sources: %w", err)
	}
	return found, nil
}

// reading runs several statements on one state of the graph.
func (d *DB) reading(ctx context.Context, do func(*scope) error) error {
	tx, err := d.read.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer rollback(tx)
	return do(newScope(ctx, tx, d.reads))
}
