package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"customer360/connectors"
	"customer360/connectors/ingest"
	"customer360/idgraph"
	"customer360/idgraph/sqlstore"
	"customer360/internal/keys"
)

var ctx = context.Background()

// A system is a source out of functions.
type system struct {
	name     idgraph.Source
	changes  func(ctx context.Context, since string, limit int) (connectors.Changes, error)
	find     func(ids []idgraph.Identifier) (map[idgraph.Identifier][]idgraph.Ref, error)
	profiles func(q connectors.Query) (connectors.Answers[connectors.Profile], error)
}

func (s *system) Source() idgraph.Source  { return s.name }
func (s *system) About() connectors.About { return connectors.About{Kind: "fake"} }
func (s *system) Close() error            { return nil }

func (s *system) Changes(ctx context.Context, since string, limit int) (connectors.Changes, error) {
	return s.changes(ctx, since, limit)
}

func (s *system) Find(_ context.Context, ids []idgraph.Identifier) (map[idgraph.Identifier][]idgraph.Ref, error) {
	return s.find(ids)
}

func (s *system) Profiles(_ context.Context, q connectors.Query) (connectors.Answers[connectors.Profile], error) {
	return s.profiles(q)
}

// store opens a store for a test.
func store(t testing.TB) *sqlstore.DB {
	t.Helper()
	ring, err := keys.Create()
	if err != nil {
		t.Fatal(err)
	}
	db, err := sqlstore.Open(ctx, t.TempDir(), ring, sqlstore.Options{Region: "DE"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func syncer(db *sqlstore.DB, systems ...*system) *ingest.Syncer {
	s := &ingest.Syncer{Store: db, Ledger: db}
	for _, sys := range systems {
		s.Sources = append(s.Sources, ingest.Source{Asker: &connectors.Asker{Connector: sys, Retries: connectors.Never}, Interval: 5 * time.Millisecond})
	}
	return s
}

func ref(source idgraph.Source, id string) idgraph.Ref { return idgraph.Ref{Source: source, ID: id} }

// profile is a person with an e-mail address.
func profile(owner idgraph.Ref, name, mail string) connectors.Profile {
	return connectors.Profile{Record: connectors.NewRecord(owner, owner.ID), Name: &name, Emails: []connectors.EmailAddress{{Address: &mail}}}
}

// paged is a system of n people, read by their numbers.
func paged(name idgraph.Source, n int) *system {
	return &system{name: name, changes: func(_ context.Context, since string, limit int) (connectors.Changes, error) {
		from, _ := strconv.Atoi(since)
		to := min(from+limit, n)
		page := connectors.Changes{Next: strconv.Itoa(to), More: to < n, Total: n}
		for i := from; i < to; i++ {
			page.Profiles = append(page.Profiles, profile(ref(name, strconv.Itoa(i)), fmt.Sprintf("Given%d Family%d", i, i), fmt.Sprintf("family%d.given@example.com", i)))
		}
		return page, nil
	}}
}

func stateOf(t testing.TB, db *sqlstore.DB, name idgraph.Source) idgraph.SyncState {
	t.Helper()
	all, err := db.Sources(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return all[name]
}

// eventually waits for something to become true.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for begun := time.Now(); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Since(begun) > 10*time.Second {
			t.Fatalf("never: %s", what)
		}
	}
}

func TestOnceReadsEverySourceToItsEnd(t *testing.T) {
	db := store(t)
	s := syncer(db, paged("crm", 25), paged("shop", 12))
	s.PageSize = 10
	var mu sync.Mutex
	told := map[idgraph.Source][]ingest.Progress{}
	s.Progress = func(p ingest.Progress) {
		mu.Lock()
		defer mu.Unlock()
		told[p.Source] = append(told[p.Source], p)
	}
	s.Once(ctx)
	for name, n := range map[idgraph.Source]int{"crm": 25, "shop": 12} {
		if state := stateOf(t, db, name); state.Records != n || !state.Full || state.Error != "" {
			t.Errorf("%s: %+v", name, state)
		}
		last := told[name][len(told[name])-1]
		if last.Done != n || last.Total != n || !last.Ended || last.Err != nil || last.Rate() <= 0 || last.Remaining() != 0 {
			t.Errorf("%s told %+v", name, last)
		}
		if !slices.IsSortedFunc(told[name], func(a, b ingest.Progress) int { return a.Done - b.Done }) {
			t.Errorf("%s went backwards: %+v", name, told[name])
		}
	}
	page, err := db.Page(ctx, 0, 100)
	if err != nil || len(page) != 25 { // the shop's are the CRM's
		t.Errorf("%d customers, %v", len(page), err)
	}
}

func TestAReadingGoesOnWhereItWasInterrupted(t *testing.T) {
	db := store(t)
	sys := paged("crm", 30)
	whole := sys.changes
	var asked []string
	sys.changes = func(ctx context.Context, since string, limit int) (connectors.Changes, error) {
		if asked = append(asked, since); len(asked) == 3 {
			return connectors.Changes{}, connectors.ErrUnavailable
		}
		return whole(ctx, since, limit)
	}
	s := syncer(db, sys)
	s.PageSize = 10
	s.Once(ctx)
	if state := stateOf(t, db, "crm"); state.Full || state.Records != 20 || state.Error != "SOURCE_UNAVAILABLE" || state.Cursor != "20" {
		t.Fatalf("interrupted: %+v", state)
	}
	var first ingest.Progress
	s.Progress = func(p ingest.Progress) {
		if first.Source == "" {
			first = p
		}
	}
	s.Once(ctx)
	if state := stateOf(t, db, "crm"); !state.Full || state.Records != 30 || state.Error != "" {
		t.Errorf("carried on: %+v", state)
	}
	if !slices.Equal(asked, []string{"", "10", "20", "20"}) {
		t.Errorf("asked from %q", asked)
	}
	if first.Done < 20 {
		t.Errorf("progress began at %d", first.Done)
	}
}

func TestASickSourceStopsNobodyAndRecoversByItself(t *testing.T) {
	db := store(t)
	var sick atomic.Bool
	sick.Store(true)
	erp := paged("erp", 5)
	whole := erp.changes
	erp.changes = func(ctx context.Context, since string, limit int) (connectors.Changes, error) {
		if sick.Load() {
			return connectors.Changes{}, connectors.ErrTimeout
		}
		return whole(ctx, since, limit)
	}
	s := syncer(db, paged("crm", 5), erp)
	s.Once(ctx)
	if crm, erp := stateOf(t, db, "crm"), stateOf(t, db, "erp"); !crm.Full || erp.Full || erp.Error != "SOURCE_TIMEOUT" {
		t.Fatalf("crm %+v, erp %+v", crm, erp)
	}
	following, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); s.Follow(following) }()
	time.Sleep(20 * time.Millisecond)
	sick.Store(false)
	eventually(t, "erp recovers", func() bool { state := stateOf(t, db, "erp"); return state.Full && state.Error == "" })
	stop()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Error("following went on after it was told to stop")
	}
}

