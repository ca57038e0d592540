package door

import (
	"slices"
	"time"

	"github.com/maypok86/otter/v2"

	"customer360/idgraph"
	"customer360/idgraph/consent"
)

// A foldCache remembers folds of the ledger under its revision: a withdrawal
// that is recorded makes every earlier fold worthless at once.
type foldCache struct {
	cache *otter.Cache[idgraph.CustomerID, fold]
}

type fold struct {
	revision int64
	policy   string
	refs     []idgraph.Ref
	doubtful []idgraph.Ref
	until    time.Time // when a consent runs out, or zero
	standing consent.Standing
}

func newFoldCache() *foldCache {
	return &foldCache{otter.Must(&otter.Options[idgraph.CustomerID, fold]{MaximumSize: 100_000})}
}

func (f *foldCache) get(s *subject, revision int64, policy string, now time.Time) (consent.Standing, bool) {
	e, ok := f.cache.GetIfPresent(s.customer.ID)
	if !ok || e.revision != revision || e.policy != policy || !slices.Equal(e.refs, s.customer.Refs) || !slices.Equal(e.doubtful, s.doubtful) || !e.until.IsZero() && !now.Before(e.until) {
		return consent.Standing{}, false
	}
	return e.standing, true
}

func (f *foldCache) put(s *subject, revision int64, policy string, now time.Time, events []consent.Event, st consent.Standing) {
	e := fold{revision: revision, policy: policy, refs: s.customer.Refs, doubtful: s.doubtful, standing: st}
	for _, ev := range events {
		if ev.ValidUntil.After(now) && (e.until.IsZero() || ev.ValidUntil.Before(e.until)) {
			e.until = ev.ValidUntil
		}
	}
	f.cache.Set(s.customer.ID, e)
}
