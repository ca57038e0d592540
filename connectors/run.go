package connectors

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// A task is something to do at a source, and whom to tell.
type task interface {
	call(ctx context.Context) error
	end(took time.Duration, err error)
}

// A run is one call under way: made when a slot is free, within its limit of
// time (which calls that start together may share: a context that ends no later
// is used as it is). Its task is told once that it ended, in time even where
// the connector doesn't listen to its context.
type run struct {
	asker   *Asker
	op      string
	task    task
	ctx     context.Context
	cancel  context.CancelFunc
	unwatch func() bool
	begun   time.Time
	told    atomic.Bool
}

func (r *run) begin(ctx context.Context, a *Asker, op string, limit time.Duration, t task) {
	r.asker, r.op, r.task, r.begun, r.ctx = a, op, t, a.now(), ctx
	if end, ok := ctx.Deadline(); !ok || time.Until(end) > limit {
		r.ctx, r.cancel = context.WithTimeout(ctx, limit)
	}
	r.unwatch = context.AfterFunc(r.ctx, r.over)
	go r.do()
}

func (r *run) do() {
	err := r.inSlot()
	r.unwatch()
	r.tell(err)
}

// over ends a run that took too long, or that nobody waits for any more.
func (r *run) over() { r.tell(r.ctx.Err()) }

func (r *run) tell(err error) {
	if r.told.CompareAndSwap(false, true) {
		if r.cancel != nil {
			r.cancel()
		}
		r.task.end(r.asker.now().Sub(r.begun), r.asker.wrap(r.op, err))
	}
}

// inSlot makes the call when a slot is free.
func (r *run) inSlot() (err error) {
	select {
	case r.asker.slot() <- struct{}{}:
		defer func() { <-r.asker.slots }()
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the connector panicked: %w", ErrBadData)
		}
	}()
	return r.task.call(r.ctx)
}

// slot is where calls queue up: as many as may be in flight.
func (a *Asker) slot() chan<- struct{} {
	a.once.Do(func() {
		n := a.Connector.About().Calls.N
		if n <= 0 {
			n = 4
		}
		a.slots = make(chan struct{}, n)
	})
	return a.slots
}

func (a *Asker) now() time.Time {
	if a.Now == nil {
		return time.Now()
	}
	return a.Now()
}

// within runs one call and waits for it.
func (a *Asker) within(ctx context.Context, op string, timeout time.Duration, call func(context.Context) error) (time.Duration, error) {
	w := &waiting{do: call, ended: make(chan struct{})}
	w.begin(ctx, a, op, timeout, w)
	<-w.ended
	return w.took, w.err
}

// A waiting is a run that somebody waits for.
type waiting struct {
	run
	do    func(context.Context) error
	ended chan struct{}
	took  time.Duration
	err   error
}

func (w *waiting) call(ctx context.Context) error { return w.do(ctx) }

func (w *waiting) end(took time.Duration, err error) {
	w.took, w.err = took, err
	close(w.ended)
}
