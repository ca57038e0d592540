package sqlstore_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"customer360/idgraph"
	"customer360/idgraph/audit"
	"customer360/idgraph/consent"
	"customer360/idgraph/sqlstore"
	"customer360/internal/keys"
)

// gateways opens the store of one place several times, as gateways would.
// overlapping are batches of one world: people whose records meet across
// batches and sources, and records that several batches hold.
// partition is who is one customer with whom. No customer may share a record with another.
func TestALedgerThatCannotBeReadHasNoRevision(t *testing.T) {
	db := gateways(t, "consent", 1)[0]
	if _, err := db.Revision(ctx); err != nil {
		t.Fatal(err)
	}
	admin().MustExec("ALTER TABLE " + schemaName(t, "consent") + ".consent_events RENAME TO away")
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if _, err := db.Revision(ctx); err != nil {
			return
		}
		if time.Since(begun) > 2*time.Second {
			t.Fatal("it still answers what it knew two seconds ago")
		}
	}
}

func TestALedgerThatWasSetBackHasNoRevision(t *testing.T) {
	db := gateways(t, "back", 1)[0]
	for n := range 3 {
		if err := db.Append(ctx, []consent.Event{{Ref: ada.Ref, Purpose: "marketing.email", State: consent.Withdrawn, At: time.Unix(int64(n), 0)}}); err != nil {
			t.Fatal(err)
		}
	}
	table := schemaName(t, "back") + ".consent_events"
	admin().MustExec(`ALTER TABLE ` + table + ` DISABLE TRIGGER ALL`)
	admin().MustExec(`DELETE FROM ` + table + ` WHERE seq = 3`) // as a server does that comes back without its last commits
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if _, err := db.Revision(ctx); err != nil {
			break
		}
		if time.Since(begun) > 2*time.Second {
			t.Fatal("it still answers what is no more")
		}
	}
	if err := db.Append(ctx, []consent.Event{{Ref: ada.Ref, Purpose: "marketing.email", State: consent.Denied, At: time.Unix(9, 0)}}); err != nil {
		t.Fatal(err)
	}
	if n, err := db.Revision(ctx); err == nil { // 3 means another event now
		t.Errorf("then %d", n)
	}
}

func TestPostgresAcknowledgesWhatIsDurable(t *testing.T) {
	careless := schema(t, "durable") + " synchronous_commit=off"
	db, err := sqlstore.OpenPostgres(ctx, careless, ring(t, filepath.Join(base(t), "durable")), sqlstore.Options{Region: "DE"})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	name := schemaName(t, "durable")
	admin().MustExec(`CREATE TABLE ` + name + `.seen (at TEXT, how TEXT)`)
	admin().MustExec(`CREATE FUNCTION ` + name + `.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ` + name + `.seen VALUES (TG_TABLE_NAME, current_setting('synchronous_commit')); RETURN NULL; END $$`)
	for _, table := range []string{"consent_events", "audit_entries", "decisions", "identity_events"} {
		admin().MustExec(`CREATE TRIGGER note AFTER INSERT ON ` + name + `.` + table + ` FOR EACH STATEMENT EXECUTE FUNCTION ` + name + `.note()`)
	}
	writeEverywhere(t, db)
	var seen []string
	if err := admin().Select(&seen, `SELECT DISTINCT at || ' ' || how FROM `+name+`.seen ORDER BY 1`); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(seen, ", "); got != "audit_entries on, consent_events on, decisions on, identity_events on" {
		t.Errorf("committed as %s", got)
	}
}

// writeEverywhere writes a record, a decision, a consent and an audit entry.
func writeEverywhere(t *testing.T, db *sqlstore.DB) {
	t.Helper()
	learn(t, db, ada)
	_, err := db.Decide(ctx, decided(t, db))
	err = errors.Join(
		err,
		db.Append(ctx, []consent.Event{{Ref: ada.Ref, Purpose: "marketing.email", State: consent.Denied, At: time.Now()}}),
		db.AppendAudit(ctx, []audit.Entry{{Who: "console"}}),
	)
	if err != nil {
		t.Fatal(err)
	}
}

