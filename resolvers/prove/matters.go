package prove

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"customer360/idgraph"
)

// matters are what one world has for people to look at and to decide: questions,
// events, and what links weigh. Records and links are those of both worlds.
type matters struct {
	reviews []idgraph.Review // in the order of the queue
	events  map[idgraph.CustomerID][]idgraph.Event
	weights map[[2]idgraph.Ref]idgraph.Link // of links: weight and evidence
}

// weighed is a link with what it weighs in this world.
func (m *matters) weighed(l idgraph.Link) idgraph.Link {
	w := m.weights[[2]idgraph.Ref{l.A, l.B}]
	l.Weight, l.Evidence = w.Weight, w.Evidence
	return l
}

// newMatters are matters by chance.
func newMatters(p *people, rnd *rand.Rand) matters {
	m := matters{events: map[idgraph.CustomerID][]idgraph.Event{}, weights: map[[2]idgraph.Ref]idgraph.Link{}}
	for range 6 + rnd.IntN(12) {
		m.reviews = append(m.reviews, randomReview(p, rnd))
	}
	for _, c := range p.customers {
		for _, l := range c.Links {
			m.weights[[2]idgraph.Ref{l.A, l.B}] = randomEvidence(rnd)
		}
		for n := range 1 + rnd.IntN(9) {
			m.events[c.ID] = append(m.events[c.ID], randomEvent(p, c, int64(100-n), rnd))
		}
	}
	m.sort()
	return m
}

// sort puts the queue in order, and lets a question stand there once.
func (m *matters) sort() {
	slices.SortFunc(m.reviews, func(a, b idgraph.Review) int {
		return cmp.Or(cmp.Compare(b.Value, a.Value), strings.Compare(placeOf(a), placeOf(b)))
	})
	m.reviews = slices.CompactFunc(m.reviews, func(a, b idgraph.Review) bool { return placeOf(a) == placeOf(b) })
}

// placeOf is the place of a question in the queue, which hangs on nothing but it.
func placeOf(r idgraph.Review) string {
	return fmt.Sprintf("%09.3f %d %d %s %s", 100-r.Value, r.Customer, r.Other, r.Link.A, r.Link.B)
}

func randomReview(p *people, rnd *rand.Rand) idgraph.Review {
	a := p.customers[rnd.IntN(len(p.customers))]
	r := idgraph.Review{Kind: idgraph.ReviewFrozen, Value: float64(rnd.IntN(8000)) / 1000, Customer: a.ID}
	if rnd.IntN(4) == 0 {
		return r
	}
	b := p.customers[rnd.IntN(len(p.customers))]
	r.Kind, r.Other, r.Link = idgraph.ReviewPair, b.ID, randomEvidence(rnd)
	r.Link.A, r.Link.B = a.Refs[rnd.IntN(len(a.Refs))], b.Refs[rnd.IntN(len(b.Refs))]
	if r.Link.B.Less(r.Link.A) {
		r.Link.A, r.Link.B = r.Link.B, r.Link.A
	}
	if b.ID == p.customers[0].ID && rnd.IntN(2) == 0 {
		r.Other = p.merged
	}
	r.StoppedBy = [][]string{nil, {"conflict"}, {"limit", "average"}, {"rival"}, {"of a later build"}}[rnd.IntN(5)]
	return r
}

// randomEvidence is a link's rule, weight and evidence.
func randomEvidence(rnd *rand.Rand) idgraph.Link {
	l := idgraph.Link{Rule: idgraph.Rules[rnd.IntN(len(idgraph.Rules))], RuleVersion: 1 + rnd.IntN(3), Weight: float64(rnd.IntN(4000)-1000) / 100, Since: randomTime(rnd)}
	for _, field := range []string{"email", "phone", "name", "birth_date", "address"} {
		if rnd.IntN(2) == 0 {
			l.Evidence = append(l.Evidence, idgraph.Evidence{Field: field, Level: []string{"exact", "slip", "differs"}[rnd.IntN(3)], Bits: float64(rnd.IntN(3000)-1000) / 100})
		}
	}
	return l
}

func randomEvent(p *people, c idgraph.Customer, seq int64, rnd *rand.Rand) idgraph.Event {
	kinds := []idgraph.EventKind{idgraph.Minted, idgraph.Merged, idgraph.SplitOff, idgraph.Linked, idgraph.Unlinked, idgraph.Frozen, idgraph.Thawed, idgraph.Decided, idgraph.Decided, idgraph.Decided}
	e := idgraph.Event{Seq: seq, At: randomTime(rnd), Kind: kinds[rnd.IntN(len(kinds))], Customer: c.ID, Cause: "learn " + string(systems[rnd.IntN(len(systems))].name)}
	other := p.customers[rnd.IntN(len(p.customers))]
	switch e.Kind {
	case idgraph.Merged, idgraph.SplitOff:
		e.Other = other.ID
	case idgraph.Linked, idgraph.Unlinked, idgraph.Decided:
		if rnd.IntN(2) == 0 {
			other = c
		}
		e.A, e.B = c.Refs[rnd.IntN(len(c.Refs))], other.Refs[rnd.IntN(len(other.Refs))]
		e.Rule, e.RuleVersion = idgraph.Rules[rnd.IntN(len(idgraph.Rules))], 1+rnd.IntN(3)
	}
	if e.Kind == idgraph.Decided {
		e.Cause = fmt.Sprint("decision ", seq)
		e.Decision = &idgraph.Decision{Seq: seq, A: e.A, B: e.B, Same: rnd.IntN(2) == 0, At: randomTime(rnd), Actor: word(rnd), Reason: word(rnd), Undone: rnd.IntN(4) == 0}
	}
	return e
}
