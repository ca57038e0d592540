package storetest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"customer360/idgraph"
	"customer360/idgraph/match"
)

// incremental proves that learning bit by bit, in whatever order, with changes,
// deletions and decisions, ends where resolving everything at once would.
func incremental(t *testing.T, open Opener) {
	s := opened(t, open)
	worlds(t, s, 12, func(rt *rapid.T, w *world) {
		if rapid.IntRange(0, 3).Draw(rt, "step") == 0 {
			w.decide(rt)
		} else {
			w.learn(rt)
		}
		compare(rt, s, w.have, w.decided())
	})
}

// worlds has a store told one world after another, each from an empty store and
// in up to so many steps; ids stay with whom they mean through all of them.
func worlds(t *testing.T, s Store, most int, step func(*rapid.T, *world)) {
	ever := map[idgraph.CustomerID]bool{}
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		w := newWorld(t, s, n)
		for range rapid.IntRange(1, most).Draw(rt, "steps") {
			step(rt, w)
			stable(rt, s, ever)
		}
	})
}

// A world is what a store was told. Its records have numbers of its own, so that
// decisions of other worlds are about nobody here.
type world struct {
	s         Store
	n         int
	have      map[idgraph.Ref]idgraph.Record
	decisions []decision
}

// A decision is one that a world has made.
type decision struct {
	idgraph.Decision
	undone bool
}

// newWorld begins with an empty store.
func newWorld(t testing.TB, s Store, n int) *world {
	t.Helper()
	empty(t, s)
	return &world{s: s, n: n, have: map[idgraph.Ref]idgraph.Record{}}
}

func (w *world) id(source idgraph.Source, id string) idgraph.Ref {
	return ref(source, fmt.Sprint(w.n, "-", id))
}

// learn has the store learn a batch.
func (w *world) learn(rt *rapid.T) {
	b := idgraph.Batch{Source: rapid.SampledFrom([]idgraph.Source{"crm", "erp", "shop"}).Draw(rt, "source"), Cursor: "next"}
	for range rapid.IntRange(0, 4).Draw(rt, "records") {
		r := drawRecord(rt, w.id(b.Source, rapid.SampledFrom(recordIDs).Draw(rt, "id")))
		b.Records = append(b.Records, r)
		w.have[r.Ref] = r
	}
	if rapid.IntRange(0, 9).Draw(rt, "office") == 0 { // about as many as one phone number may have
		for i := range rapid.IntRange(1, 33).Draw(rt, "people") {
			r := person(b.Source, w.id(b.Source, fmt.Sprint("office ", i)).ID, rapid.SampledFrom([]string{"Eve", "Eve", "Tom"}).Draw(rt, "name"), fmt.Sprint("Kay", rune('a'+i)), "+4917112345671")
			b.Records = append(b.Records, r)
			w.have[r.Ref] = r
		}
	}
	for range rapid.IntRange(0, 2).Draw(rt, "gone") {
		r := w.id(b.Source, rapid.SampledFrom(recordIDs).Draw(rt, "gone id"))
		b.Gone = append(b.Gone, r)
		delete(w.have, r)
	}
	if rapid.IntRange(0, 9).Draw(rt, "leave") == 0 {
		for i := range 33 {
			if r := w.id(b.Source, fmt.Sprint("office ", i)); rapid.Bool().Draw(rt, "leaves") {
				b.Gone = append(b.Gone, r)
				delete(w.have, r)
			}
		}
	}
	if _, err := w.s.Learn(ctx, b); err != nil {
		rt.Fatal(err)
	}
}

// decide has a person decide of two records, or take a decision back.
func (w *world) decide(rt *rapid.T) {
	if n := len(w.decisions); n > 0 && rapid.Bool().Draw(rt, "undo") {
		i := rapid.IntRange(0, n-1).Draw(rt, "which")
		if w.decisions[i].undone {
			return
		}
		w.decisions[i].undone = true
		if _, err := w.s.Undo(ctx, []int64{w.decisions[i].Seq}, "tester", "a slip"); err != nil {
			rt.Fatal(err)
		}
		return
	}
	drawn, ok := w.draw(rt)
	if !ok {
		return
	}
	d := decision{Decision: drawn}
	given := []idgraph.Decision{d.Decision}
	if _, err := w.s.Decide(ctx, given); err != nil {
		rt.Fatal(err)
	}
	d.Seq = given[0].Seq
	w.decisions = append(w.decisions, d)
}

// draw draws a decision of two records that are there.
func (w *world) draw(rt *rapid.T) (idgraph.Decision, bool) {
	refs := slices.SortedFunc(maps.Keys(w.have), func(a, b idgraph.Ref) int {
		return slices.Compare([]string{string(a.Source), a.ID}, []string{string(b.Source), b.ID})
	})
	if len(refs) < 2 {
		return idgraph.Decision{}, false
	}
	d := idgraph.Decision{A: rapid.SampledFrom(refs).Draw(rt, "a"), B: rapid.SampledFrom(refs).Draw(rt, "b"), Same: rapid.Bool().Draw(rt, "same"), Actor: "tester", Reason: "they said so"}
	return d, d.A != d.B
}

// decided is what holds of any two: the last decision that is not undone.
func (w *world) decided() []match.Decision {
	last := map[[2]idgraph.Ref]match.Decision{}
	for _, d := range w.decisions {
		if d.B.Less(d.A) {
			d.A, d.B = d.B, d.A
		}
		if !d.undone {
			last[[2]idgraph.Ref{d.A, d.B}] = match.Decision{A: d.A, B: d.B, Same: d.Same}
		}
	}
	return slices.Collect(maps.Values(last))
}

