package sqlstore

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"customer360/idgraph"
	"customer360/internal/keys"
)

// On a full disk whatever writes says so and what to do, the graph stays as it
// was and can be read, and when there is room all goes on where it was.
func TestAFullDiskStopsWritersAndNothingElse(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	old, err := keys.Create()
	if err != nil {
		t.Fatal(err)
	}
	ring, err := old.Next()
	if err != nil {
		t.Fatal(err)
	}
	d, err := Open(ctx, filepath.Join(dir, "store"), old, Options{Region: "DE"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Build(ctx, crowd(0, 100), BuildOptions{}); err != nil {
		t.Fatal(err)
	}
	_ = d.Close()
	if d, err = Open(ctx, filepath.Join(dir, "store"), ring, Options{Region: "DE"}); err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	room := func(db *sqlx.DB, more int) {
		t.Helper()
		var pages int
		if err := db.Get(&pages, `PRAGMA page_count`); err != nil {
			t.Fatal(err)
		}
		db.MustExec(fmt.Sprintf(`PRAGMA max_page_count = %d`, pages+more))
	}
	full := func(what string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), "the disk of the store is full") || !strings.Contains(err.Error(), "once there is room") {
			t.Errorf("%s: %v", what, err)
		}
		page, err := d.Page(ctx, 0, 1000)
		if err != nil || len(page) != 100 {
			t.Errorf("%s: %d customers, %v", what, len(page), err)
		}
	}
	batch := idgraph.Batch{Source: "crm", Cursor: "next"}
	for r := range crowd(1000, 1000) {
		if r.Ref.Source == "crm" {
			batch.Records = append(batch.Records, r)
		}
	}
	room(d.write, 5)
	_, err = d.Learn(ctx, batch)
	full("learning", err)
	sound(t, d)
	room(d.ledger, 1)
	_, err = d.Decide(ctx, []idgraph.Decision{{A: idgraph.Ref{Source: "crm", ID: "1"}, B: idgraph.Ref{Source: "crm", ID: "2"}, Actor: "tester", Reason: strings.Repeat("They said so. ", 4000)}})
	full("deciding", err)
	sound(t, d)
	full("the rekey", d.Rekey(ctx, func(string, int, int) {}))
	full("the rekey again", d.Rekey(ctx, func(string, int, int) {}))
	room(d.write, 1<<20)
	room(d.ledger, 1<<20)
	if err := d.Rekey(ctx, func(string, int, int) {}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Learn(ctx, batch); err != nil {
		t.Fatal(err)
	}
	if n := sound(t, d); n != 1100 {
		t.Errorf("%d customers when there is room", n)
	}
}
