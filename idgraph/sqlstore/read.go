package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"customer360/idgraph"
)

// The reading texts. Those with a list are followed by its placeholders.
const (
	selectByIdentifier = `SELECT r.customer FROM identifiers i JOIN records r ON r.rid = i.rid WHERE i.hash = ?
		UNION ALL SELECT -1 FROM meta WHERE name = 'keys' AND value <> ?`
	selectHeldBy = `SELECT r.source, r.id FROM identifiers i JOIN records r ON r.rid = i.rid WHERE i.hash = ?
		UNION ALL SELECT '', '' FROM meta WHERE name = 'keys' AND value <> ?`
	selectByRef  = `SELECT customer FROM records WHERE source = ? AND id = ?`
	selectByRefs = `SELECT id, customer FROM records WHERE source = ? AND id IN (`
	selectPage   = `SELECT id FROM customers WHERE records > 0 AND id > ? ORDER BY id LIMIT ?`
	selectMerged = `SELECT id, merged_into FROM customers WHERE merged_into IS NOT NULL AND id IN (`
)

// selectLiving reads records and links of customers in one statement, and so
// on one state of the graph: a link is a row with two record numbers. Where a
// link has its rule's version, a record has its customer's last change.
func selectLiving(marks string) string {
	return `SELECT r.customer, r.rid, 0, c.since, c.changed, r.source, r.id FROM records r JOIN customers c ON c.id = r.customer WHERE r.customer IN (` + marks +
		` UNION ALL SELECT customer, a, b, since, rule_version, CASE decided WHEN 1 THEN 'CONFIRMED' ELSE rule END, CAST(weight AS TEXT) FROM edges
		WHERE (decided = 1 OR strong > decided) AND customer > 0 AND customer IN (` + marks
}

// hotInRead are prepared when a store is opened.
var hotInRead = func() []string {
	texts := append([]string{selectReviews, selectEventsOf, selectVersion, selectByIdentifier, selectKeying, selectByRef, selectPage, selectSources, selectHeld}, lists(selectMerged, selectByRefs, selectLookup)...)
	texts = append(texts, lists(selectRows, selectOthers, selectAfter, selectUntil, selectMarks)...)
	for _, n := range listSizes {
		texts = append(texts, selectLiving(marks(n)))
	}
	return texts
}()

// ByIdentifier answers whose records hold a normalised identifier.
func (d *DB) ByIdentifier(ctx context.Context, id idgraph.Identifier) ([]idgraph.CustomerID, error) {
	var found []idgraph.CustomerID
	err := d.lookUp(ctx, selectByIdentifier, id, func() { found = nil }, func(scan func(...any) error) (bool, error) {
		var c int64
		if err := scan(&c); err != nil || c < 0 {
			return false, err
		}
		found = append(found, idgraph.CustomerID(c))
		return true, nil
	})
	if err != nil {
		return nil, fmt.Errorf("look up %s: %w", id, err)
	}
	slices.Sort(found) // sooner than the database, which would make a table of it
	return slices.Compact(found), nil
}

// HeldBy answers the records that hold a normalised identifier.
func (d *DB) HeldBy(ctx context.Context, id idgraph.Identifier) ([]idgraph.Ref, error) {
	var found []idgraph.Ref
	err := d.lookUp(ctx, selectHeldBy, id, func() { found = nil }, func(scan func(...any) error) (bool, error) {
		var source, of string
		if err := scan(&source, &of); err != nil || source == "" {
			return false, err
		}
		found = append(found, idgraph.Ref{Source: idgraph.Source(source), ID: of})
		return true, nil
	})
	if err != nil {
		return nil, fmt.Errorf("look up the records with %s: %w", id, err)
	}
	slices.SortFunc(found, compareRefs)
	return slices.Compact(found), nil
}

// ByRef answers the customer of one record, or 0.
func (d *DB) ByRef(ctx context.Context, ref idgraph.Ref) (idgraph.CustomerID, error) {
	if !d.dialect.holds(ref.ID) || !d.dialect.holds(string(ref.Source)) {
		return 0, nil
	}
	var c int64
	err := d.reads.get(ctx, &c, selectByRef, string(ref.Source), ref.ID)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("look up record %s: %w", ref, err)
	}
	return idgraph.CustomerID(c), nil
}

