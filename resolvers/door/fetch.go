package door

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/policy"
)

// A call is one batched question to one source for one record kind. When done
// is closed, its rows are masked and its failures known.
type call struct {
	source  *source
	kind    connectors.Kind
	link    policy.LinkQuality
	query   connectors.Query
	answers []masked        // by the place of their ref in query.Refs
	pass    connectors.Pass // its part of the operation's
	done    chan struct{}

	ref    [1]idgraph.Ref // room for the one that most calls are about
	answer [1]masked
}

// masked is what a source says of one ref, as it may go up.
type masked struct {
	subject      *subject
	rows         any // []T
	more, failed bool
}

// wait blocks until the call is answered, or the caller has gone.
func (c *call) wait(ctx context.Context) error {
	select {
	case <-c.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// A tally is what one source did for one record kind in this operation.
type tally struct {
	calls, spared int // calls made, refs spared
	latency       time.Duration
	err           error
}

// A question is what may be asked of one source for one customer over links of
// one quality.
type question struct {
	fields connectors.FieldSet
	order  connectors.Ordering
	limit  int
	window connectors.Window
}

// fetch starts every call that the subjects still need: one per source, record
// kind and set of fields that may be shown.
func (op *Operation) fetch(subjects []*subject) {
	op.mu.Lock()
	defer op.mu.Unlock()
	begun := len(op.calls)
	for i, k := range connectors.Kinds {
		from := len(op.calls)
		for _, s := range subjects {
			if fresh := s.needs[i] &^ s.asked[i]; fresh != 0 {
				s.asked[i] |= fresh
				for part := range fresh.each {
					op.enlist(s, k, part, from)
				}
			}
		}
	}
	op.bound(op.calls[begun:])
	for _, c := range op.calls[begun:] {
		op.begin(c)
	}
}

// bound gives calls that start together, under one limit, one end. Whether a
// source may be asked is settled with the first call to it, for the whole operation.
func (op *Operation) bound(calls []*call) {
	if op.passes == nil && len(calls) > 0 {
		op.passes = make([]connectors.Pass, len(op.door.order))
	}
	var limit time.Duration
	var bound *connectors.Bound
	for _, c := range calls {
		if l := c.source.Limit(); bound == nil || l != limit {
			limit, bound = l, connectors.NewBound(op.ctx, l)
			op.bounds = append(op.bounds, bound)
		}
		p := &op.passes[c.source.place]
		if p.IsZero() {
			*p = c.source.Pass()
		}
		c.pass = p.Part(bound)
	}
}

// enlist gives a customer's refs their seats in the calls that begin with from,
// for one part of a kind's rows; those of which nothing may be shown are counted
// as spared.
func (op *Operation) enlist(s *subject, k connectors.Kind, part, from int) {
	if w := op.demand.of(k).stretch(part); w.bad || w.owner != "" && w.owner != s.key() {
		return // whoever asks for it is told so
	}
	var fields [2]connectors.FieldSet
	var allowed [2]bool
	for link := range fields {
		if policy.LinkQuality(link) == policy.Verified || len(s.doubtful) > 0 {
			fields[link], allowed[link] = s.allowed(k, policy.LinkQuality(link))
		}
	}
	timed := s.timed(k)
	for _, ref := range s.customer.Refs {
		src := op.door.sources[ref.Source]
		if src == nil || !*src.answers.of(k) {
			continue
		}
		link := s.link(ref)
		if !allowed[link] {
			op.tally(src, k).spared++
			continue
		}
		q := question{fields: fields[link], order: connectors.ByID, limit: connectors.MaxRows}
		switch {
		case k == connectors.KindProfile:
			q.limit = 1
		case timed:
			q.order = connectors.NewestFirst
			q.limit, q.window = op.demand.of(k).ask(part, k, src)
		}
		c := op.callFor(src, k, link, q, from)
		if s.seats == nil {
			s.seats = make([]seat, 0, 2*len(s.customer.Refs))
		}
		at := len(c.answers)
		if have := s.seatFor(c, ref); have >= 0 && part > 0 {
			at = have // two parts that come to the same question
		} else {
			c.query.Refs, c.answers = append(c.query.Refs, ref), append(c.answers, masked{subject: s})
		}
		s.seats = append(s.seats, seat{c, at, part})
	}
}

// seatFor is where a ref of the customer sits in a call already, else -1.
func (s *subject) seatFor(c *call, ref idgraph.Ref) int {
	for _, seat := range s.seats {
		if seat.call == c && c.query.Refs[seat.at] == ref {
			return seat.at
		}
	}
	return -1
}

// callFor is the call that asks a source just this, of those that begin with from.
func (op *Operation) callFor(src *source, k connectors.Kind, link policy.LinkQuality, q question, from int) *call {
	for _, c := range op.calls[from:] {
		if c.source == src && c.link == link && c.query.Fields == q.fields && c.query.Order == q.order && c.query.Limit == q.limit && c.query.Window == q.window {
			return c
		}
	}
	c := &call{
		source: src, kind: k, link: link, done: make(chan struct{}),
		query: connectors.Query{Fields: q.fields, Order: q.order, Limit: q.limit, Window: q.window},
	}
	c.query.Refs, c.answers = c.ref[:0], c.answer[:0]
	if op.calls == nil {
		op.calls = make([]*call, 0, 8)
	}
	op.calls = append(op.calls, c)
	return c
}

// callsFor is how many calls so many refs would have cost.
func callsFor(s *source, k connectors.Kind, refs int) int {
	n := s.about.Keys[k].N
	if n <= 0 {
		n = connectors.DefaultKeys
	}
	return (refs + n - 1) / n
}

// tally is where a source's doings for a kind are added up. op.mu is held.
func (op *Operation) tally(src *source, k connectors.Kind) *tally {
	if op.tallies == nil {
		op.tallies = make([]byKind[tally], len(op.door.order))
	}
	return op.tallies[src.place].of(k)
}

// begin asks without waiting.
func (op *Operation) begin(c *call) {
	switch conn := c.source.Connector; c.kind {
	case connectors.KindProfile:
		if c.source.about.NeedsKeys {
			go op.askByKeys(c, conn.(connectors.ProfileLister))
			return
		}
		askFor(op, c, conn.(connectors.ProfileLister).Profiles)
	case connectors.KindDeal:
		askFor(op, c, conn.(connectors.DealLister).Deals)
	case connectors.KindInvoice:
		askFor(op, c, conn.(connectors.InvoiceLister).Invoices)
	case connectors.KindPayment:
		askFor(op, c, conn.(connectors.PaymentLister).Payments)
	case connectors.KindOrder:
		askFor(op, c, conn.(connectors.OrderLister).Orders)
	case connectors.KindTicket:
		askFor(op, c, conn.(connectors.TicketLister).Tickets)
	case connectors.KindBalance:
		askFor(op, c, conn.(connectors.BalanceLister).Balances)
	}
}

// askFor asks a source, masks what it says and tells everybody who waits.
func askFor[T connectors.Row](op *Operation, c *call, capability connectors.Capability[T]) {
	connectors.Begin(op.ctx, &c.pass, c.kind, c.query, capability, func(said connectors.Answers[T], t connectors.Tally) {
		defer close(c.done)
		if !answer(op, c, said) {
			t.Err = &connectors.Error{Source: c.source.name, Op: string(c.kind), Err: connectors.ErrBadData}
		}
		op.note(c, t)
	})
}

// answer masks what a source says. Rows that cannot be masked (false) are no
// answer: nobody gets to see them.
func answer[T connectors.Row](op *Operation, c *call, said connectors.Answers[T]) (ok bool) {
	defer func() {
		if p := recover(); p != nil {
			op.door.Log.ErrorContext(op.ctx, "masking panicked", "source", c.source.name, "kind", c.kind, "panic", fmt.Sprintf("%T", p))
			for i := range c.answers {
				c.answers[i].rows, c.answers[i].failed = nil, true
			}
			ok = false
		}
	}()
	r, w := op.door.rules.of(c.kind), op.demand.of(c.kind).fields
	for i, ref := range c.query.Refs {
		res, a := said[ref], &c.answers[i]
		if a.failed = res.Err != nil; !a.failed {
			a.rows, a.more = mask(res.Rows, r, w, &a.subject.outcomes[c.link]), res.More
		}
	}
	return true
}

// note adds up what a call came to.
func (op *Operation) note(c *call, t connectors.Tally) {
	c.source.health.note(c.kind, t.Err)
	op.mu.Lock()
	defer op.mu.Unlock()
	sum := op.tally(c.source, c.kind)
	sum.calls += t.Calls
	sum.latency = max(sum.latency, t.Latency)
	if t.Err != nil && (sum.err == nil || connectors.Code(t.Err) < connectors.Code(sum.err)) {
		sum.err = t.Err // of several the same one, whichever came first
	}
}

// A gathering is what all sources together say about one part of a kind for one
// customer.
type gathering[T connectors.Row] struct {
	rows    []T
	failed  []idgraph.Source // that did not answer, in order
	heard   bool             // whether anybody answered
	more    bool             // whether a source has more rows
	short   bool             // whether one has more than are read in one call
	lost    bool             // whether these cannot be asked for either
	horizon *place           // the newest row behind which a source has rows that can be asked for
}

// gather waits for every source of a kind. Its rows are masked; nobody changes them.
func gather[T connectors.Row](ctx context.Context, s *subject, k connectors.Kind, part int) (gathering[T], error) {
	var g gathering[T]
	s.op.mu.Lock()
	seats := s.seats
	s.op.mu.Unlock()
	for _, seat := range seats {
		if seat.call.kind != k || seat.part != part {
			continue
		}
		if err := seat.call.wait(ctx); err != nil {
			return g, err
		}
		a := seat.call.answers[seat.at]
		if a.failed {
			g.failed = append(g.failed, seat.call.source.name)
			continue
		}
		rows, _ := a.rows.([]T)
		if g.rows == nil {
			g.rows = rows // without room to grow, so that appending copies
		} else {
			g.rows = append(g.rows, rows...)
		}
		if g.heard = true; a.more {
			g.cut(seat.call, rows)
		}
	}
	slices.Sort(g.failed)
	g.failed = slices.Compact(g.failed)
	return g, nil
}

// cut notes that a call's answer goes on behind the rows that it gave.
func (g *gathering[T]) cut(c *call, rows []T) {
	g.more = true
	full := c.query.Order == connectors.ByID || c.query.Limit >= connectors.MaxRows || len(rows) >= connectors.MaxRows
	g.short = g.short || full
	if c.query.Order == connectors.ByID || !c.source.about.Windows[c.kind] || len(rows) == 0 {
		g.lost = g.lost || full
		return
	}
	last := placeOf(c.kind, rows[0], 0)
	for _, row := range rows[1:] {
		if p := placeOf(c.kind, row, 0); p.compare(last) > 0 {
			last = p
		}
	}
	if g.horizon == nil || last.compare(*g.horizon) < 0 {
		g.horizon = &last
	}
}

// silent says that nobody answered who was asked.
func (g gathering[T]) silent() bool { return len(g.failed) > 0 && !g.heard }

// A health is whether a source answered last time, by record kind.
type health struct {
	mu            sync.Mutex
	asked, failed byKind[bool]
}

func (h *health) note(k connectors.Kind, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	*h.asked.of(k), *h.failed.of(k) = true, err != nil
}

func (h *health) state() SourceState {
	h.mu.Lock()
	defer h.mu.Unlock()
	return stateOf(count(h.asked), count(h.failed))
}

func count(of byKind[bool]) (n int) {
	for _, yes := range of {
		if yes {
			n++
		}
	}
	return n
}

// stateOf is how a source is that was asked for so many kinds, and failed for some.
func stateOf(asked, failed int) SourceState {
	switch {
	case asked == 0:
		return SourceNotCalled
	case failed == 0:
		return SourceOK
	case failed < asked:
		return SourcePartial
	}
	return SourceFailed
}
