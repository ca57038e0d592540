package connectors

import (
	"context"
	"errors"
	"fmt"
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
	most := keysPerCall(a.Connector.About(), kind)
	if len(q.Refs) <= most {
		return askOnce(ctx, a, kind, q, call)
	}
	chunks := slices.Collect(slices.Chunk(q.Refs, most))
	answers := make([]Answers[T], len(chunks))
	errs := make([]error, len(chunks))
	took := make([]time.Duration, len(chunks))
	var wg sync.WaitGroup
	for i, refs := range chunks {
		wg.Go(func() {
			part := q
			part.Refs = refs
			took[i], errs[i] = a.within(ctx, string(kind), a.Limit(), func(ctx context.Context) (err error) {
				if answers[i], err = call(ctx, part); err != nil {
					return err
				}
				return check(answers[i], part)
			})
		})
	}
	wg.Wait()
	all, tally := make(Answers[T], len(q.Refs)), Tally{Calls: len(chunks)}
	for i, refs := range chunks {
		tally.Latency = max(tally.Latency, took[i])
		if errs[i] != nil {
			tally.Err = cmpErr(tally.Err, errs[i])
			for _, ref := range refs {
				all[ref] = Result[T]{Err: errs[i]}
			}
			continue
		}
		for ref, res := range answers[i] {
			if res.Err != nil {
				tally.Err = cmpErr(tally.Err, res.Err)
			}
			all[ref] = res
		}
	}
	return all, tally
}

// askOnce is Ask where one call carries all refs, as most do.
func askOnce[T Row](ctx context.Context, a *Asker, kind Kind, q Query, call Capability[T]) (Answers[T], Tally) {
	var answers Answers[T]
	took, err := a.within(ctx, string(kind), a.Limit(), func(ctx context.Context) (err error) {
		if answers, err = call(ctx, q); err != nil {
			return err
		}
		return check(answers, q)
	})
	tally := Tally{Calls: 1, Latency: took, Err: err}
	if err != nil { // answers may still be written to
		all := make(Answers[T], len(q.Refs))
		for _, ref := range q.Refs {
			all[ref] = Result[T]{Err: err}
		}
		return all, tally
	}
	for _, ref := range q.Refs {
		tally.Err = cmpErr(tally.Err, answers[ref].Err)
	}
	return answers, tally
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

// within runs one call: when a slot is free, within the timeout, and back in
// time even where the connector doesn't listen to its context.
func (a *Asker) within(ctx context.Context, op string, timeout time.Duration, call func(context.Context) error) (time.Duration, error) {
	a.once.Do(func() {
		n := a.Connector.About().Calls.N
		if n <= 0 {
			n = 4
		}
		a.slots = make(chan struct{}, n)
	})
	now := a.Now
	if now == nil {
		now = time.Now
	}
	begun, cancel := now(), func() {}
	if end, ok := ctx.Deadline(); !ok || time.Until(end) > timeout {
		ctx, cancel = context.WithTimeout(ctx, timeout)
	}
	done := make(chan error, 1)
	go func() {
		defer cancel()
		select {
		case a.slots <- struct{}{}:
			defer func() { <-a.slots }()
		case <-ctx.Done():
			done <- ctx.Err()
			return
		}
		defer func() {
			if p := recover(); p != nil {
				done <- fmt.Errorf("the connector panicked: %w", ErrBadData)
			}
		}()
		done <- call(ctx)
	}()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		select {
		case err = <-done: // the call had its answer, and cancelled on its way out
		default:
			err = ctx.Err()
		}
	}
	return now().Sub(begun), a.wrap(op, err)
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
	if len(rows) < 2 {
		return rows
	}
	seen := make(map[string]bool, len(rows))
	out := rows[:0:0]
	for _, row := range rows {
		id := row.Key().ID
		if id != "" && seen[id] {
			continue
		}
		seen[id] = true
		out = append(out, row)
	}
	return out
}

// check holds every row against what was asked.
func check[T Row](got Answers[T], q Query) error {
	asked := set(q.Refs)
	for ref, res := range got {
		if !asked(ref) {
			return fmt.Errorf("a row that was not asked for: %w", ErrBadData)
		}
		for _, row := range res.Rows {
			if row.Key().Owner != ref || row.Key().Source != ref.Source {
				return fmt.Errorf("a row of another owner: %w", ErrBadData)
			}
		}
		if once := distinct(res.Rows); len(once) < len(res.Rows) {
			res.Rows = once
			got[ref] = res
		}
		if len(res.Rows) > q.Limit {
			got[ref] = Result[T]{Rows: res.Rows[:q.Limit], More: true, Err: res.Err}
		}
	}
	return nil
}

// set says of refs whether they are among some.
func set(refs []idgraph.Ref) func(idgraph.Ref) bool {
	if len(refs) <= 8 {
		return func(ref idgraph.Ref) bool { return slices.Contains(refs, ref) }
	}
	asked := make(map[idgraph.Ref]bool, len(refs))
	for _, ref := range refs {
		asked[ref] = true
	}
	return func(ref idgraph.Ref) bool { return asked[ref] }
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
