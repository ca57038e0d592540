package prove

import (
	"slices"

	"customer360/idgraph"
	"customer360/idgraph/policy"
)

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
