package door

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"customer360/connectors"
)

// maxPage is the most that one page holds.
const maxPage = 100

// A PageInfo says where a page stands in its list.
type PageInfo struct {
	HasNextPage     bool
	HasPreviousPage bool
	StartCursor     *string
	EndCursor       *string
}

// An Edge is an entry of a page with its place.
type Edge[T any] struct {
	Cursor string
	Node   T
}

// A Page is a page of a list. Everything about it is computed over masked rows.
type Page[T any] struct {
	Edges     []Edge[T]
	PageInfo  PageInfo
	Truncated bool
}

// Nodes are the entries without their places.
func (p *Page[T]) Nodes() []T {
	out := make([]T, len(p.Edges))
	for i, e := range p.Edges {
		out[i] = e.Node
	}
	return out
}

// The pages and edges of the schema.
type (
	CustomerConnection = Page[*Customer]
	CustomerEdge       = Edge[*Customer]
	DealConnection     = Page[connectors.Deal]
	DealEdge           = Edge[connectors.Deal]
	InvoiceConnection  = Page[connectors.Invoice]
	InvoiceEdge        = Edge[connectors.Invoice]
	PaymentConnection  = Page[connectors.Payment]
	PaymentEdge        = Edge[connectors.Payment]
	OrderConnection    = Page[connectors.Order]
	OrderEdge          = Edge[connectors.Order]
	TicketConnection   = Page[connectors.Ticket]
	TicketEdge         = Edge[connectors.Ticket]
	TimelineConnection = Page[TimelineEntry]
	TimelineEdge       = Edge[TimelineEntry]

	MatchReviewConnection = Page[MatchReview]
	MatchReviewEdge       = Edge[MatchReview]
)

// CheckFirst sees that a page size is one.
func CheckFirst(first int) error {
	if first < 1 || first > maxPage {
		return &InputError{"first", "must be from 1 to 100"}
	}
	return nil
}

// A place is where a row stands in a newest-first list: by time, those without
// one last, then by kind, source and id. Times are masked already.
type place struct {
	time   time.Time
	kind   connectors.Kind
	source string // "" for the list's beginning
	id     string
	node   int // which of the list's nodes stands there
	gap    gap // in a cursor: the last gap that was told of behind this place
}

// A gap is where a source that failed stands among others at one place.
type gap struct {
	kind   connectors.Kind
	source string
}

func (g gap) compare(o gap) int {
	return cmp.Or(cmp.Compare(g.kind, o.kind), cmp.Compare(g.source, o.source))
}

func placeOf[T connectors.Row](kind connectors.Kind, row T, node int) place {
	key := row.Key()
	p := place{kind: kind, source: string(key.Source), id: key.ID, node: node}
	if t := row.Time(); t != nil {
		p.time = *t
	}
	return p
}

func (p place) compare(o place) int {
	return cmp.Or(o.time.Compare(p.time), cmp.Compare(p.kind, o.kind), cmp.Compare(p.source, o.source), connectors.CompareIDs(p.id, o.id))
}

// seal makes a cursor of a place in one customer's list.
func (s *subject) seal(list string, p place) string {
	return s.op.door.Seal.Seal("cursor", list, s.key(), string(p.gap.kind), p.gap.source, strconv.FormatInt(unix(p.time), 10), string(p.kind), p.source, p.id)
}

// unseal opens a cursor of one kind of list: its place, and whose list it is of.
func (d *Door) unseal(list, cursor string) (p place, owner string, err error) {
	parts, err := d.Seal.Unseal("cursor", cursor)
	if err != nil || len(parts) != 8 || parts[0] != list {
		return place{}, "", errCursor
	}
	nanos, err := strconv.ParseInt(parts[4], 10, 64)
	if err != nil {
		return place{}, "", errCursor
	}
	p = place{gap: gap{connectors.Kind(parts[2]), parts[3]}, kind: connectors.Kind(parts[5]), source: parts[6], id: parts[7]}
	if nanos != noTime {
		p.time = time.Unix(0, nanos).UTC()
	}
	return p, parts[1], nil
}

