package ingest_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"customer360/connectors"
	"customer360/connectors/ingest"
	"customer360/idgraph"
	"customer360/idgraph/consent"
	"customer360/idgraph/sqlstore"
)

func TestASweepRemovesWhoIsGone(t *testing.T) {
	db := store(t)
	crm := newSimulated("crm", numbered(5)...)
	shop := newSimulated("shop", "0001")
	shop.people["0001"] = crm.people["0001"] // the same person
	s := simulation(db, crm, shop)
	s.Once(ctx)
	allowed := consent.Event{Ref: ref("crm", "0001"), Purpose: "marketing.email", State: consent.Granted, At: noon, HeldBy: "crm", Method: "sync", Notice: notice}
	if err := db.Append(ctx, []consent.Event{allowed}); err != nil {
		t.Fatal(err)
	}
	before, _ := db.ByRef(ctx, ref("shop", "0001"))
	delete(crm.people, "0001")
	delete(crm.people, "0004")
	var told []ingest.Progress
	s.Progress = func(p ingest.Progress) {
		if p.Source == "crm" {
			told = append(told, p)
		}
	}
	s.Sweep(ctx, false)
	if got := held(t, db, "crm"); !slices.Equal(got, []string{"0002", "0003", "0005"}) {
		t.Errorf("held %v", got)
	}
	if after, _ := db.ByRef(ctx, ref("shop", "0001")); after != before {
		t.Errorf("the customer was %d, and is %d", before, after)
	}
	if events, _ := db.Of(ctx, []idgraph.Ref{allowed.Ref}); len(events[allowed.Ref]) != 1 {
		t.Error("what they allowed was forgotten")
	}
	state := stateOf(t, db, "crm")
	if state.Sweep.Gone != 2 || state.Sweep.At.IsZero() || state.Sweep.Error != "" || state.Sweep.Missed != 0 || state.Records != 3 {
		t.Errorf("%+v", state)
	}
	if last := told[len(told)-1]; !last.Sweep || !last.Ended || last.Gone != 2 || last.Done != 3 {
		t.Errorf("told %+v", last)
	}
	s.Sweep(ctx, false)
	if state = stateOf(t, db, "crm"); state.Sweep.Gone != 2 {
		t.Errorf("removed again: %+v", state)
	}
}

func TestASourceThatListsNobodyHasLostItsRightsNotItsPeople(t *testing.T) {
	db := store(t)
	crm := newSimulated("crm", numbered(30)...)
	s := simulation(db, crm)
	s.Once(ctx)
	crm.people = nil // by id, they are not known either
	for range 3 {
		s.Sweep(ctx, false)
		s.Sweep(ctx, true)
		if n := len(held(t, db, "crm")); n != 30 {
			t.Fatalf("%d of 30 are left", n)
		}
		if state := stateOf(t, db, "crm"); state.Sweep.Error != "SOURCE_BAD_DATA" || state.Sweep.Missed != 30 {
			t.Errorf("%+v", state.Sweep)
		}
	}
}

func TestTooManyToBelieveAreRemovedWhenTwoSweepsMissTheSame(t *testing.T) {
	db := store(t)
	crm := newSimulated("crm", numbered(60)...)
	s := simulation(db, crm)
	s.Once(ctx)
	lose := func(from, to int) {
		for _, id := range numbered(to)[from:] {
			delete(crm.people, id)
		}
	}
	lose(0, 25)
	s.Sweep(ctx, false)
	if n := len(held(t, db, "crm")); n != 60 {
		t.Fatalf("%d of 60 are left after the first sweep", n)
	}
	lose(25, 26) // others than before: it begins anew
	s.Sweep(ctx, false)
	if state := stateOf(t, db, "crm"); state.Records != 60 || state.Sweep.Missed != 26 || state.Sweep.Error == "" {
		t.Fatalf("after the second: %+v", state)
	}
	s.Sweep(ctx, false)
	if state := stateOf(t, db, "crm"); state.Records != 34 || state.Sweep.Gone != 26 || state.Sweep.Missed != 0 || state.Sweep.Error != "" {
		t.Errorf("after the third: %+v", state)
	}
}

