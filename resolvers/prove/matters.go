package prove

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"customer360/idgraph"
	"customer360/idgraph/policy"
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

// otherMatters differ where they are hidden.
func (s *scenario) otherMatters(from matters) matters {
	out := matters{events: map[idgraph.CustomerID][]idgraph.Event{}, weights: map[[2]idgraph.Ref]idgraph.Link{}}
	for _, r := range from.reviews {
		if s.sees(r) {
			out.reviews = append(out.reviews, r)
		}
	}
	for range s.rnd.IntN(12) {
		if r := randomReview(s.people, s.rnd); !s.sees(r) {
			out.reviews = append(out.reviews, r)
		}
	}
	for _, c := range s.people.customers {
		v := s.views(c, surest(c))
		if hidden := v.of("MatchReview.value") != policy.Shown; hidden { // there are some in one world, or others in the other
			for _, at := range []string{"CustomerIdentity.rivals", "MatchReview.kind", "MatchReview.value", "MatchReview.link", "MatchReview.stoppedBy"} {
				s.differs[c.ID][at] = true
			}
		}
		for _, l := range c.Links {
			out.weights[[2]idgraph.Ref{l.A, l.B}] = s.otherWeight(c, l, from.weighed(l))
		}
		shown := v.of("CustomerIdentity.events") == policy.Shown
		for _, e := range from.events[c.ID] {
			switch {
			case !shown || inDoubtAmong(c, e):
				if s.rnd.IntN(2) == 0 { // there may be another, or none
					other := randomEvent(s.people, c, e.Seq, s.rnd)
					if !shown || inDoubtAmong(c, other) {
						out.events[c.ID] = append(out.events[c.ID], other)
					}
				}
				s.differs[c.ID]["CustomerIdentity.events"] = true
				for _, at := range []string{"at", "kind", "cause", "from", "to", "rule", "ruleVersion", "decision"} {
					s.differs[c.ID]["IdentityEvent."+at] = !shown
				}
			default:
				out.events[c.ID] = append(out.events[c.ID], s.otherEvent(c, v, e))
			}
		}
	}
	out.sort()
	return out
}

// sees says whether a question is shown: everybody whom it concerns is, and
// both records are surely theirs.
func (s *scenario) sees(r idgraph.Review) bool {
	sides := 0
	var owned []idgraph.Ref
	for _, c := range s.people.customers {
		if c.ID != r.Customer && c.ID != r.Other && (c.ID != s.people.customers[0].ID || r.Other != s.people.merged) {
			continue
		}
		sides++
		if v := s.views(c, surest(c)); v.of("MatchReview") != policy.Shown || v.of("MatchReview.value") != policy.Shown {
			return false
		}
		for _, ref := range c.Refs {
			if !inDoubt(c, ref) {
				owned = append(owned, ref)
			}
		}
	}
	if r.Kind == idgraph.ReviewFrozen {
		return true
	}
	return sides == 2 && slices.Contains(owned, r.Link.A) && slices.Contains(owned, r.Link.B)
}

// otherWeight is what a link weighs in the other world: what is hidden differs.
func (s *scenario) otherWeight(c idgraph.Customer, l, weighed idgraph.Link) idgraph.Link {
	v, other := s.views(c, surest(c)), randomEvidence(s.rnd)
	sides := !inDoubt(c, l.A) && !inDoubt(c, l.B)
	if !sides || v.of("IdentityLink.weight") != policy.Shown {
		weighed.Weight = other.Weight
		s.differs[c.ID]["IdentityLink.weight"] = true
	}
	if !sides || v.of("MatchLevel") != policy.Shown {
		weighed.Evidence = other.Evidence
		s.differs[c.ID]["IdentityLink.levels"] = true
	}
	if len(weighed.Evidence) == 0 {
		return weighed
	}
	weighed.Evidence = slices.Clone(weighed.Evidence)
	for i := range weighed.Evidence { // rows that are shown, of cells that are not
		e := &weighed.Evidence[i]
		if v.of("MatchLevel.field") != policy.Shown {
			e.Field = word(s.rnd)
			s.differs[c.ID]["MatchLevel.field"], s.differs[c.ID]["MatchLevel.level"], s.differs[c.ID]["MatchLevel.bits"] = true, true, true
		}
		if v.of("MatchLevel.level") != policy.Shown {
			e.Level = word(s.rnd)
		}
		if v.of("MatchLevel.bits") != policy.Shown {
			e.Bits = s.rnd.Float64()
		}
	}
	return weighed
}

