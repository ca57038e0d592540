package sql

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"customer360/connectors"
	"customer360/idgraph"
)

// A stream is a table that is read in the order of its changes.
type stream struct {
	op    string
	from  string // under the name t
	key   string // what rises with every change; "" where nothing does
	shown string // the same, as it is stored
	id    string // the person's id
	where string
	gone  string // 1 for rows that count as deleted
}

func (cc *compiler) changes(p Profiles) stream {
	cc.in("profiles", "t")
	s := stream{op: "changes", from: cc.table("from", p.From), id: cc.column("id", p.ID), where: cc.condition("where", p.Where), gone: "0"}
	s.where += " AND " + s.id + " IS NOT NULL"
	if !p.Changed.isZero() {
		s.key, s.shown = cc.column("changed", p.Changed), cc.raw("changed", p.Changed)
	}
	if p.Gone != "" {
		s.gone = "CASE WHEN " + cc.expression("gone", p.Gone) + " THEN 1 ELSE 0 END"
	}
	return s
}

// A change is one row of a stream.
type change struct {
	place
	id   string
	gone bool
}

// read answers up to limit rows after a place, and whether there are more. A
// stream without a key is read by its ids alone.
func (c *connector) read(ctx context.Context, s stream, after place, limit int) ([]change, bool, error) {
	where, order, shown, args := "", s.id, "NULL", []any{}
	switch {
	case s.key == "" && after.Begun:
		where, args = " AND "+s.id+" > ?", []any{after.ID}
	case s.key == "":
	case !after.Begun:
		shown, order = s.shown, s.key+" IS NOT NULL, "+s.key+", "+s.id
	case after.Key == nil: // rows that have never changed come first
		shown, order = s.shown, s.key+" IS NOT NULL, "+s.key+", "+s.id
		where, args = " AND ("+s.key+" IS NOT NULL OR "+s.id+" > ?)", []any{after.ID}
	default:
		shown, order = s.shown, s.key+", "+s.id
		where, args = fmt.Sprintf(" AND (%s, %s) > (?, ?)", s.key, s.id), []any{after.Key, after.ID}
	}
	text := fmt.Sprintf("SELECT %s AS k, %s AS id, %s AS gone FROM %s WHERE 1 = 1%s%s ORDER BY %s LIMIT ?",
		shown, s.id, s.gone, s.from, s.where, where, order)
	var out []change
	err := c.query(ctx, s.op, text, append(args, limit+1), func(cells []any) error {
		id, err := textOf(cells[1])
		if err != nil {
			return fmt.Errorf("id %w", err)
		}
		if id == nil {
			return nil
		}
		gone, _ := cells[2].(int64)
		out = append(out, change{place: place{Begun: true, Key: kept(cells[0]), ID: kept(cells[1])}, id: *id, gone: gone == 1})
		return nil
	})
	if err != nil {
		return nil, false, err
	}
	more := len(out) > limit
	return out[:min(len(out), limit)], more, nil
}

// Changes reads persons in the order of their changes and then, where consents
// have rows of their own, those whose consent changed. A cursor stands in both.
func (c *connector) Changes(ctx context.Context, since string, limit int) (connectors.Changes, error) {
	var out connectors.Changes
	at, err := parseCursor(since)
	if err != nil {
		return out, &connectors.Error{Source: c.setup.Source, Op: "changes", Err: err}
	}
	limit = max(limit, 1)
	if since == "" {
		if out.Total, err = c.count(ctx); err != nil {
			return out, err
		}
		if at.Consents, err = c.lastConsent(ctx); err != nil {
			return out, err
		}
		at.ConsentsSettled = at.Consents
	}
	page, more, err := c.read(ctx, c.changes, at.Persons, limit)
	if err != nil {
		return out, err
	}
	at.Persons, at.PersonsSettled = c.forward(page, at.Persons, at.PersonsSettled)
	if !more && c.consents.streams(c.changes) {
		if more = len(page) == limit; !more {
			var changed []change
			changed, more, err = c.read(ctx, c.consents.stream, at.Consents, limit-len(page))
			if err != nil {
				return out, err
			}
			at.Consents, at.ConsentsSettled = c.forward(changed, at.Consents, at.ConsentsSettled)
			page = append(page, changed...)
		}
	}
	if out, err = c.whole(ctx, page, out); err != nil {
		return out, err
	}
	if out.More = more; !more {
		at.Persons, at.Consents = at.PersonsSettled, at.ConsentsSettled
		if c.changes.key == "" {
			at = cursor{} // nothing tells what changes: the next reading is a full one
		}
	}
	out.Next = at.String()
	return out, nil
}

