package sqlstore_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"customer360/idgraph"
	"customer360/idgraph/audit"
	"customer360/idgraph/consent"
	"customer360/idgraph/match"
	"customer360/idgraph/sqlstore"
	"customer360/internal/keys"
)

// open opens a store in a folder, with the ring beside it.
func open(t testing.TB, dir string) *sqlstore.DB {
	t.Helper()
	db, err := sqlstore.Open(ctx, dir, ring(t, dir), sqlstore.Options{Region: "DE"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

var ada = idgraph.Record{
	Ref: idgraph.Ref{Source: "crm", ID: "1"}, GivenName: "Adalberta", FamilyName: "Byronowska", BirthDate: "1984-05-06",
	LookupKey: "byronowska@login", Street: "17 Lindenstraße", City: "Springfield", Postcode: "6270477", Country: "DE",
	Identifiers: []idgraph.Identifier{
		{Type: idgraph.Email, Value: "Adalberta.B@Example.com"},
		{Type: idgraph.Phone, Value: "0171 39200 127"},
		{Type: idgraph.LoyaltyID, Value: "LOYAL-7788"},
		{Type: idgraph.Reference("erp"), Value: "CUST-99001"},
	},
}

func learn(t testing.TB, db *sqlstore.DB, records ...idgraph.Record) {
	t.Helper()
	if _, err := db.Learn(ctx, idgraph.Batch{Source: records[0].Ref.Source, Records: records, Cursor: "next"}); err != nil {
		t.Fatal(err)
	}
}

func TestNothingPersonalIsInPlainAtRest(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	db := open(t, dir)
	other := ada
	other.Ref = idgraph.Ref{Source: "shop", ID: "2"}
	learn(t, db, ada)
	learn(t, db, other)
	changed := ada
	changed.FamilyName = "Kayserling"
	learn(t, db, changed)
	const reason = "her sister Wilhelmina called"
	_, err := db.Decide(ctx, []idgraph.Decision{{A: ada.Ref, B: other.Ref, Same: true, Actor: "ops", Reason: reason}})
	err = errors.Join(err,
		db.Append(ctx, []consent.Event{{Ref: ada.Ref, Purpose: "marketing.email", State: consent.Granted, At: time.Now(), HeldBy: "crm", Method: "sync", Notice: "n@1"}}),
		db.AppendAudit(ctx, []audit.Entry{{Who: "console", Subjects: []idgraph.CustomerID{1}}}),
	)
	if err != nil {
		t.Fatal(err)
	}
	values := append(personal(t), changed.FamilyName, reason, "Wilhelmina")
	files := 0
	err = filepath.WalkDir(filepath.Dir(dir), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		files++
		if info, err := e.Info(); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s may be read by others: %v", e.Name(), info.Mode())
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, v := range values {
			for _, form := range forms(v) {
				if bytes.Contains(b, []byte(form)) {
					t.Errorf("%s holds a value in plain, as %d bytes", e.Name(), len(form))
				}
			}
		}
		return nil
	})
	if err != nil || files < 7 { // two databases with WAL and index, and the keys
		t.Errorf("%d files, %v", files, err)
	}
}

// personal are all values of ada, as they came and as they are compared.
func personal(t *testing.T) []string {
	t.Helper()
	values := []string{ada.GivenName, ada.FamilyName, ada.BirthDate, ada.Street, ada.City, ada.Postcode, ada.LookupKey}
	for _, id := range ada.Identifiers {
		n, ok := match.Normalise(id, "DE")
		if !ok {
			t.Fatalf("%s has no normal form", id)
		}
		values = append(values, id.Value, n.Value)
	}
	return values
}

// forms are the ways in which a value might show.
func forms(v string) []string {
	var out []string
	for _, s := range []string{v, strings.ToLower(v), strings.ToUpper(v)} {
		out = append(out, s, hex.EncodeToString([]byte(s)), strings.ToUpper(hex.EncodeToString([]byte(s))))
		for skip := range 3 { // wherever it stands in an encoded text
			enc := base64.RawStdEncoding.EncodeToString(append(make([]byte, skip), s...))
			out = append(out, enc[(skip*8+5)/6:len(enc)-1])
		}
	}
	return out
}

func TestAnotherRingIsRefusedAndChangesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	db := open(t, dir)
	learn(t, db, ada)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	other, err := keys.Create()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sqlstore.Open(ctx, dir, other, sqlstore.Options{Region: "DE"}); !errors.Is(err, idgraph.ErrWrongKey) {
		t.Errorf("got %v", err)
	}
	if id, err := open(t, dir).ByRef(ctx, ada.Ref); err != nil || id == 0 {
		t.Errorf("under its own ring: %d, %v", id, err)
	}
}

func TestASecondOpenIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	db := open(t, dir)
	begun := time.Now()
	_, err := sqlstore.Open(ctx, dir, ring(t, dir), sqlstore.Options{Region: "DE"})
	var locked *idgraph.LockedError
	if !errors.As(err, &locked) || !errors.Is(err, idgraph.ErrLocked) || locked.Path != dir {
		t.Errorf("got %v", err)
	}
	if time.Since(begun) > 5*time.Second {
		t.Errorf("it took %s to say so", time.Since(begun))
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
}

func TestLedgersAreAppendOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	db := open(t, dir)
	learn(t, db, ada)
	_, err := db.Decide(ctx, decided(t, db))
	err = errors.Join(err,
		db.Append(ctx, []consent.Event{{Ref: ada.Ref, Purpose: "marketing.email", State: consent.Denied, At: time.Now()}}),
		db.AppendAudit(ctx, []audit.Entry{{Who: "console"}}), db.Close(),
	)
	if err != nil {
		t.Fatal(err)
	}
	for file, statements := range map[string][]string{
		"ledger.db": {`UPDATE consent_events SET state = 'GRANTED'`, `DELETE FROM consent_events`, `UPDATE audit_entries SET who = ''`, `DELETE FROM audit_entries`, `UPDATE decisions SET same = 0`, `DELETE FROM decisions`},
		"graph.db":  {`UPDATE identity_events SET kind = ''`, `DELETE FROM identity_events`},
	} {
		raw := sqlx.MustOpen("sqlite3", filepath.Join(dir, file))
		for _, q := range statements {
			if _, err := raw.Exec(q); err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s: %v", q, err)
			}
		}
		_ = raw.Close()
	}
}