// empty has a store forget all records.
func empty(t testing.TB, s Store) {
	t.Helper()
	page, err := s.Page(ctx, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	gone := map[idgraph.Source][]idgraph.Ref{}
	for _, c := range page {
		for _, r := range c.Refs {
			gone[r.Source] = append(gone[r.Source], r)
		}
	}
	for _, refs := range gone {
		forget(t, s, refs...)
	}
}

var recordIDs = []string{"1", "2", "3", "4", "5", "6", "7", "8"}

// drawRecord draws out of so few values that records meet: of a couple, of twins,
// and of somebody else.
func drawRecord(t *rapid.T, ref idgraph.Ref) idgraph.Record {
	pick := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
	r := idgraph.Record{
		Ref: ref, GivenName: pick("given", "", "Anna", "Anne", "A.", "Bob", "Robert", "Hanna"), FamilyName: pick("family", "", "Byron", "Byron", "Bryon", "Kay"),
		BirthDate: pick("birth", "", "", "1980-02-03", "1980-02-03", "1980-03-02", "1990-02-03"),
		Postcode:  pick("postcode", "", "12345", "54321"), Street: pick("street", "", "1 Hill", "1 Hill", "2 Hill"), City: pick("city", "", "London"),
	}
	for range rapid.IntRange(0, 3).Draw(t, "values") {
		r.Identifiers = append(r.Identifiers, identifier(pick("value", "a.byron@example.com", "anna.byron@example.com", "kay@example.com", "info@example.com",
			"+4917112345671", "+4917112345672", "#100001", "#100002", "erp:C-1001", "erp:C-1002", "crm:77")))
	}
	return r
}

// A Verifier says what is wrong with a store.
type Verifier interface {
	Verify(ctx context.Context, report func(problem string)) error
}

// crowds proves the same where a combination has about as many records as are
// compared in one block.
func crowds(t *testing.T, open Opener) {
	s := opened(t, open)
	most := match.CapOf("", 0)
	have := map[idgraph.Ref]idgraph.Record{}
	for step, size := range []int{11, 12, 14, 12, most - 1, most, most + 3, most + 1, most, most + 2, 13, 12, 5} {
		b := idgraph.Batch{Source: "crm", Cursor: "next"}
		for i := range most + 3 {
			r := person("crm", fmt.Sprint(i), "Ada", fmt.Sprint("Kay", string(rune('a'+i%26)), string(rune('a'+i/26))))
			r.BirthDate, r.City = "1980-02-03", "London"
			if _, held := have[r.Ref]; i < size && !held {
				b.Records, have[r.Ref] = append(b.Records, r), r
			} else if i >= size && held {
				b.Gone = append(b.Gone, r.Ref)
				delete(have, r.Ref)
			}
		}
		learnBatch(t, s, b)
		if err := s.Verify(ctx, func(problem string) { t.Errorf("step %d: %s", step, problem) }); err != nil {
			t.Fatal(err)
		}
	}
}

// compare holds the store against match.Resolve over all records: who is one
// customer, and, by Verify, every edge, mark and frozen customer.
func compare(t *rapid.T, s Store, have map[idgraph.Ref]idgraph.Record, decided []match.Decision) {
	res, err := match.Resolve(ctx, maps.Values(have), match.Options{Region: "DE", Snapshot: match.NoSnapshot(), Decisions: decided})
	if err != nil {
		t.Fatal(err)
	}
	var want [][]idgraph.Ref
	for _, g := range res.Groups {
		var refs []idgraph.Ref
		for _, m := range g {
			refs = append(refs, res.Records[m].Ref)
		}
		want = append(want, refs)
	}
	var clusters [][]idgraph.Ref
	for after := idgraph.CustomerID(0); ; {
		page, err := s.Page(ctx, after, 50)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, c := range page {
			after = c.ID
			clusters = append(clusters, c.Refs)
			for _, r := range c.Refs {
				if id, err := s.ByRef(ctx, r); err != nil || id != c.ID {
					t.Fatalf("record %s of customer %d answers %d, %v", r, c.ID, id, err)
				}
			}
		}
	}
	slices.SortFunc(clusters, func(a, b []idgraph.Ref) int {
		if a[0].Less(b[0]) {
			return -1
		}
		return 1
	})
	if fmt.Sprint(clusters) != fmt.Sprint(want) {
		t.Fatalf("clusters\n%v\nof a rebuild\n%v", clusters, want)
	}
	if err := s.Verify(ctx, func(problem string) { t.Errorf("verify: %s", problem) }); err != nil {
		t.Fatal(err)
	}
}

// stable holds that an id which once named somebody names a customer with
// records, or nobody, and that new ids rise.
func stable(t *rapid.T, s Store, ever map[idgraph.CustomerID]bool) {
	var highest idgraph.CustomerID
	var asked []idgraph.CustomerID
	for id := range ever {
		highest, asked = max(highest, id), append(asked, id)
	}
	found, err := s.Customers(ctx, asked)
	if err != nil {
		t.Fatal(err)
	}
	for id, c := range found {
		if len(c.Refs) == 0 || c.ID != id && c.RedirectedFrom != id {
			t.Fatalf("%d answers %+v", id, c)
		}
	}
	page, err := s.Page(ctx, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range page {
		if !ever[c.ID] && c.ID <= highest {
			t.Fatalf("id %d was given out after %d", c.ID, highest)
		}
		ever[c.ID] = true
	}
}
