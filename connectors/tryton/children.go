package tryton

import (
	"context"
	"fmt"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
)

// A shelf is where rows that hang on a party stand: T as the server sends them.
type shelf[T any] struct {
	model  string
	of     func(parties []int64) domain // the rows of these parties
	when   string                       // the field that newest-first goes by
	always []string                     // fields without which nothing can be told
	fields []column                     // and those that may be asked for
	key    func(T) place
}

// A column says which of the server's fields one of ours is mapped from.
type column struct {
	field string
	from  []string
}

// asks are the server's fields for ours, and no others.
func asks(wanted connectors.FieldSet, columns []column, always ...string) []string {
	fields := append([]string(nil), always...)
	for _, c := range columns {
		if wanted.Has(c.field) {
			fields = append(fields, c.from...)
		}
	}
	return distinct(fields)
}

func distinct[T comparable](list []T) []T {
	seen, out := map[T]bool{}, list[:0]
	for _, x := range list {
		if !seen[x] {
			seen[x] = true
			out = append(out, x)
		}
	}
	return out
}

// A place is where a row stands in its list.
type place struct {
	id    int64
	owner *int64
	when  *stamp
}

// children reads the rows of many parties in q's order. Tryton knows no "latest
// K of each", so it is one list over all of them, in pages, from which a party
// drops out once it has its q.Limit rows and the one more that says More.
func children[T any, R connectors.Row](
	ctx context.Context, c *client, q connectors.Query, s shelf[T], row func(connectors.Record, T) (R, error),
) (connectors.Answers[R], error) {
	open, refs := idsOf(q.Refs)
	answers := make(connectors.Answers[R], len(refs))
	ask := search{model: s.model, limit: c.rows, order: [][2]string{{"id", "ASC"}}, fields: asks(q.Fields, s.fields, s.always...)}
	if q.Order == connectors.NewestFirst {
		ask.order = [][2]string{{s.when, "DESC NULLS LAST"}, {"id", "ASC"}}
		ask.fields = distinct(append(ask.fields, s.when))
	}
	var after domain
	for len(open) > 0 {
		ask.where = domain{s.of(open)}
		if after != nil {
			ask.where = append(ask.where, after)
		}
		page, err := read[T](ctx, c, ask)
		if err != nil {
			return nil, err
		}
		for _, t := range page {
			if err := put(answers, refs, q.Limit, s.key(t), t, row); err != nil {
				return nil, err
			}
		}
		if len(page) < c.rows {
			break
		}
		if after, err = beyond(s.key(page[len(page)-1]), s.when, q.Order); err != nil {
			return nil, err
		}
		open = unfinished(open, refs, answers)
	}
	return answers, nil
}

// put adds a row to its party's, unless they are complete.
func put[T any, R connectors.Row](
	answers connectors.Answers[R], refs map[int64]idgraph.Ref, limit int, at place, t T, row func(connectors.Record, T) (R, error),
) error {
	if at.owner == nil {
		return fmt.Errorf("a row without its party: %w", connectors.ErrBadData)
	}
	owner, asked := refs[*at.owner]
	if !asked {
		return fmt.Errorf("a row of a party that was not asked for: %w", connectors.ErrBadData)
	}
	res := answers[owner]
	if len(res.Rows) >= limit {
		res.More = true
	} else {
		r, err := row(connectors.NewRecord(owner, fmt.Sprint(at.id)), t)
		if err != nil {
			return err
		}
		res.Rows = append(res.Rows, r)
	}
	answers[owner] = res
	return nil
}

// beyond matches the rows that come after the last one of a page.
func beyond(last place, when string, order connectors.Ordering) (domain, error) {
	next := clause("id", ">", last.id)
	if order != connectors.NewestFirst {
		return next, nil
	}
	t, err := last.when.time()
	if err != nil {
		return nil, err
	}
	if t == nil {
		return domain{clause(when, "=", nil), next}, nil
	}
	return anyOf(
		clause(when, "<", date(*t)),
		domain{clause(when, "=", date(*t)), next},
		clause(when, "=", nil),
	), nil
}

func unfinished[R connectors.Row](open []int64, refs map[int64]idgraph.Ref, answers connectors.Answers[R]) []int64 {
	left := open[:0]
	for _, id := range open {
		if !answers[refs[id]].More {
			left = append(left, id)
		}
	}
	return left
}

// A mapping collects the first thing that went wrong in one row, so that the
// mapping itself reads as a list.
type mapping struct{ err error }

func (m *mapping) money(n *number, in *coded) *connectors.Money {
	return keep(m, func() (*connectors.Money, error) { return money(n, in) })
}

func (m *mapping) time(s *stamp) *time.Time { return keep(m, s.time) }

func keep[T any](m *mapping, get func() (*T, error)) *T {
	v, err := get()
	if err != nil && m.err == nil {
		m.err = err
	}
	if m.err != nil {
		return nil
	}
	return v
}