// decided is a decision of ada and of another record, which is learnt.
func decided(t testing.TB, db *sqlstore.DB) []idgraph.Decision {
	t.Helper()
	other := ada
	other.Ref = idgraph.Ref{Source: "shop", ID: "7"}
	learn(t, db, other)
	return []idgraph.Decision{{A: ada.Ref, B: other.Ref, Same: true, Actor: "ops"}}
}

// A graph that is lost and read anew is what people have decided.
func TestDecisionsOutliveTheGraph(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	db := open(t, dir)
	bob := idgraph.Record{Ref: idgraph.Ref{Source: "shop", ID: "2"}, GivenName: "Bob", FamilyName: "Kay", Identifiers: []idgraph.Identifier{{Type: idgraph.Email, Value: "bob@example.com"}}}
	learn(t, db, ada)
	learn(t, db, bob)
	_, err := db.Decide(ctx, []idgraph.Decision{{A: ada.Ref, B: bob.Ref, Same: true, Actor: "ops", Reason: "he is she"}})
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	for _, ending := range []string{"", "-wal", "-shm"} {
		_ = os.Remove(filepath.Join(dir, "graph.db"+ending))
	}
	db = open(t, dir)
	learn(t, db, bob)
	learn(t, db, ada)
	a, _ := db.ByRef(ctx, ada.Ref)
	b, _ := db.ByRef(ctx, bob.Ref)
	if a != b || a == 0 {
		t.Errorf("customers %d and %d", a, b)
	}
	if found := flaws(t, db); len(found) > 0 {
		t.Errorf("flaws %q", found)
	}
}