func TestFollowingLearnsChangesAndDeletions(t *testing.T) {
	db := store(t)
	var step atomic.Int32
	sys := &system{name: "crm", changes: func(_ context.Context, since string, _ int) (connectors.Changes, error) {
		switch {
		case since == "":
			return connectors.Changes{Next: "1", Profiles: []connectors.Profile{profile(ref("crm", "1"), "Ada Byron", "ada@example.com"), profile(ref("crm", "2"), "Bob Kay", "bob@example.com")}}, nil
		case step.Load() == 1:
			return connectors.Changes{Next: "2", Profiles: []connectors.Profile{profile(ref("crm", "1"), "Ada Byron", "new@example.com")}, Gone: []idgraph.Ref{ref("crm", "2")}}, nil
		}
		return connectors.Changes{Next: since}, nil
	}}
	s := syncer(db, sys)
	s.Once(ctx)
	following, stop := context.WithCancel(ctx)
	defer stop()
	go s.Follow(following)
	step.Store(1)
	eventually(t, "the change is learnt", func() bool {
		found, _ := db.ByIdentifier(ctx, idgraph.Identifier{Type: idgraph.Email, Value: "new@example.com"})
		gone, _ := db.ByRef(ctx, ref("crm", "2"))
		return len(found) == 1 && gone == 0
	})
}

