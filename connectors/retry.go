package connectors

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// Later is a refusal that says when to come again.
type Later struct {
	After time.Duration
	Err   error
}

func (l *Later) Error() string { return l.Err.Error() }
func (l *Later) Unwrap() error { return l.Err }

// A second try must have time to succeed: a quarter of what a call may take,
// and never less than usefulTime.
const usefulTime = 100 * time.Millisecond

// again is how long to wait before a call is made once more, after it failed
// with err and with so much of its limit left. False is never: after an answer,
// whatever it says, and where the time no longer suffices.
func (a *Asker) again(err error, left, limit time.Duration) (time.Duration, bool) {
	wait := a.backoff()
	var later *Later
	switch {
	case errors.As(err, &later):
		wait = max(wait, later.After)
	case !unanswered(err):
		return 0, false
	}
	return wait, left-wait >= max(limit/4, usefulTime)
}

// unanswered says whether an error means that a source did not answer.
func unanswered(err error) bool {
	code := Code(err)
	return code == "SOURCE_UNAVAILABLE" || code == "SOURCE_TIMEOUT"
}

// backoff is the wait before a second try, give or take a half, so that calls
// that failed together do not come back together.
func (a *Asker) backoff() time.Duration {
	wait := a.Backoff
	if wait <= 0 {
		wait = 20 * time.Millisecond
	}
	return wait/2 + rand.N(wait)
}

// sleep waits; false is that ctx ended.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// A budget keeps second tries few: one for every ten calls, and ten at most
// that were saved up. A source that is sick is not asked twice as much.
type budget struct{ spent atomic.Int64 }

const (
	retryCost  = 10 // calls that pay for one second try
	savedTries = 10 // that a source may have in store
	mostSpent  = savedTries * retryCost
)

// earn counts a call.
func (b *budget) earn() {
	for {
		spent := b.spent.Load()
		if spent == 0 || b.spent.CompareAndSwap(spent, spent-1) {
			return
		}
	}
}

// spend takes one second try, where there is one.
func (b *budget) spend() bool {
	for {
		spent := b.spent.Load()
		if spent+retryCost > mostSpent {
			return false
		}
		if b.spent.CompareAndSwap(spent, spent+retryCost) {
			return true
		}
	}
}
