package sqlstore_test

import (
	"errors"
	"iter"
	"path/filepath"
	"strings"
	"testing"

	"customer360/idgraph"
	"customer360/idgraph/match"
	"customer360/idgraph/sqlstore"
)

// abroad are two records of one person, whose numbers are one in Britain alone.
func abroad() []idgraph.Record {
	a := idgraph.Record{
		Ref: idgraph.Ref{Source: "crm", ID: "1"}, GivenName: "Ada", FamilyName: "Byron",
		Identifiers: []idgraph.Identifier{{Type: idgraph.Phone, Value: "07700 900123"}},
	}
	b := a
	b.Ref.ID, b.Identifiers = "2", []idgraph.Identifier{{Type: idgraph.Phone, Value: "+44 7700 900123"}}
	return []idgraph.Record{a, b}
}

// linksOf counts the links of a store.
func linksOf(t *testing.T, db *sqlstore.DB) int {
	t.Helper()
	s, err := db.Stats(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return s.Links[idgraph.SamePhone]
}

// Whoever only looks at a store, or moves it to another key, leaves the rules
// that it was made by as they are: whatever the region that they know of.
func TestAStoreOpensAsItWasMade(t *testing.T) {
	mine := *match.Shipped()
	mine.Version = "mine"
	test := func(t *testing.T, open func(sqlstore.Options) (*sqlstore.DB, error)) {
		with := func(o sqlstore.Options) *sqlstore.DB {
			db, err := open(o)
			if err != nil {
				t.Fatal(err)
			}
			return db
		}
		db := with(sqlstore.Options{Region: "GB", Weights: &mine})
		learn(t, db, abroad()...)
		_ = db.Close()
		db = with(sqlstore.Options{Region: "DE", Weights: &mine, Rules: sqlstore.AsMade})
		if linksOf(t, db) != 1 {
			t.Error("what was found is forgotten")
		}
		late := abroad()[0]
		late.Ref.ID = "3"
		learn(t, db, late)
		if linksOf(t, db) != 3 {
			t.Errorf("%d links, want 3: numbers are read in the region of the store", linksOf(t, db))
		}
		holds(t, db)
		_ = db.Close()
		if db, err := open(sqlstore.Options{Region: "GB", Rules: sqlstore.AsMade}); !errors.Is(err, idgraph.ErrOtherRules) || !strings.Contains(err.Error(), mine.Name()) {
			t.Errorf("under other weights it says %v", err)
			if err == nil {
				_ = db.Close()
			}
		}
		db = with(sqlstore.Options{Region: "DE", Weights: &mine}) // as a gateway of another region does
		defer db.Close()
		if linksOf(t, db) != 0 {
			t.Error("numbers that were read elsewhere still link")
		}
	}
	t.Run("SQLite", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "store")
		test(t, func(o sqlstore.Options) (*sqlstore.DB, error) { return sqlstore.Open(ctx, dir, ring(t, dir), o) })
	})
	t.Run("Postgres", func(t *testing.T) {
		at, dir := schema(t, "asmade"), filepath.Join(t.TempDir(), "keys")
		test(t, func(o sqlstore.Options) (*sqlstore.DB, error) {
			return sqlstore.OpenPostgres(ctx, at, ring(t, dir), o)
		})
	})
}

// A build under other rules that fails leaves the graph of the old ones; one
// that succeeds leaves none of it.
func TestRulesChangeWithABuild(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	open := func(region string, rules sqlstore.OtherRules) *sqlstore.DB {
		db, err := sqlstore.Open(ctx, dir, ring(t, dir), sqlstore.Options{Region: region, Rules: rules})
		if err != nil {
			t.Fatal(err)
		}
		return db
	}
	file := func(err error) iter.Seq2[idgraph.Record, error] {
		return func(yield func(idgraph.Record, error) bool) {
			for _, r := range abroad() {
				if !yield(r, nil) {
					return
				}
			}
			if err != nil {
				yield(idgraph.Record{}, err)
			}
		}
	}
	db := open("GB", sqlstore.WithBuild) // a new store
	if _, err := db.Build(ctx, file(nil), sqlstore.BuildOptions{}); err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
	db = open("FR", sqlstore.WithBuild)
	broken := errors.New("broken")
	if _, err := db.Build(ctx, file(broken), sqlstore.BuildOptions{}); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	_ = db.Close()
	db = open("FR", sqlstore.AsMade)
	if holds(t, db); linksOf(t, db) != 1 {
		t.Error("a build that failed has changed the graph")
	}
	_ = db.Close()
	db = open("FR", sqlstore.WithBuild)
	if _, err := db.Build(ctx, file(nil), sqlstore.BuildOptions{}); err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
	db = open("DE", sqlstore.AsMade)
	defer db.Close()
	if holds(t, db); linksOf(t, db) != 0 {
		t.Error("a British number is read as a French one")
	}
}
