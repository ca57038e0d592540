package match

import (
	"slices"

	"customer360/idgraph"
)

// What a store that learns bit by bit takes of the engine, besides Features,
// MarkOf and Cluster.

// Score compares two records whose block is compared: whether an edge follows.
func (r *Rules) Score(a, b *Features, marks func(key uint64) Mark) (Edge, bool) {
	return r.comparer(marks).score(a, b)
}

// Compare compares any two records: the edge that there would be, whatever it weighs.
func (r *Rules) Compare(a, b *Features, marks func(key uint64) Mark) Edge {
	c := r.comparer(marks)
	if e, ok := c.score(a, b); ok {
		return e
	}
	x := c.compare(a, b)
	e := Edge{Weight: x.sum, Rule: x.rule()}
	for f, l := range x.level {
		e.Levels[f] = byte(l)
	}
	return e
}

// KeptEdge is an edge as a store has kept it.
func KeptEdge(a, b int32, weight int64, rule idgraph.Rule, strong bool, kept []byte) Edge {
	e := Edge{A: a, B: b, Weight: cents(weight), Rule: rule, Strong: strong}
	copy(e.Levels[:], kept)
	return e
}

// An Entry is an identifier of a record, with the key of its block. One that
// cannot link stands in none.
type Entry struct {
	idgraph.Identifier
	Key uint64
}

// Entries are the record's identifiers, in their order.
func (f *Features) Entries() []Entry {
	out := make([]Entry, len(f.ids))
	for i, id := range f.ids {
		out[i] = Entry{id.Identifier, id.key}
	}
	return out
}

// What keeps two groups of records from becoming one.
const (
	StoppedByConflict = "conflict" // two of them cannot be one person
	StoppedByLimit    = "limit"    // together they would have more than one person may have
	StoppedByAverage  = "average"  // most of what they say speaks against it
	StoppedByRival    = "rival"    // others, whom these cannot be, claim one of them as well
)

// Stops says what keeps two groups, which a strong edge connects, from becoming
// one; frozen, whether one of them has reached a limit already.
func (r *Rules) Stops(x, y []*Features, frozen bool, marks func(key uint64) Mark) []string {
	g := &grouper{comparer: r.comparer(marks), Component: Component{Members: slices.Concat(x, y)}, groups: make([][]int32, 2), pairs: map[[2]int32]pairOf{}}
	for i := range g.Members {
		side := 0
		if i >= len(x) {
			side = 1
		}
		g.groups[side] = append(g.groups[side], int32(i))
	}
	var out []string
	conflict, sum := false, cents(0)
	for _, i := range g.groups[0] {
		for _, j := range g.groups[1] {
			p := g.pair(i, j)
			conflict = conflict || p.conflict
			sum += p.evidence
		}
	}
	if conflict {
		out = append(out, StoppedByConflict)
	}
	if frozen || len(g.Members) > mostRecords || !g.fewEnough(0, 1) {
		out = append(out, StoppedByLimit)
	}
	if sum < 0 {
		out = append(out, StoppedByAverage)
	}
	if len(out) == 0 {
		out = append(out, StoppedByRival)
	}
	return out
}
