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
func list[T connectors.Row](ctx context.Context, s *subject, k connectors.Kind, first int, after *string) (*Page[T], error) {
	if err := CheckFirst(first); err != nil {
		return nil, err
	}
	if !s.shows(rowType(k), "") {
		return nil, nil
	}
	g, err := gather[T](ctx, s, k)
	if err != nil || g.silent() {
		return nil, err
	}
	l := listing[T]{
		subject: s, name: rowType(k), nodes: g.rows, places: make([]place, len(g.rows)), more: g.more, truncated: s.truncated(k, g.more),
		cursors: s.op.demand.of(k).cursors, seal: func(row *T) { s.sealRow(k, record(row)) },
	}
	for i, row := range g.rows {
		l.places[i] = placeOf(k, row, i)
	}
	return l.page(first, after)
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
	if err := CheckFirst(first); err != nil {
		return nil, err
	}
	l := &listing[TimelineEntry]{subject: c.subject, name: "timeline", seal: c.subject.sealEntry}
	for _, merge := range []func(context.Context, *listing[TimelineEntry]) error{
		merge[connectors.Deal](connectors.KindDeal), merge[connectors.Invoice](connectors.KindInvoice), merge[connectors.Payment](connectors.KindPayment),
		merge[connectors.Order](connectors.KindOrder), merge[connectors.Ticket](connectors.KindTicket),
	} {
		if err := merge(ctx, l); err != nil {
			return nil, err
		}
	}
	return l.page(first, after)
}

// merge adds the rows of one kind to a timeline, and a gap for each source that failed.
func merge[T interface {
	connectors.Row
	TimelineEntry
}](k connectors.Kind) func(context.Context, *listing[TimelineEntry]) error {
	return func(ctx context.Context, l *listing[TimelineEntry]) error {
		s := l.subject
		if !s.shows(rowType(k), "") {
			return nil
		}
		g, err := gather[T](ctx, s, k)
		if err != nil {
			return err
		}
		for _, row := range g.rows {
			l.places, l.nodes = append(l.places, placeOf(k, row, len(l.nodes))), append(l.nodes, row)
		}
		for _, src := range g.failed {
			l.places = append(l.places, place{gap: true, kind: k, source: string(src), node: len(l.nodes)})
			l.nodes = append(l.nodes, TimelineGap{src, k})
		}
		l.more, l.truncated = l.more || g.more, l.truncated || s.truncated(k, g.more)
		l.cursors = l.cursors || s.op.demand.of(k).cursors
		return nil
	}
}

// SealCustomer is the id that leaves the process.
func (d *Door) SealCustomer(id idgraph.CustomerID) string {
	return d.Seal.Seal("node", "Customer", strconv.FormatInt(int64(id), 10))
}

// sealRow puts an id that names the row, its source and its owner, and can be
// made by nobody else, in the place of the source's own; none where nobody
// asked for it.
func (s *subject) sealRow(k connectors.Kind, r *connectors.Record) {
	if !s.op.demand.of(k).ids {
		r.ID = ""
		return
	}
	r.ID = s.op.door.Seal.Seal("node", rowType(k), string(r.Owner.Source), r.Owner.ID, r.ID)
}

func (s *subject) sealEntry(e *TimelineEntry) {
	switch row := (*e).(type) {
	case connectors.Deal:
		s.sealRow(connectors.KindDeal, &row.Record)
		*e = row
	case connectors.Invoice:
		s.sealRow(connectors.KindInvoice, &row.Record)
		*e = row
	case connectors.Payment:
		s.sealRow(connectors.KindPayment, &row.Record)
		*e = row
	case connectors.Order:
		s.sealRow(connectors.KindOrder, &row.Record)
		*e = row
	case connectors.Ticket:
		s.sealRow(connectors.KindTicket, &row.Record)
		*e = row
	}
}

// record is the head of a row of any kind.
func record(row any) *connectors.Record {
	switch r := row.(type) {
	case *connectors.Deal:
		return &r.Record
	case *connectors.Invoice:
		return &r.Record
	case *connectors.Payment:
		return &r.Record
	case *connectors.Order:
		return &r.Record
	case *connectors.Ticket:
		return &r.Record
	}
	return &connectors.Record{}
}
