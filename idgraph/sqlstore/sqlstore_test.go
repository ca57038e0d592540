package sqlstore_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"customer360/idgraph/sqlstore"
	"customer360/idgraph/storetest"
	"customer360/internal/keys"
)

var ctx = context.Background()

func TestSQLite(t *testing.T) {
	storetest.Run(t, func(t testing.TB, place string, now func() time.Time) storetest.Store {
		t.Helper()
		dir := filepath.Join(base(t), place)
		db, err := sqlstore.Open(ctx, dir, ring(t, dir), sqlstore.Options{Region: "DE", Now: now})
		if err != nil {
			t.Fatal(err)
		}
		return db
	})
}

// bases holds one folder per test, so that a place is found again.
var bases = map[testing.TB]string{}

func base(t testing.TB) string {
	if bases[t] == "" {
		bases[t] = t.TempDir()
	}
	return bases[t]
}

// ring is the ring beside a folder.
func ring(t testing.TB, dir string) *keys.Ring {
	t.Helper()
	r, err := openRing(dir)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func openRing(dir string) (*keys.Ring, error) { return keys.OpenOrCreate(dir + ".json") }
