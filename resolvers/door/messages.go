package door

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/policy"
)

// Messages are a hop behind their tickets: whose are wanted is known when the
// pages with the tickets are. So they are fetched by the operation, not by
// their field: when all pages that were asked for are there, each source is
// asked once for the messages of all tickets on them.

// threads is what a root field asks of messages.
type threads struct {
	pages []threadPage // lists whose tickets' messages are asked for
	alone bool         // whether those of a ticket are that is asked for by its id
}

func (t *threads) asked() bool { return len(t.pages) > 0 || t.alone }

// A threadPage is a list of the document, with its arguments.
type threadPage struct {
	list string // "tickets" or "timeline"
	args map[string]any
}

// isHop tells fields that yield rows of another kind of record than they stand in.
func (d *Door) isHop(f *ast.FieldDefinition) bool {
	return f.Type.Name() == rowType(connectors.KindMessage)
}

// messages covers what is asked of a ticket's messages.
func (l *lookAhead) messages(f *ast.Field) {
	l.column("Ticket", f.Name)
	l.column("Message", "")
	kd := l.out.kinds.of(connectors.KindMessage)
	first := l.first(f)
	if CheckFirst(first) != nil {
		first = maxPage
	}
	kd.limit = max(kd.limit, first)
	kd.fields |= l.door.rules.of(connectors.KindMessage).want(timeField(connectors.KindMessage))
	l.each(f.SelectionSet, "Message", func(leaf *ast.Field) { kd.fields |= l.column("Message", leaf.Name) })
	l.kind(connectors.KindTicket).ids = true // by which the tickets are told apart
}

// pageOfThreads notes a list whose tickets' messages are asked for.
func (l *lookAhead) pageOfThreads(f *ast.Field) {
	asked := false
	l.nodes(f.SelectionSet, f.Definition.Type.Name(), func(node *ast.Field) {
		l.each(node.SelectionSet, "Ticket", func(in *ast.Field) { asked = asked || in.Name == "messages" })
	})
	if asked {
		l.out.threads.pages = append(l.out.threads.pages, threadPage{f.Name, f.ArgumentMap(l.variables)})
	}
}

// tickets are those on one page of a customer's, as they go up. Arguments that
// are wrong are for the field itself to complain of.
func (p threadPage) tickets(ctx context.Context, c *Customer) (out []connectors.Ticket) {
	first, after := asInt(p.args["first"]), optional(p.args["after"], func(v any) (string, error) { return fmt.Sprint(v), nil })
	since, until := optional(p.args["since"], connectors.UnmarshalTime), optional(p.args["until"], connectors.UnmarshalTime)
	if p.list == "tickets" {
		list, err := c.Tickets(ctx, first, after, since, until, words[connectors.TicketStatus](p.args["status"]))
		if err == nil && list != nil {
			out = list.Nodes()
		}
		return out
	}
	timeline, err := c.Timeline(ctx, first, after, since, until, words[connectors.Kind](p.args["kinds"]))
	if err != nil || timeline == nil {
		return nil
	}
	for _, entry := range timeline.Nodes() {
		if t, ok := entry.(connectors.Ticket); ok {
			out = append(out, t)
		}
	}
	return out
}

// optional is an argument that may be left out.
func optional[T any](v any, read func(any) (T, error)) *T {
	if v == nil {
		return nil
	}
	t, err := read(v)
	if err != nil {
		return nil
	}
	return &t
}

// words is an argument that lists words of an enum; nil where it is not given. One
// alone is a list of one: written in the document it comes bare, and as a
// variable in a list of texts.
func words[E ~string](v any) []E {
	var list []any
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		list = v
	case []string:
		for _, word := range v {
			list = append(list, word)
		}
	default:
		list = []any{v}
	}
	out := make([]E, len(list))
	for i, word := range list {
		out[i] = E(fmt.Sprint(word))
	}
	return out
}

// A hop fetches the messages of all tickets that some root fields came to.
type hop struct {
	done    chan struct{}
	threads map[string]*thread // by the tickets' sealed ids; whole when done
}