// What the process has kept and not followed, the next change of the graph follows.
func TestADecisionThatWasNotFollowedIs(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	db := open(t, dir)
	learn(t, db, ada)
	given := decided(t, db)
	given[0].Same = false
	_, err := db.Decide(ctx, given)
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	raw := sqlx.MustOpen("sqlite3", filepath.Join(dir, "graph.db"))
	raw.MustExec(`DELETE FROM meta WHERE name = 'followed'`)
	raw.MustExec(`UPDATE edges SET decided = 0`)
	_ = raw.Close()
	db = open(t, dir)
	learn(t, db, idgraph.Record{Ref: idgraph.Ref{Source: "erp", ID: "9"}, GivenName: "Eve", FamilyName: "Kay"})
	a, _ := db.ByRef(ctx, given[0].A)
	b, _ := db.ByRef(ctx, given[0].B)
	if a == b {
		t.Errorf("both are customer %d", a)
	}
	if found := flaws(t, db); len(found) > 0 {
		t.Errorf("flaws %q", found)
	}
}

func TestFeaturesBelongToTheirRow(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	db := open(t, dir)
	bob := idgraph.Record{Ref: idgraph.Ref{Source: "crm", ID: "2"}, GivenName: "Bob", FamilyName: "Kay", Identifiers: []idgraph.Identifier{{Type: idgraph.Email, Value: "bob@example.com"}}}
	learn(t, db, ada, bob)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	raw := sqlx.MustOpen("sqlite3", filepath.Join(dir, "graph.db"))
	raw.MustExec(`UPDATE records SET features = (SELECT features FROM records WHERE id = '2') WHERE id = '1'`)
	_ = raw.Close()
	db = open(t, dir)
	moved := ada
	moved.City = "Shelbyville"
	_, err := db.Learn(ctx, idgraph.Batch{Source: "crm", Records: []idgraph.Record{moved}, Cursor: "next"})
	if !errors.Is(err, keys.ErrDecrypt) || strings.Contains(err.Error(), "Bob") || !strings.Contains(err.Error(), "crm/1") {
		t.Errorf("a row with another's features: %v", err)
	}
}

func TestALookupKeyBelongsToItsRow(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	db := open(t, dir)
	bob := idgraph.Record{Ref: idgraph.Ref{Source: "crm", ID: "2"}, GivenName: "Bob", LookupKey: "bobs-login"}
	learn(t, db, ada, bob)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for what, of := range map[string]string{
		"another's key":  `(SELECT lookup FROM records WHERE id = '2')`,
		"its features":   `features`,
		"something else": `x'00'`,
	} {
		raw := sqlx.MustOpen("sqlite3", filepath.Join(dir, "graph.db"))
		raw.MustExec(`UPDATE records SET lookup = ` + of + ` WHERE id = '1'`)
		_ = raw.Close()
		db = open(t, dir)
		got, err := db.LookupKeys(ctx, "crm", []idgraph.Ref{ada.Ref})
		if !errors.Is(err, keys.ErrDecrypt) || len(got) > 0 || strings.Contains(err.Error(), "bobs") || !strings.Contains(err.Error(), "crm/1") {
			t.Errorf("%s: %v", what, err)
		}
		_ = db.Close()
	}
}

func TestAStoreWithoutLookupKeysHasItsSourcesReadAnew(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	db := open(t, dir)
	if _, err := db.Learn(ctx, idgraph.Batch{Source: "crm", Records: []idgraph.Record{ada}, Cursor: "end", Full: true}); err != nil {
		t.Fatal(err)
	}
	before, _ := db.ByRef(ctx, ada.Ref)
	_ = db.Close()
	raw := sqlx.MustOpen("sqlite3", filepath.Join(dir, "graph.db"))
	raw.MustExec(`ALTER TABLE records DROP COLUMN lookup`)
	for _, later := range []string{
		"DROP INDEX customers_since", "DROP INDEX customers_changed", "ALTER TABLE customers DROP COLUMN changed",
		"DROP INDEX records_customer_source", "CREATE INDEX records_customer ON records (customer)",
		"DROP INDEX identity_events_other", "DROP TABLE edges", "DROP TABLE blocks", "DROP TABLE shared", "DROP TABLE crowded", "DROP TABLE frozen", "DROP TABLE snapshots",
		"ALTER TABLE records DROP COLUMN stale", "CREATE TABLE links (a BIGINT)",
	} {
		raw.MustExec(later)
	}
	for _, column := range []string{"began", "read_to", "total", "whole_at", "swept_at", "gone", "missed", "missed_are", "sweep_error"} { // of a later migration
		raw.MustExec(`ALTER TABLE sources DROP COLUMN ` + column)
	}
	raw.MustExec(`DELETE FROM goose_graph WHERE version_id >= 2`)
	_ = raw.Close()
	db = open(t, dir)
	states, err := db.Sources(ctx)
	if s := states["crm"]; err != nil || s.Cursor != "" || s.Full {
		t.Errorf("state %+v, %v", s, err)
	}
	if got, err := db.LookupKeys(ctx, "crm", []idgraph.Ref{ada.Ref}); err != nil || len(got) != 0 {
		t.Errorf("%d keys, %v", len(got), err)
	}
	if after, _ := db.ByRef(ctx, ada.Ref); after != before || after == 0 {
		t.Errorf("customer %d, before %d", after, before)
	}
}

