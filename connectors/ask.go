package connectors

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"customer360/idgraph"
)

// An Asker asks one connector on behalf of everybody: it chunks by the declared
// limits, keeps to the declared calls in flight, bounds each call in time and
// checks every row against what was asked. There is one per connector.
type Asker struct {
	Connector Connector
	Timeout   time.Duration    // of one call; 0 is 2 s
	Now       func() time.Time // nil is time.Now

	once  sync.Once
	slots chan struct{}
}

// Limit is the most time that one call may take.
func (a *Asker) Limit() time.Duration {
	if a.Timeout <= 0 {
		return 2 * time.Second
	}
	return a.Timeout
}

// A Tally is what asking cost.
type Tally struct {
	Calls   int
	Latency time.Duration // of the slowest call
	Err     error         // of the first chunk that failed, in the order of the refs
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
	Begin(ctx, a, kind, q, call, func(answers Answers[T], tally Tally) { told <- said{answers, tally} })
	s := <-told
	return s.answers, s.tally
}

// Begin is Ask for who does not want to wait: done is called once, with what
// Ask would answer, from another goroutine.
func Begin[T Row](ctx context.Context, a *Asker, kind Kind, q Query, call Capability[T], done func(Answers[T], Tally)) {
	most := keysPerCall(a.Connector.About(), kind)
	if len(q.Refs) <= most {
		begin(ctx, a, kind, q, call, done)
		return
	}
	go func() { done(inChunks(ctx, a, kind, q, call, most)) }()
}

// inChunks asks for so many refs at a time.
func inChunks[T Row](ctx context.Context, a *Asker, kind Kind, q Query, call Capability[T], most int) (Answers[T], Tally) {
	chunks := slices.Collect(slices.Chunk(q.Refs, most))
	answers, tallies := make([]Answers[T], len(chunks)), make([]Tally, len(chunks))
	var wg sync.WaitGroup
	for i, refs := range chunks {
		part := q
		part.Refs = refs
		wg.Add(1)
		begin(ctx, a, kind, part, call, func(said Answers[T], tally Tally) {
			answers[i], tallies[i] = said, tally
			wg.Done()
		})
	}
	wg.Wait()
	all, sum := make(Answers[T], len(q.Refs)), Tally{}
	for i := range chunks {
		sum.Calls, sum.Latency, sum.Err = sum.Calls+1, max(sum.Latency, tallies[i].Latency), cmpErr(sum.Err, tallies[i].Err)
		maps.Copy(all, answers[i])
	}
	return all, sum
}

// begin makes one call.
func begin[T Row](ctx context.Context, a *Asker, kind Kind, q Query, call Capability[T], done func(Answers[T], Tally)) {
	x := &asking[T]{query: q, capability: call, done: done}
	x.begin(ctx, a, string(kind), a.Limit(), x)
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

func (x *asking[T]) end(took time.Duration, err error) {
	tally := Tally{Calls: 1, Latency: took, Err: err}
	if err != nil { // answers may still be written to
		x.done(failed[T](x.query.Refs, err), tally)
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
	n := a.Connector.About().FindKeys.N
	if n <= 0 {
		n = DefaultKeys
	}
	for part := range slices.Chunk(ids, n) {
		var got map[idgraph.Identifier][]idgraph.Ref
		took, err := a.within(ctx, "find", a.Limit(), func(ctx context.Context) (err error) {
			got, err = f.Find(ctx, part)
			return err
		})
		tally.Calls, tally.Latency, tally.Err = tally.Calls+1, max(tally.Latency, took), cmpErr(tally.Err, err)
		if err != nil {
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

// changesTimeout bounds the reading of one page of changes: nobody waits for
// it, and it holds more than an answer does.
const changesTimeout = 30 * time.Second

// Changes reads one page of changes; ok is false where the connector lists none.
func (a *Asker) Changes(ctx context.Context, since string, limit int) (page Changes, ok bool, err error) {
	lister, ok := a.Connector.(ChangeLister)
	if !ok {
		return Changes{}, false, nil
	}
	pages := make(chan Changes, 1)
	_, err = a.within(ctx, "changes", changesTimeout, func(ctx context.Context) error {
		got, err := lister.Changes(ctx, since, limit)
		if err == nil {
			pages <- got
		}
		return err
	})
	if err != nil {
		return Changes{}, true, err
	}
	return <-pages, true, nil
}

// wrap names the source once, and gives a cancelled call its meaning.
func (a *Asker) wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		err = ErrTimeout
	}
	if e := (*Error)(nil); errors.As(err, &e) {
		return err
	}
	return &Error{Source: a.Connector.Source(), Op: op, Err: err}
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