// A thread is the messages of one ticket, for one customer.
type thread struct {
	subject *subject
	ticket  idgraph.Ref
	link    policy.LinkQuality   // of the record that the ticket hangs on
	rows    []connectors.Message // masked, newest first; nil where nobody could say
}

// A bundle is one call for messages, and whom it is for.
type bundle struct {
	call
	threads []*thread
}

// follow begins the hop behind the calls that some arrivals began.
func (op *Operation) follow(arrivals []*arrival) {
	asked := false
	op.mu.Lock()
	for _, a := range arrivals {
		for i, c := range a.handles {
			if c != nil && op.asksThreads(a, i) {
				asked = true
				op.spare(c.subject)
			}
		}
	}
	defer op.mu.Unlock()
	if asked {
		h := &hop{done: make(chan struct{}), threads: map[string]*thread{}}
		op.hops = append(op.hops, h)
		go op.run(h, arrivals)
	}
}

// asksThreads says whether a root field asks for messages of what it wants.
func (op *Operation) asksThreads(a *arrival, i int) bool {
	dm := op.demandOf(a)
	switch {
	case dm == nil:
		return false
	case a.want[i].row == "":
		return len(dm.threads.pages) > 0
	}
	return dm.threads.alone && a.want[i].row == connectors.KindTicket
}

// spare counts, once for a customer, the records whose tickets' messages may
// not be shown: one call each, since nobody knows how many tickets they have.
// op.mu is held.
func (op *Operation) spare(s *subject) {
	if s.followed {
		return
	}
	s.followed = true
	for _, ref := range s.customer.Refs {
		src := op.door.sources[ref.Source]
		if src == nil || !*src.answers.of(connectors.KindTicket) || !*src.answers.of(connectors.KindMessage) {
			continue
		}
		_, tickets := s.allowed(connectors.KindTicket, s.link(ref))
		if _, messages := s.allowed(connectors.KindMessage, s.link(ref)); !tickets || !messages {
			op.tally(src, connectors.KindMessage).spared++
		}
	}
}

func (op *Operation) run(h *hop, arrivals []*arrival) {
	defer close(h.done)
	defer func() {
		if p := recover(); p != nil {
			op.door.Log.ErrorContext(op.ctx, "asking for messages panicked", "panic", fmt.Sprintf("%T", p))
		}
	}()
	for _, a := range arrivals {
		for i, c := range a.handles {
			if c != nil && op.asksThreads(a, i) {
				op.reach(h, a, i)
			}
		}
	}
	bundles := op.bundle(h)
	for _, b := range bundles {
		op.askThreads(b)
	}
	for _, b := range bundles {
		<-b.done
	}
}

// reach waits for what an arrival wants, and notes the tickets in it.
func (op *Operation) reach(h *hop, a *arrival, i int) {
	c := a.handles[i]
	if a.want[i].row == connectors.KindTicket {
		node, err := c.row(op.ctx, connectors.KindTicket, a.rows[i])
		if t, ok := node.(connectors.Ticket); ok && err == nil {
			h.note(c.subject, t)
		}
		return
	}
	for _, p := range op.demandOf(a).threads.pages {
		for _, t := range p.tickets(op.ctx, c) {
			h.note(c.subject, t)
		}
	}
}

func (h *hop) note(s *subject, t connectors.Ticket) {
	parts, err := s.op.door.Seal.Unseal("node", t.ID)
	if err != nil || len(parts) != 4 {
		return
	}
	source := idgraph.Source(parts[1])
	h.threads[t.ID] = &thread{subject: s, ticket: idgraph.Ref{Source: source, ID: parts[3]}, link: s.link(idgraph.Ref{Source: source, ID: parts[2]})}
}

