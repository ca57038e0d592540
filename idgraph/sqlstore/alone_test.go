package sqlstore

import (
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"testing"

	"customer360/idgraph"
)

func journalOf(t *testing.T, d *DB) (mode string) {
	t.Helper()
	if err := d.write.Get(&mode, `PRAGMA journal_mode`); err != nil {
		t.Fatal(err)
	}
	return mode
}

func TestAFirstBuildAloneIsAsAnyOther(t *testing.T) {
	ctx, d := context.Background(), opened(t)
	if _, err := d.Customers(ctx, []idgraph.CustomerID{1}); err != nil { // a connection that reads
		t.Fatal(err)
	}
	seen := ""
	report, err := d.Build(ctx, crowd(0, 200), BuildOptions{Alone: true, Progress: func(stage string, _, _ int) {
		if stage == "write" && seen == "" {
			_, err := os.Stat(filepath.Join(d.dir, "graph.db-wal"))
			if seen = "once"; !errors.Is(err, os.ErrNotExist) {
				seen = "twice"
			}
		}
	}})
	if err != nil || report.Records != 400 || seen != "once" {
		t.Fatalf("built %+v, written %s, %v", report, seen, err)
	}
	if n := sound(t, d); n != 200 || journalOf(t, d) != "wal" {
		t.Errorf("%d customers, journal %s", n, journalOf(t, d))
	}
	if report, err = d.Build(ctx, crowd(100, 200), BuildOptions{Alone: true}); err != nil || report.Records != 200 || report.Gone != 200 {
		t.Fatalf("built anew %+v, %v", report, err)
	}
	if n := sound(t, d); n != 200 || journalOf(t, d) != "wal" {
		t.Errorf("%d customers, journal %s", n, journalOf(t, d))
	}
}

func TestAFirstBuildAloneWaitsForNobodyWhoReads(t *testing.T) {
	ctx, d := context.Background(), opened(t)
	tx, err := d.read.BeginTxx(ctx, d.dialect.look())
	if err != nil {
		t.Fatal(err)
	}
	defer rollback(tx)
	var n int
	if err := tx.Get(&n, `SELECT COUNT(*) FROM records`); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Build(ctx, crowd(0, 20), BuildOptions{Alone: true}); err != nil {
		t.Fatal(err)
	}
	if err := tx.Get(&n, `SELECT COUNT(*) FROM records`); err != nil || n != 0 {
		t.Errorf("who was reading sees %d records, %v", n, err)
	}
	if n := sound(t, d); n != 20 || journalOf(t, d) != "wal" {
		t.Errorf("%d customers, journal %s", n, journalOf(t, d))
	}
}

func TestAFirstBuildAloneThatFailsLeavesTheGraphEmpty(t *testing.T) {
	ctx, d := context.Background(), opened(t)
	broken := errors.New("line 7: no number")
	_, err := d.Build(ctx, func(yield func(idgraph.Record, error) bool) { yield(idgraph.Record{}, broken) }, BuildOptions{Alone: true})
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if n := sound(t, d); n != 0 || journalOf(t, d) != "wal" {
		t.Errorf("%d customers, journal %s", n, journalOf(t, d))
	}
}

// A crash is what is on the disk amid writing: opened, it is the graph that was.
func TestACrashAmidAFirstBuildAloneLeavesTheGraphEmpty(t *testing.T) {
	ctx, d := context.Background(), opened(t)
	if _, err := d.write.Exec(`PRAGMA cache_size = 10`); err != nil { // pages go to the disk before the end
		t.Fatal(err)
	}
	crashed := t.TempDir()
	_, err := d.Build(ctx, crowd(0, 5000), BuildOptions{Alone: true, Progress: func(stage string, done, _ int) {
		if stage == "write" && done > 0 {
			for _, name := range []string{"graph.db", "graph.db-journal", "ledger.db", "ledger.db-wal"} {
				b, err := os.ReadFile(filepath.Join(d.dir, name))
				if err == nil {
					err = os.WriteFile(filepath.Join(crashed, name), b, 0o600)
				}
				if err != nil {
					t.Error(err)
				}
			}
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(crashed, "graph.db")); err != nil || info.Size() < 1<<20 {
		t.Fatalf("nothing had been written: %v", err)
	}
	again, err := Open(ctx, crashed, d.ring, Options{Region: "DE"})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if n := sound(t, again); n != 0 {
		t.Errorf("%d customers", n)
	}
	if _, err := again.Build(ctx, iter.Seq2[idgraph.Record, error](crowd(0, 10)), BuildOptions{Alone: true}); err != nil {
		t.Fatal(err)
	}
	if n := sound(t, again); n != 10 || journalOf(t, again) != "wal" {
		t.Errorf("%d customers, journal %s", n, journalOf(t, again))
	}
}
