package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jmoiron/sqlx"

	"customer360/idgraph"
	"customer360/idgraph/match"
	"customer360/idgraph/sqlstore"
	"customer360/internal/keys"
)

// people are records of one person each, who can be found by an e-mail.
func people(n int) (records []idgraph.Record) {
	for i := range n {
		records = append(records, idgraph.Record{
			Ref: idgraph.Ref{Source: "crm", ID: fmt.Sprint(i)}, GivenName: "Ada", FamilyName: fmt.Sprintf("Byron%c", 'a'+i), LookupKey: "login",
			Identifiers: []idgraph.Identifier{{Type: idgraph.Email, Value: mailbox(i)}},
		})
	}
	return records
}

func mailbox(i int) string { return fmt.Sprintf("person.%d@example.com", i) }

func found(db *sqlstore.DB, i int) ([]idgraph.CustomerID, error) {
	id, _ := match.Normalise(idgraph.Identifier{Type: idgraph.Email, Value: mailbox(i)}, "DE")
	return db.ByIdentifier(ctx, id)
}

// A gateway whose ring has both keys goes on through a rekey by another process,
// its look-ups right at every moment. One that has the old key alone says so.
func TestGatewaysGoOnWhileAnotherProcessRekeys(t *testing.T) {
	needsPostgres(t)
	defer sqlstore.SetRekeyBatch(3)()
	old, next := twoKeys(t)
	at := schema(t, "gateways")
	open := func(ring *keys.Ring) *sqlstore.DB {
		db, err := sqlstore.OpenPostgres(ctx, at, ring, sqlstore.Options{Region: "DE", Readers: 2})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		return db
	}
	behind, gateway, mover := open(old), open(next), open(next)
	learn(t, behind, people(20)...)
	stop, cancel := context.WithCancel(ctx)
	var looking sync.WaitGroup
	looking.Go(func() {
		for i := 0; stop.Err() == nil; i = (i + 1) % 20 {
			if who, err := found(gateway, i); err != nil || !slices.Equal(who, []idgraph.CustomerID{idgraph.CustomerID(i + 1)}) {
				t.Errorf("person %d is %v, %v", i, who, err)
			}
		}
	})
	steps := 0
	err := mover.Rekey(ctx, func(stage string, done, total int) {
		steps++
		changed := people(20)
		changed[steps%20].Street = fmt.Sprint("Elm Street ", steps)
		learn(t, gateway, changed...)
		_, err := behind.Learn(ctx, idgraph.Batch{Source: "crm", Records: changed})
		if stage == "add" && done > 0 && (!errors.Is(err, idgraph.ErrWrongKey) || !strings.Contains(err.Error(), "give every gateway the file")) {
			t.Errorf("a gateway without the new key: %v", err)
		}
		if who, err := found(behind, 3); stage == "add" && (err != nil || len(who) != 1) {
			t.Errorf("while the old key is in force, a gateway that has it finds %v, %v", who, err)
		}
	})
	cancel()
	looking.Wait()
	if err != nil || steps < 10 {
		t.Fatalf("%d steps, %v", steps, err)
	}
	if who, err := found(behind, 3); !errors.Is(err, idgraph.ErrWrongKey) {
		t.Errorf("after the rekey, a gateway without the new key finds %v, %v", who, err)
	}
	holds(t, gateway)
	if err := gateway.CanDropOld(ctx); err != nil {
		t.Error(err)
	}
}

