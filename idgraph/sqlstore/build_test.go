package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"testing"

	"github.com/mattn/go-sqlite3"

	"customer360/idgraph"
	"customer360/internal/keys"
)

// crowd yields records of people, each with two, from the first number on.
func crowd(from, people int) iter.Seq2[idgraph.Record, error] {
	return func(yield func(idgraph.Record, error) bool) {
		for i := from; i < from+people; i++ {
			for _, source := range []idgraph.Source{"crm", "shop"} {
				r := idgraph.Record{
					Ref: idgraph.Ref{Source: source, ID: fmt.Sprint(i)}, GivenName: "Ada", FamilyName: fmt.Sprintf("Byron%c%c", 'a'+i%26, 'a'+i/26%26), City: fmt.Sprint("London ", i/100),
					Identifiers: []idgraph.Identifier{{Type: idgraph.Email, Value: fmt.Sprintf("ada.byron%d@example.com", i)}},
				}
				if source == "shop" {
					r.LookupKey = fmt.Sprint("login ", i)
				}
				if !yield(r, nil) {
					return
				}
			}
		}
	}
}

func opened(t *testing.T) *DB {
	t.Helper()
	dir := t.TempDir()
	ring, err := keys.OpenOrCreate(filepath.Join(dir, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := Open(context.Background(), filepath.Join(dir, "store"), ring, Options{Region: "DE"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// sound fails where the store doesn't hold what it promises, and answers how
// many customers it has.
func sound(t *testing.T, d *DB) (customers int) {
	t.Helper()
	if err := d.Verify(context.Background(), func(string, int, int) {}, func(f Flaw) { t.Errorf("%s: %s", f.Promise, f.Where) }); err != nil {
		t.Fatal(err)
	}
	if err := d.read.Get(&customers, `SELECT COUNT(*) FROM customers WHERE records > 0`); err != nil {
		t.Fatal(err)
	}
	return customers
}

func TestABuildTellsWhatBecameOfCustomers(t *testing.T) {
	ctx, d := context.Background(), opened(t)
	report, err := d.Build(ctx, crowd(0, 3), BuildOptions{})
	if err != nil || report.Records != 6 || report.Customers != 3 || report.Snapshot != 1 || report.Edges < 3 {
		t.Fatalf("built %+v, %v", report, err)
	}
	id, err := d.ByRef(ctx, idgraph.Ref{Source: "shop", ID: "2"})
	if err != nil {
		t.Fatal(err)
	}
	events, err := d.Events(ctx, id, 0, 10)
	if err != nil || len(events) != 2 || events[1].Kind != idgraph.Minted || events[1].Cause != "build" ||
		events[0].Kind != idgraph.Linked || events[0].Rule != idgraph.SameEmail || events[0].A.Source != "crm" || events[0].B.Source != "shop" {
		t.Fatalf("events %+v, %v", events, err)
	}
	lookups, err := d.LookupKeys(ctx, "shop", []idgraph.Ref{{Source: "shop", ID: "2"}})
	if err != nil || lookups[idgraph.Ref{Source: "shop", ID: "2"}] != "login 2" {
		t.Fatalf("look-up keys %v, %v", lookups, err)
	}
	report, err = d.Build(ctx, crowd(1, 3), BuildOptions{})
	if err != nil || report.Records != 2 || report.Gone != 2 || report.Customers != 1 || report.Snapshot != 2 {
		t.Fatalf("built again %+v, %v", report, err)
	}
	if again, err := d.ByRef(ctx, idgraph.Ref{Source: "shop", ID: "2"}); again != id || err != nil {
		t.Errorf("customer %d is %d now, %v", id, again, err)
	}
	if events, err := d.Events(ctx, 1, 0, 10); err != nil || events[0].Kind != idgraph.Gone {
		t.Errorf("events of who is gone %+v, %v", events, err)
	}
	if n := sound(t, d); n != 3 {
		t.Errorf("%d customers", n)
	}
}

func TestABrokenRecordLeavesTheGraphAsItWas(t *testing.T) {
	ctx, d := context.Background(), opened(t)
	if _, err := d.Build(ctx, crowd(0, 3), BuildOptions{}); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("line 7: no number")
	_, err := d.Build(ctx, func(yield func(idgraph.Record, error) bool) {
		for r := range crowd(100, 5) {
			if !yield(r, nil) {
				return
			}
		}
		yield(idgraph.Record{}, broken)
	}, BuildOptions{})
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if n := sound(t, d); n != 3 {
		t.Errorf("%d customers", n)
	}
}

func TestAFullDiskLeavesTheGraphAsItWas(t *testing.T) {
	ctx, d := context.Background(), opened(t)
	if _, err := d.Build(ctx, crowd(0, 100), BuildOptions{}); err != nil {
		t.Fatal(err)
	}
	var pages int
	if err := d.write.Get(&pages, `PRAGMA page_count`); err != nil {
		t.Fatal(err)
	}
	limit := func(pages int) {
		if _, err := d.write.Exec(fmt.Sprintf(`PRAGMA max_page_count = %d`, pages)); err != nil {
			t.Fatal(err)
		}
	}
	full := func(what string, err error) {
		t.Helper()
		if e := (sqlite3.Error{}); !errors.As(err, &e) || e.Code != sqlite3.ErrFull {
			t.Errorf("%s on a full disk: %v", what, err)
		}
		if n := sound(t, d); n != 100 {
			t.Errorf("%s: %d customers", what, n)
		}
	}
	limit(pages + 10)
	_, err := d.Build(ctx, crowd(0, 2000), BuildOptions{})
	full("building", err)
	var records []idgraph.Record
	for r := range crowd(1000, 1000) {
		if r.Ref.Source == "crm" {
			records = append(records, r)
		}
	}
	_, err = d.Learn(ctx, idgraph.Batch{Source: "crm", Records: records, Cursor: "next"})
	full("learning", err)
	limit(1 << 30)
	if _, err = d.Learn(ctx, idgraph.Batch{Source: "crm", Records: records, Cursor: "next"}); err != nil {
		t.Fatal(err)
	}
	if n := sound(t, d); n != 1100 {
		t.Errorf("%d customers when there is room again", n)
	}
	if _, err := d.Rebuild(ctx, BuildOptions{}); err != nil {
		t.Fatal(err)
	}
	if n := sound(t, d); n != 1100 {
		t.Errorf("%d customers, built again", n)
	}
}

func TestReadersSeeTheOldGraphWhileANewOneIsBuilt(t *testing.T) {
	ctx, d := context.Background(), opened(t)
	if _, err := d.Build(ctx, crowd(0, 50), BuildOptions{}); err != nil {
		t.Fatal(err)
	}
	seen := 0
	look := func(string, int, int) {
		page, err := d.Page(ctx, 0, 100)
		if err != nil || len(page) != 50 {
			t.Errorf("%d customers meanwhile, %v", len(page), err)
		}
		seen++
	}
	if _, err := d.Build(ctx, crowd(25, 60), BuildOptions{Progress: look}); err != nil {
		t.Fatal(err)
	}
	if n := sound(t, d); n != 60 || seen == 0 {
		t.Errorf("%d customers, looked at %d times", n, seen)
	}
}

func TestAGraphIsBuiltAnewWhenItsRecordsHaveDoubled(t *testing.T) {
	ctx, d := context.Background(), opened(t)
	renew := func(want bool, snapshot int) {
		t.Helper()
		report, done, err := d.Renew(ctx, BuildOptions{})
		if err != nil || done != want || report.Snapshot != snapshot {
			t.Errorf("built anew %t, want %t; %+v, %v", done, want, report, err)
		}
	}
	hold := func(people int) {
		t.Helper()
		if _, err := d.Build(ctx, crowd(0, people), BuildOptions{Keep: true}); err != nil {
			t.Fatal(err)
		}
	}
	hold(fewest/2 - 1)
	renew(false, 0)
	hold(fewest / 2)
	renew(true, 1)
	renew(false, 0)
	hold(fewest - 1)
	renew(false, 0)
	hold(fewest)
	renew(true, 2)
}

func TestWhoWaitsToLearnMayGiveUp(t *testing.T) {
	ctx, d := context.Background(), opened(t)
	tired, stop := context.WithCancelCause(ctx)
	late := errors.New("too late")
	_, err := d.Build(ctx, crowd(0, 3), BuildOptions{Progress: func(string, int, int) {
		stop(late)
		if _, err := d.Learn(tired, idgraph.Batch{Source: "crm", Cursor: "next"}); !errors.Is(err, late) {
			t.Errorf("learning while a graph is built: %v", err)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
}
