package connectors

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"customer360/idgraph"
)

// An Asker asks one connector on behalf of everybody: it chunks by the declared
// limits, keeps to the calls in flight, bounds each call in time, makes one that
// was not answered once more, leaves a source alone that does not answer, and
// checks every row against what was asked. There is one per connector; its
// numbers are set before the first call.
type Asker struct {
	Connector Connector
	Timeout   time.Duration    // of one call, with its second try; 0 is what the connector declares
	Calls     int              // in flight at once; 0 is what the connector declares
	Retries   int              // second tries of a call that was not answered: 0 is one, Never is none
	Backoff   time.Duration    // about how long to wait before it; 0 is 20 ms
	Breaker   Breaker          // when the source is left alone
	Now       func() time.Time // nil is time.Now
	Log       *slog.Logger     // nil is slog.Default()

	once   sync.Once
	about  About
	slots  *slots
	guard  *guard
	budget budget
}

// open prepares what all calls share.
func (a *Asker) open() *Asker {
	a.once.Do(func() {
		a.about = a.Connector.About()
		n := a.Calls
		if n <= 0 {
			n = a.about.Calls.N
		}
		if n <= 0 {
			n = 4
		}
		if a.Log == nil {
			a.Log = slog.Default()
		}
		source := a.Connector.Source()
		a.slots = &slots{free: make(chan struct{}, n), log: a.Log, source: source}
		a.guard = newGuard(a.Breaker, a.now, told(a.Log, string(source)))
	})
	return a
}

// Limit is the most time that one call may take.
func (a *Asker) Limit() time.Duration {
	if a.Timeout > 0 {
		return a.Timeout
	}
	if t := a.open().about.Timeout; t > 0 {
		return t
	}
	return DefaultTimeout
}

// Reset forgets how the source was: it is asked again, with all its second
// tries. No call may begin meanwhile; those under way end as they would have,
// which they could not beside an asker that is made anew in its place. The proof
// begins each operation so.
func (a *Asker) Reset() {
	a.open()
	a.guard = newGuard(a.Breaker, a.now, told(a.Log, string(a.Connector.Source())))
	a.budget.spent.Store(0)
}

// LeftAlone says whether the source is left alone now, since it did not answer.
func (a *Asker) LeftAlone() (LeftAlone, bool) {
	if alone := a.open().guard.alone.Load(); alone != nil {
		return *alone, true
	}
	return LeftAlone{}, false
}

// A Pass is leave to ask a source, for all calls of one operation: whether it
// answers is settled once, so that what an operation asks does not hang on which
// of its calls came back first. It is for one goroutine at a time.
type Pass struct {
	// Bound, where it is set, ends when a call that leaves at once must have.
	Bound *Bound

	asker *Asker
	leave leave
}

// Pass settles whether the source may be asked.
func (a *Asker) Pass() Pass { return Pass{asker: a, leave: a.open().guard.leave()} }

// IsZero says that nobody has asked for leave yet.
func (p *Pass) IsZero() bool { return p.asker == nil }

// Part is the pass of one question, for whichever goroutine asks it. Where the
// source is only tried, that is the first.
func (p *Pass) Part(bound *Bound) Pass {
	return Pass{Bound: bound, asker: p.asker, leave: p.take()}
}

// take is the leave for one more call. Where the source is only tried, that is
// the first.
func (p *Pass) take() leave {
	l := p.leave
	if l.probe {
		alone := l.guard.alone.Load()
		if alone == nil {
			alone = &LeftAlone{Since: p.asker.now(), Until: p.asker.now()}
		}
		p.leave = leave{alone: alone}
	}
	return l
}

// A Tally is what asking cost.
type Tally struct {
	Calls   int           // that left for the source, second tries among them
	Latency time.Duration // of the slowest call
	Err     error         // of the first chunk that failed, in the order of the refs
}

func (t *Tally) add(u Tally) {
	t.Calls, t.Latency, t.Err = t.Calls+u.Calls, max(t.Latency, u.Latency), cmpErr(t.Err, u.Err)
}

