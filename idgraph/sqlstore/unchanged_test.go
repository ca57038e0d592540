package sqlstore

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"customer360/idgraph"
	"customer360/internal/keys"
)

// What a reading tells again, within its margin, costs no row and no event: the
// tables are, bit for bit, what they were.
func TestWhatIsToldAgainWritesNothing(t *testing.T) {
	ctx := context.Background()
	ring, err := keys.Create()
	if err != nil {
		t.Fatal(err)
	}
	d, err := Open(ctx, filepath.Join(t.TempDir(), "store"), ring, Options{Region: "DE"})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	b := idgraph.Batch{Source: "crm", Cursor: "next"}
	for i := range 20 {
		b.Records = append(b.Records, idgraph.Record{
			Ref: idgraph.Ref{Source: "crm", ID: fmt.Sprint(i)}, GivenName: "Ada", FamilyName: "Byron",
			Identifiers: []idgraph.Identifier{{Type: idgraph.Email, Value: fmt.Sprintf("ada.byron%d@example.com", i/2)}},
		})
	}
	var before string
	for round := range 3 {
		if _, err := d.Learn(ctx, b); err != nil {
			t.Fatal(err)
		}
		now := ""
		for _, table := range []string{"records", "identifiers", "customers", "edges", "identity_events", "counters"} {
			rows, err := d.read.QueryxContext(ctx, "SELECT * FROM "+table+" ORDER BY 1, 2")
			if err != nil {
				t.Fatal(err)
			}
			for rows.Next() {
				cells, err := rows.SliceScan()
				if err != nil {
					t.Fatal(err)
				}
				now += fmt.Sprintln(table, cells)
			}
			_ = rows.Close()
		}
		if round > 0 && now != before {
			t.Errorf("round %d wrote something", round)
		}
		before = now
	}
}

// A first learning that was stopped once ids were reserved, and before it was
// committed, has given none out.
func TestAFirstLearningThatWasKilledGaveNoIDsOut(t *testing.T) {
	ctx, dir := context.Background(), filepath.Join(t.TempDir(), "store")
	ring, err := keys.Create()
	if err != nil {
		t.Fatal(err)
	}
	d, err := Open(ctx, dir, ring, Options{Region: "DE"})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.reserve(ctx, nil, 1); err != nil {
		t.Fatal(err)
	}
	_ = d.Close()
	if d, err = Open(ctx, dir, ring, Options{Region: "DE"}); err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	record := idgraph.Record{Ref: idgraph.Ref{Source: "crm", ID: "1"}, GivenName: "Ada"}
	if _, err := d.Learn(ctx, idgraph.Batch{Source: "crm", Records: []idgraph.Record{record}}); err != nil {
		t.Fatal(err)
	}
	if id, err := d.ByRef(ctx, record.Ref); err != nil || id != 1 {
		t.Errorf("the first customer is %d, %v", id, err)
	}
}
