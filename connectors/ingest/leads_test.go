package ingest_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
)

func TestASourceThatAnotherProcessReadsIsLeftToItUntilThatOneHasGone(t *testing.T) {
	db := store(t)
	var ours, asked atomic.Int32
	sys := paged("crm", 3)
	pages := sys.changes
	sys.changes = func(ctx context.Context, since string, limit int) (connectors.Changes, error) {
		asked.Add(1)
		return pages(ctx, since, limit)
	}
	s := syncer(db, sys)
	s.Leads = func(_ context.Context, src idgraph.Source) (bool, error) {
		if src != "crm" {
			t.Errorf("asked who leads %s", src)
		}
		if ours.Load() < 0 {
			return true, errors.New("the database is away") // and nothing that it says counts
		}
		return ours.Load() > 0, nil
	}
	ended := make(chan struct{})
	go func() { defer close(ended); s.Once(ctx) }()
	select {
	case <-ended:
		t.Fatal("the first reading is over, and nobody has come to its end")
	case <-time.After(50 * time.Millisecond):
	}
	learned := idgraph.Batch{Source: "crm", Cursor: "1", Full: true, Records: []idgraph.Record{{Ref: ref("crm", "0"), GivenName: "Ada"}}}
	if _, err := db.Learn(ctx, learned); err != nil { // as the other process does
		t.Fatal(err)
	}
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Fatal("it waits for a source that the other process has read")
	}
	following, stop := context.WithCancel(ctx)
	defer stop()
	go s.Follow(following)
	for _, away := range []int32{0, -1} {
		ours.Store(away)
		time.Sleep(50 * time.Millisecond)
		if n := asked.Load(); n != 0 {
			t.Fatalf("asked %d times while another process reads it (%d)", n, away)
		}
	}
	ours.Store(1)
	eventually(t, "the source is taken over", func() bool {
		id, err := db.ByRef(ctx, ref("crm", "2"))
		return err == nil && id != 0
	})
	if s := stateOf(t, db, "crm"); s.Error != "" {
		t.Errorf("it counts as failed: %s", s.Error)
	}
}
