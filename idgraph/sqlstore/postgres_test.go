package sqlstore_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
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
func gateways(t *testing.T, place string, n int) []*sqlstore.DB {
	t.Helper()
	at, ring := schema(t, place), ring(t, filepath.Join(base(t), place))
	out := make([]*sqlstore.DB, n)
	var wg sync.WaitGroup
	for i := range out { // all at once, in a schema that is new
		wg.Go(func() {
			db, err := sqlstore.OpenPostgres(ctx, at, ring, sqlstore.Options{Region: "DE", Readers: 2})
			if err != nil {
				t.Error(err)
				return
			}
			out[i] = db
		})
	}
	wg.Wait()
	t.Cleanup(func() {
		for _, db := range out {
			if db != nil {
				_ = db.Close()
			}
		}
	})
	if t.Failed() {
		t.FailNow()
	}
	return out
}

// overlapping are batches of one world: people whose records meet across
// batches and sources, and records that several batches hold.
func overlapping() []idgraph.Batch {
	var out []idgraph.Batch
	for n := range 24 {
		r := rand.New(rand.NewPCG(uint64(n), 11))
		b := idgraph.Batch{Source: []idgraph.Source{"crm", "shop", "desk"}[n%3], Cursor: fmt.Sprint(n)}
		for range 12 {
			id := r.IntN(60) // the same record says the same in every batch
			who := id / 2
			b.Records = append(b.Records, idgraph.Record{
				Ref: idgraph.Ref{Source: b.Source, ID: fmt.Sprint(id)}, GivenName: "Ada", FamilyName: fmt.Sprintf("Byron%c", 'a'+who),
				Identifiers: []idgraph.Identifier{
					{Type: idgraph.Email, Value: fmt.Sprintf("ada.byron%d@example.com", who)},
					{Type: idgraph.Phone, Value: fmt.Sprintf("+49171%07d", 3920000+id)},
				},
			})
		}
		out = append(out, b)
	}
	return out
}

