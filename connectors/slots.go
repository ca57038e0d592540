package connectors

import (
	"log/slog"
	"sync/atomic"
	"time"

	"customer360/idgraph"
)

// grace is how long a call may go on after its time is over, before its place
// is given to another.
const grace = time.Second

// slots are the places of the calls that are in flight at a source. A call that
// doesn't listen to its end loses its place; so many may run on without one as
// there are places, so that a connector that never listens holds twice as many
// calls at most.
type slots struct {
	free   chan struct{}
	astray atomic.Int64
	log    *slog.Logger
	source idgraph.Source
}

// A place is one call's: held, then given back by whoever comes first.
type place struct {
	slots *slots
	state atomic.Int32
}

const (
	placeHeld int32 = iota
	placeLeft
	placeLost
)

// leave gives a place back when its call has ended.
func (p *place) leave() {
	if p.state.CompareAndSwap(placeHeld, placeLeft) {
		<-p.slots.free
		return
	}
	p.slots.astray.Add(-1)
}

// lose gives a place back whose call does not end.
func (p *place) lose(op string) {
	s := p.slots
	n := s.astray.Add(1)
	if n > int64(cap(s.free)) || !p.state.CompareAndSwap(placeHeld, placeLost) {
		s.astray.Add(-1)
		return
	}
	<-s.free
	if n == 1 {
		s.log.Warn("a call goes on after its time is over; its place is given to another", "source", s.source, "op", op)
	}
}
