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

	"customer360/idgraph"
	"customer360/idgraph/audit"
	"customer360/idgraph/consent"
	"customer360/idgraph/sqlstore"
)

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
