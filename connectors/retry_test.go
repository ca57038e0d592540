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

// once fails the first call of each question with err, and answers the next.
func once(err error) (*connectors.Asker, *atomic.Int64, connectors.Capability[connectors.Order]) {
	calls := &atomic.Int64{}
	return &connectors.Asker{Connector: &fake{}}, calls, func(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Order], error) {
		if calls.Add(1)%2 == 1 {
			return nil, err
		}
		return oneEach(ctx, q)
	}
}

func TestACallThatWasNotAnsweredIsMadeOnceMore(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want int // calls
	}{
		{"refused", connectors.ErrUnavailable, 2},
		{"the system in front of it timed out", connectors.ErrTimeout, 2},
		{"an error that no connector should give", fmt.Errorf("something"), 2},
		{"credentials refused", connectors.ErrAuth, 1},
		{"no answer of its contract", connectors.ErrBadData, 1},
		{"too much", connectors.ErrTooLarge, 1},
		{"rate limited", connectors.ErrRateLimited, 1},
		{"rate limited, and says for how long", &connectors.Later{After: time.Second, Err: connectors.ErrRateLimited}, 2},
		{"rate limited for longer than there is", &connectors.Later{After: 1900 * time.Millisecond, Err: connectors.ErrRateLimited}, 1},
		{"in maintenance, and says for how long", &connectors.Later{After: time.Second, Err: connectors.ErrUnavailable}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, calls, orders := once(c.err)
				began := time.Now()
				_, tally := connectors.Ask(t.Context(), a, connectors.KindOrder, connectors.Query{Refs: refs(1), Limit: 1}, orders)
				if int(calls.Load()) != c.want || tally.Calls != c.want {
					t.Errorf("%d calls reached the source, %d are told; want %d", calls.Load(), tally.Calls, c.want)
				}
				if (tally.Err == nil) != (c.want == 2) {
					t.Errorf("ended with %v", tally.Err)
				}
				if took := time.Since(began); c.want == 2 && took < 10*time.Millisecond {
					t.Errorf("came back after %s", took)
				}
			})
		})
	}
}

// The second try is part of the call's time, and isn't made where too little is left.
func TestASecondTryHasTimeToSucceed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for after, want := range map[time.Duration]int{1400 * time.Millisecond: 2, 1600 * time.Millisecond: 1} {
			f := &fake{orders: func(context.Context, connectors.Query) (connectors.Answers[connectors.Order], error) {
				time.Sleep(after)
				return nil, connectors.ErrUnavailable
			}}
			began := time.Now()
			_, tally := ask(t, &connectors.Asker{Connector: f}, connectors.Query{Refs: refs(1)})
			if took := time.Since(began); tally.Calls != want || took > 2*time.Second {
				t.Errorf("failed after %s: %d calls and %s in all, want %d and at most 2s", after, tally.Calls, took, want)
			}
			time.Sleep(2 * time.Second) // it doesn't listen: the second try ends by itself
		}
	})
}

func TestSecondTriesCanBeTurnedOff(t *testing.T) {
	a, calls, orders := once(connectors.ErrUnavailable)
	a.Retries = connectors.Never
	connectors.Ask(t.Context(), a, connectors.KindOrder, connectors.Query{Refs: refs(1), Limit: 1}, orders)
	if calls.Load() != 1 {
		t.Errorf("%d calls, want 1", calls.Load())
	}
}

// A source that fails is not asked twice as much: beyond ten second tries that
// were saved up, one is made for every ten calls.
func TestSecondTriesStayWithinTheirBudget(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		fails := rapid.SliceOfN(rapid.SampledFrom([]bool{true, true, false}), 1, 200).Draw(r, "fails")
		var asked, failed, retries int
		synctest.Test(t, func(t *testing.T) {
			f := &fake{orders: func(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Order], error) {
				asked++
				if fails[asked%len(fails)] {
					failed++
					return nil, connectors.ErrUnavailable
				}
				return oneEach(ctx, q)
			}}
			a := &connectors.Asker{Connector: f, Breaker: connectors.Breaker{Failures: connectors.Never}}
			for range fails {
				ask(t, a, connectors.Query{Refs: refs(1)})
			}
			retries = asked - len(fails)
		})
		if retries > 10+asked/10 || (failed > 0 && retries == 0) {
			r.Fatalf("%d second tries for %d calls of which %d failed", retries, asked, failed)
		}
	})
}

