package sqlstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"pgregory.net/rapid"

	"customer360/idgraph"
	"customer360/idgraph/match"
	"customer360/idgraph/sqlstore"
	"customer360/internal/keys"
)

// A rekeyed place is opened under whichever ring, in one database or the other.
type rekeyedPlace struct {
	with          func(ring *keys.Ring) (*sqlstore.DB, error)
	graph, ledger string // the databases past the store
}

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// onBoth runs a test over both databases; a place is new for every name.
func onBoth(t *testing.T, test func(t *testing.T, place func(name string) rekeyedPlace)) {
	o := sqlstore.Options{Region: "DE", Now: func() time.Time { return noon }, Readers: 2}
	t.Run("SQLite", func(t *testing.T) {
		test(t, func(name string) rekeyedPlace {
			dir := filepath.Join(t.TempDir(), name)
			return rekeyedPlace{
				func(ring *keys.Ring) (*sqlstore.DB, error) { return sqlstore.Open(ctx, dir, ring, o) },
				filepath.Join(dir, "graph.db"), filepath.Join(dir, "ledger.db"),
			}
		})
	})
	t.Run("Postgres", func(t *testing.T) {
		needsPostgres(t)
		test(t, func(name string) rekeyedPlace {
			at := schema(t, name)
			return rekeyedPlace{func(ring *keys.Ring) (*sqlstore.DB, error) { return sqlstore.OpenPostgres(ctx, at, ring, o) }, at, at}
		})
	})
}

