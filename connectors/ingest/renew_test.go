package ingest_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"customer360/connectors"
)

func TestTheGraphIsBuiltAnewOnceEverySourceHasBeenRead(t *testing.T) {
	db := store(t)
	crm, shop := paged("crm", 3), paged("shop", 3)
	pages := shop.changes
	var away atomic.Bool
	away.Store(true)
	shop.changes = func(ctx context.Context, since string, limit int) (connectors.Changes, error) {
		if away.Load() {
			return connectors.Changes{}, connectors.ErrUnavailable
		}
		return pages(ctx, since, limit)
	}
	var renewed atomic.Int32
	s := syncer(db, crm, shop)
	s.Renew = func(context.Context) error { renewed.Add(1); return errors.New("a full disk, say") }
	s.Once(ctx)
	if err := s.RenewGraph(ctx); err != nil || renewed.Load() != 0 {
		t.Fatalf("built anew %d times before the shop was read: %v", renewed.Load(), err)
	}
	away.Store(false)
	s.Once(ctx)
	if err := s.RenewGraph(ctx); err == nil || renewed.Load() != 1 {
		t.Fatalf("built anew %d times, %v", renewed.Load(), err)
	}
	following, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); s.Follow(following) }()
	eventually(t, "it is asked for beside the reading, and what fails stops nothing", func() bool { return renewed.Load() == 2 })
	stop()
	<-ended
}