// raw is a store's database past the store.
func raw(t *testing.T, at string) *sqlx.DB {
	t.Helper()
	driver := "pgx"
	if strings.HasSuffix(at, ".db") {
		driver = "sqlite3"
	}
	db := sqlx.MustOpen(driver, at)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// What somebody has been at is refused with the reason, when the store is opened
// or when the record is met; no reason tells a value.
func TestWhatWasTamperedWithIsRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, place func(string) rekeyedPlace) {
		for name, c := range map[string]struct {
			graph, ledger, want string
			is                  error
		}{
			"the graph's check value":       {`UPDATE meta SET value = X'00112233' WHERE name = 'keys'`, ``, "the graph: the store was written under other keys", idgraph.ErrWrongKey},
			"the ledger's check value":      {``, `UPDATE ledger_meta SET value = X'00112233' WHERE name = 'keys'`, "the ledger: the store was written under other keys", idgraph.ErrWrongKey},
			"a rekey to a key that is gone": {`INSERT INTO meta (name, value) VALUES ('rekey', X'00112233')`, ``, "give every gateway the file with both", idgraph.ErrWrongKey},
			"a graph of another store":      {`UPDATE meta SET value = X'00112233' WHERE name = 'store'`, ``, "the graph and the ledger are of different stores", idgraph.ErrWrongStore},
			"a ledger of another store":     {``, `UPDATE ledger_meta SET value = X'00112233' WHERE name = 'store'`, "the graph and the ledger are of different stores", idgraph.ErrWrongStore},
			"a graph of a later version":    {`INSERT INTO goose_graph (version_id, is_applied) VALUES (99, true)`, ``, "later version (migration 99", nil},
			"a ledger of a later version":   {``, `INSERT INTO goose_ledger (version_id, is_applied) VALUES (99, true)`, "later version (migration 99", nil},
		} {
			t.Run(name, func(t *testing.T) {
				name := strings.ReplaceAll(strings.ReplaceAll(name, " ", "_"), "'", "")
				old, _ := twoKeys(t)
				at := place(name)
				db := at.open(t, old)
				learn(t, db, people(2)...)
				_ = db.Close()
				for q, db := range map[string]*sqlx.DB{c.graph: raw(t, at.graph), c.ledger: raw(t, at.ledger)} {
					if db.DriverName() == "pgx" {
						q = strings.ReplaceAll(q, "X'00112233'", `'\x00112233'::bytea`)
					}
					if q != "" {
						db.MustExec(q)
					}
				}
				if db, err := at.with(old); err == nil || !strings.Contains(err.Error(), c.want) || c.is != nil && !errors.Is(err, c.is) {
					t.Errorf("it says %v", err)
					if err == nil {
						_ = db.Close()
					}
				}
			})
		}
	})
}

// A record whose ciphertext was changed, or is another's, is named when it is
// met; the rest of the store answers on.
func TestAChangedCiphertextIsNamed(t *testing.T) {
	onBoth(t, func(t *testing.T, place func(string) rekeyedPlace) {
		for name, change := range map[string]string{
			"another record's features": `UPDATE records SET features = (SELECT features FROM records WHERE rid = 3) WHERE rid = 2`,
			"another record's look-up":  `UPDATE records SET lookup = (SELECT lookup FROM records WHERE rid = 3) WHERE rid = 2`,
			"the features cut short":    `UPDATE records SET features = fingerprint WHERE rid = 2`,
		} {
			t.Run(name, func(t *testing.T) {
				old, next := twoKeys(t)
				at := place(strings.ReplaceAll(strings.ReplaceAll(name, " ", "_"), "'", ""))
				db := at.open(t, old)
				learn(t, db, people(5)...)
				_ = db.Close()
				raw(t, at.graph).MustExec(change)
				db = at.open(t, next)
				for range 2 {
					err := db.Rekey(ctx, func(string, int, int) {})
					if !errors.Is(err, keys.ErrDecrypt) || !strings.Contains(err.Error(), "record crm/1: does not decrypt") {
						t.Errorf("the rekey says %v", err)
					}
				}
				if who, err := found(db, 4); err != nil || len(who) != 1 {
					t.Errorf("another is found as %v, %v", who, err)
				}
				if err := db.CanDropOld(ctx); err == nil {
					t.Error("the old key may be dropped")
				}
			})
		}
	})
}