func TestTheLastOneLeavesAfterASecondSweep(t *testing.T) {
	db := store(t)
	crm := newSimulated("crm", "0001")
	s := simulation(db, crm)
	s.Once(ctx)
	crm.people = nil
	for i, want := range []int{1, 0} {
		if s.Sweep(ctx, false); len(held(t, db, "crm")) != want {
			t.Errorf("sweep %d left %v", i, held(t, db, "crm"))
		}
	}
}

func TestWhoComesDuringASweepIsNotTouched(t *testing.T) {
	db := store(t)
	crm := newSimulated("crm", numbered(9)...)
	s := simulation(db, crm)
	s.Once(ctx)
	// Somebody is deleted and comes back behind the sweep; somebody new comes where it has been.
	back := crm.people["0002"]
	delete(crm.people, "0002")
	from := crm.calls
	crm.before = func(call int) error {
		if call == from+3 {
			back.stamp = crm.tick
			crm.people["0002"], crm.people["0001x"] = back, back
		}
		return nil
	}
	s.Sweep(ctx, false)
	if got := held(t, db, "crm"); len(got) != 10 || !slices.Contains(got, "0002") || !slices.Contains(got, "0001x") {
		t.Errorf("held %v", got)
	}
	if state := stateOf(t, db, "crm"); state.Sweep.Gone != 0 || state.Sweep.WholeAt.IsZero() {
		t.Errorf("%+v", state.Sweep)
	}
}

func TestWhomTheSourceKnowsByIDStays(t *testing.T) {
	db := store(t)
	crm := newSimulated("crm", numbered(9)...)
	s := simulation(db, crm)
	s.Once(ctx)
	crm.hidden = func(id string) bool { return id == "0004" }
	s.Sweep(ctx, false)
	if got := held(t, db, "crm"); len(got) != 9 {
		t.Errorf("held %v", got)
	}
}

// Request Tracker is such a one.
func TestASourceThatAsksForTheMissingOneByOneIsAskedAgain(t *testing.T) {
	db := store(t)
	crm := newSimulated("crm", numbered(40)...)
	crm.room = 3
	s := simulation(db, crm)
	s.Once(ctx)
	for _, id := range numbered(11) {
		delete(crm.people, id)
	}
	s.Sweep(ctx, false)
	if state := stateOf(t, db, "crm"); state.Records != 29 || state.Sweep.Gone != 11 || state.Sweep.Error != "" {
		t.Errorf("%+v", state)
	}
}

func TestASweepThatFailsRemovesNobody(t *testing.T) {
	for at := range 6 { // three pages of ids, some of changes, the asking by id
		t.Run(fmt.Sprint("at call ", at+1), func(t *testing.T) {
			db := store(t)
			crm := newSimulated("crm", numbered(9)...)
			s := simulation(db, crm)
			s.Once(ctx)
			delete(crm.people, "0001")
			from := crm.calls
			crm.before = func(call int) error {
				if call > from+at {
					return connectors.ErrUnavailable
				}
				return nil
			}
			s.Sweep(ctx, false)
			state := stateOf(t, db, "crm")
			if state.Records != 9 || state.Sweep.Error != "SOURCE_UNAVAILABLE" || !state.Sweep.At.IsZero() {
				t.Fatalf("%+v", state)
			}
			crm.before = nil
			s.Sweep(ctx, false)
			if state := stateOf(t, db, "crm"); state.Records != 8 || state.Sweep.Error != "" {
				t.Errorf("then %+v", state)
			}
		})
	}
}

