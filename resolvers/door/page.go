package door

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
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
)

// CheckFirst sees that a page size is one.
func CheckFirst(first int) error {
	if first < 1 || first > maxPage {
		return &InputError{"first", "must be from 1 to 100"}
	}
	return nil
}

// A place is where an entry stands in a newest-first list: by time, those
// without one last, then by kind, source and id. Times are masked already.
type place struct {
	gap    bool // gaps stand before everything
	time   time.Time
	kind   connectors.Kind
	source string
	id     string
	node   int // which of the list's nodes stands there
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
	if p.gap != o.gap {
		if p.gap {
			return -1
		}
		return 1
	}
	return cmp.Or(o.time.Compare(p.time), cmp.Compare(p.kind, o.kind), cmp.Compare(p.source, o.source), compareIDs(p.id, o.id))
}

// compareIDs orders ids as sources do, whole numbers by their value and before
// others: among rows of one moment, a source's limit must cut where a page ends.
func compareIDs(a, b string) int {
	switch na, nb := isNumber(a), isNumber(b); {
	case na && nb:
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	case na:
		return -1
	case nb:
		return 1
	}
	return cmp.Compare(a, b)
}

func isNumber(id string) bool {
	return id != "" && (id[0] != '0' || id == "0") && strings.Trim(id, "0123456789") == ""
}

// seal makes a cursor of a place in one customer's list.
func (s *subject) seal(list string, p place) string {
	return s.op.door.Seal.Seal("cursor", list, s.key(), strconv.FormatBool(p.gap), strconv.FormatInt(unix(p.time), 10), string(p.kind), p.source, p.id)
}

func (s *subject) unseal(list, cursor string) (place, error) {
	bad := &InputError{"after", "is not a cursor of this list; use one that a page of it gave"}
	parts, err := s.op.door.Seal.Unseal("cursor", cursor)
	if err != nil || len(parts) != 7 || parts[0] != list || parts[1] != s.key() {
		return place{}, bad
	}
	nanos, err := strconv.ParseInt(parts[3], 10, 64)
	if err != nil {
		return place{}, bad
	}
	p := place{gap: parts[2] == "true", kind: connectors.Kind(parts[4]), source: parts[5], id: parts[6]}
	if nanos != noTime {
		p.time = time.Unix(0, nanos).UTC()
	}
	return p, nil
}

const noTime = -1 << 63

func unix(t time.Time) int64 {
	if t.IsZero() {
		return noTime
	}
	return t.UnixNano()
}

func (s *subject) key() string { return strconv.FormatInt(int64(s.customer.ID), 10) }

// A listing is a whole list of one customer, to be paged.
type listing[T any] struct {
	subject   *subject
	name      string // of the list, in its cursors
	nodes     []T
	places    []place // where the nodes stand, in any order
	more      bool    // whether a source has more rows than it was asked for
	truncated bool    // whether it was asked for as many as are ever read
	cursors   bool    // whether the caller wants them
	seal      func(node *T)
}

// page cuts a page out of a list. Ids and cursors are sealed last, for what
// goes out alone.
func (l *listing[T]) page(first int, after *string) (*Page[T], error) {
	slices.SortFunc(l.places, place.compare)
	from := 0
	if after != nil {
		p, err := l.subject.unseal(l.name, *after)
		if err != nil {
			return nil, err
		}
		from, _ = slices.BinarySearchFunc(l.places, p, func(have, p place) int {
			if c := have.compare(p); c != 0 {
				return c
			}
			return -1
		})
	}
	to := min(from+first, len(l.places))
	page := &Page[T]{Edges: make([]Edge[T], to-from), Truncated: l.truncated}
	for i, p := range l.places[from:to] {
		page.Edges[i].Node = l.nodes[p.node]
		l.seal(&page.Edges[i].Node)
		if l.cursors {
			page.Edges[i].Cursor = l.subject.seal(l.name, p)
		}
	}
	page.PageInfo = PageInfo{HasNextPage: to < len(l.places) || l.more && !l.truncated, HasPreviousPage: from > 0}
	if n := len(page.Edges); n > 0 {
		page.PageInfo.StartCursor, page.PageInfo.EndCursor = &page.Edges[0].Cursor, &page.Edges[n-1].Cursor
	}
	return page, nil
}
