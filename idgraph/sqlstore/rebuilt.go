package sqlstore

import (
	"fmt"
	"hash/maphash"
	"iter"
	"slices"

	"github.com/jmoiron/sqlx"

	"customer360/idgraph"
	"customer360/idgraph/match"
)

// The promises that take resolving all records again.
const (
	promisedBlocks   = "a record stands in the blocks of its features, and in no others"
	promisedReason   = "a decision's reason can be decrypted"
	promisedPerson   = "who is one person is one customer, as if all records were resolved at once"
	promisedEdge     = "an edge is what comparing the two says"
	promisedDecided  = "an edge says what a person decided of the two"
	promisedPlace    = "an edge is of the customer of both ends, or says what asking is worth"
	promisedMarks    = "an identifier is marked by who holds it"
	promisedCrowded  = "a block over its cap is known, and counted"
	promisedFrozen   = "a customer is frozen where it reached a limit"
	promisedUpToDate = "every record has been read under the rules of now"
)

// A rebuilding resolves all records again, in memory, and holds the graph
// against that.
type rebuilding struct {
	*scope
	v        *verifying
	db       *DB
	keys     keying
	rules    *match.Rules
	verdicts *verdicts
	rows     map[int64]*checked
	at       map[idgraph.Ref]int64
	sizes    map[idgraph.CustomerID]int // how many records they hold
	seed     maphash.Seed
	stale    bool
}

// A checked record. stands sums up the blocks that it must stand in, less those
// that it was found in.
type checked struct {
	ref      idgraph.Ref
	customer idgraph.CustomerID
	rec      idgraph.Record
	stands   uint64
}

