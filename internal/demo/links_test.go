package demo

import (
	"fmt"
	"path/filepath"
	"testing"

	"customer360/connectors"
	"customer360/connectors/ingest"
	"customer360/idgraph"
	"customer360/idgraph/sqlstore"
	"customer360/internal/keys"
)

// truthOf says who is who: for every record of a person, whose it is.
func truthOf(t *testing.T) map[idgraph.Ref]string {
	t.Helper()
	w, err := newWorld(data)
	if err != nil {
		t.Fatal(err)
	}
	truth := map[idgraph.Ref]string{}
	for i, p := range w.people {
		key := fmt.Sprintf("p%04d", i+1)
		for s, ids := range p.records {
			for _, id := range ids {
				truth[idgraph.Ref{Source: s, ID: id}] = key
			}
		}
	}
	if len(truth) == 0 {
		t.Fatal("nobody is anywhere")
	}
	return truth
}

// The demo is read as the gateway reads it, and what the graph makes of it is
// held against who is who.
func TestTheGraphSeesWhoIsWho(t *testing.T) {
	truth := truthOf(t)
	people := learn(t)
	pairs, right, wrong := 0, 0, 0
	of := map[string]int{}
	for _, key := range truth {
		of[key]++
	}
	for _, n := range of {
		pairs += n * (n - 1) / 2
	}
	for _, c := range people {
		for i, a := range c.Refs {
			for _, b := range c.Refs[:i] {
				if truth[a] == truth[b] {
					right++
				} else {
					wrong++
					t.Errorf("%s and %s are two people", a, b)
				}
			}
		}
	}
	recall := float64(right) / float64(pairs)
	t.Logf("%d customers for %d people; of %d pairs of records of one person %d are linked (recall %.3f), and %d pairs of two", len(people), People, pairs, right, recall, wrong)
	if recall < 0.83 {
		t.Errorf("recall is %.3f", recall)
	}
	if first := people[0]; len(first.Refs) != 4 || truth[first.Refs[0]] != "p0001" {
		t.Errorf("the first customer is %v, want %s with a record of each system", first.Refs, ShowcaseName)
	}
}

// learn reads all sources into a graph and answers its customers.
func learn(t *testing.T) []idgraph.Customer {
	t.Helper()
	ring, err := keys.OpenOrCreate(filepath.Join(t.TempDir(), "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlstore.Open(t.Context(), t.TempDir(), ring, sqlstore.Options{Region: "DE"})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	s := &ingest.Syncer{Store: store, Ledger: store, Progress: func(p ingest.Progress) {
		if p.Err != nil {
			t.Error(p.Err)
		}
	}}
	sources := attach(t, folder)
	for _, name := range systems {
		s.Sources = append(s.Sources, ingest.Source{Asker: &connectors.Asker{Connector: sources[name]}})
	}
	s.Once(t.Context())
	people, err := store.Page(t.Context(), 0, 10*People)
	if err != nil {
		t.Fatal(err)
	}
	return people
}
