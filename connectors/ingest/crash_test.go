package ingest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"customer360/idgraph/sqlstore"
	"customer360/idgraph/storetest"
	"customer360/internal/keys"
)

// The child of the crash test is this program with this variable set to the
// folder of a store.
const crashDir = "CUSTOMER360_CRASH_TEST_SWEEP"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		if err := crashChild(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// crashSystem has lost some of those that the store knows, and has some that
// the store doesn't. Its calls take a while.
func crashSystem() *simulated {
	crm := newSimulated("crm", numbered(150)...)
	for i, id := range numbered(150) {
		if i%15 == 7 {
			delete(crm.people, id)
		}
		if i%40 == 3 {
			crm.edit(id, func(h *human) { h.mail = "someone.else" + id + "@example.com" })
		}
	}
	crm.before = func(int) error { time.Sleep(2 * time.Millisecond); return nil }
	return crm
}

// crashChild reads to the end, sweeps by ids, and by reading everybody anew.
func crashChild(dir string) error {
	ring, err := keys.OpenOrCreate(dir + ".json")
	if err != nil {
		return err
	}
	db, err := sqlstore.Open(ctx, dir, ring, sqlstore.Options{Region: "DE"})
	if err != nil {
		return err
	}
	s := simulation(db, crashSystem())
	s.PageSize = 10
	s.Once(ctx)
	s.Sweep(ctx, false)
	s.Sweep(ctx, true)
	states, err := db.Sources(ctx)
	if err == nil && (states["crm"].Error != "" || states["crm"].Sweep.Error != "" || states["crm"].Sweep.At.IsZero()) {
		err = fmt.Errorf("the sweep did not come to its end: %+v", states["crm"])
	}
	if err != nil {
		return err
	}
	return db.Close()
}

func TestAKilledSweepBeginsAnew(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "torn")
	ring, err := keys.OpenOrCreate(dir + ".json")
	if err != nil {
		t.Fatal(err)
	}
	open := func() *sqlstore.DB {
		db, err := sqlstore.Open(ctx, dir, ring, sqlstore.Options{Region: "DE"})
		if err != nil {
			t.Fatal(err)
		}
		return db
	}
	db := open()
	before := newSimulated("crm", numbered(150)...)
	simulation(db, before).Once(ctx)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	storetest.Killed(t, crashDir+"="+dir)
	db = open()
	defer db.Close()
	var want []string
	crm := crashSystem()
	for _, id := range numbered(150) {
		if _, there := crm.people[id]; there {
			want = append(want, id)
		}
	}
	if got := held(t, db, "crm"); !slices.Equal(got, want) {
		t.Errorf("held %v, want %v", got, want)
	}
	fresh := store(t)
	simulation(fresh, crm).Once(ctx)
	if got, want := partition(t, db, "crm", "crm"), partition(t, fresh, "crm", "crm"); got != want {
		t.Errorf("bit by bit:\n%s\nat once:\n%s", got, want)
	}
	if state := stateOf(t, db, "crm"); state.Records != len(want) {
		t.Errorf("%d records are counted, there are %d", state.Records, len(want))
	}
}
