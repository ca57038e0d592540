package connectors_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"customer360/connectors"
)

// A patient is a source that answers as it is told to, and counts what reaches it.
type patient struct {
	fake
	asker *connectors.Asker
	sick  atomic.Pointer[error]
	asked atomic.Int64
	log   strings.Builder
}

// newPatient opens a patient whose asker makes no second tries.
func newPatient(with func(*connectors.Asker)) *patient {
	p := &patient{}
	p.orders = func(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Order], error) {
		p.asked.Add(1)
		switch err := p.sick.Load(); {
		case err == nil:
			return oneEach(ctx, q)
		case errors.Is(*err, errHangs):
			<-ctx.Done()
			return nil, ctx.Err()
		default:
			return nil, *err
		}
	}
	p.asker = &connectors.Asker{Connector: &p.fake, Retries: connectors.Never, Log: slog.New(slog.NewTextHandler(&p.log, nil))}
	if with != nil {
		with(p.asker)
	}
	return p
}

var errHangs = errors.New("hangs")

func (p *patient) is(err error) {
	if err == nil {
		p.sick.Store(nil)
		return
	}
	p.sick.Store(&err)
}

func (p *patient) ask(ctx context.Context) connectors.Tally {
	_, tally := connectors.Ask(ctx, p.asker, connectors.KindOrder, connectors.Query{Refs: refs(1), Limit: 10}, p.Orders)
	return tally
}

// asks asks some times, and says how many calls reached the source.
func (p *patient) asks(ctx context.Context, times int) int64 {
	before := p.asked.Load()
	for range times {
		p.ask(ctx)
	}
	return p.asked.Load() - before
}

func (p *patient) leftAlone() bool { _, alone := p.asker.LeftAlone(); return alone }

// The clock of these tests is a bubble's: seconds pass at once.

func TestASourceThatDoesNotAnswerIsLeftAlone(t *testing.T) {
	for name, sick := range map[string]error{"it refuses": connectors.ErrUnavailable, "it hangs": errHangs, "it says a gateway's timeout": connectors.ErrTimeout} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPatient(nil)
				p.is(sick)
				if n := p.asks(t.Context(), 5); n != 5 {
					t.Fatalf("%d calls of 5 left", n)
				}
				began := time.Now()
				tally := p.ask(t.Context())
				if took := time.Since(began); took != 0 || tally.Calls != 0 || p.asked.Load() != 5 {
					t.Errorf("the sixth took %s and %d calls, %d in all; want it not to leave", took, tally.Calls, p.asked.Load())
				}
				if connectors.Code(tally.Err) != "SOURCE_UNAVAILABLE" {
					t.Errorf("says %v", tally.Err)
				}
				at := func(d time.Duration) string { return began.Add(d).UTC().Format("15:04:05 MST") }
				if want := fmt.Sprintf("left alone since %s, asked again from %s on", at(0), at(time.Second)); !strings.Contains(tally.Err.Error(), want) {
					t.Errorf("says %q, want %q", tally.Err, want)
				}
			})
		})
	}
}

func TestASourceThatIsBackIsAskedAgainWithoutARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPatient(nil)
		p.is(connectors.ErrUnavailable)
		p.asks(t.Context(), 5)
		p.is(nil)
		if p.asks(t.Context(), 3) != 0 {
			t.Error("was asked before its pause was over")
		}
		time.Sleep(time.Second)
		if n := p.asks(t.Context(), 10); n != 10 || p.leftAlone() {
			t.Errorf("%d of 10 calls left, left alone: %t", n, p.leftAlone())
		}
		for _, says := range []string{"breaker=open", "breaker=half-open", "breaker=closed"} {
			if strings.Count(p.log.String(), says) != 1 {
				t.Errorf("the log has %s %d times:\n%s", says, strings.Count(p.log.String(), says), &p.log)
			}
		}
	})
}

