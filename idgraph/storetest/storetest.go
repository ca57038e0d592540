// Package storetest is the suite that every store passes: who is who, the
// consent ledger and the audit log, against one database or another.
package storetest

import (
	"context"
	"testing"
	"time"

	"customer360/idgraph"
	"customer360/idgraph/audit"
	"customer360/idgraph/consent"
)

// A Store is all that a store keeps.
type Store interface {
	idgraph.Store
	consent.Ledger
	audit.Storage
	idgraph.Decider
	idgraph.Reviewer
	Verifier
	Builder
	// Audited answers up to limit entries after a number, in order.
	Audited(ctx context.Context, after int64, limit int) ([]audit.Entry, error)
	Close() error
}

// An Opener opens the store of a place, anew or again; what it opens is closed
// by who asked. Places are told apart by any text. The keys of a place stay the
// same, its region is DE.
type Opener func(t testing.TB, place string, now func() time.Time) Store

// Run runs the suite.
func Run(t *testing.T, open Opener) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Opener)
	}{
		{"graph", graph},
		{"list", list},
		{"ids", ids},
		{"look-up keys", lookupKeys},
		{"sources", sources},
		{"consent", ledger},
		{"audit", log},
		{"readers", readers},
		{"incremental equals rebuild", incremental},
		{"build", build},
		{"build anew", buildAnew},
		{"crowds", crowds},
		{"decisions", decisions},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open) })
	}
}

var ctx = context.Background()

// A clock goes on by a second with every look.
type clock struct{ at time.Time }

func newClock() *clock { return &clock{at: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.at = c.at.Add(time.Second)
	return c.at
}

// opened opens a place for one test.
func opened(t testing.TB, open Opener) Store {
	t.Helper()
	s := open(t, "one", newClock().now)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// person makes a record: values with an @ are e-mails, with a + phones, with a
// # loyalty numbers, with a colon references ("erp:C-1").
func person(source idgraph.Source, id, given, family string, values ...string) idgraph.Record {
	r := idgraph.Record{Ref: idgraph.Ref{Source: source, ID: id}, GivenName: given, FamilyName: family}
	for _, v := range values {
		r.Identifiers = append(r.Identifiers, identifier(v))
	}
	return r
}

func identifier(v string) idgraph.Identifier {
	for i, c := range v {
		switch c {
		case '@':
			return idgraph.Identifier{Type: idgraph.Email, Value: v}
		case '+':
			return idgraph.Identifier{Type: idgraph.Phone, Value: v}
		case '#':
			return idgraph.Identifier{Type: idgraph.LoyaltyID, Value: v[i+1:]}
		case ':':
			return idgraph.Identifier{Type: idgraph.Reference(idgraph.Source(v[:i])), Value: v[i+1:]}
		}
	}
	panic("storetest: a value of no type")
}

// learn takes records of one source in.
func learn(t testing.TB, s Store, records ...idgraph.Record) idgraph.Change {
	t.Helper()
	return learnBatch(t, s, idgraph.Batch{Source: records[0].Ref.Source, Records: records, Cursor: "next"})
}

func forget(t testing.TB, s Store, refs ...idgraph.Ref) idgraph.Change {
	t.Helper()
	return learnBatch(t, s, idgraph.Batch{Source: refs[0].Source, Gone: refs, Cursor: "next"})
}

func learnBatch(t testing.TB, s Store, b idgraph.Batch) idgraph.Change {
	t.Helper()
	c, err := s.Learn(ctx, b)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func ref(source idgraph.Source, id string) idgraph.Ref { return idgraph.Ref{Source: source, ID: id} }

// customerOf answers a record's customer, which must be there.
func customerOf(t testing.TB, s Store, r idgraph.Ref) idgraph.Customer {
	t.Helper()
	id, err := s.ByRef(ctx, r)
	if err != nil || id == 0 {
		t.Fatalf("by ref %s: %d, %v", r, id, err)
	}
	return customer(t, s, id)
}

func customer(t testing.TB, s Store, id idgraph.CustomerID) idgraph.Customer {
	t.Helper()
	found, err := s.Customers(ctx, []idgraph.CustomerID{id})
	if err != nil {
		t.Fatal(err)
	}
	c, ok := found[id]
	if !ok {
		t.Fatalf("customer %d is not there", id)
	}
	return c
}