func TestPagesThatBreakTheContractAreTheSourcesFault(t *testing.T) {
	for name, page := range map[string]connectors.Changes{
		"a record of another source":         {Next: "1", Profiles: []connectors.Profile{profile(ref("shop", "1"), "Ada Byron", "ada@example.com")}},
		"a record without an id":             {Next: "1", Profiles: []connectors.Profile{profile(ref("crm", ""), "Ada Byron", "ada@example.com")}},
		"a deleted record of another source": {Next: "1", Gone: []idgraph.Ref{ref("shop", "1")}},
		"a cursor that stands still":         {Next: "", More: true},
	} {
		t.Run(name, func(t *testing.T) {
			db := store(t)
			s := syncer(db, &system{name: "crm", changes: func(context.Context, string, int) (connectors.Changes, error) { return page, nil }})
			s.Once(ctx)
			if state := stateOf(t, db, "crm"); state.Error != "SOURCE_BAD_DATA" {
				t.Errorf("%+v", state)
			}
		})
	}
}

func TestAConnectorThatPanicsIsASickSource(t *testing.T) {
	db := store(t)
	s := syncer(db, paged("crm", 3), &system{name: "erp", changes: func(context.Context, string, int) (connectors.Changes, error) { panic("no") }})
	s.Once(ctx)
	if crm, erp := stateOf(t, db, "crm"), stateOf(t, db, "erp"); !crm.Full || erp.Error != "SOURCE_BAD_DATA" {
		t.Errorf("crm %+v, erp %+v", crm, erp)
	}
}

// broken is a store that cannot learn.
type broken struct{ *sqlstore.DB }

func (broken) Learn(context.Context, idgraph.Batch) (idgraph.Change, error) {
	return idgraph.Change{}, errors.New("disk full")
}

func TestOurOwnTroubleIsNotTheSourcesFault(t *testing.T) {
	db := store(t)
	s := syncer(db, paged("crm", 3))
	s.Store = broken{db}
	s.Once(ctx)
	if state := stateOf(t, db, "crm"); state.Error != "INTERNAL" {
		t.Errorf("%+v", state)
	}
}

func TestAFullNameIsTakenApart(t *testing.T) {
	db := store(t)
	mail := "ada.byron@example.com"
	given, family := "Ada", "Byron"
	shop := connectors.Profile{Record: connectors.NewRecord(ref("shop", "1"), "1"), GivenName: &given, FamilyName: &family, Emails: []connectors.EmailAddress{{Address: &mail}}}
	one := func(name idgraph.Source, p connectors.Profile) *system {
		return &system{name: name, changes: func(context.Context, string, int) (connectors.Changes, error) {
			return connectors.Changes{Next: "1", Profiles: []connectors.Profile{p}}, nil
		}}
	}
	s := syncer(db, one("crm", profile(ref("crm", "1"), "Dr. Ada Byron", mail)), one("shop", shop), one("erp", profile(ref("erp", "1"), "Byron, Ada", strings.ToUpper(mail))))
	s.Once(ctx)
	page, err := db.Page(ctx, 0, 10)
	if err != nil || len(page) != 1 || len(page[0].Refs) != 3 {
		t.Errorf("customers %+v, %v", page, err)
	}
}