func (p rekeyedPlace) open(t testing.TB, ring *keys.Ring) *sqlstore.DB {
	t.Helper()
	db, err := p.with(ring)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// twoKeys are a ring, and the next one.
func twoKeys(t testing.TB) (old, next *keys.Ring) {
	t.Helper()
	old, err := keys.Create()
	if err != nil {
		t.Fatal(err)
	}
	if next, err = old.Next(); err != nil {
		t.Fatal(err)
	}
	return old, next
}

// told is a part of a story that a store is told: records, or a decision.
type told struct {
	batch  idgraph.Batch
	decide *idgraph.Decision
}

func (s told) tell(db *sqlstore.DB) error {
	if s.decide == nil {
		_, err := db.Learn(ctx, s.batch)
		return err
	}
	_, err := db.Decide(ctx, []idgraph.Decision{*s.decide})
	if errors.Is(err, idgraph.ErrUnknownRecord) {
		return nil
	}
	return err
}

// story is people who share values in many ways, change, go, and are decided of;
// one number becomes that of more people than one may have.
func story(seed uint64, n int) []told {
	r := rand.New(rand.NewPCG(seed, 360))
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	ref := func() idgraph.Ref {
		return idgraph.Ref{Source: idgraph.Source(pick("crm", "shop")), ID: fmt.Sprint(r.IntN(8))}
	}
	var out []told
	for i := range n {
		if i > 1 && r.IntN(4) == 0 {
			if d := (idgraph.Decision{A: ref(), B: ref(), Same: r.IntN(2) == 0, Actor: "tester", Reason: "they said so", At: noon}); d.A != d.B {
				out = append(out, told{decide: &d})
				continue
			}
		}
		b := idgraph.Batch{Source: idgraph.Source(pick("crm", "shop")), Cursor: fmt.Sprint(i)}
		for range 1 + r.IntN(6) {
			rec := idgraph.Record{
				Ref: idgraph.Ref{Source: b.Source, ID: fmt.Sprint(r.IntN(30))}, GivenName: pick("Ada", "Eve", "Tom", ""), FamilyName: pick("Byron", "Kay", "Okafor"),
				BirthDate: pick("", "1980-02-03", "1975-12-31"), City: pick("", "Springfield"), Postcode: pick("", "6270477"), LookupKey: pick("", "login"),
			}
			for range r.IntN(3) {
				rec.Identifiers = append(rec.Identifiers, identifierOf(r.IntN(12)))
			}
			b.Records = append(b.Records, rec)
		}
		if r.IntN(3) == 0 {
			for k := range 35 {
				b.Records = append(b.Records, idgraph.Record{Ref: idgraph.Ref{Source: b.Source, ID: fmt.Sprint("office", k)}, FamilyName: fmt.Sprint("Kay", string(rune('a'+k%26))), Identifiers: []idgraph.Identifier{{Type: idgraph.Phone, Value: "+493012345678"}}})
			}
		}
		for range r.IntN(3) {
			b.Gone = append(b.Gone, idgraph.Ref{Source: b.Source, ID: fmt.Sprint(r.IntN(30))})
		}
		out = append(out, told{batch: b})
	}
	return out
}

func identifierOf(n int) idgraph.Identifier {
	if n%2 == 0 {
		return idgraph.Identifier{Type: idgraph.Email, Value: fmt.Sprintf("person.%d@example.com", n)}
	}
	return idgraph.Identifier{Type: idgraph.Phone, Value: fmt.Sprintf("+49171%07d", 3920000+n)}
}

// answers is all that a store answers: who is who, why, since when, what became
// of it, and who is found by what.
func answers(t rapid.TB, db *sqlstore.DB) string {
	t.Helper()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	page, err := db.Page(ctx, 0, 10_000)
	must(err)
	last := idgraph.CustomerID(0)
	if n := len(page); n > 0 {
		last = page[n-1].ID
	}
	for id := range last + 1 {
		customers, err := db.Customers(ctx, []idgraph.CustomerID{id})
		must(err)
		events, err := db.Events(ctx, id, 0, 1000)
		must(err)
		for i := range events {
			if d := events[i].Decision; d != nil {
				fmt.Fprintln(&out, id, events[i].Seq, *d)
			}
			events[i].Decision = nil
		}
		fmt.Fprintln(&out, id, customers, events)
	}
	for n := range 13 {
		id := identifierOf(n)
		if n == 12 {
			id = idgraph.Identifier{Type: idgraph.Phone, Value: "+493012345678"}
		}
		id, _ = match.Normalise(id, "DE")
		who, err := db.ByIdentifier(ctx, id)
		must(err)
		held, err := db.HeldBy(ctx, id)
		must(err)
		fmt.Fprintln(&out, n, who, held)
	}
	for _, s := range []idgraph.Source{"crm", "shop"} {
		var refs []idgraph.Ref
		for i := range 30 {
			refs = append(refs, idgraph.Ref{Source: s, ID: fmt.Sprint(i)})
		}
		found, err := db.LookupKeys(ctx, s, refs)
		must(err)
		whose, err := db.ByRefs(ctx, refs)
		must(err)
		fmt.Fprintln(&out, found, whose)
	}
	return out.String()
}

func holds(t rapid.TB, db *sqlstore.DB) {
	t.Helper()
	err := db.Verify(ctx, func(string, int, int) {}, func(f sqlstore.Flaw) { t.Errorf("%s: not so for %s", f.Promise, f.Where) })
	if err != nil {
		t.Fatal(err)
	}
}

// Whatever is learnt and decided while a rekey is under way, stopped and begun
// again, the store answers at every moment as one that is never moved.
func TestARekeyedStoreAnswersAsOneThatIsNot(t *testing.T) {
	defer sqlstore.SetRekeyBatch(7)()
	onBoth(t, func(t *testing.T, place func(string) rekeyedPlace) {
		n, most := 0, 20
		if strings.HasSuffix(t.Name(), "Postgres") {
			most = 3
		}
		rapid.Check(t, func(rt *rapid.T) {
			if n++; n > most {
				return
			}
			old, next := twoKeys(t)
			calm, moved := place(fmt.Sprint("calm", n)), place(fmt.Sprint("moved", n))
			one := calm.open(t, old)
			defer one.Close()
			parts := story(rapid.Uint64().Draw(rt, "story"), rapid.IntRange(2, 24).Draw(rt, "parts"))
			tell := func(db *sqlstore.DB) {
				for _, db := range []*sqlstore.DB{one, db} {
					if err := parts[0].tell(db); err != nil {
						rt.Fatal(err)
					}
				}
				parts = parts[1:]
				if want, got := answers(rt, one), answers(rt, db); want != got {
					rt.Fatalf("%d parts before the end, it answers\n%s\nwant\n%s", len(parts), got, want)
				}
			}
			before := moved.open(t, old)
			for range rapid.IntRange(0, len(parts)/2).Draw(rt, "told before") {
				tell(before)
			}
			_ = before.Close()
			db := moved.open(t, next)
			defer func() { _ = db.Close() }()
			for {
				stop, cancel := context.WithCancel(ctx)
				err := db.Rekey(stop, func(string, int, int) {
					if len(parts) > 1 && rapid.Bool().Draw(rt, "tell") {
						tell(db)
					}
					if rapid.IntRange(0, 4).Draw(rt, "stop") == 0 {
						cancel()
					}
				})
				cancel()
				if err == nil {
					break
				}
				if !errors.Is(err, context.Canceled) {
					rt.Fatal(err)
				}
				if rapid.Bool().Draw(rt, "open again") {
					_ = db.Close()
					db = moved.open(t, next)
				}
			}
			if err := db.CanDropOld(ctx); err != nil {
				rt.Fatal(err)
			}
			_ = db.Close()
			db = moved.open(t, next.Alone())
			for len(parts) > 0 {
				tell(db)
			}
			holds(rt, db)
		})
	})
}

// Once the old key is dropped, no hash, block or ciphertext of it is in the
// files, and it opens them no longer.
func TestNothingIsLeftUnderADroppedKey(t *testing.T) {
	defer sqlstore.SetRekeyBatch(40)()
	dir := filepath.Join(t.TempDir(), "store")
	place := rekeyedPlace{with: func(ring *keys.Ring) (*sqlstore.DB, error) {
		return sqlstore.Open(ctx, dir, ring, sqlstore.Options{Region: "DE", Now: func() time.Time { return noon }})
	}}
	old, next := twoKeys(t)
	db := place.open(t, old)
	for _, part := range story(5, 40) {
		if err := part.tell(db); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Rebuild(ctx, sqlstore.BuildOptions{}); err != nil { // a snapshot
		t.Fatal(err)
	}
	_ = db.Close()
	under := secretsOf(t, dir, old)
	if len(under) < 300 {
		t.Fatalf("only %d hashes and ciphertexts", len(under))
	}
	db = place.open(t, next)
	if err := db.CanDropOld(ctx); err == nil || !strings.Contains(err.Error(), "run customer360 identity rekey") {
		t.Errorf("before the rekey: %v", err)
	}
	err := errors.Join(db.Rekey(ctx, func(string, int, int) {}), db.CanDropOld(ctx))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) < 4 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for what, secret := range under {
			if bytes.Contains(b, []byte(secret)) {
				t.Errorf("%s holds %s of the old key", filepath.Base(file), what)
			}
		}
	}
	_ = db.Close()
	if _, err := place.with(old); !errors.Is(err, idgraph.ErrWrongKey) {
		t.Errorf("under the old key: %v", err)
	}
	db = place.open(t, next.Alone())
	holds(t, db)
	if err := db.Rekey(ctx, func(string, int, int) {}); !errors.Is(err, sqlstore.ErrNothingToRekey) {
		t.Errorf("a ring of one key: %v", err)
	}
}