// A Capability is one batch method of a connector.
type Capability[T Row] func(context.Context, Query) (Answers[T], error)

// Ask calls a capability for many refs. Refs of a chunk that failed as a whole
// carry its error. A row that was not asked for spoils the chunk that it came
// in: a source that answers one stranger may answer others.
func Ask[T Row](ctx context.Context, a *Asker, kind Kind, q Query, call Capability[T]) (Answers[T], Tally) {
	type said struct {
		answers Answers[T]
		tally   Tally
	}
	told := make(chan said, 1)
	p := a.Pass()
	Begin(ctx, &p, kind, q, call, func(answers Answers[T], tally Tally) { told <- said{answers, tally} })
	s := <-told
	return s.answers, s.tally
}

// Begin is Ask for who does not want to wait, and has a pass: done is called
// once, with what Ask would answer, from another goroutine.
func Begin[T Row](ctx context.Context, p *Pass, kind Kind, q Query, call Capability[T], done func(Answers[T], Tally)) {
	most := keysPerCall(p.asker.about, kind)
	if len(q.Refs) <= most {
		begin(ctx, p, kind, q, call, done)
		return
	}
	chunks := slices.Collect(slices.Chunk(q.Refs, most))
	answers, tallies := make([]Answers[T], len(chunks)), make([]Tally, len(chunks))
	var left atomic.Int64
	left.Store(int64(len(chunks)))
	for i, refs := range chunks {
		part := q
		part.Refs = refs
		begin(ctx, p, kind, part, call, func(said Answers[T], tally Tally) {
			if answers[i], tallies[i] = said, tally; left.Add(-1) > 0 {
				return
			}
			all, sum := make(Answers[T], len(q.Refs)), Tally{}
			for i := range chunks {
				sum.add(tallies[i])
				maps.Copy(all, answers[i])
			}
			done(all, sum)
		})
	}
}

// begin makes one call.
func begin[T Row](ctx context.Context, p *Pass, kind Kind, q Query, call Capability[T], done func(Answers[T], Tally)) {
	x := &asking[T]{query: q, capability: call, done: done}
	x.begin(ctx, p.asker, p.take(), p.Bound, string(kind), p.asker.Limit(), x)
}

// An asking is one call of a capability.
type asking[T Row] struct {
	run
	query      Query
	capability Capability[T]
	done       func(Answers[T], Tally)
	answers    Answers[T]
}

func (x *asking[T]) call(ctx context.Context) (err error) {
	if x.answers, err = x.capability(ctx, x.query); err != nil {
		return err
	}
	return check(x.answers, x.query)
}

func (x *asking[T]) end(tally Tally) {
	if tally.Err != nil { // answers may still be written to
		x.done(failed[T](x.query.Refs, tally.Err), tally)
		return
	}
	for _, ref := range x.query.Refs {
		tally.Err = cmpErr(tally.Err, x.answers[ref].Err)
	}
	x.done(x.answers, tally)
}

// failed are the answers of a call that failed as a whole.
func failed[T Row](refs []idgraph.Ref, err error) Answers[T] {
	all := make(Answers[T], len(refs))
	for _, ref := range refs {
		all[ref] = Result[T]{Err: err}
	}
	return all
}

// Find asks a Finder for the refs that hold any of the identifiers.
func (a *Asker) Find(ctx context.Context, ids []idgraph.Identifier) (map[idgraph.Identifier][]idgraph.Ref, Tally) {
	found, tally := map[idgraph.Identifier][]idgraph.Ref{}, Tally{}
	f, ok := a.Connector.(Finder)
	if !ok {
		return found, tally
	}
	p := a.Pass()
	n := a.about.FindKeys.N
	if n <= 0 {
		n = DefaultKeys
	}
	for part := range slices.Chunk(ids, n) {
		var got map[idgraph.Identifier][]idgraph.Ref
		t := a.within(ctx, p.take(), "find", a.Limit(), func(ctx context.Context) error {
			said, err := f.Find(ctx, part)
			if err == nil {
				got = said
			}
			return err
		})
		if tally.add(t); t.Err != nil {
			continue
		}
		for id, refs := range got {
			if !slices.Contains(part, id) {
				tally.Err = cmpErr(tally.Err, &Error{Source: a.Connector.Source(), Op: "find", Err: ErrBadData})
				continue
			}
			for _, ref := range refs {
				if ref.Source == a.Connector.Source() {
					found[id] = append(found[id], ref)
				}
			}
		}
	}
	return found, tally
}

