package sqlstore_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"customer360/idgraph"
	"customer360/idgraph/sqlstore"
	"customer360/idgraph/storetest"
)

// The child of the crash test is this program with these variables set: the
// folder of a store, and, where that is in Postgres, the connection string.
const (
	crashDir      = "CUSTOMER360_CRASH_TEST_STORE"
	crashPostgres = "CUSTOMER360_CRASH_TEST_POSTGRES"
	crashRekey    = "CUSTOMER360_CRASH_TEST_REKEY" // the child decides and rekeys as well
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		child := crashChild
		if os.Getenv(crashRekey) != "" {
			child = func(dir, _ string) error { return rekeyChild(dir) }
		}
		if err := child(dir, os.Getenv(crashPostgres)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// crashPages is how many pages the reading of the crash test has.
const crashPages = 60

// crashPage is page n of a made-up source: people who share values across
// pages, so that pages join and part customers.
func crashPage(n int) idgraph.Batch {
	r := rand.New(rand.NewPCG(uint64(n), 7))
	b := idgraph.Batch{Source: "crm", Cursor: strconv.Itoa(n + 1), Full: n == crashPages-1}
	for i := range 20 {
		who := r.IntN(200)
		b.Records = append(b.Records, idgraph.Record{
			Ref: idgraph.Ref{Source: "crm", ID: strconv.Itoa(n*20 + i)}, GivenName: []string{"Ada", "Bob", ""}[r.IntN(3)], FamilyName: "Byron",
			Identifiers: []idgraph.Identifier{{Type: idgraph.Email, Value: fmt.Sprintf("byron.%d@example.com", who)}, {Type: idgraph.Phone, Value: fmt.Sprintf("+49171%07d", 1000000+r.IntN(200))}},
		})
	}
	if n > 2 {
		b.Gone = []idgraph.Ref{{Source: "crm", ID: strconv.Itoa(r.IntN(n * 20))}}
	}
	return b
}

// crashChild reads on from the cursor to the end.
func crashChild(dir, postgres string) error {
	ring, err := openRing(dir)
	if err != nil {
		return err
	}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	o := sqlstore.Options{Region: "DE", Now: func() time.Time { return start }}
	open := func() (*sqlstore.DB, error) { return sqlstore.Open(ctx, dir, ring, o) }
	if postgres != "" {
		open = func() (*sqlstore.DB, error) { return sqlstore.OpenPostgres(ctx, postgres, ring, o) }
	}
	db, err := open()
	if err != nil {
		return err
	}
	at, err := pagesRead(db)
	if err != nil {
		return err
	}
	for ; at < crashPages; at++ {
		if _, err := db.Learn(ctx, crashPage(at)); err != nil {
			return err
		}
	}
	return db.Close()
}

// pagesRead is how many pages a store has learnt.
func pagesRead(db *sqlstore.DB) (int, error) {
	states, err := db.Sources(ctx)
	if err != nil || states["crm"].Cursor == "" {
		return 0, err
	}
	return strconv.Atoi(states["crm"].Cursor)
}

func TestAKilledReadingCarriesOn(t *testing.T) {
	calm, torn := filepath.Join(t.TempDir(), "calm"), filepath.Join(t.TempDir(), "torn")
	ring(t, calm) // the children find it
	copyFile(t, calm+".json", torn+".json")
	if err := crashChild(calm, ""); err != nil {
		t.Fatal(err)
	}
	storetest.Killed(t, crashDir+"="+torn)
	equal(t, state(t, open(t, calm)), state(t, open(t, torn)))
}

func TestAKilledReadingCarriesOnInPostgres(t *testing.T) {
	dir, at := filepath.Join(base(t), "torn"), schema(t, "torn")
	calm := filepath.Join(t.TempDir(), "calm") // of SQLite: both databases hold the same
	ring(t, dir)
	copyFile(t, dir+".json", calm+".json")
	if err := crashChild(calm, ""); err != nil {
		t.Fatal(err)
	}
	storetest.Killed(t, crashDir+"="+dir, crashPostgres+"="+at)
	db, err := sqlstore.OpenPostgres(ctx, at, ring(t, dir), sqlstore.Options{Region: "DE"})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	equal(t, state(t, open(t, calm)), state(t, db))
}

func equal(t *testing.T, want, got string) {
	t.Helper()
	if want != got {
		t.Errorf("after the kills the store is another one:\n%.2000s\nwant\n%.2000s", got, want)
	}
}

// state is all that a store answers.
func state(t *testing.T, db *sqlstore.DB) string {
	t.Helper()
	page, err := db.Page(ctx, 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	sources, err := db.Sources(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if !sources["crm"].Full || len(page) == 0 {
		t.Fatalf("the reading has not come to its end: %+v", sources)
	}
	var ids []idgraph.CustomerID
	for id := range page[len(page)-1].ID + 1 {
		ids = append(ids, id)
	}
	all, err := db.Customers(ctx, ids) // redirects too
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(sources, page, all)
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
