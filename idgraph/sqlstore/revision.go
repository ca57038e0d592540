package sqlstore

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// How the ledger is followed where other processes append to it too: what they
// append is seen within pollEvery, and what was seen longer ago than lease is
// not believed.
const (
	pollEvery = 250 * time.Millisecond
	lease     = 750 * time.Millisecond
)

// A pulse is the number of the ledger's last event, as far as it is known.
type pulse struct {
	last   atomic.Int64 // the number
	asOf   atomic.Int64 // when the read began that saw it last, since start
	torn   atomic.Bool  // events that were there are there no more
	end    context.CancelFunc
	ending sync.WaitGroup
}

var start = time.Now()

// raise remembers a number, unless a higher one is known.
func (p *pulse) raise(to int64) { raise(&p.last, to) }

func raise(n *atomic.Int64, to int64) {
	for have := n.Load(); to > have && !n.CompareAndSwap(have, to); {
		have = n.Load()
	}
}

// fresh says whether what is known can be believed.
func (p *pulse) fresh() bool { return time.Since(start)-time.Duration(p.asOf.Load()) < lease }

func (p *pulse) stop() {
	if p.end != nil {
		p.end()
		p.ending.Wait()
	}
}

// Revision is the number of the last event. Where several processes append, one
// of another's is seen within a second; where the ledger can't be read,
// or has lost events that were acknowledged, there is no answer.
func (d *DB) Revision(ctx context.Context) (int64, error) {
	if !d.dialect.shared || d.pulse.fresh() && !d.pulse.torn.Load() {
		return d.pulse.last.Load(), nil
	}
	return d.readRevision(ctx)
}

// readRevision asks the ledger.
func (d *DB) readRevision(ctx context.Context) (int64, error) {
	begun, known := time.Since(start), d.pulse.last.Load()
	var last int64
	if err := d.asks.get(ctx, &last, selectLast); err != nil {
		return 0, fmt.Errorf("read the last consent event: %w", err)
	}
	if last < known {
		d.pulse.torn.Store(true)
	}
	if d.pulse.torn.Load() {
		return 0, fmt.Errorf("the consent ledger ends at event %d, and had %d: it was set back; see what it has lost, then start again", last, known)
	}
	d.pulse.raise(last)
	raise(&d.pulse.asOf, int64(begun))
	return d.pulse.last.Load(), nil
}

// follow asks the ledger again and again, until Close.
func (d *DB) follow() {
	ctx, cancel := context.WithCancel(context.Background())
	d.pulse.end = cancel
	d.pulse.ending.Go(func() {
		tick := time.NewTicker(pollEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			within, done := context.WithTimeout(ctx, lease)
			_, _ = d.readRevision(within) // what fails is not fresh, and told by Revision
			done()
		}
	})
}
