package sqlstore

import (
	"context"
	"fmt"
	"strings"
	"time"

	"customer360/idgraph"
)

// vouching are the rules of verified links.
var vouching = func() (rules []any) {
	for _, r := range idgraph.VerifiedRules {
		rules = append(rules, string(r))
	}
	return rules
}()

// List answers customers of a selection. It goes along the index of its order,
// and tells by indexed look-ups who is of the selection.
func (d *DB) List(ctx context.Context, s idgraph.Selection, limit int) ([]idgraph.Customer, error) {
	var ids []idgraph.CustomerID
	q := selecting(s, limit)
	rows, err := d.read.QueryxContext(ctx, d.read.Rebind(q.text), q.args...)
	if err != nil {
		return nil, fmt.Errorf("list customers: %w", err)
	}
	err = handOver(rows, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		ids = append(ids, idgraph.CustomerID(id))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list customers: %w", err)
	}
	found, err := d.living(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("list customers: %w", err)
	}
	out := make([]idgraph.Customer, 0, len(ids))
	for _, id := range ids {
		if c, ok := found[id]; ok { // else merged into another since
			out = append(out, c)
		}
	}
	return out, nil
}

// A query is a text with its arguments.
type query struct {
	text string
	args []any
}

func (q *query) say(text string, args ...any) {
	q.text, q.args = q.text+text, append(q.args, args...)
}

func selecting(s idgraph.Selection, limit int) query {
	q := query{text: `SELECT c.id FROM customers c WHERE c.records > 0`}
	const record = ` EXISTS (SELECT 1 FROM records r WHERE r.customer = c.id AND r.source`
	for _, source := range s.AllOf {
		q.say(` AND`+record+` = ?)`, clean(string(source)))
	}
	if s.AnyOf != nil {
		q.say(` AND`+record+` IN (`+spots(len(s.AnyOf))+`))`, texts(s.AnyOf)...)
	}
	if len(s.NoneOf) > 0 {
		q.say(` AND (NOT`+record+` IN (`+spots(len(s.NoneOf))+`))`, texts(s.NoneOf)...)
		q.say(` OR EXISTS (SELECT 1 FROM edges e WHERE e.customer = c.id AND e.customer > 0 AND e.strong > e.decided AND e.rule NOT IN (`+spots(len(vouching))+`)))`, vouching...)
	}
	for _, bound := range []struct {
		clause string
		at     time.Time
	}{
		{` AND c.since >= ?`, s.SinceFrom},
		{` AND c.since < ?`, s.SinceUntil},
		{` AND c.changed >= ?`, s.ChangedFrom},
		{` AND c.changed < ?`, s.ChangedUntil},
	} {
		if !bound.at.IsZero() {
			q.say(bound.clause, stampAbove(bound.at))
		}
	}
	key, beyond, direction := map[idgraph.ListKey]string{idgraph.BySince: "c.since", idgraph.ByChanged: "c.changed"}[s.By], ">", ""
	if s.Descending {
		beyond, direction = "<", " DESC"
	}
	switch {
	case s.After == nil:
	case key == "":
		q.say(` AND c.id `+beyond+` ?`, int64(s.After.ID))
	default:
		q.say(` AND (`+key+`, c.id) `+beyond+` (?, ?)`, stamp(s.After.Key), int64(s.After.ID))
	}
	q.text += ` ORDER BY `
	if key != "" {
		q.text += key + direction + `, `
	}
	q.say(`c.id`+direction+` LIMIT ?`, limit)
	return q
}

// stampAbove is the first stamp that is not before a time.
func stampAbove(t time.Time) int64 {
	us := stamp(t)
	if moment(us).Before(t) && us != 0 {
		us++
	}
	return us
}

// spots are the parameter marks of so many values; with none, a value that nothing equals.
func spots(n int) string {
	if n == 0 {
		return "NULL"
	}
	return strings.TrimSuffix(strings.Repeat("?,", n), ",")
}

func texts(sources []idgraph.Source) []any {
	out := make([]any, len(sources))
	for i, s := range sources {
		out[i] = clean(string(s))
	}
	return out
}
