// Package ingest learns: it reads who is who, and what they allowed, out of
// every source into the identity graph and the consent ledger. It is the only
// room besides the door that asks connectors.
package ingest

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/consent"
)

// A Source is one source to be read.
type Source struct {
	*connectors.Asker
	Interval time.Duration // between readings; 0 is 15 s
}

// A Syncer keeps graph and ledger up with the sources.
type Syncer struct {
	Sources  []Source
	Store    idgraph.Store
	Ledger   consent.Ledger
	Progress func(Progress)   // told of Once; may be nil
	Log      *slog.Logger     // nil is slog.Default()
	Now      func() time.Time // nil is time.Now
	PageSize int              // records per page of changes; 0 is 500
}

// Once reads every source up to now, beside one another: from where the last
// reading, in this process or an earlier one, came to. A source that fails is
// remembered with its code and does not keep the others.
func (s *Syncer) Once(ctx context.Context) {
	var wg sync.WaitGroup
	for _, src := range s.Sources {
		wg.Go(func() { _ = s.read(ctx, src, s.Progress) })
	}
	wg.Wait()
}

// Follow keeps reading every source at its interval until ctx ends. A source
// that fails is tried again by itself: soon at first, then ever later.
func (s *Syncer) Follow(ctx context.Context) {
	states, _ := s.Store.Sources(ctx) // where they can't be read, the readings will say so
	var wg sync.WaitGroup
	for _, src := range s.Sources {
		failures := 0
		if states[src.Connector.Source()].Error != "" {
			failures = 1
		}
		wg.Go(func() { s.follow(ctx, src, failures) })
	}
	wg.Wait()
}

func (s *Syncer) follow(ctx context.Context, src Source, failures int) {
	interval := src.Interval
	if interval <= 0 {
		interval = 15 * time.Second
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause(interval, failures)):
		}
		if err := s.read(ctx, src, nil); err != nil {
			failures++
		} else {
			failures = 0
		}
	}
}

// The first retry comes after a second, the next ones after twice as long
// each, up to a minute (or the interval, where that is longer).
const (
	firstRetry = time.Second
	lastRetry  = time.Minute
)

// pause is how long to wait before the next reading, give or take a tenth, so
// that sources of one system aren't asked in step.
func pause(interval time.Duration, failures int) time.Duration {
	wait := interval
	if failures > 0 {
		wait = min(firstRetry, interval) << min(failures-1, 20)
		wait = min(wait, max(lastRetry, interval))
	}
	return wait - wait/10 + rand.N(wait/5+1)
}

func (s *Syncer) logger() *slog.Logger {
	if s.Log != nil {
		return s.Log
	}
	return slog.Default()
}

func (s *Syncer) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now().UTC()
}