// Each time that a source is tried in vain it is left alone for twice as long,
// up to the longest; once it was back, the first pause is short again.
func TestThePauseGrows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPatient(func(a *connectors.Asker) {
			a.Breaker = connectors.Breaker{Pause: time.Second, Longest: 5 * time.Second}
		})
		for range 2 {
			p.is(connectors.ErrUnavailable)
			p.asks(t.Context(), 5)
			for _, pause := range []time.Duration{1, 2, 4, 5, 5} {
				time.Sleep(pause*time.Second - 1)
				if p.asks(t.Context(), 2) != 0 {
					t.Errorf("was asked before %d s were over", pause)
				}
				time.Sleep(time.Nanosecond)
				if n := p.asks(t.Context(), 3); n != 1 {
					t.Errorf("after %d s %d calls left, want one that tries", pause, n)
				}
			}
			p.is(nil)
			time.Sleep(5 * time.Second)
			p.asks(t.Context(), 20) // and what was counted is forgotten
			time.Sleep(20 * time.Second)
		}
	})
}

func TestOneCallTriesWhetherASourceIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPatient(nil)
		p.is(connectors.ErrUnavailable)
		p.asks(t.Context(), 5)
		p.is(errHangs)
		time.Sleep(time.Second)
		var wg sync.WaitGroup
		before := p.asked.Load()
		for range 20 {
			wg.Go(func() { p.ask(t.Context()) })
		}
		wg.Wait()
		if n := p.asked.Load() - before; n != 1 {
			t.Errorf("%d calls left at once, want one", n)
		}
	})
}

// A caller who leaves while his call tries the source says nothing about it:
// the next one tries.
func TestATryThatNobodyWaitsForMakesRoomForTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPatient(nil)
		p.is(connectors.ErrUnavailable)
		p.asks(t.Context(), 5)
		p.is(errHangs)
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		p.asks(ctx, 1)
		p.is(nil)
		if n := p.asks(t.Context(), 3); n != 3 || p.leftAlone() {
			t.Errorf("%d of 3 calls left, left alone: %t", n, p.leftAlone())
		}
	})
}

// What began before a source was left alone says nothing about how it is now.
func TestALateFailureDoesNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPatient(nil)
		p.is(errHangs)
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() { p.ask(t.Context()) }) // ends after 2 s
		}
		synctest.Wait()
		p.is(connectors.ErrUnavailable)
		p.asks(t.Context(), 5)
		p.is(nil)
		time.Sleep(time.Second)
		p.asks(t.Context(), 1) // it is back
		wg.Wait()
		if n := p.asks(t.Context(), 5); n != 5 {
			t.Errorf("%d of 5 calls left: old timeouts were held against the source", n)
		}
	})
}

// A reading that began before, and fails as well, is no reason to wait longer.
func TestAReadingThatFailsLateDoesNotLengthenThePause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPatient(nil)
		fails := make(chan struct{})
		p.asker.Connector = &reader{&p.fake, fails}
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() { _, _, _ = p.asker.Changes(t.Context(), "", 1) })
		}
		synctest.Wait()
		p.is(connectors.ErrUnavailable)
		p.asks(t.Context(), 5)
		close(fails)
		wg.Wait()
		alone, is := p.asker.LeftAlone()
		if pause := alone.Until.Sub(alone.Since); !is || pause != time.Second {
			t.Errorf("left alone: %t, for %s", is, pause)
		}
	})
}

// A reader is a source whose changes cannot be read.
type reader struct {
	*fake
	fails chan struct{}
}

func (r *reader) Changes(context.Context, string, int) (connectors.Changes, error) {
	<-r.fails
	return connectors.Changes{}, connectors.ErrUnavailable
}

// An answer is an answer, whatever it says: only silence counts.
func TestASourceThatAnswersBadlyIsNotLeftAlone(t *testing.T) {
	for _, err := range []error{connectors.ErrBadData, connectors.ErrAuth, connectors.ErrRateLimited, connectors.ErrTooLarge} {
		p := newPatient(nil)
		p.is(err)
		if n := p.asks(t.Context(), 30); n != 30 {
			t.Errorf("%v: %d of 30 calls left", err, n)
		}
	}
	p := newPatient(nil)
	p.orders = func(_ context.Context, q connectors.Query) (connectors.Answers[connectors.Order], error) {
		p.asked.Add(1)
		return connectors.Answers[connectors.Order]{q.Refs[0]: {Err: connectors.ErrUnavailable}}, nil
	}
	if n := p.asks(t.Context(), 30); n != 30 {
		t.Errorf("one ref's own error: %d of 30 calls left", n)
	}
}

func TestCallersWhoLeaveDoNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPatient(nil)
		p.is(errHangs)
		for range 30 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			p.asks(ctx, 1)
			cancel()
		}
		if p.leftAlone() {
			t.Error("is left alone for the callers' impatience")
		}
	})
}

func TestFewFailuresAmongManyAnswersDoNotCount(t *testing.T) {
	p := newPatient(nil)
	for range 20 {
		p.is(nil)
		p.asks(t.Context(), 2)
		p.is(connectors.ErrUnavailable)
		p.asks(t.Context(), 1)
	}
	if p.leftAlone() {
		t.Error("is left alone with two thirds of its calls answered")
	}
}

func TestABreakerCanBeTurnedOff(t *testing.T) {
	p := newPatient(func(a *connectors.Asker) { a.Breaker.Failures = connectors.Never })
	p.is(connectors.ErrUnavailable)
	if n := p.asks(t.Context(), 50); n != 50 {
		t.Errorf("%d of 50 calls left", n)
	}
}

// Whether a source is asked is settled once for an operation: how many calls it
// makes does not hang on which came back first.
func TestAPassHoldsForAnOperation(t *testing.T) {
	p := newPatient(nil)
	p.is(connectors.ErrUnavailable)
	begun := p.asker.Pass()
	ended := make(chan connectors.Tally)
	begin := func(pass *connectors.Pass) connectors.Tally {
		connectors.Begin(t.Context(), pass, connectors.KindOrder, connectors.Query{Refs: refs(1), Limit: 1}, p.Orders,
			func(_ connectors.Answers[connectors.Order], tally connectors.Tally) { ended <- tally })
		return <-ended
	}
	for range 8 {
		if begin(&begun).Calls != 1 {
			t.Error("a call of the operation did not leave")
		}
	}
	next := p.asker.Pass()
	if begin(&next).Calls != 0 {
		t.Error("a call of the next operation left")
	}
}

// However calls end, and whatever is waited: while a source does not answer,
// fewer and fewer calls reach it, and once it answers every call does, no later
// than the longest pause.
func TestABreakerNeitherStormsNorStays(t *testing.T) {
	type step struct {
		Is       error
		Asks, Ms int
	}
	anyStep := rapid.Custom(func(t *rapid.T) step {
		return step{
			rapid.SampledFrom([]error{nil, connectors.ErrUnavailable, errHangs, connectors.ErrBadData, connectors.ErrTimeout}).Draw(t, "is"),
			rapid.IntRange(1, 4).Draw(t, "asks"), rapid.IntRange(0, 4000).Draw(t, "ms"),
		}
	})
	rapid.Check(t, func(r *rapid.T) {
		failures := rapid.IntRange(1, 8).Draw(r, "failures")
		steps := rapid.SliceOfN(anyStep, 0, 20).Draw(r, "steps")
		var alone, sick, back int64
		synctest.Test(t, func(t *testing.T) {
			p := newPatient(func(a *connectors.Asker) { a.Breaker.Failures = failures })
			for _, s := range steps {
				p.is(s.Is)
				p.asks(t.Context(), s.Asks)
				time.Sleep(time.Duration(s.Ms) * time.Millisecond)
			}
			p.is(connectors.ErrUnavailable)
			p.asks(t.Context(), 100) // more than the answers of the last 10 s
			alone = p.asks(t.Context(), 20)
			for range 60 {
				time.Sleep(time.Second)
				sick += p.asks(t.Context(), 3)
			}
			p.is(nil)
			time.Sleep(15 * time.Second)
			back = p.asks(t.Context(), 10)
		})
		switch {
		case alone > 0:
			r.Fatalf("%d of 20 calls reached a source that is left alone", alone)
		case sick > 8:
			r.Fatalf("%d calls within a minute reached a source that does not answer", sick)
		case back != 10:
			r.Fatalf("%d of 10 calls reached a source that is back", back)
		}
	})
}
