package storetest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"customer360/idgraph"
)

// A Builder makes the whole graph in one go: of records, or of those that it
// holds; under the snapshot in force where that is kept, else under a new one.
type Builder interface {
	BuildAll(ctx context.Context, records []idgraph.Record, keep bool) (idgraph.Change, error)
	RebuildAll(ctx context.Context, keep bool) (idgraph.Change, error)
}

// build proves that a graph which is built in one go is the one that learning
// would end at, that it goes on from the one that was there, and that building
// it again changes nothing.
func build(t *testing.T, open Opener) {
	s := opened(t, open)
	worlds(t, s, 8, func(rt *rapid.T, w *world) {
		switch rapid.IntRange(0, 4).Draw(rt, "step") {
		case 0:
			w.decide(rt)
		case 1:
			w.learn(rt)
		case 2:
			w.build(rt, true)
		default:
			w.learn(rt)
			before := shape(rt, s)
			if c, err := s.RebuildAll(ctx, true); err != nil || c != (idgraph.Change{}) {
				rt.Fatalf("building again changed %+v, %v", c, err)
			}
			if after := shape(rt, s); after != before {
				rt.Fatalf("built again\n%s\nbefore\n%s", after, before)
			}
		}
		compare(rt, s, w.have, w.decided())
	})
}

// buildAnew proves the same under new snapshots: learning goes on under them.
func buildAnew(t *testing.T, open Opener) {
	s := open(t, "anew", newClock().now)
	defer s.Close()
	worlds(t, s, 5, func(rt *rapid.T, w *world) {
		switch rapid.IntRange(0, 3).Draw(rt, "step") {
		case 0:
			w.build(rt, false)
		case 1:
			if _, err := s.RebuildAll(ctx, false); err != nil {
				rt.Fatal(err)
			}
		case 2:
			w.decide(rt)
		default:
			w.learn(rt)
		}
		if err := s.Verify(ctx, func(problem string) { rt.Errorf("verify: %s", problem) }); err != nil {
			rt.Fatal(err)
		}
	})
}

// build has the store build a set: of the records that there are some are gone,
// some have changed, and others are new.
func (w *world) build(rt *rapid.T, keep bool) {
	for _, source := range []idgraph.Source{"crm", "erp", "shop"} {
		for _, id := range recordIDs {
			r := w.id(source, id)
			switch rapid.IntRange(0, 5).Draw(rt, "what becomes of it") {
			case 0:
				delete(w.have, r)
			case 1:
				w.have[r] = drawRecord(rt, r)
			}
		}
	}
	records := slices.Collect(maps.Values(w.have))
	if _, err := w.s.BuildAll(ctx, records, keep); err != nil {
		rt.Fatal(err)
	}
}

// shape is all that readers see.
func shape(t *rapid.T, s Store) string {
	page, err := s.Page(ctx, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%+v", page)
}