// forward moves both places of a stream: behind the last row, and behind the
// last row that has settled: is older than the margin. Younger rows are read
// again by the next reading.
func (c *connector) forward(page []change, last, settled place) (place, place) {
	horizon := c.now().Add(-c.setup.Margin())
	unsettled := last != settled
	for _, row := range page {
		last = row.place
		if when, err := momentOf(row.Key); err == nil && when != nil && when.After(horizon) {
			unsettled = true
		}
		if !unsettled {
			settled = row.place
		}
	}
	return last, settled
}

// whole reads the profiles and consents of a page's persons.
func (c *connector) whole(ctx context.Context, page []change, out connectors.Changes) (connectors.Changes, error) {
	var refs []idgraph.Ref
	seen := map[idgraph.Ref]bool{}
	for _, row := range page {
		ref := idgraph.Ref{Source: c.setup.Source, ID: row.id}
		if seen[ref] {
			continue
		}
		seen[ref] = true
		if row.gone {
			out.Gone = append(out.Gone, ref)
			continue
		}
		refs = append(refs, ref)
	}
	var everything []string
	for _, p := range c.profiles.parts {
		everything = append(everything, p.field)
	}
	for some := range slices.Chunk(refs, connectors.DefaultKeys) {
		people, err := c.people(ctx, connectors.Query{Refs: some, Fields: connectors.Fields(everything...), Limit: 1})
		if err != nil {
			return out, err
		}
		consents, err := c.consentsOf(ctx, people)
		if err != nil {
			return out, err
		}
		out.Profiles = append(out.Profiles, people...)
		out.Consents = append(out.Consents, consents...)
	}
	return out, nil
}

// people are profiles in the order of the refs. A field that cannot be read is
// left out, and the log says which: one odd birth date must not stop the
// reading of a source.
func (c *connector) people(ctx context.Context, q connectors.Query) ([]connectors.Profile, error) {
	lenient := *c.profiles
	lenient.odd, lenient.op = map[string]int{}, "changes"
	answers, err := list(ctx, c, &lenient, q)
	if err != nil {
		return nil, err
	}
	for _, field := range sortedKeys(lenient.odd) {
		c.log().Warn("values could not be read, and are left out", "source", c.setup.Source, "field", field, "records", lenient.odd[field])
	}
	var out []connectors.Profile
	for _, ref := range q.Refs {
		out = append(out, answers[ref].Rows...)
	}
	return out, nil
}

func (c *connector) log() *slog.Logger {
	if c.setup.Log != nil {
		return c.setup.Log
	}
	return slog.Default()
}

// count is how many persons a reading from the beginning has.
func (c *connector) count(ctx context.Context) (int, error) {
	total := 0
	text := "SELECT count(*) FROM " + c.changes.from + " WHERE (" + c.changes.gone + ") = 0" + c.changes.where
	err := c.query(ctx, "changes", text, nil, func(cells []any) error {
		n, ok := cells[0].(int64)
		if total = int(n); !ok {
			return fmt.Errorf("count: %w", connectors.ErrBadData)
		}
		return nil
	})
	return total, err
}

var errCursor = errors.New("is no cursor of this source")