func TestPostgresLedgersAreAppendOnly(t *testing.T) {
	db := gateways(t, "guarded", 1)[0]
	writeEverywhere(t, db)
	for _, q := range []string{
		`UPDATE consent_events SET state = 'GRANTED'`, `DELETE FROM consent_events`, `TRUNCATE consent_events`,
		`UPDATE audit_entries SET who = ''`, `DELETE FROM audit_entries`, `TRUNCATE audit_entries`,
		`UPDATE decisions SET same = 0`, `DELETE FROM decisions`, `TRUNCATE decisions`,
		`UPDATE identity_events SET kind = ''`, `DELETE FROM identity_events`, `TRUNCATE identity_events`,
	} {
		raw := sqlx.MustOpen("pgx", schema(t, "guarded"))
		if _, err := raw.Exec(q); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", q, err)
		}
		_ = raw.Close()
	}
}

func TestPostgresRefusesWhatItMustNotOpen(t *testing.T) {
	db := gateways(t, "refused", 1)[0]
	learn(t, db, ada)
	at, own := schema(t, "refused"), ring(t, filepath.Join(base(t), "refused"))
	opens := func(at string, ring *keys.Ring, region string) error {
		db, err := sqlstore.OpenPostgres(ctx, at, ring, sqlstore.Options{Region: region})
		if err == nil {
			_ = db.Close()
		}
		return err
	}
	other, err := keys.Create()
	if err != nil {
		t.Fatal(err)
	}
	if err := opens(at, other, "DE"); !errors.Is(err, idgraph.ErrWrongKey) {
		t.Errorf("another ring: %v", err)
	}
	for _, broken := range []string{"postgres://shop:swordfish@[broken/db", "host=/nowhere password=swordfish dbname=c360", "postgres://shop:swordfish@127.0.0.1:1/c360"} {
		if err := opens(broken, own, "DE"); err == nil || strings.Contains(err.Error(), "swordfish") {
			t.Errorf("a database that is none: %v", err)
		}
	}
	if err := opens(at, own, "DE"); err != nil {
		t.Errorf("a second gateway: %v", err)
	}
	admin().MustExec("INSERT INTO " + schemaName(t, "refused") + ".goose_graph (version_id, is_applied) VALUES (99, true)")
	if err := opens(at, own, "DE"); err == nil || !strings.Contains(err.Error(), "later version (migration 99") {
		t.Errorf("a later version: %v", err)
	}
}

func TestNothingPersonalIsInPlainInPostgres(t *testing.T) {
	db := gateways(t, "secret", 1)[0]
	learn(t, db, ada)
	err := errors.Join(
		db.Append(ctx, []consent.Event{{Ref: ada.Ref, Purpose: "marketing.email", State: consent.Granted, At: time.Now(), HeldBy: "crm", Method: "sync", Notice: "n@1"}}),
		db.AppendAudit(ctx, []audit.Entry{{Who: "console", Subjects: []idgraph.CustomerID{1}}}),
	)
	if err != nil {
		t.Fatal(err)
	}
	var tables []string
	name := schemaName(t, "secret")
	if err := admin().Select(&tables, `SELECT tablename FROM pg_tables WHERE schemaname = $1`, name); err != nil || len(tables) < 12 {
		t.Fatalf("tables %v, %v", tables, err)
	}
	for _, table := range tables {
		var rows []string
		if err := admin().Select(&rows, `SELECT CAST(x AS TEXT) FROM `+name+`.`+table+` x`); err != nil {
			t.Fatal(err)
		}
		all := strings.Join(rows, "\n")
		for _, v := range personal(t) {
			for _, form := range forms(v) {
				if strings.Contains(all, form) {
					t.Errorf("%s holds a value in plain, as %d bytes", table, len(form))
				}
			}
		}
	}
}

func TestWhatPostgresCannotHoldNamesNobody(t *testing.T) {
	db := gateways(t, "texts", 1)[0]
	learn(t, db, ada)
	for _, id := range []string{"1\x00", "\xff"} {
		ref := idgraph.Ref{Source: "crm", ID: id}
		if got, err := db.ByRef(ctx, ref); err != nil || got != 0 {
			t.Errorf("%q: %d, %v", id, got, err)
		}
		if got, err := db.ByRefs(ctx, []idgraph.Ref{ref, ada.Ref}); err != nil || len(got) != 1 {
			t.Errorf("%q: %v, %v", id, got, err)
		}
		if got, err := db.Of(ctx, []idgraph.Ref{ref}); err != nil || len(got) != 0 {
			t.Errorf("%q: %v, %v", id, got, err)
		}
	}
}

// schemaName is the schema of a place.
func schemaName(t *testing.T, place string) string {
	t.Helper()
	_, name, _ := strings.Cut(schema(t, place), "search_path=")
	return name
}