// rebuilt holds blocks, edges, marks and customers against a whole resolution.
func (v *verifying) rebuilt() error {
	r := &rebuilding{
		scope: &scope{ctx: v.ctx, tx: v.tx, of: newStatements(v.db.read), own: map[string]*sqlx.Stmt{}}, v: v, db: v.db,
		rows: map[int64]*checked{}, at: map[idgraph.Ref]int64{}, sizes: map[idgraph.CustomerID]int{}, seed: maphash.MakeSeed(),
	}
	for _, step := range []func() error{r.begin, r.read, r.blocks, r.resolve} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (r *rebuilding) problem(promise, where string, args ...any) {
	r.v.flaw(Flaw{promise, fmt.Sprintf(where, args...)})
}

// begin reads the rules, and the decisions that the graph follows.
func (v *rebuilding) begin() error {
	var err error
	if v.rules, v.keys, err = v.db.rulesInForce(v.scope); err != nil {
		return err
	}
	all, err := v.db.verdictsInForce(v.ctx)
	if err != nil {
		return err
	}
	l := &learning{scope: v.scope, verdicts: all}
	pending, err := l.pending()
	if err != nil {
		return err
	}
	if len(pending) > 0 {
		all = (&verdicts{}).add(all.all[:len(all.all)-len(pending)])
	}
	v.verdicts = all
	for _, decision := range all.all {
		if _, err := v.db.ring.Decrypt(decision.reason, reasonPlace(decision.a, decision.b)); err != nil {
			v.problem(promisedReason, "decision %d", decision.seq)
		}
	}
	return nil
}

// read reads all records, and what each must stand in.
func (v *rebuilding) read() error {
	stale := 0
	err := v.each(`SELECT rid, source, id, customer, features, stale FROM records`, nil, func(scan func(...any) error) error {
		r, rid, waits := &checked{}, int64(0), 0
		var features []byte
		if err := scan(&rid, &r.ref.Source, &r.ref.ID, &r.customer, &features, &waits); err != nil {
			return err
		}
		v.rows[rid], v.at[r.ref] = r, rid
		v.sizes[r.customer]++
		stale += waits
		var err error
		if r.rec, err = decrypt(v.db.ring, r.ref, features); err != nil {
			r.rec = idgraph.Record{Ref: r.ref} // told already
			return nil
		}
		if f := v.rules.Features(r.rec); waits == 0 {
			for _, key := range combinations(f, f.Entries()) {
				r.stands += v.sum(key)
			}
		}
		return nil
	})
	if v.stale = stale > 0; v.stale {
		v.problem(promisedUpToDate, "%d records", stale)
	}
	return err
}

func (v *rebuilding) sum(key uint64) uint64 { return maphash.Comparable(v.seed, key) }

// blocks holds who stands in blocks against the features.
func (v *rebuilding) blocks() error {
	err := v.each(`SELECT key, rid FROM blocks`, nil, func(scan func(...any) error) error {
		var key, rid int64
		err := scan(&key, &rid)
		if r := v.rows[rid]; r != nil {
			r.stands -= v.sum(uint64(key))
		}
		return err
	})
	for _, r := range v.rows {
		if r.stands != 0 {
			v.problem(promisedBlocks, "record %s", r.ref)
		}
	}
	return err
}

// resolve resolves all records, and holds what the store has against it.
func (v *rebuilding) resolve() error {
	if v.stale {
		return nil
	}
	v.v.progress("resolve", 0, 0)
	var decisions []match.Decision
	for p, list := range v.verdicts.byPair {
		if about := v.verdicts.about(p[0], p[1]); about != undecided {
			decisions = append(decisions, match.Decision{A: list[0].a, B: list[0].b, Same: about == same})
		}
	}
	res, err := match.Resolve(v.ctx, v.all(), match.Options{Region: v.db.region, Weights: v.db.weights, Snapshot: v.rules.Snapshot(), Hash: hashUnder(v.keys.index), Decisions: decisions})
	if err != nil {
		return err
	}
	rids := make([]int64, len(res.Records))
	for i, f := range res.Records {
		rids[i] = v.at[f.Ref]
	}
	v.checkGroups(res, rids)
	for _, check := range []func(*match.Resolution, []int64) error{v.checkEdges, v.checkMarks, v.checkFrozen} {
		if err := check(res, rids); err != nil {
			return err
		}
	}
	return nil
}

func (v *rebuilding) all() iter.Seq[idgraph.Record] {
	return func(yield func(idgraph.Record) bool) {
		for _, r := range v.rows {
			if !yield(r.rec) {
				return
			}
		}
	}
}

// checkGroups holds who is one customer against who is one person.
func (v *rebuilding) checkGroups(res *match.Resolution, rids []int64) {
	for _, g := range res.Groups {
		first := v.rows[rids[g[0]]]
		for _, m := range g[1:] {
			if r := v.rows[rids[m]]; r.customer != first.customer {
				v.problem(promisedPerson, "records %s and %s, of customers %d and %d", first.ref, r.ref, first.customer, r.customer)
			}
		}
		if n := v.sizes[first.customer]; n > len(g) {
			v.problem(promisedPerson, "customer %d with %d records, of which %d are one person with record %s", first.customer, n, len(g), first.ref)
		}
	}
}

// checkEdges holds the edges against those that are found anew.
func (v *rebuilding) checkEdges(res *match.Resolution, rids []int64) error {
	want := make(map[pair]match.Edge, len(res.Edges))
	for _, e := range res.Edges {
		want[pair{rids[e.A], rids[e.B]}] = e
	}
	joined := map[pair]bool{}
	err := v.each(`SELECT `+edgeColumns+` FROM edges`, nil, func(scan func(...any) error) error {
		e := &edge{}
		if err := e.scan(scan); err != nil {
			return err
		}
		a, b := v.rows[e.pair[0]], v.rows[e.pair[1]]
		if a == nil || b == nil || !a.ref.Less(b.ref) {
			return nil // told already
		}
		v.checkEdge(e, a, b, want)
		joined[e.pair] = e.decided == same
		delete(want, e.pair)
		return nil
	})
	if err != nil {
		return err
	}
	for p := range want {
		v.problem(promisedEdge, "records %s and %s, which have none", v.rows[p[0]].ref, v.rows[p[1]].ref)
	}
	for p := range v.verdicts.byPair {
		x, y := v.at[p[0]], v.at[p[1]]
		if x != 0 && y != 0 && v.verdicts.about(p[0], p[1]) == same && !joined[pair{x, y}] {
			v.problem(promisedDecided, "records %s and %s, which have none", p[0], p[1])
		}
	}
	return nil
}

func (v *rebuilding) checkEdge(e *edge, a, b *checked, of map[pair]match.Edge) {
	want, ok := of[e.pair]
	switch {
	case !ok && e.rule == "" && e.decided == same:
	case !ok:
		v.problem(promisedEdge, "records %s and %s, whom nothing speaks for", a.ref, b.ref)
	case e.rule != want.Rule || e.weight != int64(want.Weight) || e.strong != want.Strong || !slices.Equal(e.levels, want.Levels[:]):
		v.problem(promisedEdge, "records %s and %s: %s, %d, strong %t; it should be %s, %d, strong %t, or its levels differ",
			a.ref, b.ref, e.rule, e.weight, e.strong, want.Rule, int64(want.Weight), want.Strong)
	}
	if about := v.verdicts.about(a.ref, b.ref); e.decided != about {
		v.problem(promisedDecided, "records %s and %s: %d, not %d", a.ref, b.ref, e.decided, about)
	}
	customer, review := placeOf(e, home{a.customer, v.sizes[a.customer]}, home{b.customer, v.sizes[b.customer]})
	if e.customer != customer || e.review != review {
		v.problem(promisedPlace, "records %s and %s: of customer %d, worth %d, not %d, worth %d", a.ref, b.ref, e.customer, e.review, customer, review)
	}
}

// checkMarks holds whose identifiers are, and which blocks are over their cap.
func (v *rebuilding) checkMarks(res *match.Resolution, _ []int64) error {
	want := res.Marks
	err := v.each(`SELECT key, mark FROM shared`, nil, func(scan func(...any) error) error {
		var key, mark int64
		err := scan(&key, &mark)
		if want[uint64(key)] != match.Mark(mark) {
			v.problem(promisedMarks, "an identifier that is marked %d, not %d", mark, want[uint64(key)])
		}
		delete(want, uint64(key))
		return err
	})
	if err != nil {
		return err
	}
	if len(want) > 0 {
		v.problem(promisedMarks, "%d identifiers that are not marked", len(want))
	}
	crowded := map[uint64]match.SkippedBlock{}
	for _, b := range res.Skipped {
		crowded[b.Key] = b
	}
	err = v.each(`SELECT key, kind, records FROM crowded`, nil, func(scan func(...any) error) error {
		var key int64
		var kind idgraph.IdentifierType
		var records int
		err := scan(&key, &kind, &records)
		b, ok := crowded[uint64(key)]
		if !ok || b.Records != records || (kind == "") != (b.Kind == "") {
			v.problem(promisedCrowded, "a block of %q with %d records, and not with %d", kind, b.Records, records)
		}
		delete(crowded, uint64(key))
		return err
	})
	for _, b := range crowded {
		v.problem(promisedCrowded, "a block of %q with %d records, which is not known", b.Kind, b.Records)
	}
	return err
}

// checkFrozen holds who has reached a limit.
func (v *rebuilding) checkFrozen(res *match.Resolution, rids []int64) error {
	want := map[idgraph.CustomerID]bool{}
	for _, g := range res.Frozen {
		want[v.rows[rids[res.Groups[g][0]]].customer] = true
	}
	err := v.each(`SELECT customer, review FROM frozen`, nil, func(scan func(...any) error) error {
		var id idgraph.CustomerID
		var review int64
		err := scan(&id, &review)
		if !want[id] || review != worthOf(0, v.sizes[id]) {
			v.problem(promisedFrozen, "customer %d", id)
		}
		delete(want, id)
		return err
	})
	for id := range want {
		v.problem(promisedFrozen, "customer %d", id)
	}
	return err
}
