package sqlstore_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/jmoiron/sqlx"

	"customer360/idgraph"
	"customer360/idgraph/sqlstore"
	"customer360/idgraph/storetest"
)

// rekeyChild reads page after page, decides after every fifth, and moves the
// store to the new key in the middle. It goes on where another was killed.
func rekeyChild(dir string) error {
	defer sqlstore.SetRekeyBatch(10)()
	ring, err := openRing(dir)
	if err != nil {
		return err
	}
	db, err := sqlstore.Open(ctx, dir, ring, sqlstore.Options{Region: "DE"})
	if err != nil {
		return err
	}
	ledger, err := sqlx.Open("sqlite3", filepath.Join(dir, "ledger.db"))
	if err != nil {
		return err
	}
	defer ledger.Close()
	decided := 0
	if err := ledger.Get(&decided, `SELECT COUNT(*) FROM decisions`); err != nil {
		return err
	}
	at, err := pagesRead(db)
	if err != nil {
		return err
	}
	for ; at < crashPages; at++ {
		if at == crashPages/2 {
			if err := db.Rekey(ctx, func(string, int, int) {}); err != nil {
				return err
			}
		}
		if at/5 > decided {
			of := func(n int) idgraph.Ref {
				return idgraph.Ref{Source: "crm", ID: strconv.Itoa((at-1)/5*5*20 + n)} // of the page that nobody has gone from yet
			}
			d := idgraph.Decision{A: of(90), B: of(91 + decided%5), Same: decided%2 == 0, Actor: "tester", Reason: "they said so"}
			if _, err := db.Decide(ctx, []idgraph.Decision{d}); err != nil {
				return err
			}
			decided++
		}
		if _, err := db.Learn(ctx, crashPage(at)); err != nil {
			return err
		}
	}
	return db.Close()
}

// However often a process is killed that learns, decides and rekeys, what is
// left in the end is what one leaves that nobody kills. C360_KILLS says how
// often it is killed at least.
func TestAKilledRekeyCarriesOn(t *testing.T) {
	base := t.TempDir()
	old, next := twoKeys(t)
	prepared := func(name string) string {
		dir := filepath.Join(base, name)
		db, err := sqlstore.Open(ctx, dir, old, sqlstore.Options{Region: "DE"})
		if err != nil {
			t.Fatal(err)
		}
		_ = db.Close()
		ring(t, dir) // a file to replace
		if err := next.Replace(dir + ".json"); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	calm := prepared("calm")
	if err := rekeyChild(calm); err != nil {
		t.Fatal(err)
	}
	want := partition(t, open(t, calm))
	most, _ := strconv.Atoi(os.Getenv("C360_KILLS"))
	for kills, round := 0, 0; kills < max(1, most); round++ {
		dir := prepared(fmt.Sprint("torn", round))
		kills += storetest.Killed(t, crashDir+"="+dir, crashRekey+"=1")
		db := open(t, dir)
		if got := partition(t, db); !slices.Equal(got, want) {
			t.Errorf("after the kills there are\n%.2000v\nwant\n%.2000v", got, want)
		}
		holds(t, db)
		if err := db.CanDropOld(ctx); err != nil {
			t.Error(err)
		}
		_ = db.Close()
	}
}