// otherEvent is an event that is shown, with what of it is hidden changed.
func (s *scenario) otherEvent(c idgraph.Customer, v view, e idgraph.Event) idgraph.Event {
	hides := func(at string) bool {
		hidden := v.of(at) != policy.Shown
		if hidden {
			s.differs[c.ID][at] = true
		}
		return hidden
	}
	other := randomEvent(s.people, c, e.Seq, s.rnd)
	if hides("IdentityEvent.at") {
		e.At = other.At
	}
	if hides("IdentityEvent.kind") && e.Kind != idgraph.Decided && other.Kind != idgraph.Decided {
		e.Kind, e.Other = other.Kind, other.Other
	}
	if hides("IdentityEvent.cause") {
		e.Cause = other.Cause
	}
	if hides("IdentityEvent.rule") {
		e.Rule = other.Rule
	}
	if hides("IdentityEvent.ruleVersion") {
		e.RuleVersion = other.RuleVersion
	}
	if e.Other != 0 && !s.opens(e.Other) { // one who is hidden for another
		if id := s.people.customers[s.rnd.IntN(len(s.people.customers))].ID; id != c.ID && !s.opens(id) {
			e.Other = id
		}
	}
	if e.Decision == nil {
		return e
	}
	d := *e.Decision
	if hides("MatchDecision.same") {
		d.Same = !d.Same
	}
	if hides("MatchDecision.at") {
		d.At = randomTime(s.rnd)
	}
	if hides("MatchDecision.actor") {
		d.Actor = word(s.rnd)
	}
	if hides("MatchDecision.reason") || !s.tells(c, d.A) || !s.tells(c, d.B) {
		d.Reason = word(s.rnd)
	}
	if hides("MatchDecision.undone") {
		d.Undone = !d.Undone
	}
	e.Decision = &d
	return e
}

// opens says whether a customer's identity is shown.
func (s *scenario) opens(id idgraph.CustomerID) bool {
	return slices.ContainsFunc(s.people.customers, func(c idgraph.Customer) bool {
		return c.ID == id && s.views(c, surest(c)).of("Customer.identity") == policy.Shown
	})
}

// tells says whether it is shown whose a record is.
func (s *scenario) tells(_ idgraph.Customer, ref idgraph.Ref) bool {
	return slices.ContainsFunc(s.people.customers, func(c idgraph.Customer) bool {
		return slices.Contains(c.Refs, ref) && !inDoubt(c, ref) && s.views(c, surest(c)).of("SourceRecord") == policy.Shown
	})
}

// inDoubtAmong says whether an event names a record that is only probably the customer's.
func inDoubtAmong(c idgraph.Customer, e idgraph.Event) bool {
	return slices.ContainsFunc(c.Refs, func(ref idgraph.Ref) bool { return (ref == e.A || ref == e.B) && inDoubt(c, ref) })
}

// Reviews answers this world's queue.
func (g *graph) Reviews(_ context.Context, after string, limit int) ([]idgraph.Review, string, error) {
	all := g.matters.reviews
	from := 0
	for after != "" && from < len(all) && placeOf(all[from]) <= after {
		from++
	}
	to := min(from+limit, len(all))
	if to-from < limit {
		return all[from:to], "", nil
	}
	return all[from:to], placeOf(all[to-1]), nil
}

// Rivals answers this world's questions about a customer.
func (g *graph) Rivals(_ context.Context, id idgraph.CustomerID) ([]idgraph.Review, error) {
	var out []idgraph.Review
	for _, r := range g.matters.reviews {
		if r.Customer == id || r.Other == id {
			out = append(out, r)
		}
	}
	return out, nil
}

// Events answers what became of a customer in this world.
func (g *graph) Events(_ context.Context, id idgraph.CustomerID, before int64, limit int) ([]idgraph.Event, error) {
	var out []idgraph.Event
	for _, e := range g.matters.events[id] {
		if (before == 0 || e.Seq < before) && len(out) < limit {
			out = append(out, e)
		}
	}
	return out, nil
}

// Path answers a shortest way between two records, over links as they are in both worlds.
func (g *graph) Path(_ context.Context, from, to idgraph.Ref) ([]idgraph.Link, error) {
	for _, c := range g.customers {
		if !slices.Contains(c.Refs, from) {
			continue
		}
		ways := map[idgraph.Ref][]idgraph.Link{from: {}}
		for next := []idgraph.Ref{from}; len(next) > 0; next = next[1:] {
			for _, l := range c.Links {
				for _, step := range [2][2]idgraph.Ref{{l.A, l.B}, {l.B, l.A}} {
					if _, known := ways[step[1]]; step[0] == next[0] && !known {
						ways[step[1]] = append(slices.Clone(ways[next[0]]), g.matters.weighed(l))
						next = append(next, step[1])
					}
				}
			}
		}
		return ways[to], nil
	}
	return nil, nil
}

// Compare is asked by nobody here.
func (g *graph) Compare(_ context.Context, a, b idgraph.Ref) (idgraph.Link, error) {
	return idgraph.Link{A: a, B: b}, nil
}

// Decide notes decisions, and changes nobody: who is who stays what both worlds share.
func (g *graph) Decide(_ context.Context, decisions []idgraph.Decision) (idgraph.Change, error) {
	for i := range decisions {
		decisions[i].Seq = int64(1000 + i)
		g.decided(fmt.Sprint("decide ", decisions[i]))
	}
	return idgraph.Change{}, nil
}

// Undo notes what is taken back; every third decision stands no longer.
func (g *graph) Undo(_ context.Context, seqs []int64, actor, reason string) (idgraph.Change, error) {
	for _, seq := range seqs {
		if seq%3 == 0 {
			return idgraph.Change{}, idgraph.ErrUnknownDecision
		}
	}
	g.decided(fmt.Sprint("undo ", seqs, actor, reason))
	return idgraph.Change{}, nil
}
