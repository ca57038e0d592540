package ingest_test

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"customer360/connectors"
	"customer360/idgraph"
)

var adasMail = idgraph.Identifier{Type: idgraph.Email, Value: "ada.byron@example.com"}

// searchable is a system that finds Ada, and counts its calls.
func searchable(name idgraph.Source, calls *atomic.Int32, refs ...idgraph.Ref) *system {
	return &system{
		name: name,
		find: func(ids []idgraph.Identifier) (map[idgraph.Identifier][]idgraph.Ref, error) {
			calls.Add(1)
			if ids[0] != adasMail {
				return nil, nil
			}
			return map[idgraph.Identifier][]idgraph.Ref{adasMail: refs}, nil
		},
		profiles: func(q connectors.Query) (connectors.Answers[connectors.Profile], error) {
			calls.Add(1)
			out := connectors.Answers[connectors.Profile]{}
			for _, r := range q.Refs {
				out[r] = connectors.Result[connectors.Profile]{Rows: []connectors.Profile{profile(r, "Ada Byron", adasMail.Value)}}
			}
			return out, nil
		},
	}
}

func TestDiscoverLearnsWhomTheSourcesFind(t *testing.T) {
	db := store(t)
	var calls atomic.Int32
	s := syncer(db, searchable("crm", &calls, ref("crm", "1"), ref("crm", "1")), searchable("shop", &calls, ref("shop", "7")))
	if err := s.Discover(ctx, adasMail); err != nil {
		t.Fatal(err)
	}
	found, err := db.ByIdentifier(ctx, adasMail)
	if err != nil || len(found) != 1 {
		t.Fatalf("found %v, %v", found, err)
	}
	all, _ := db.Customers(ctx, found)
	if len(all[found[0]].Refs) != 2 {
		t.Errorf("customer %+v", all)
	}
	if state := stateOf(t, db, "crm"); state.Cursor != "" || state.Full || state.Records != 1 {
		t.Errorf("the reading has moved: %+v", state)
	}
}

func TestDiscoverFindsNobody(t *testing.T) {
	db := store(t)
	var calls atomic.Int32
	s := syncer(db, searchable("crm", &calls), searchable("shop", &calls))
	if err := s.Discover(ctx, idgraph.Identifier{Type: idgraph.Email, Value: "nobody@example.com"}); err != nil {
		t.Fatal(err)
	}
	if page, _ := db.Page(ctx, 0, 10); len(page) != 0 || calls.Load() != 2 {
		t.Errorf("%d customers, %d calls", len(page), calls.Load())
	}
}

func TestASickSourceKeepsNobodyFromBeingFound(t *testing.T) {
	db := store(t)
	var calls atomic.Int32
	sick := &system{name: "erp", find: func([]idgraph.Identifier) (map[idgraph.Identifier][]idgraph.Ref, error) {
		return nil, connectors.ErrUnavailable
	}}
	s := syncer(db, sick, searchable("crm", &calls, ref("crm", "1")))
	err := s.Discover(ctx, adasMail)
	if !errors.Is(err, connectors.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	if found, _ := db.ByIdentifier(ctx, adasMail); len(found) != 1 {
		t.Errorf("found %v", found)
	}
}

func TestASearchThatIsTooRoughIsCut(t *testing.T) {
	db := store(t)
	var calls atomic.Int32
	var refs []idgraph.Ref
	for i := range 5000 {
		refs = append(refs, ref("crm", fmt.Sprint(i)))
	}
	s := syncer(db, searchable("crm", &calls, refs...))
	if err := s.Discover(ctx, adasMail); err != nil {
		t.Fatal(err)
	}
	if state := stateOf(t, db, "crm"); state.Records == 0 || state.Records > 200 {
		t.Errorf("%d records were taken in", state.Records)
	}
}