// A call waits for a slot as long as its operation lasts, and has all its own
// time from when it leaves.
func TestWaitingForASlotDoesNotCostACallItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{about: connectors.About{Keys: map[connectors.Kind]connectors.Limit{connectors.KindOrder: {N: 1}}, Calls: connectors.Limit{N: 2}}}
		f.orders = func(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Order], error) {
			time.Sleep(1500 * time.Millisecond)
			return oneEach(ctx, q)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		a := &connectors.Asker{Connector: f} // 2 s a call; three rounds of 1.5 s
		got, tally := connectors.Ask(ctx, a, connectors.KindOrder, connectors.Query{Refs: refs(6), Limit: 1}, f.Orders)
		if tally.Err != nil || len(got) != 6 || tally.Calls != 6 || tally.Latency != 1500*time.Millisecond {
			t.Errorf("%d answers by %d calls of %s: %v", len(got), tally.Calls, tally.Latency, tally.Err)
		}
	})
}

// Who finds no slot before the operation is over has not been asked of the
// source, and is told so; the source is none the worse for it.
func TestACallThatNeverLeftIsToldAsSuch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{about: connectors.About{Keys: map[connectors.Kind]connectors.Limit{connectors.KindOrder: {N: 1}}, Calls: connectors.Limit{N: 2}}}
		f.orders = func(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Order], error) {
			time.Sleep(1500 * time.Millisecond)
			return oneEach(ctx, q)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2900*time.Millisecond)
		defer cancel()
		a := &connectors.Asker{Connector: f}
		got, tally := connectors.Ask(ctx, a, connectors.KindOrder, connectors.Query{Refs: refs(30), Limit: 1}, f.Orders)
		codes := map[string]int{}
		for _, ref := range refs(30) {
			err := got[ref].Err
			codes[connectors.Code(err)]++
			if errors.Is(err, connectors.ErrRateLimited) && !strings.Contains(err.Error(), "2 calls at a time") {
				t.Errorf("one is told %v", err)
			}
		}
		if codes[""] != 2 || codes["SOURCE_TIMEOUT"] != 2 || codes["SOURCE_RATE_LIMITED"] != 26 || tally.Calls != 4 {
			t.Errorf("answers by code: %v, by %d calls", codes, tally.Calls)
		}
		if _, alone := a.LeftAlone(); alone {
			t.Error("the source is left alone for our own queue")
		}
		time.Sleep(time.Second) // the last two come back
	})
}

// A connector that never listens loses its places, but no more than it has: so
// many calls go astray that there are twice as many at most, and they are given
// back when they end after all.
func TestACallThatDoesNotListenLosesItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var now, most atomic.Int64
		f := &fake{about: connectors.About{Calls: connectors.Limit{N: 2}}}
		f.orders = func(context.Context, connectors.Query) (connectors.Answers[connectors.Order], error) {
			most.Store(max(most.Load(), now.Add(1)))
			defer now.Add(-1)
			<-release
			return nil, nil
		}
		var log strings.Builder
		a := &connectors.Asker{Connector: f, Breaker: connectors.Breaker{Failures: connectors.Never}, Log: slog.New(slog.NewTextHandler(&log, nil))}
		for range 10 {
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() { ask(t, a, connectors.Query{Refs: refs(1)}) })
			}
			wg.Wait()
			time.Sleep(2 * time.Second)
		}
		if most.Load() != 4 {
			t.Errorf("%d calls at once, want the two in their places and two astray", most.Load())
		}
		if n := strings.Count(log.String(), "its place is given to another"); n != 1 {
			t.Errorf("the log says so %d times:\n%s", n, &log)
		}
		close(release)
		synctest.Wait()
		f.orders = oneEach
		if _, tally := ask(t, a, connectors.Query{Refs: refs(1)}); tally.Err != nil {
			t.Error(tally.Err)
		}
	})
}