// bundle puts the threads together that one call can bring: of one source, and
// with the same fields to be shown.
func (op *Operation) bundle(h *hop) (out []*bundle) {
	var calls []*call
	for _, id := range slices.Sorted(maps.Keys(h.threads)) {
		t := h.threads[id]
		src := op.door.sources[t.ticket.Source]
		if src == nil || !*src.answers.of(connectors.KindMessage) {
			continue
		}
		fields, ok := t.subject.allowed(connectors.KindMessage, t.link)
		if !ok {
			continue
		}
		q := connectors.Query{Fields: fields, Order: connectors.ByID, Limit: connectors.MaxRows}
		if t.subject.shows("Message", "sentAt") {
			q.Order, q.Limit = connectors.NewestFirst, op.demand.of(connectors.KindMessage).limit
		}
		i := slices.IndexFunc(out, func(b *bundle) bool { return b.source == src && b.query.Fields == q.Fields && b.query.Order == q.Order })
		if i < 0 {
			i = len(out)
			out = append(out, &bundle{call: call{source: src, kind: connectors.KindMessage, query: q, done: make(chan struct{})}})
			calls = append(calls, &out[i].call)
		}
		b := out[i]
		if b.threads = append(b.threads, t); !slices.Contains(b.query.Refs, t.ticket) { // a ticket may be several customers'
			b.query.Refs = append(b.query.Refs, t.ticket)
		}
	}
	op.mu.Lock()
	defer op.mu.Unlock()
	op.bound(calls)
	return out
}

// askThreads asks a source, masks what it says for each customer and tells who waits.
func (op *Operation) askThreads(b *bundle) {
	lister := b.source.Connector.(connectors.MessageLister)
	connectors.Begin(op.ctx, &b.pass, b.kind, b.query, lister.Messages, func(said connectors.Answers[connectors.Message], t connectors.Tally) {
		defer close(b.done)
		if !op.answerThreads(b, said) {
			t.Err = &connectors.Error{Source: b.source.name, Op: string(b.kind), Err: connectors.ErrBadData}
		}
		op.note(&b.call, t)
	})
}

// answerThreads masks what a source says. Rows that cannot be masked (false)
// are no answer: nobody gets to see them.
func (op *Operation) answerThreads(b *bundle, said connectors.Answers[connectors.Message]) (ok bool) {
	defer func() {
		if p := recover(); p != nil {
			op.door.Log.ErrorContext(op.ctx, "masking panicked", "source", b.source.name, "kind", b.kind, "panic", fmt.Sprintf("%T", p))
			for _, t := range b.threads {
				t.rows = nil
			}
			ok = false
		}
	}()
	r, w := op.door.rules.of(b.kind), op.demand.of(b.kind).fields
	for _, t := range b.threads {
		res := said[t.ticket]
		if res.Err != nil {
			continue
		}
		rows := mask(res.Rows, r, w, &t.subject.outcomes[t.link])
		slices.SortStableFunc(rows, func(a, b connectors.Message) int {
			return placeOf(connectors.KindMessage, a, 0).compare(placeOf(connectors.KindMessage, b, 0))
		})
		t.rows = append([]connectors.Message{}, rows...)
	}
	return true
}

// waitForHops waits until all messages are there.
func (op *Operation) waitForHops(ctx context.Context) error {
	op.mu.Lock()
	hops := slices.Clone(op.hops)
	op.mu.Unlock()
	for _, h := range hops {
		if err := h.wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (h *hop) wait(ctx context.Context) error {
	select {
	case <-h.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Messages are the newest ones of a ticket that went up; nil where its source
// keeps none, or did not answer.
func (op *Operation) Messages(ctx context.Context, t *connectors.Ticket, first int) ([]connectors.Message, error) {
	if err := CheckFirst(first); err != nil {
		return nil, err
	}
	op.mu.Lock()
	hops := slices.Clone(op.hops)
	op.mu.Unlock()
	for _, h := range hops {
		if err := h.wait(ctx); err != nil {
			return nil, err
		}
		if got := h.threads[t.ID]; got != nil {
			return got.rows[:min(first, len(got.rows))], nil
		}
	}
	return nil, nil
}
