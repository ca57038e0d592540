package connectors

import (
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

// Never is the number that turns a precaution off, where 0 is its default.
const Never = -1

// A Breaker says when a source that does not answer is left alone, and how long.
type Breaker struct {
	// Failures are so many calls without an answer within 10 s that the source
	// is left alone, where they are half of its calls; 0 is 5, Never is never.
	Failures int
	// Pause is how long it is left alone at first; 0 is 1 s. Each time that it
	// still does not answer doubles it, up to Longest; 0 is 15 s.
	Pause, Longest time.Duration
}

// How failures are counted: over a while that a source needs to be restarted
// in, and against the calls that it did answer.
const (
	breakerWindow = 10 * time.Second
	breakerShare  = 0.5
)

func (b Breaker) complete() Breaker {
	if b.Failures == 0 {
		b.Failures = 5
	}
	if b.Pause <= 0 {
		b.Pause = time.Second
	}
	if b.Longest <= 0 {
		b.Longest = 15 * time.Second
	}
	b.Longest = max(b.Longest, b.Pause)
	return b
}

// LeftAlone says that a source is not asked for a while, since it did not
// answer. From Until on one call tries whether it does again.
type LeftAlone struct{ Since, Until time.Time }

// guard watches over one source: it counts which calls are answered, leaves
// the source alone when too many are not, and lets one call after the other try
// whether it is back.
type guard struct {
	Breaker
	now  func() time.Time
	tell func(to string, alone LeftAlone)

	mu    sync.Mutex
	round int // how many times in a row it was left alone
	phase atomic.Pointer[phase]
	alone atomic.Pointer[LeftAlone]
}

// A phase lasts until the source is left alone, or left alone once more: what
// is still under way from an earlier phase does not count in a later one.
type phase struct {
	circuitbreaker.CircuitBreaker[any]
}

func newGuard(b Breaker, now func() time.Time, tell func(to string, alone LeftAlone)) *guard {
	g := &guard{Breaker: b.complete(), now: now, tell: tell}
	g.phase.Store(g.newPhase(g.Pause))
	return g
}

func (g *guard) newPhase(pause time.Duration) *phase {
	p := &phase{}
	p.CircuitBreaker = circuitbreaker.NewBuilder[any]().
		WithFailureRateThreshold(breakerShare, uint(max(g.Failures, 1)), breakerWindow).
		WithSuccessThreshold(1).WithDelay(pause).
		OnStateChanged(func(e circuitbreaker.StateChangedEvent) { g.changed(p, e.NewState) }).
		Build()
	return p
}

// changed follows a change of the phase that is on; others are prepared, or over.
func (g *guard) changed(p *phase, to circuitbreaker.State) {
	if g.phase.Load() != p {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	alone := g.alone.Load()
	switch {
	case g.phase.Load() != p:
	case to == circuitbreaker.OpenState:
		g.leaveAlone()
	case alone == nil: // about to be left alone
	case to == circuitbreaker.HalfOpenState:
		g.tell("half-open", *alone)
	default:
		g.round = 0
		g.alone.Store(nil)
		g.tell("closed", *alone)
	}
}

// leaveAlone begins a phase in which nobody asks. g.mu is held.
func (g *guard) leaveAlone() {
	pause := min(g.Pause<<min(g.round, 20), g.Longest)
	g.round++
	alone := LeftAlone{Since: g.now(), Until: g.now().Add(pause)}
	if was := g.alone.Load(); was != nil {
		alone.Since = was.Since
	}
	next := g.newPhase(pause)
	next.Open()
	g.alone.Store(&alone)
	g.phase.Store(next)
	g.tell("open", alone)
}

// A leave is what one call may do, and where its outcome counts.
type leave struct {
	guard *guard
	phase *phase     // nil: in whichever is on
	probe bool       // it tries whether the source is back
	alone *LeftAlone // set: it may not leave
}

// leave lets any number of calls through while the source answers, and else
// one at a time, when the pause is over.
func (g *guard) leave() leave {
	if g.Failures == Never {
		return leave{}
	}
	p := g.phase.Load()
	if p.IsClosed() {
		return leave{guard: g, phase: p}
	}
	if alone := g.alone.Load(); !p.TryAcquirePermit() && alone != nil {
		return leave{alone: alone}
	}
	return leave{guard: g, phase: p, probe: true}
}

// aside lets a call through that takes long and that nobody waits for: beside
// the one that tries whether the source is back, not in its place.
func (g *guard) aside() leave {
	if g.Failures == Never {
		return leave{}
	}
	if alone := g.alone.Load(); alone != nil && g.phase.Load().RemainingDelay() > 0 {
		return leave{alone: alone}
	}
	return leave{guard: g}
}

// answered counts a call that the source answered, whatever it said.
func (l leave) answered() {
	switch {
	case l.guard == nil:
	case l.phase != nil:
		l.phase.RecordSuccess()
	default:
		if p := l.guard.phase.Load(); p.IsClosed() {
			p.RecordSuccess()
		} else {
			p.Close()
		}
	}
}

// failed counts a call that was not answered.
func (l leave) failed() {
	if l.guard == nil {
		return
	}
	p := l.phase
	if p == nil {
		p = l.guard.phase.Load()
		if !p.IsClosed() {
			l.guard.again(p)
			return
		}
	}
	p.RecordFailure()
}

// again leaves a source alone for longer that was tried in vain; not where it is
// left alone already: what was asked before that says nothing new.
func (g *guard) again(p *phase) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.phase.Load() == p && p.RemainingDelay() <= 0 {
		g.leaveAlone()
	}
}

// void takes a call back that came to nothing: nobody waited for its end. One
// that tried whether the source is back makes room for the next.
func (l leave) void() {
	if l.guard == nil || !l.probe {
		return
	}
	g := l.guard
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.phase.Load() == l.phase && l.phase.IsHalfOpen() {
		next := g.newPhase(g.Pause)
		next.HalfOpen()
		g.phase.Store(next)
	}
}

// told writes a change of a source's state to the log.
func told(log *slog.Logger, source string) func(to string, alone LeftAlone) {
	return func(to string, alone LeftAlone) {
		switch to {
		case "open":
			log.Warn("a source does not answer and is left alone", "source", source, "breaker", to, "since", alone.Since, "until", alone.Until)
		case "half-open":
			log.Info("a source is tried again", "source", source, "breaker", to, "since", alone.Since)
		default:
			log.Info("a source answers again", "source", source, "breaker", to, "since", alone.Since)
		}
	}
}

// unasked is the error of a call that may not leave.
func (l *LeftAlone) unasked() error {
	const clock = "15:04:05 MST"
	return &Unasked{
		Why: fmt.Sprintf("left alone since %s, asked again from %s on", l.Since.UTC().Format(clock), l.Until.UTC().Format(clock)),
		Err: ErrUnavailable,
	}
}