var errCursor = &InputError{"after", "is not a cursor of this list; use one that a page of it gave"}

const noTime = -1 << 63

func unix(t time.Time) int64 {
	if t.IsZero() {
		return noTime
	}
	return t.UnixNano()
}

func (s *subject) key() string { return strconv.FormatInt(int64(s.customer.ID), 10) }

// A listing is what is there of one customer's list behind a place, to be cut
// to a page.
type listing[T any] struct {
	subject   *subject
	name      string // of the list, in its cursors
	stretch   stretch
	nodes     []T
	places    []place // where the rows stand, in any order
	gaps      []place // and the sources that failed
	horizon   *place  // how far the list is known, where it goes on behind that
	more      bool    // whether it goes on, though nobody can say from where
	truncated bool    // whether rows are out of reach
	cursors   bool    // whether the caller wants them
	seal      func(node *T)
}

// ends notes what is known of the list's end.
func (l *listing[T]) ends(horizon *place, more, lost bool) {
	if horizon != nil && (l.horizon == nil || horizon.compare(*l.horizon) < 0) {
		l.horizon = horizon
	}
	l.more, l.truncated = l.more || more && horizon == nil && !lost, l.truncated || lost
}

// page cuts a page out of a list. Ids and cursors are sealed last, for what
// goes out alone.
func (l *listing[T]) page(s Span) (*Page[T], error) {
	places := append(l.failures(), l.rows()...)
	to := min(s.First, len(places))
	page := &Page[T]{Edges: make([]Edge[T], to), Truncated: l.truncated}
	for i, p := range places[:to] {
		page.Edges[i].Node = l.nodes[p.node]
		l.seal(&page.Edges[i].Node)
		if l.cursors {
			page.Edges[i].Cursor = l.subject.seal(l.name, p)
		}
	}
	page.PageInfo = PageInfo{HasNextPage: to < len(places) || l.horizon != nil || l.more, HasPreviousPage: s.After != nil}
	if to > 0 {
		page.PageInfo.StartCursor, page.PageInfo.EndCursor = &page.Edges[0].Cursor, &page.Edges[to-1].Cursor
	}
	if l.horizon != nil && to == len(places) {
		end := l.subject.seal(l.name, *l.horizon) // everything up to there was looked at
		page.PageInfo.EndCursor = &end
	}
	return page, nil
}

// rows are the places of the rows behind the place that was given, in their order,
// each once, as far as the list is known.
func (l *listing[T]) rows() []place {
	after := l.stretch.after
	if l.horizon != nil && after.source != "" && l.horizon.compare(after) <= 0 {
		l.horizon, l.truncated = nil, true // more rows of one time than are read in one call
	}
	slices.SortFunc(l.places, place.compare)
	rows := slices.CompactFunc(l.places, func(a, b place) bool { return a.compare(b) == 0 })
	if after.source != "" {
		rows = rows[behind(rows, after):]
	}
	if l.horizon != nil {
		rows = rows[:behind(rows, *l.horizon)]
	}
	return rows
}

// behind is where the rows behind a place begin.
func behind(rows []place, p place) int {
	n, _ := slices.BinarySearchFunc(rows, p, func(have, p place) int {
		if c := have.compare(p); c != 0 {
			return c
		}
		return -1
	})
	return n
}

// failures are the places of the gaps that were not told of yet: before all rows
// of a page.
func (l *listing[T]) failures() []place {
	var out []place
	for _, g := range l.gaps {
		if at := l.stretch.after; g.gap.compare(at.gap) > 0 {
			at.gap, at.node = g.gap, g.node
			out = append(out, at)
		}
	}
	slices.SortFunc(out, func(a, b place) int { return a.gap.compare(b.gap) })
	return out
}