func TestGatewaysThatLearnAtOnceMakeTheSameCustomersAsOneAlone(t *testing.T) {
	needsPostgres(t)
	batches := overlapping()
	alone := gateways(t, "alone", 1)[0]
	for _, b := range batches {
		if _, err := alone.Learn(ctx, b); err != nil {
			t.Fatal(err)
		}
	}
	together := gateways(t, "together", 3)
	var wg sync.WaitGroup
	for i, db := range together {
		wg.Go(func() {
			for j := range batches { // each takes all of them in, from another one on
				if _, err := db.Learn(ctx, batches[(j+i*len(batches)/len(together))%len(batches)]); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	want := partition(t, alone)
	for i, db := range together {
		if got := partition(t, db); !slices.Equal(got, want) {
			t.Errorf("gateway %d sees\n%v\none alone makes\n%v", i, got, want)
		}
	}
	if len(want) < 20 {
		t.Errorf("only %d customers", len(want))
	}
}

// partition is who is one customer with whom. No customer may share a record with another.
func partition(t *testing.T, db *sqlstore.DB) []string {
	t.Helper()
	page, err := db.Page(ctx, 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	seen := map[idgraph.Ref]idgraph.CustomerID{}
	for _, c := range page {
		for _, ref := range c.Refs {
			if seen[ref] != 0 {
				t.Errorf("record %s is of customers %d and %d", ref, seen[ref], c.ID)
			}
			seen[ref] = c.ID
		}
		out = append(out, fmt.Sprint(c.Refs))
	}
	slices.Sort(out)
	return out
}

func TestIDsOfSeveralGatewaysAreNeverTheSame(t *testing.T) {
	dbs := gateways(t, "ids", 2)
	given := map[idgraph.CustomerID]string{}
	for round := range 6 {
		who := fmt.Sprintf("person%d@example.com", round)
		record := idgraph.Record{Ref: idgraph.Ref{Source: "crm", ID: fmt.Sprint(round)}, Identifiers: []idgraph.Identifier{{Type: idgraph.Email, Value: who}}}
		learn(t, dbs[round%2], record)
		id, err := dbs[(round+1)%2].ByRef(ctx, record.Ref) // the other one knows at once
		if err != nil || id == 0 || given[id] != "" {
			t.Fatalf("%s is customer %d (%s before), %v", who, id, given[id], err)
		}
		given[id] = who
	}
}

func TestAWithdrawalRecordedByOneGatewayIsSeenByAnotherWithinASecond(t *testing.T) {
	dbs := gateways(t, "consent", 2)
	for round := range 5 {
		e := consent.Event{Ref: ada.Ref, Purpose: "marketing.email", State: consent.Withdrawn, At: time.Now().Add(time.Duration(round) * time.Second)}
		if err := dbs[0].Append(ctx, []consent.Event{e}); err != nil {
			t.Fatal(err)
		}
		own, err := dbs[0].Revision(ctx)
		if err != nil || own != int64(round+1) {
			t.Fatalf("its own revision is %d, %v", own, err)
		}
		begun := time.Now()
		for seen := int64(0); seen < own; {
			if seen, err = dbs[1].Revision(ctx); err != nil {
				t.Fatal(err)
			}
			if time.Since(begun) > time.Second {
				t.Fatalf("after %s the other one is at %d of %d", time.Since(begun), seen, own)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
}

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

func TestOneGatewayReadsASource(t *testing.T) {
	dbs := gateways(t, "leading", 2)
	leads := func(db *sqlstore.DB, s idgraph.Source, want bool) {
		t.Helper()
		if got, err := db.Leads(ctx, s); err != nil || got != want {
			t.Fatalf("leads %s: %v, %v", s, got, err)
		}
	}
	for range 2 {
		leads(dbs[0], "crm", true)
		leads(dbs[1], "crm", false)
		leads(dbs[1], "shop", true)
		leads(dbs[0], "shop", false)
	}
	if err := dbs[1].Close(); err != nil {
		t.Fatal(err)
	}
	for begun := time.Now(); ; time.Sleep(10 * time.Millisecond) { // the server sees a connection's end a little later
		if got, err := dbs[0].Leads(ctx, "shop"); err != nil || time.Since(begun) > 5*time.Second {
			t.Fatalf("once the other one is closed: %v, %v", got, err)
		} else if got {
			break
		}
	}
}

func TestAGatewayThatTheDatabaseHasLostLeadsNoMore(t *testing.T) {
	dbs := gateways(t, "lost", 2)
	if ok, err := dbs[0].Leads(ctx, "crm"); err != nil || !ok {
		t.Fatal(ok, err)
	}
	admin().MustExec(`SELECT pg_terminate_backend(l.pid) FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = 360100
		AND l.objid = CAST(CAST(hashtext('` + schemaName(t, "lost") + ` crm') AS BIGINT) & 4294967295 AS OID)`)
	for begun := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if ok, err := dbs[1].Leads(ctx, "crm"); err != nil || time.Since(begun) > 5*time.Second {
			t.Fatalf("the other one: %v, %v", ok, err)
		} else if ok {
			break
		}
	}
	if ok, err := dbs[0].Leads(ctx, "crm"); err == nil || ok {
		t.Errorf("the lost one: %v, %v", ok, err)
	}
	if ok, err := dbs[0].Leads(ctx, "crm"); err != nil || ok {
		t.Errorf("the lost one, once it is back: %v, %v", ok, err)
	}
}

func TestGatewaysAppendToOneSequenceWithoutGaps(t *testing.T) {
	dbs := gateways(t, "sequence", 3)
	var wg sync.WaitGroup
	const each = 30
	for g, db := range dbs {
		wg.Go(func() {
			for i := range each {
				e := consent.Event{Ref: idgraph.Ref{Source: "crm", ID: fmt.Sprint(g, "-", i)}, Purpose: "marketing.email", State: consent.Denied, At: time.Unix(1, 0)}
				same := e
				same.Ref.ID = "everybody's" // which is news once
				if err := errors.Join(db.Append(ctx, []consent.Event{e, same}), db.AppendAudit(ctx, []audit.Entry{{Who: "console"}})); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	var seqs []int64
	if err := admin().Select(&seqs, "SELECT seq FROM "+schemaName(t, "sequence")+".consent_events ORDER BY seq"); err != nil {
		t.Fatal(err)
	}
	entries, err := dbs[0].Audited(ctx, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if len(seqs) != each*len(dbs)+1 || seqs[len(seqs)-1] != int64(len(seqs)) {
		t.Errorf("%d events up to number %d", len(seqs), seqs[len(seqs)-1])
	}
	if len(entries) != each*len(dbs) || entries[len(entries)-1].Seq != int64(len(entries)) {
		t.Errorf("%d entries", len(entries))
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
	learn(t, db, ada)
	_, err = db.Decide(ctx, decided(t, db))
	err = errors.Join(
		err,
		db.Append(ctx, []consent.Event{{Ref: ada.Ref, Purpose: "marketing.email", State: consent.Denied, At: time.Now()}}),
		db.AppendAudit(ctx, []audit.Entry{{Who: "console"}}),
	)
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	if err := admin().Select(&seen, `SELECT DISTINCT at || ' ' || how FROM `+name+`.seen ORDER BY 1`); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(seen, ", "); got != "audit_entries on, consent_events on, decisions on, identity_events on" {
		t.Errorf("committed as %s", got)
	}
}

func TestPostgresLedgersAreAppendOnly(t *testing.T) {
	db := gateways(t, "guarded", 1)[0]
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

func TestAGatewayOfOtherRulesEndsTheLearningOfThoseBefore(t *testing.T) {
	before := gateways(t, "rules", 1)[0]
	learn(t, before, ada)
	after, err := sqlstore.OpenPostgres(ctx, schema(t, "rules"), ring(t, filepath.Join(base(t), "rules")), sqlstore.Options{Region: "FR"})
	if err != nil {
		t.Fatal(err)
	}
	defer after.Close()
	b := idgraph.Batch{Source: "crm", Records: []idgraph.Record{ada}, Cursor: "next"}
	if _, err := before.Learn(ctx, b); err == nil || !strings.Contains(err.Error(), "one region") {
		t.Errorf("under the rules before: %v", err)
	}
	if _, err := after.Learn(ctx, b); err != nil {
		t.Errorf("under those of now: %v", err)
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