// ByRefs answers the customers of many records, with one statement per source.
func (d *DB) ByRefs(ctx context.Context, refs []idgraph.Ref) (map[idgraph.Ref]idgraph.CustomerID, error) {
	ids := map[idgraph.Source][]string{}
	for _, r := range refs {
		if d.dialect.holds(r.ID) && d.dialect.holds(string(r.Source)) {
			ids[r.Source] = append(ids[r.Source], r.ID)
		}
	}
	found := map[idgraph.Ref]idgraph.CustomerID{}
	for source, of := range ids {
		err := in(of, func(marks string, args []any) error {
			return d.reads.each(ctx, selectByRefs+marks, append([]any{string(source)}, args...), func(scan func(...any) error) error {
				var id string
				var c int64
				err := scan(&id, &c)
				found[idgraph.Ref{Source: source, ID: id}] = idgraph.CustomerID(c)
				return err
			})
		})
		if err != nil {
			return nil, fmt.Errorf("look up records of %s: %w", source, err)
		}
	}
	return found, nil
}

// Customers answers many customers, redirects followed.
func (d *DB) Customers(ctx context.Context, ids []idgraph.CustomerID) (map[idgraph.CustomerID]idgraph.Customer, error) {
	found, err := d.living(ctx, ids)
	if err == nil && len(found) < len(ids) {
		err = d.redirected(ctx, ids, found)
	}
	if err != nil {
		return nil, fmt.Errorf("read customers: %w", err)
	}
	return found, nil
}

// redirected adds those who have been merged into others.
func (d *DB) redirected(ctx context.Context, ids []idgraph.CustomerID, found map[idgraph.CustomerID]idgraph.Customer) error {
	into := map[idgraph.CustomerID]idgraph.CustomerID{}
	missing := slices.DeleteFunc(slices.Clone(ids), func(id idgraph.CustomerID) bool { _, ok := found[id]; return ok })
	err := in(missing, func(marks string, args []any) error {
		return d.reads.each(ctx, selectMerged+marks, args, func(scan func(...any) error) error {
			var from, to int64
			err := scan(&from, &to)
			into[idgraph.CustomerID(from)] = idgraph.CustomerID(to)
			return err
		})
	})
	if err != nil || len(into) == 0 {
		return err
	}
	alive, err := d.living(ctx, slices.Compact(slices.Sorted(maps.Values(into))))
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
	var ids []idgraph.CustomerID
	err := d.reads.each(ctx, selectPage, []any{int64(after), limit}, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		ids = append(ids, idgraph.CustomerID(id))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("page of customers: %w", err)
	}
	found, err := d.living(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("page of customers: %w", err)
	}
	page := make([]idgraph.Customer, 0, len(ids))
	for _, id := range ids {
		if c, ok := found[id]; ok { // else merged into another since
			page = append(page, c)
		}
	}
	return page, nil
}

// living reads customers that have records, with these and their links.
func (d *DB) living(ctx context.Context, ids []idgraph.CustomerID) (map[idgraph.CustomerID]idgraph.Customer, error) {
	found := make(map[idgraph.CustomerID]idgraph.Customer, len(ids))
	refs := make(map[int64]idgraph.Ref, 4*len(ids))
	type edge struct{ customer, a, b, since, version int64 }
	var edges []edge
	var rules []idgraph.Rule
	var weights []float64
	var e edge
	var x, y string
	row := []any{&e.customer, &e.a, &e.b, &e.since, &e.version, &x, &y}
	err := in(ids, func(marks string, args []any) error {
		return d.reads.each(ctx, selectLiving(marks), append(args, args...), func(scan func(...any) error) error {
			if err := scan(row...); err != nil {
				return err
			}
			if e.b != 0 {
				cents, err := strconv.Atoi(y)
				edges, rules, weights = append(edges, e), append(rules, idgraph.Rule(x)), append(weights, float64(cents)/100)
				return err
			}
			ref := idgraph.Ref{Source: idgraph.Source(x), ID: y}
			c := found[idgraph.CustomerID(e.customer)]
			c.ID, c.Since, c.Changed, c.Refs = idgraph.CustomerID(e.customer), moment(e.since), moment(e.version), append(c.Refs, ref)
			found[c.ID], refs[e.a] = c, ref
			return nil
		})
	})
	for i, e := range edges {
		c := found[idgraph.CustomerID(e.customer)]
		c.Links = append(c.Links, idgraph.Link{A: refs[e.a], B: refs[e.b], Rule: rules[i], RuleVersion: int(e.version), Weight: weights[i], Since: moment(e.since)})
		found[c.ID] = c
	}
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
