package connectors

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// A task is something to do at a source, and whom to tell.
type task interface {
	call(ctx context.Context) error
	end(t Tally)
}

// A run is one call under way. It waits for a free slot for as long as its
// operation lasts, is then made within its limit of time, and once more where it
// was not answered. Its task is told once that it ended, in time even where the
// connector doesn't listen to its context.
type run struct {
	asker   *Asker
	op      string
	task    task
	leave   leave
	limit   time.Duration
	outer   context.Context // of the operation
	ctx     context.Context // of the call: ends no later
	cancel  context.CancelFunc
	unwatch func() bool // nil under a bound
	begun   time.Time
	place   place
	calls   atomic.Int32 // that left: the first as soon as it has its slot
	told    atomic.Bool
}

// begin never waits. A bound that is given ends at the run's limit of time.
func (r *run) begin(ctx context.Context, a *Asker, l leave, bound *Bound, op string, limit time.Duration, t task) {
	r.asker, r.op, r.task, r.leave, r.limit, r.outer = a, op, t, l, limit, ctx
	r.place.slots = a.slots
	r.begun = a.now()
	if l.alone != nil {
		go r.tell(l.alone.unasked())
		return
	}
	select {
	case a.slots.free <- struct{}{}:
		r.depart(bound)
		go r.do()
	default:
		go r.queue()
	}
}

// queue waits for a slot, no longer than the operation lasts.
func (r *run) queue() {
	waiting := r.outer
	if _, ok := waiting.Deadline(); !ok {
		var cancel context.CancelFunc
		waiting, cancel = context.WithTimeout(waiting, r.limit)
		defer cancel()
	}
	select {
	case r.asker.slots.free <- struct{}{}:
		r.begun = r.asker.now()
		r.depart(nil)
		r.do()
	case <-waiting.Done():
		r.leave.void()
		r.tell(r.asker.crowded(waiting.Err()))
	}
}

// crowded is the error of a call that found no slot. The source has not been
// asked, and may be well: it is the gateway that keeps within what the source bears.
func (a *Asker) crowded(ended error) error {
	if errors.Is(ended, context.Canceled) {
		return ended
	}
	return &Unasked{
		Why: fmt.Sprintf("it is asked %d calls at a time, and none of those under way ended in time for this one", cap(a.slots.free)),
		Err: ErrRateLimited,
	}
}

// depart begins the call, which ends with the bound, or at its own limit of time
// and no later than its operation.
func (r *run) depart(bound *Bound) {
	r.calls.Store(1)
	if bound != nil {
		r.ctx = bound.ctx
		bound.watch(r)
		return
	}
	r.ctx = r.outer
	if end, ok := r.outer.Deadline(); !ok || time.Until(end) > r.limit {
		r.ctx, r.cancel = context.WithTimeout(r.outer, r.limit)
	}
	r.unwatch = context.AfterFunc(r.ctx, r.over)
}

func (r *run) do() {
	err := r.ctx.Err()
	if err == nil {
		err = r.try()
	}
	for tries := r.tries(); tries > 0 && err != nil && r.ctx.Err() == nil && r.onceMore(err); tries-- {
		r.calls.Add(1)
		err = r.try()
	}
	r.place.leave()
	if r.unwatch != nil {
		r.unwatch()
	}
	r.tell(err)
}

// tries is how many second tries the run has: a call that tries whether its
// source is back has none.
func (r *run) tries() int {
	switch {
	case r.asker.Retries < 0 || r.leave.probe:
		return 0
	case r.asker.Retries == 0:
		return 1
	}
	return r.asker.Retries
}

// onceMore waits until the call may be made once more, where it may.
func (r *run) onceMore(err error) bool {
	left := r.limit
	if end, ok := r.ctx.Deadline(); ok {
		left = time.Until(end)
	}
	wait, ok := r.asker.again(err, left, r.limit)
	if !ok || !r.asker.budget.spend() {
		return false
	}
	if unanswered(err) {
		r.leave.failed()
	}
	return sleep(r.ctx, wait)
}

// over ends a run that took too long, or that nobody waits for any more. A
// connector that doesn't listen to that loses its place.
func (r *run) over() {
	if r.tell(r.ctx.Err()) {
		time.AfterFunc(grace, func() { r.place.lose(r.op) })
	}
}

func (r *run) tell(err error) bool {
	if !r.told.CompareAndSwap(false, true) {
		return false
	}
	r.count(err)
	if r.cancel != nil {
		r.cancel()
	}
	r.task.end(Tally{Calls: int(r.calls.Load()), Latency: r.asker.now().Sub(r.begun), Err: r.asker.wrap(r.op, err)})
	return true
}

// count notes whether the source answered. Where the operation ended before the
// call's own time was over, nobody knows.
func (r *run) count(err error) {
	switch {
	case r.calls.Load() == 0, err != nil && r.outer.Err() != nil:
		r.leave.void()
	case err != nil && unanswered(err):
		r.leave.failed()
	default:
		r.leave.answered()
	}
}

// try makes the call.
func (r *run) try() (err error) {
	r.asker.budget.earn()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the connector panicked: %w", ErrBadData)
		}
	}()
	return r.task.call(r.ctx)
}

func (a *Asker) now() time.Time {
	if a.Now == nil {
		return time.Now()
	}
	return a.Now()
}

// within runs one call and waits for it.
func (a *Asker) within(ctx context.Context, l leave, op string, limit time.Duration, call func(context.Context) error) Tally {
	w := &waiting{do: call, ended: make(chan Tally, 1)}
	w.begin(ctx, a, l, nil, op, limit, w)
	return <-w.ended
}

// A waiting is a run that somebody waits for.
type waiting struct {
	run
	do    func(context.Context) error
	ended chan Tally
}

func (w *waiting) call(ctx context.Context) error { return w.do(ctx) }
func (w *waiting) end(t Tally)                    { w.ended <- t }
