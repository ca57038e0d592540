package ingest

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
)

// How often a source is looked at where nobody says otherwise. What a person
// allowed binds from the reading that brings it.
const (
	defaultInterval = 15 * time.Second
	defaultSweep    = time.Hour
	defaultReread   = 24 * time.Hour
	// unseenReread is for sources whose changes do not tell everything.
	unseenReread = time.Hour
)

func (src Source) interval() time.Duration   { return orElse(src.Interval, defaultInterval) }
func (src Source) sweepEvery() time.Duration { return orElse(src.Sweep, defaultSweep) }

func (src Source) rereadEvery() time.Duration {
	if src.Connector.About().Unseen != "" {
		return orElse(src.Reread, unseenReread)
	}
	return orElse(src.Reread, defaultReread)
}

func orElse(d, otherwise time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return otherwise
}

// Follow keeps reading every source at its interval until ctx ends, and sweeps
// it when that is due; a sweep that takes long is left every interval for the
// changes. A source that fails is tried again by itself, one that another process
// reads is taken over when that one has gone. The graph is built anew, beside,
// when it has outgrown what it was counted by.
func (s *Syncer) Follow(ctx context.Context) {
	var renewing sync.WaitGroup
	defer renewing.Wait()
	renewing.Go(func() { s.keepRenewed(ctx) })
	s.each(func(src Source) {
		f := &following{s: s, src: src, began: time.Now()}
		if state, err := s.state(ctx, src); err == nil && state.Error != "" {
			f.failed = connectors.ErrUnavailable
		}
		f.run(ctx)
	})
}

// A following is one source that is kept up with.
type following struct {
	s        *Syncer
	src      Source
	began    time.Time // when the last reading began
	failed   error     // what stopped the last reading
	failures int       // in succession
	sweeps   int       // that failed in succession
	nextTry  time.Time // of a sweep, after a failure
}

func (f *following) run(ctx context.Context) {
	for {
		rest(ctx, f.pause())
		if ctx.Err() != nil {
			return
		}
		if f.read(ctx) == nil {
			f.sweep(ctx)
		}
	}
}

// errElsewhere says that another process reads the source.
var errElsewhere = errors.New("another process reads the source")

// read reads what changed, and counts failures.
func (f *following) read(ctx context.Context) error {
	f.began = time.Now()
	if !f.s.leads(ctx, f.src) {
		f.failed, f.failures = nil, 0
		return errElsewhere
	}
	if f.failed = f.s.read(ctx, f.src, nil); f.failed != nil {
		f.failures++
	} else {
		f.failures = 0
	}
	return f.failed
}

// sweep sweeps the source where that is due.
func (f *following) sweep(ctx context.Context) {
	state, err := f.s.state(ctx, f.src)
	whole, due := f.due(state)
	if err != nil || !due || time.Now().Before(f.nextTry) {
		return
	}
	err = f.s.sweep(ctx, f.src, whole, func() error {
		if time.Since(f.began) < f.src.interval() {
			return nil
		}
		return f.read(ctx)
	})
	if err == nil || ctx.Err() != nil || errors.Is(err, errElsewhere) {
		f.sweeps = 0
		return
	}
	f.sweeps++
	f.nextTry = time.Now().Add(jitter(min(time.Minute<<min(f.sweeps-1, 10), f.src.sweepEvery())))
	f.s.sweepFailed(ctx, f.src.Connector.Source(), err)
}

// due says whether a sweep is, and whether a whole one.
func (f *following) due(state idgraph.SyncState) (whole, due bool) {
	if !state.Full {
		return false, false
	}
	now, last := f.s.now(), state.Sweep
	if _, ok := f.src.Connector.(connectors.ChangeLister); ok && now.Sub(last.WholeAt) >= f.src.rereadEvery() {
		return true, true
	}
	_, lists := f.src.Connector.(connectors.IDLister)
	return false, lists && now.Sub(last.At) >= f.src.sweepEvery()
}

// A source that cannot be reached is tried again soon, however long that lasts,
// so that it is read a couple of seconds after it is back. One that refuses us
// is left in peace for ever longer.
const (
	firstRetry  = time.Second
	reachRetry  = 3 * time.Second
	refuseRetry = time.Minute
)

// pause is how long to wait before the next reading: readings begin at the
// interval, or a little sooner, so that sources of one system aren't asked in
// step.
func (f *following) pause() time.Duration {
	interval := f.src.interval()
	if f.failed == nil {
		return max(jitter(interval)-time.Since(f.began), interval/10)
	}
	most := refuseRetry
	if errors.Is(f.failed, connectors.ErrUnavailable) || errors.Is(f.failed, connectors.ErrTimeout) {
		most = reachRetry
	}
	return jitter(min(min(firstRetry, interval)<<min(max(f.failures-1, 0), 20), most))
}

// jitter takes up to a fifth off.
func jitter(d time.Duration) time.Duration { return d - rand.N(d/5+1) }
