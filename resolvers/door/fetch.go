package door

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
)

// A call is one batched question to one source for one record kind. When done
// is closed, its rows are masked and its failures known.
type call struct {
	source *source
	kind   connectors.Kind
	query  connectors.Query
	owners map[idgraph.Ref]*subject
	done   chan struct{}

	rows   map[idgraph.Ref]any // []T, masked
	more   map[idgraph.Ref]bool
	failed map[idgraph.Ref]bool
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

type tallyKey struct {
	source idgraph.Source
	kind   connectors.Kind
}

// A tally is what one source did for one record kind in this operation.
type tally struct {
	calls, saved int
	latency      time.Duration
	err          error
}

// shape is what two refs must share to go in one call.
type shape struct {
	source *source
	kind   connectors.Kind
	fields connectors.FieldSet
	order  connectors.Ordering
	limit  int
}

// fetch starts every call that the subjects still need: one per source, record
// kind and set of fields that may be shown.
func (op *Operation) fetch(subjects []*subject) {
	op.mu.Lock()
	defer op.mu.Unlock()
	groups := map[shape]*call{}
	var begun []*call
	spared := map[tallyKey]int{}
	for _, kind := range connectors.Kinds {
		for _, s := range subjects {
			if !s.needs[kind] || s.asked[kind] {
				continue
			}
			s.asked[kind] = true
			fields, ok := s.allowed(kind)
			order, limit := s.ordering(kind)
			for _, ref := range s.customer.Refs {
				src := op.door.sources[ref.Source]
				if src == nil || !src.answers[kind] {
					continue
				}
				if !ok {
					spared[tallyKey{src.name, kind}]++
					continue
				}
				sh := shape{src, kind, fields, order, limit}
				c := groups[sh]
				if c == nil {
					c = &call{
						source: src, kind: kind, owners: map[idgraph.Ref]*subject{}, done: make(chan struct{}),
						query: connectors.Query{Fields: fields, Order: order, Limit: limit},
					}
					groups[sh], begun = c, append(begun, c)
				}
				c.query.Refs, c.owners[ref] = append(c.query.Refs, ref), s
				if !slices.Contains(s.calls[kind], c) {
					s.calls[kind] = append(s.calls[kind], c)
				}
			}
		}
	}
	for key, refs := range spared {
		op.tally(key).saved += callsFor(op.door.sources[key.source], key.kind, refs)
	}
	op.calls = append(op.calls, begun...)
	for _, c := range begun {
		go op.run(c)
	}
}

// callsFor is how many calls so many refs would have cost.
func callsFor(s *source, kind connectors.Kind, refs int) int {
	n := s.about.Keys[kind].N
	if n <= 0 {
		n = connectors.DefaultKeys
	}
	return (refs + n - 1) / n
}

func (op *Operation) tally(key tallyKey) *tally {
	t := op.tallies[key]
	if t == nil {
		t = &tally{}
		op.tallies[key] = t
	}
	return t
}

// run asks, masks and tells everybody who waits.
func (op *Operation) run(c *call) {
	defer close(c.done)
	ctx, cancel := context.WithCancel(op.ctx)
	defer cancel()
	var t connectors.Tally
	switch conn := c.source.Connector; c.kind {
	case connectors.KindProfile:
		t = answer(ctx, op, c, conn.(connectors.ProfileLister).Profiles)
	case connectors.KindDeal:
		t = answer(ctx, op, c, conn.(connectors.DealLister).Deals)
	case connectors.KindInvoice:
		t = answer(ctx, op, c, conn.(connectors.InvoiceLister).Invoices)
	case connectors.KindPayment:
		t = answer(ctx, op, c, conn.(connectors.PaymentLister).Payments)
	case connectors.KindOrder:
		t = answer(ctx, op, c, conn.(connectors.OrderLister).Orders)
	case connectors.KindTicket:
		t = answer(ctx, op, c, conn.(connectors.TicketLister).Tickets)
	case connectors.KindBalance:
		t = answer(ctx, op, c, conn.(connectors.BalanceLister).Balances)
	}
	c.source.health.note(c.kind, t.Err)
	op.mu.Lock()
	defer op.mu.Unlock()
	sum := op.tally(tallyKey{c.source.name, c.kind})
	sum.calls += t.Calls
	sum.latency = max(sum.latency, t.Latency)
	if t.Err != nil && (sum.err == nil || connectors.Code(t.Err) < connectors.Code(sum.err)) {
		sum.err = t.Err // of several the same one, whichever came first
	}
}

// answer asks a source and masks what it says. Rows that cannot be masked are
// no answer: nobody gets to see them.
func answer[T connectors.Row](ctx context.Context, op *Operation, c *call, capability connectors.Capability[T]) (tally connectors.Tally) {
	c.failed = map[idgraph.Ref]bool{}
	defer func() {
		if p := recover(); p != nil {
			op.door.Log.ErrorContext(op.ctx, "masking panicked", "source", c.source.name, "kind", c.kind, "panic", fmt.Sprintf("%T", p))
			for ref := range c.owners {
				c.failed[ref] = true
			}
			c.rows, tally.Err = nil, &connectors.Error{Source: c.source.name, Op: string(c.kind), Err: connectors.ErrBadData}
		}
	}()
	answers, tally := connectors.Ask(ctx, c.source.Asker, c.kind, c.query, capability)
	c.rows, c.more = map[idgraph.Ref]any{}, map[idgraph.Ref]bool{}
	r := op.door.rules[c.kind]
	for ref, res := range answers {
		if res.Err != nil {
			c.failed[ref] = true
			continue
		}
		s, rows := c.owners[ref], make([]T, len(res.Rows))
		for i, row := range res.Rows {
			rows[i] = mask(row, r, &s.outcomes)
		}
		c.rows[ref], c.more[ref] = rows, res.More
	}
	return tally
}

// A gathering is what all sources together say about one kind for one customer.
type gathering[T connectors.Row] struct {
	rows   []T
	failed []idgraph.Source // that did not answer
	heard  bool             // whether anybody answered
	more   bool
}

// gather waits for every source of a kind.
func gather[T connectors.Row](ctx context.Context, s *subject, kind connectors.Kind) (gathering[T], error) {
	var g gathering[T]
	s.op.mu.Lock()
	calls := s.calls[kind]
	s.op.mu.Unlock()
	for _, c := range calls {
		if err := c.wait(ctx); err != nil {
			return g, err
		}
		for _, ref := range s.customer.Refs {
			if ref.Source != c.source.name || c.owners[ref] != s {
				continue
			}
			if c.failed[ref] {
				g.failed = append(g.failed, ref.Source)
				continue
			}
			g.heard = true
			rows, _ := c.rows[ref].([]T)
			g.rows, g.more = append(g.rows, rows...), g.more || c.more[ref]
		}
	}
	slices.Sort(g.failed)
	g.failed = slices.Compact(g.failed)
	return g, nil
}

// silent says that nobody answered who was asked.
func (g gathering[T]) silent() bool { return len(g.failed) > 0 && !g.heard }

// A health is whether a source answered last time, by record kind.
type health struct {
	mu     sync.Mutex
	failed map[connectors.Kind]bool
}

func (h *health) note(kind connectors.Kind, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.failed == nil {
		h.failed = map[connectors.Kind]bool{}
	}
	h.failed[kind] = err != nil
}

func (h *health) state() SourceState {
	h.mu.Lock()
	defer h.mu.Unlock()
	failed := 0
	for _, f := range h.failed {
		if f {
			failed++
		}
	}
	return stateOf(len(h.failed), failed)
}

// stateOf is how a source is that answered for so many kinds, and failed for some.
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