// changesTimeout bounds the reading of one page of changes or ids: nobody waits
// for it, and it holds more than an answer does.
const changesTimeout = 30 * time.Second

// Changes reads one page of changes; ok is false where the connector lists none.
func (a *Asker) Changes(ctx context.Context, since string, limit int) (page Changes, ok bool, err error) {
	lister, ok := a.Connector.(ChangeLister)
	if !ok {
		return Changes{}, false, nil
	}
	page, err = paged(ctx, a, "changes", func(ctx context.Context) (Changes, error) { return lister.Changes(ctx, since, limit) })
	return page, true, err
}

// IDs reads one page of ids; ok is false where the connector lists none.
func (a *Asker) IDs(ctx context.Context, after string, limit int) (page IDs, ok bool, err error) {
	lister, ok := a.Connector.(IDLister)
	if !ok {
		return IDs{}, false, nil
	}
	page, err = paged(ctx, a, "ids", func(ctx context.Context) (IDs, error) { return lister.IDs(ctx, after, limit) })
	return page, true, err
}

// paged makes a call for a page, which is left alone by a call that ends late.
func paged[P any](ctx context.Context, a *Asker, op string, call func(context.Context) (P, error)) (page P, err error) {
	pages := make(chan P, 1)
	t := a.within(ctx, a.open().guard.aside(), op, changesTimeout, func(ctx context.Context) error {
		got, err := call(ctx)
		if err == nil {
			pages <- got
		}
		return err
	})
	if t.Err == nil {
		page = <-pages
	}
	return page, t.Err
}

// wrap names the source once, and gives a cancelled call its meaning.
func (a *Asker) wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	if e := (*Error)(nil); errors.As(err, &e) && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
		return err
	}
	return Fail(a.Connector.Source(), op, err)
}

// distinct leaves out rows that a source says twice: a row counts once. Rows
// without an id of their own (balances, say) are all kept.
func distinct[T Row](rows []T) []T {
	seen := make(map[string]bool, 8) // on the stack, while it is small
	var out []T
	for i, row := range rows {
		id := row.Key().ID
		switch twice := id != "" && seen[id]; {
		case twice && out == nil:
			out = slices.Clone(rows[:i])
		case !twice && out != nil:
			out = append(out, row)
		}
		seen[id] = true
	}
	if out == nil {
		return rows
	}
	return out
}

// check holds every row against what was asked. Refs are asked for once each,
// so that answers for others show in their number.
func check[T Row](got Answers[T], q Query) error {
	known := 0
	for _, ref := range q.Refs {
		res, ok := got[ref]
		if !ok {
			continue
		}
		known++
		for _, row := range res.Rows {
			if key := row.Key(); key.Owner != ref || key.Source != ref.Source {
				return fmt.Errorf("a row of another owner: %w", ErrBadData)
			}
		}
		if once := distinct(res.Rows); len(once) < len(res.Rows) {
			res.Rows = once
			got[ref] = res
		}
		most := q.Limit
		if q.Order == NewestFirst {
			most = MaxRows // rows of one time come together
		}
		if len(res.Rows) > most {
			got[ref] = Result[T]{Rows: res.Rows[:most], More: true, Err: res.Err}
		}
	}
	if known < len(got) {
		return fmt.Errorf("a row that was not asked for: %w", ErrBadData)
	}
	return nil
}

func keysPerCall(about About, kind Kind) int {
	if l := about.Keys[kind]; l.N > 0 {
		return l.N
	}
	return DefaultKeys
}

func cmpErr(first, next error) error {
	if first != nil {
		return first
	}
	return next
}
