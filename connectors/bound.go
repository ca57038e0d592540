package connectors

import (
	"context"
	"sync"
	"time"
)

// A Bound is an end that calls which begin together share: a timer and a watch
// for each of them would cost more than all that is decided about them.
type Bound struct {
	ctx    context.Context
	cancel context.CancelFunc
	unset  func() bool

	mu    sync.Mutex
	over  bool
	calls []*run
}

// NewBound ends what is begun under it when the limit is over, or the context.
func NewBound(ctx context.Context, limit time.Duration) *Bound {
	b := &Bound{calls: make([]*run, 0, 8)}
	b.ctx, b.cancel = context.WithTimeout(ctx, limit)
	b.unset = context.AfterFunc(b.ctx, b.end)
	return b
}

// Close gives back what the bound holds, once all that began under it has ended.
func (b *Bound) Close() {
	b.unset()
	b.cancel()
}

// watch ends a call with the bound.
func (b *Bound) watch(r *run) {
	b.mu.Lock()
	over := b.over
	if !over {
		b.calls = append(b.calls, r)
	}
	b.mu.Unlock()
	if over {
		go r.over()
	}
}

func (b *Bound) end() {
	b.mu.Lock()
	calls := b.calls
	b.calls, b.over = nil, true
	b.mu.Unlock()
	for _, r := range calls {
		r.over()
	}
}
