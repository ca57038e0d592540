// Package ingest learns: it reads who is who, and what they allowed, out of
// every source into the identity graph and the consent ledger. It is the only
// room besides the door that asks connectors.
package ingest

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/consent"
)

// A Source is one source to be read.
type Source struct {
	*connectors.Asker
	Interval time.Duration // at which changes are read; 0 is 15 s
	Sweep    time.Duration // at which deletions are looked for; 0 is an hour
	Reread   time.Duration // at which everything is read anew; 0 is a day, an hour where not all changes are told
}

// A Syncer keeps graph and ledger up with the sources.
type Syncer struct {
	Sources  []Source
	Store    idgraph.Store
	Ledger   consent.Ledger
	Progress func(Progress)   // told of Once and of sweeps; may be nil
	Log      *slog.Logger     // nil is slog.Default()
	Now      func() time.Time // nil is time.Now
	PageSize int              // records per page of changes; 0 is 500
	// Leads says whether this process is the one that reads a source, where
	// several share the store; nil says that it is.
	Leads func(ctx context.Context, s idgraph.Source) (bool, error)
	// Renew builds the graph anew, where it has outgrown what its weights go by;
	// nil never does.
	Renew func(ctx context.Context) error

	mu     sync.Mutex
	sweeps map[idgraph.Source]*sweep // under way
}

// Once reads every source up to now, beside one another: from where the last
// reading, in this process or an earlier one, came to. A source that fails is
// remembered with its code and does not keep the others. A source that another
// process reads for the first time is waited for.
func (s *Syncer) Once(ctx context.Context) {
	s.each(func(src Source) {
		if s.mine(ctx, src) {
			_ = s.read(ctx, src, s.Progress)
		}
	})
}

// mine waits until this process is to read a source, or need not: another has
// read it to its end, or could not.
func (s *Syncer) mine(ctx context.Context, src Source) bool {
	for !s.leads(ctx, src) {
		if state, err := s.state(ctx, src); err != nil || state.Full || state.Error != "" {
			return false
		}
		if rest(ctx, time.Second); ctx.Err() != nil {
			return false
		}
	}
	return true
}

// leads says whether this process is the one that reads a source.
func (s *Syncer) leads(ctx context.Context, src Source) bool {
	if s.Leads == nil {
		return true
	}
	ok, err := s.Leads(ctx, src.Connector.Source())
	if err != nil && ctx.Err() == nil {
		s.logger().WarnContext(ctx, "a source is not read, since it is not known who is to", "source", src.Connector.Source(), "error", err)
	}
	return ok && err == nil
}

// each does something with every source, beside one another.
func (s *Syncer) each(do func(Source)) {
	var wg sync.WaitGroup
	for _, src := range s.Sources {
		wg.Go(func() { do(src) })
	}
	wg.Wait()
}

// state is how far a source has been read.
func (s *Syncer) state(ctx context.Context, src Source) (idgraph.SyncState, error) {
	states, err := s.Store.Sources(ctx)
	if err != nil {
		return idgraph.SyncState{}, fmt.Errorf("read where %s stands: %w", src.Connector.Source(), err)
	}
	return states[src.Connector.Source()], nil
}

func (s *Syncer) pageSize() int {
	if s.PageSize > 0 {
		return s.PageSize
	}
	return 500
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
