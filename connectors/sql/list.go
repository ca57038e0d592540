package sql

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"

	"customer360/connectors"
	"customer360/idgraph"
)

// list answers one capability with one statement.
func list[T any](ctx context.Context, c *connector, t *table[T], q connectors.Query) (connectors.Answers[T], error) {
	if t == nil {
		return nil, nil
	}
	known := make(map[string]idgraph.Ref, len(q.Refs))
	ids := make([]any, 0, len(q.Refs))
	form := cmp.Or(t.ids, c.ids)
	for _, ref := range q.Refs {
		if id, ok := form.bind(ref.ID); ok && ref.Source == c.setup.Source {
			known[ref.ID] = ref
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return connectors.Answers[T]{}, nil
	}
	plan := t.plan(q, ids)
	rd := reader[T]{plan: plan, known: known, source: c.setup.Source, answers: connectors.Answers[T]{}}
	if err := c.query(ctx, t.op, plan.text, plan.args, rd.take); err != nil {
		return nil, err
	}
	return rd.done(), nil
}

// A plan is the statement for one query, and what its cells are.
type plan[T any] struct {
	table *table[T]
	limit int
	text  string
	args  []any
	parts []part[T]
	lines []part[connectors.OrderItem]
	tail  int  // how many cells stand between a row's own and its line's
	tied  bool // whether rows of one time come together, and their owner's number of rows with them
	items bool
}

// plan writes the statement. Rows of all owners are cut to the limit inside of
// it; an order's lines are joined to what is left.
func (t *table[T]) plan(q connectors.Query, ids []any) *plan[T] {
	p := &plan[T]{table: t, limit: q.Limit}
	order, newest := t.id, q.Order == connectors.NewestFirst && t.newest != ""
	if newest {
		order = fmt.Sprintf("%s IS NULL, %s DESC, %s", t.newest, t.newest, t.id)
	}
	inner := []string{t.owner + " AS o", t.id + " AS id"}
	outer := []string{"r.o", "r.id"}
	for _, part := range t.parts {
		if !part.wanted(q.Fields) && (!newest || part.field != t.time) {
			continue
		}
		p.parts = append(p.parts, part)
		for _, e := range part.exprs {
			name := fmt.Sprintf("c%d", len(inner)-2)
			inner = append(inner, e+" AS "+name)
			outer = append(outer, "r."+name)
		}
	}
	matching := " FROM " + t.from + " WHERE " + t.owner + " IN (?)" + t.where
	if t.persons {
		p.text, p.args = "SELECT "+strings.Join(inner, ", ")+matching, []any{ids}
		return p
	}
	inner = append(inner, fmt.Sprintf("row_number() OVER (PARTITION BY %s ORDER BY %s) AS n", t.owner, order))
	cut := "r.n <= ?"
	if p.tied = newest && t.stored != nil; p.tied {
		w := t.window(q.Window)
		inner = append(inner, w.rank+" AS k", fmt.Sprintf("count(*) OVER (PARTITION BY %s) AS a", t.owner))
		outer, p.tail = append(outer, "r.a"), 1
		matching += w.where
		cut = "r.k <= ?"
		p.args = append(append(append(p.args, w.rankArgs...), ids), w.whereArgs...)
		p.args = append(p.args, p.limit)
	} else {
		p.args = []any{ids, p.limit + 1} // one more than asked, to know whether there are more
	}
	from, last := "(SELECT "+strings.Join(inner, ", ")+matching+") AS r", ""
	if t.items != nil && q.Fields.Has("items") {
		p.items = true
		outer = append(outer, "r.n", t.items.id)
		for _, part := range t.items.parts {
			if part.wanted(q.Fields) {
				p.lines = append(p.lines, part)
				outer = append(outer, part.exprs...)
			}
		}
		from += " LEFT JOIN " + t.items.from + " ON " + t.items.parent + " = r.id"
		last = ", " + t.items.id
	}
	p.text = "SELECT " + strings.Join(outer, ", ") + " FROM " + from + " WHERE " + cut + " ORDER BY r.o, r.n" + last
	return p
}

// A reader turns the rows of a statement into answers.
type reader[T any] struct {
	plan    *plan[T]
	known   map[string]idgraph.Ref
	source  idgraph.Source
	answers connectors.Answers[T]
	last    any // the number of the row that lines are added to
	owner   idgraph.Ref
}

// take reads one row of the statement. What cannot be read fails its owner alone.
func (rd *reader[T]) take(cells []any) error {
	id, err := textOf(cells[0])
	if err != nil || id == nil {
		return nil // an owner that nobody can have asked for
	}
	ref, ok := rd.known[*id]
	if !ok {
		return nil // 12 was asked for as "012", say
	}
	res := rd.answers[ref]
	if res.Err != nil {
		return nil
	}
	if err := rd.add(ref, &res, cells); err != nil {
		res = connectors.Result[T]{Err: &connectors.Error{Source: rd.source, Op: rd.plan.table.op, Err: err}}
	}
	rd.answers[ref] = res
	return nil
}

func (rd *reader[T]) add(ref idgraph.Ref, res *connectors.Result[T], cells []any) error {
	p := rd.plan
	rest := 2 // where the row's own cells end
	for _, part := range p.parts {
		rest += len(part.exprs)
	}
	number := rest + p.tail // and where its number and its lines begin
	if !p.items || rd.owner != ref || rd.last != cells[number] {
		if p.table.persons && len(res.Rows) > 0 {
			if p.table.odd != nil {
				p.table.odd["id"]++
				return nil
			}
			return fmt.Errorf("two rows for one id: %w", connectors.ErrBadData)
		}
		row, err := rd.row(ref, cells[1:rest])
		if err != nil {
			return err
		}
		res.Rows = append(res.Rows, row)
		if p.tied {
			all, _ := cells[rest].(int64)
			res.More = int64(len(res.Rows)) < all
		}
	}
	if !p.items {
		return nil
	}
	rd.owner, rd.last = ref, cells[number]
	if cells[number+1] == nil { // an order without lines
		return nil
	}
	item, err := put(p.lines, connectors.OrderItem{}, cells[number+2:], p.table.odd)
	if err != nil {
		return err
	}
	p.table.items.add(&res.Rows[len(res.Rows)-1], item)
	return nil
}

func (rd *reader[T]) row(ref idgraph.Ref, cells []any) (T, error) {
	t := rd.plan.table
	id, err := textOf(cells[0])
	if err == nil && id == nil {
		err = connectors.ErrBadData
	}
	if err != nil {
		var none T
		return none, fmt.Errorf("id: %w", err)
	}
	row, err := put(rd.plan.parts, t.start(connectors.NewRecord(ref, *id)), cells[1:], t.odd)
	if err == nil && rd.plan.tied && t.plain {
		err = rd.plan.storedAsSaid(cells[1:])
	}
	if err == nil && t.finish != nil {
		t.finish(&row)
	}
	return row, err
}

// put fills a row from its cells. Where odd is there, a field that cannot be
// read is counted in it, and left out.
func put[T any](parts []part[T], row T, cells []any, odd map[string]int) (T, error) {
	for _, p := range parts {
		if err := p.put(&row, cells[:len(p.exprs)]); err != nil {
			if odd == nil {
				return row, fmt.Errorf("%s %w", p.field, err)
			}
			odd[p.field]++
		}
		cells = cells[len(p.exprs):]
	}
	return row, nil
}

// done cuts what was asked one more of.
func (rd *reader[T]) done() connectors.Answers[T] {
	if rd.plan.table.persons || rd.plan.tied {
		return rd.answers
	}
	for ref, res := range rd.answers {
		if len(res.Rows) > rd.plan.limit {
			rd.answers[ref] = connectors.Result[T]{Rows: res.Rows[:rd.plan.limit], More: true}
		}
	}
	return rd.answers
}

// The most that one statement may answer: beyond it the source does not do
// what its mapping says, or the mapping asks for a whole table.
const (
	maxCells = 10_000_000
	maxBytes = 256 << 20
)

// query sends one statement and reads its rows. Args that are slices are
// spread over as many parameter marks.
func (c *connector) query(ctx context.Context, op, text string, args []any, each func(cells []any) error) (err error) {
	defer func() {
		if err != nil {
			err = &connectors.Error{Source: c.setup.Source, Op: op, Err: err}
		}
	}()
	if text, args, err = sqlx.In(text, args...); err != nil {
		return fmt.Errorf("bind: %w", connectors.ErrBadData)
	}
	text = c.db.Rebind(text)
	if err := c.setup.Leave(ctx, text); err != nil {
		return err
	}
	rows, err := c.db.QueryContext(ctx, text, args...)
	if err != nil {
		return meaning(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return meaning(err)
	}
	cells, to := make([]any, len(names)), make([]any, len(names))
	for i := range cells {
		to[i] = &cells[i]
	}
	seen, size := 0, 0
	for rows.Next() {
		if err := rows.Scan(to...); err != nil {
			return meaning(err)
		}
		seen += len(cells)
		for _, cell := range cells {
			size += sizeOf(cell)
		}
		if seen > maxCells || size > maxBytes {
			return connectors.ErrTooLarge
		}
		if err := each(cells); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return meaning(err)
	}
	return nil
}

func sizeOf(cell any) int {
	switch v := cell.(type) {
	case string:
		return len(v)
	case []byte:
		return len(v)
	}
	return 0
}
