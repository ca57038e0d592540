package ingest

import (
	"context"
	"time"
)

// renewEvery is how often it is asked whether the graph is to be built anew.
const renewEvery = time.Minute

// RenewGraph has the graph built anew where it has outgrown what its weights go
// by, once every source has been read to its end. Readers go on meanwhile; what
// is learnt waits.
func (s *Syncer) RenewGraph(ctx context.Context) error {
	if s.Renew == nil {
		return nil
	}
	states, err := s.Store.Sources(ctx)
	if err != nil {
		return err
	}
	for _, src := range s.Sources {
		if !states[src.Connector.Source()].Full {
			return nil
		}
	}
	return s.Renew(ctx)
}

// CountGraph is RenewGraph, whose failure is told in the log and tried again later.
func (s *Syncer) CountGraph(ctx context.Context) {
	if err := s.RenewGraph(ctx); err != nil && ctx.Err() == nil {
		s.logger().WarnContext(ctx, "the graph could not be built anew", "error", err)
	}
}

// keepRenewed asks again and again, until ctx ends.
func (s *Syncer) keepRenewed(ctx context.Context) {
	for s.Renew != nil && ctx.Err() == nil {
		s.CountGraph(ctx)
		rest(ctx, renewEvery)
	}
}