func TestOtherRulesHaveTheSourcesReadAnew(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "match", "weights.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	weights, err := match.ReadWeights(strings.NewReader(strings.Replace(string(text), "nickname: 5", "nickname: 4", 1))) // its version is the shipped one
	if err != nil {
		t.Fatal(err)
	}
	t.Run("another country", func(t *testing.T) { readAnew(t, sqlstore.Options{Region: "FR"}) })
	t.Run("other weights", func(t *testing.T) { readAnew(t, sqlstore.Options{Region: "DE", Weights: weights}) })
}

// readAnew opens a store under other rules.
func readAnew(t *testing.T, other sqlstore.Options) {
	dir := filepath.Join(t.TempDir(), "store")
	db := open(t, dir)
	if _, err := db.Learn(ctx, idgraph.Batch{Source: "crm", Records: []idgraph.Record{ada}, Cursor: "end", Full: true}); err != nil {
		t.Fatal(err)
	}
	before, _ := db.ByRef(ctx, ada.Ref)
	_ = db.Close()
	db, err := sqlstore.Open(ctx, dir, ring(t, dir), other)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	states, err := db.Sources(ctx)
	if s := states["crm"]; err != nil || s.Cursor != "" || s.Full || s.Records != 1 {
		t.Errorf("state %+v, %v", s, err)
	}
	if after, _ := db.ByRef(ctx, ada.Ref); after != before || after == 0 {
		t.Errorf("customer %d, before %d", after, before)
	}
}

func TestAStoreOfALaterVersionIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	if err := open(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	raw := sqlx.MustOpen("sqlite3", filepath.Join(dir, "graph.db"))
	raw.MustExec(`INSERT INTO goose_graph (version_id, is_applied) VALUES (99, 1)`)
	_ = raw.Close()
	if _, err := sqlstore.Open(ctx, dir, ring(t, dir), sqlstore.Options{Region: "DE"}); err == nil || !strings.Contains(err.Error(), "later version") {
		t.Errorf("got %v", err)
	}
}

func TestIDsGoOnWhereTheGraphWasLost(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	db := open(t, dir)
	learn(t, db, ada)
	before, _ := db.ByRef(ctx, ada.Ref)
	_ = db.Close()
	for _, name := range []string{"graph.db", "graph.db-wal", "graph.db-shm"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	db = open(t, dir)
	learn(t, db, ada)
	if after, _ := db.ByRef(ctx, ada.Ref); after <= before {
		t.Errorf("id %d was given out before, now %d", before, after)
	}
}

func TestErrorsTellNothingPersonal(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "store"))
	_ = db.Close()
	_, lookup := db.ByIdentifier(ctx, ada.Identifiers[0])
	_, keyed := db.LookupKeys(ctx, "crm", []idgraph.Ref{ada.Ref})
	_, learnt := db.Learn(ctx, idgraph.Batch{Source: "crm", Records: []idgraph.Record{ada}})
	for _, err := range []error{lookup, keyed, learnt} {
		if err == nil {
			t.Fatal("a closed store answered")
		}
		for _, v := range []string{ada.GivenName, ada.FamilyName, "dalberta", "39200", "7788", ada.City, ada.LookupKey} {
			if strings.Contains(err.Error(), v) {
				t.Errorf("%v tells a value", err)
			}
		}
	}
}
