package door

import (
	"context"
	"slices"
	"strconv"
	"time"

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
func (c *Customer) Deals(ctx context.Context, first int, after *string, since, until *time.Time, stage []connectors.DealStage) (*DealConnection, error) {
	return list(ctx, c.subject, connectors.KindDeal, Span{first, after, since, until}, func(d connectors.Deal) bool { return isOf(d.Stage, stage) })
}

// Invoices are the customer's invoices.
func (c *Customer) Invoices(ctx context.Context, first int, after *string, since, until *time.Time, status []connectors.InvoiceStatus) (*InvoiceConnection, error) {
	return list(ctx, c.subject, connectors.KindInvoice, Span{first, after, since, until}, func(i connectors.Invoice) bool { return isOf(i.Status, status) })
}

// Payments are the customer's payments.
func (c *Customer) Payments(ctx context.Context, first int, after *string, since, until *time.Time) (*PaymentConnection, error) {
	return list(ctx, c.subject, connectors.KindPayment, Span{first, after, since, until}, func(connectors.Payment) bool { return true })
}

// Orders are the customer's orders.
func (c *Customer) Orders(ctx context.Context, first int, after *string, since, until *time.Time, status []connectors.OrderStatus) (*OrderConnection, error) {
	return list(ctx, c.subject, connectors.KindOrder, Span{first, after, since, until}, func(o connectors.Order) bool { return isOf(o.Status, status) })
}

// Tickets are the customer's conversations with the helpdesk.
func (c *Customer) Tickets(ctx context.Context, first int, after *string, since, until *time.Time, status []connectors.TicketStatus) (*TicketConnection, error) {
	return list(ctx, c.subject, connectors.KindTicket, Span{first, after, since, until}, func(t connectors.Ticket) bool { return isOf(t.Status, status) })
}

// isOf says whether a value is one of a list; what is not shown is none of any.
// No list at all is every value.
func isOf[E comparable](value *E, of []E) bool {
	return of == nil || value != nil && slices.Contains(of, *value)
}

// list pages the rows of one kind. Rows that may not be shown make no list at all.
func list[T connectors.Row](ctx context.Context, s *subject, k connectors.Kind, span Span, keep func(T) bool) (*Page[T], error) {
	w, err := s.stretch(rowType(k), span)
	if err != nil || !s.shows(rowType(k), "") {
		return nil, err
	}
	g, err := partOf[T](ctx, s, k, w)
	if err != nil || g.silent() {
		return nil, err
	}
	l := listing[T]{
		subject: s, name: rowType(k), stretch: w, nodes: g.rows, places: make([]place, 0, len(g.rows)),
		cursors: s.op.demand.of(k).cursors, seal: func(row *T) { s.sealRow(k, record(row)) },
	}
	for i, row := range g.rows {
		if w.covers(row.Time()) && keep(row) {
			l.places = append(l.places, placeOf(k, row, i))
		}
	}
	l.ends(g.horizon, g.more, g.lost)
	return l.page(span)
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

// timelineName is the timeline's in cursors; the other lists go by their types.
const timelineName = "timeline"

// Timeline merges all kinds of rows that may be shown, newest first.
func (c *Customer) Timeline(ctx context.Context, first int, after *string, since, until *time.Time, kinds []connectors.Kind) (*TimelineConnection, error) {
	span := Span{first, after, since, until}
	w, err := c.subject.stretch(timelineName, span)
	if err != nil {
		return nil, err
	}
	for _, k := range kinds {
		if !slices.Contains(timelineKinds, k) {
			return nil, &InputError{"kinds", "names a kind that stands in no timeline; it holds DEAL, INVOICE, PAYMENT, ORDER and TICKET"}
		}
	}
	l := &listing[TimelineEntry]{subject: c.subject, name: timelineName, stretch: w, seal: c.subject.sealEntry}
	for _, m := range []struct {
		kind  connectors.Kind
		merge func(context.Context, *listing[TimelineEntry], connectors.Kind) error
	}{
		{connectors.KindDeal, merge[connectors.Deal]},
		{connectors.KindInvoice, merge[connectors.Invoice]},
		{connectors.KindPayment, merge[connectors.Payment]},
		{connectors.KindOrder, merge[connectors.Order]},
		{connectors.KindTicket, merge[connectors.Ticket]},
	} {
		if kinds != nil && !slices.Contains(kinds, m.kind) {
			continue
		}
		if err := m.merge(ctx, l, m.kind); err != nil {
			return nil, err
		}
	}
	return l.page(span)
}

// merge adds the rows of one kind to a timeline, and a gap for each source that failed.
func merge[T interface {
	connectors.Row
	TimelineEntry
}](ctx context.Context, l *listing[TimelineEntry], k connectors.Kind) error {
	s := l.subject
	if !s.shows(rowType(k), "") {
		return nil
	}
	g, err := partOf[T](ctx, s, k, l.stretch)
	if err != nil {
		return err
	}
	for _, row := range g.rows {
		if l.stretch.covers(row.Time()) {
			l.places, l.nodes = append(l.places, placeOf(k, row, len(l.nodes))), append(l.nodes, row)
		}
	}
	for _, src := range g.failed {
		l.gaps = append(l.gaps, place{gap: gap{k, string(src)}, node: len(l.nodes)})
		l.nodes = append(l.nodes, TimelineGap{src, k})
	}
	l.ends(g.horizon, g.more, g.lost)
	l.cursors = l.cursors || s.op.demand.of(k).cursors
	return nil
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