// secretsOf are all hashes and ciphertexts that rest under a key.
func secretsOf(t *testing.T, dir string, ring *keys.Ring) map[string]string {
	t.Helper()
	out := map[string]string{"the check value": string(ring.Check()), "the key's id": ring.ID()}
	for file, texts := range map[string][]string{
		"graph.db":  {`SELECT hash FROM identifiers`, `SELECT features FROM records`, `SELECT fingerprint FROM records`, `SELECT lookup FROM records WHERE lookup IS NOT NULL`, `SELECT body FROM snapshots`},
		"ledger.db": {`SELECT reason FROM decisions`},
	} {
		raw := sqlx.MustOpen("sqlite3", filepath.Join(dir, file))
		defer raw.Close()
		for _, text := range texts {
			var found [][]byte
			if err := raw.Select(&found, text); err != nil || len(found) == 0 {
				t.Fatalf("%s: %d, %v", text, len(found), err)
			}
			for i, b := range found {
				out[fmt.Sprint(text, " ", i)] = string(b)
			}
		}
		if file == "graph.db" {
			var blocks []int64
			if err := raw.Select(&blocks, `SELECT key FROM blocks`); err != nil || len(blocks) == 0 {
				t.Fatal(err)
			}
			for _, key := range blocks {
				out[fmt.Sprint("block ", key)] = string([]byte{byte(key >> 56), byte(key >> 48), byte(key >> 40), byte(key >> 32), byte(key >> 24), byte(key >> 16), byte(key >> 8), byte(key)})
			}
		}
	}
	return out
}
