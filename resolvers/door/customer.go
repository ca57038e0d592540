package door

import (
	"context"
	"strconv"

	"customer360/connectors"
	"customer360/idgraph"
)

// A Customer is a handle: its fields are methods over what the operation's
// look-ahead has already started, masked by the time anybody sees it.
type Customer struct {
	subject        *subject
	redirectedFrom idgraph.CustomerID
}

// IsNode says that a customer has a sealed id.
func (*Customer) IsNode() {}

// Key is the customer's id inside the process.
func (c *Customer) Key() idgraph.CustomerID { return c.subject.customer.ID }

// ID is sealed.
func (c *Customer) ID() string { return c.subject.op.door.SealCustomer(c.Key()) }

// RedirectedFrom is the id that was asked for, where it is another.
func (c *Customer) RedirectedFrom() *string {
	if c.redirectedFrom == 0 {
		return nil
	}
	id := c.subject.op.door.SealCustomer(c.redirectedFrom)
	return &id
}

// Deals are the customer's deals, newest first, masked already. A source that
// failed has reported itself beside; so for all lists below.
func (c *Customer) Deals(ctx context.Context, first int, after *string) (*DealConnection, error) {
	return list[connectors.Deal](ctx, c.subject, connectors.KindDeal, first, after)
}

// Invoices are the customer's invoices.
func (c *Customer) Invoices(ctx context.Context, first int, after *string) (*InvoiceConnection, error) {
	return list[connectors.Invoice](ctx, c.subject, connectors.KindInvoice, first, after)
}

// Payments are the customer's payments.
func (c *Customer) Payments(ctx context.Context, first int, after *string) (*PaymentConnection, error) {
	return list[connectors.Payment](ctx, c.subject, connectors.KindPayment, first, after)
}

// Orders are the customer's orders.
func (c *Customer) Orders(ctx context.Context, first int, after *string) (*OrderConnection, error) {
	return list[connectors.Order](ctx, c.subject, connectors.KindOrder, first, after)
}

// Tickets are the customer's conversations with the helpdesk.
func (c *Customer) Tickets(ctx context.Context, first int, after *string) (*TicketConnection, error) {
	return list[connectors.Ticket](ctx, c.subject, connectors.KindTicket, first, after)
}

// list pages the rows of one kind. Rows that may not be shown make no list at all.
func list[T connectors.Row](ctx context.Context, s *subject, kind connectors.Kind, first int, after *string) (*Page[T], error) {
	if err := CheckFirst(first); err != nil {
		return nil, err
	}
	if !s.shows(rowType(kind)) {
		return nil, nil
	}
	g, err := gather[T](ctx, s, kind)
	if err != nil || g.silent() {
		return nil, err
	}
	entries := make([]entry[T], len(g.rows))
	for i, row := range g.rows {
		entries[i] = entry[T]{placeOf(kind, row), sealed(s, kind, row)}
	}
	order, limit := s.ordering(kind)
	truncated := g.more && (order == connectors.ByID || limit >= connectors.MaxRows)
	page, err := pageOf(s, rowType(kind), entries, truncated, first, after)
	if page != nil && g.more {
		page.PageInfo.HasNextPage = true
	}
	return page, err
}

// A TimelineEntry is a row of any kind, or a gap.
type TimelineEntry interface{ IsTimelineEntry() }

// A TimelineGap stands for what a source could not say.
type TimelineGap struct {
	Source idgraph.Source
	Kind   connectors.Kind
}

// IsTimelineEntry says that gaps stand in timelines.
func (TimelineGap) IsTimelineEntry() {}

// Timeline merges all kinds of rows that may be shown, newest first.
func (c *Customer) Timeline(ctx context.Context, first int, after *string) (*TimelineConnection, error) {
	t := timeline{ctx: ctx, s: c.subject}
	if err := CheckFirst(first); err != nil {
		return nil, err
	}
	merge[connectors.Deal](&t, connectors.KindDeal)
	merge[connectors.Invoice](&t, connectors.KindInvoice)
	merge[connectors.Payment](&t, connectors.KindPayment)
	merge[connectors.Order](&t, connectors.KindOrder)
	merge[connectors.Ticket](&t, connectors.KindTicket)
	if t.err != nil {
		return nil, t.err
	}
	page, err := pageOf(c.subject, "timeline", t.entries, t.truncated, first, after)
	if page != nil && t.more {
		page.PageInfo.HasNextPage = true
	}
	return page, err
}

type timeline struct {
	ctx             context.Context
	s               *subject
	entries         []entry[TimelineEntry]
	more, truncated bool
	err             error
}

func merge[T interface {
	connectors.Row
	TimelineEntry
}](t *timeline, kind connectors.Kind) {
	if t.err != nil || !t.s.shows(rowType(kind)) {
		return
	}
	g, err := gather[T](t.ctx, t.s, kind)
	if err != nil {
		t.err = err
		return
	}
	for _, row := range g.rows {
		t.entries = append(t.entries, entry[TimelineEntry]{placeOf(kind, row), sealed(t.s, kind, row)})
	}
	for _, src := range g.failed {
		t.entries = append(t.entries, entry[TimelineEntry]{place{gap: true, kind: kind, source: string(src)}, TimelineGap{src, kind}})
	}
	order, limit := t.s.ordering(kind)
	t.more = t.more || g.more
	t.truncated = t.truncated || g.more && (order == connectors.ByID || limit >= connectors.MaxRows)
}

// SealCustomer is the id that leaves the process.
func (d *Door) SealCustomer(id idgraph.CustomerID) string {
	return d.Seal.Seal("node", "Customer", strconv.FormatInt(int64(id), 10))
}

// sealed is a row whose id names it, its source and its owner, and can be made
// by nobody else.
func sealed[T connectors.Row](s *subject, kind connectors.Kind, row T) T {
	head := row.Key()
	head.ID = s.op.door.Seal.Seal("node", rowType(kind), string(head.Owner.Source), head.Owner.ID, head.ID)
	return any(withHead(any(row), head)).(T)
}

func withHead(row any, head connectors.Record) any {
	switch r := row.(type) {
	case connectors.Deal:
		r.Record = head
		return r
	case connectors.Invoice:
		r.Record = head
		return r
	case connectors.Payment:
		r.Record = head
		return r
	case connectors.Order:
		r.Record = head
		return r
	case connectors.Ticket:
		r.Record = head
		return r
	}
	return row
}