func TestWhoWasNeverToldIsReadWithEverybody(t *testing.T) {
	db := store(t)
	crm := newSimulated("crm", numbered(9)...)
	s := simulation(db, crm)
	s.Once(ctx)
	s.Once(ctx)
	crm.tick = 100
	s.Once(ctx)
	crm.people["0005x"] = human{name: "Bob Kay", mail: "bob@example.com", stamp: 1} // rights came back, say
	s.Sweep(ctx, false)
	if state := stateOf(t, db, "crm"); !state.Sweep.WholeAt.IsZero() || state.Records != 9 {
		t.Fatalf("%+v", state)
	}
	s.Sources[0].Interval = time.Millisecond
	runs(t, s, "0005x is learnt", func() bool { return slices.Contains(held(t, db, "crm"), "0005x") })
}

func TestEverythingIsReadAnewForWhatChangedUnseen(t *testing.T) {
	db := store(t)
	crm := newSimulated("crm", numbered(9)...)
	s := simulation(db, crm)
	s.Once(ctx)
	crm.edit("0003", func(h *human) { h.mail = "new@example.com" }) // no stamp moves
	delete(crm.people, "0007")
	s.Once(ctx)
	before := sinceOf(t, db)
	s.Sweep(ctx, true)
	found, _ := db.ByIdentifier(ctx, idgraph.Identifier{Type: idgraph.Email, Value: "new@example.com"})
	state := stateOf(t, db, "crm")
	if len(found) != 1 || state.Records != 8 || !state.Sweep.WholeAt.Equal(state.Sweep.At) {
		t.Errorf("found %v, %+v", found, state)
	}
	if after := sinceOf(t, db); after < before {
		t.Errorf("the reading stood at %d, and stands at %d", before, after)
	}
}

// sinceOf is where the reading of a simulated CRM stands.
func sinceOf(t *testing.T, db *sqlstore.DB) (since int) {
	t.Helper()
	if _, err := fmt.Sscan(stateOf(t, db, "crm").Cursor, &since); err != nil {
		t.Fatal(err)
	}
	return since
}

func TestAMergeAtTheSourceIsOneGoneAndOneChanged(t *testing.T) {
	db := store(t)
	crm := newSimulated("crm", "0001", "0002")
	s := simulation(db, crm)
	s.Once(ctx)
	kept, _ := db.ByRef(ctx, ref("crm", "0001"))
	crm.tick = 50
	crm.edit("0001", func(h *human) { h.phone, h.stamp = "+4917112345678", 50 })
	delete(crm.people, "0002")
	s.Once(ctx)
	s.Sweep(ctx, false)
	now, _ := db.ByRef(ctx, ref("crm", "0001"))
	found, _ := db.ByIdentifier(ctx, idgraph.Identifier{Type: idgraph.Phone, Value: "+4917112345678"})
	if now != kept || len(found) != 1 || !slices.Equal(held(t, db, "crm"), []string{"0001"}) {
		t.Errorf("customer %d, was %d; found %v; held %v", now, kept, found, held(t, db, "crm"))
	}
}

// Nobody waits a day for whom a source forgot to list; a source whose list
// stands still is sick.
func TestListsThatBreakTheContractAreTheSourcesFault(t *testing.T) {
	db := store(t)
	crm := newSimulated("crm", numbered(9)...)
	s := simulation(db, crm)
	s.Once(ctx)
	s.Sources[0].Connector = stuck{crm}
	s.Sweep(ctx, false)
	if state := stateOf(t, db, "crm"); state.Sweep.Error != "SOURCE_BAD_DATA" || !state.Sweep.At.IsZero() || state.Records != 9 {
		t.Errorf("%+v", state)
	}
}

// runs follows the sources until something is true.
func runs(t *testing.T, s *ingest.Syncer, what string, is func() bool) {
	t.Helper()
	following, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); s.Follow(following) }()
	eventually(t, what, is)
	stop()
	<-ended
}

// stuck lists the same page for ever.
type stuck struct{ *simulated }

func (stuck) IDs(context.Context, string, int) (connectors.IDs, error) {
	return connectors.IDs{IDs: []string{"0001"}, More: true}, nil
}
