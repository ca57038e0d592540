package sqlstore_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"customer360/idgraph"
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
		return store{db}
	})
}

// A store says what is wrong with it in one text each.
type store struct{ *sqlstore.DB }

func (s store) BuildAll(ctx context.Context, records []idgraph.Record, keep bool) (idgraph.Change, error) {
	r, err := s.DB.Build(ctx, func(yield func(idgraph.Record, error) bool) {
		for _, rec := range records {
			if !yield(rec, nil) {
				return
			}
		}
	}, sqlstore.BuildOptions{Keep: keep})
	return r.Change, err
}

func (s store) RebuildAll(ctx context.Context, keep bool) (idgraph.Change, error) {
	r, err := s.DB.Rebuild(ctx, sqlstore.BuildOptions{Keep: keep})
	return r.Change, err
}

func (s store) Verify(ctx context.Context, report func(problem string)) error {
	return s.DB.Verify(ctx, func(string, int, int) {}, func(f sqlstore.Flaw) { report(f.Promise + ": " + f.Where) })
}

// TestPostgres needs a database that it may make schemas in, as the connection
// string C360_POSTGRES; each place is a schema of its own there.
func TestPostgres(t *testing.T) {
	needsPostgres(t)
	storetest.Run(t, openPostgres)
}

func openPostgres(t testing.TB, place string, now func() time.Time) storetest.Store {
	t.Helper()
	db, err := sqlstore.OpenPostgres(ctx, schema(t, place), ring(t, filepath.Join(base(t), place)), sqlstore.Options{Region: "DE", Now: now, Readers: 3})
	if err != nil {
		t.Fatal(err)
	}
	return store{db}
}

func needsPostgres(t testing.TB) string {
	t.Helper()
	at := os.Getenv("C360_POSTGRES")
	if at == "" {
		t.Skip("C360_POSTGRES names no database: set it to the connection string of a PostgreSQL for tests")
	}
	return at
}

// admin is the database of the tests, past any store.
var admin = sync.OnceValue(func() *sqlx.DB { return sqlx.MustOpen("pgx", os.Getenv("C360_POSTGRES")) })

// schemas holds the connection string of each place.
var schemas = map[string]string{}

// schema is the connection string of a place: a schema that goes with the test.
func schema(t testing.TB, place string) string {
	t.Helper()
	at := needsPostgres(t)
	known := filepath.Join(base(t), place)
	if at := schemas[known]; at != "" {
		return at
	}
	name := fmt.Sprintf("c360_store_%d_%d", os.Getpid(), len(schemas))
	db := admin()
	db.MustExec("CREATE SCHEMA " + name)
	t.Cleanup(func() { db.MustExec("DROP SCHEMA " + name + " CASCADE") })
	schemas[known] = at + " search_path=" + name
	return schemas[known]
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
