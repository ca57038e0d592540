package prove

import (
	"context"
	"maps"
	"math/rand/v2"
	"slices"

	"customer360/idgraph"
	"customer360/idgraph/consent"
	"customer360/idgraph/policy"
)

// Why draws two worlds that differ in nothing but why a consent is not given:
// never asked for, denied, withdrawn, run out, or given under no notice in
// force. Who does not hold privacy:explain must not tell them apart.
func (r *Rig) Why(ctx context.Context, c Chooser, report *Report) error {
	s := r.draw(c)
	for tries := 0; s.explains() || tries < 3 && !s.byConsent(); tries++ {
		s.asking = s.rules.drawAsking(c)
	}
	events := newEvents(r.people, s.asking.purpose, s.rnd)
	other := s.otherwise(events)
	s.ledgers(events, other)
	s.see(events, true)
	s.worlds[0] = newWorld(r.people, s.rnd)
	s.worlds[1] = s.worlds[0]
	asked := newMatters(s.people, s.rnd)
	s.ponder(asked, asked)
	if err := s.harvest(ctx); err != nil {
		return err
	}
	return s.try(ctx, report, true)
}

func (s *scenario) explains() bool { return s.asking.policy.May(s.asking.caller, "privacy:explain") }

func (s *scenario) byConsent() bool {
	rule, ok := s.asking.policy.Purpose(s.asking.purpose)
	return ok && rule.Basis == policy.ByConsent
}

// otherwise says of every consent that is not given why not in another way.
func (s *scenario) otherwise(events map[idgraph.Ref][]consent.Event) map[idgraph.Ref][]consent.Event {
	out := maps.Clone(events)
	s.differs = map[idgraph.CustomerID]map[string]bool{}
	for _, c := range s.people.customers {
		s.differs[c.ID] = map[string]bool{}
		for _, purpose := range policy.Purposes {
			before := s.standing(c, out)
			if before.Allows(purpose) {
				continue
			}
			try := maps.Clone(out)
			for _, ref := range c.Refs {
				try[ref] = slices.DeleteFunc(slices.Clone(try[ref]), func(e consent.Event) bool {
					return e.Purpose == purpose && e.State != consent.Objected && e.State != consent.Lifted && e.State != consent.Restricted
				})
			}
			if e, say := notGiven(purpose, s.rnd); say {
				e.Ref, e.Seq = c.Refs[0], 1_000_000+int64(c.ID)
				try[e.Ref] = append(try[e.Ref], e)
			}
			if s.sameStanding(before, s.standing(c, try)) {
				out = try
				for at := range s.oracle.categories {
					s.differs[c.ID][at] = true
				}
			}
		}
	}
	return out
}

func (s *scenario) standing(c idgraph.Customer, events map[idgraph.Ref][]consent.Event) consent.Standing {
	return consent.Fold(standingEvents(c, events, s.asking.policy.InForce), now, s.asking.policy.InForce)
}

// sameStanding says whether two standings allow the same.
func (s *scenario) sameStanding(a, b consent.Standing) bool {
	return a.Restricted() == b.Restricted() && !slices.ContainsFunc(policy.Purposes, func(p consent.Purpose) bool {
		return a.Allows(p) != b.Allows(p) || a.Objects(p) != b.Objects(p)
	})
}

// notGiven is an event by which a consent is not given; false is none at all.
func notGiven(purpose consent.Purpose, rnd *rand.Rand) (consent.Event, bool) {
	e := consent.Event{Purpose: purpose, At: randomTime(rnd), Notice: "form@1", HeldBy: "crm", Method: "sync"}
	switch rnd.IntN(7) {
	case 0:
		return e, false
	case 1:
		e.State = consent.Requested
	case 2:
		e.State = consent.Denied
	case 3:
		e.State = consent.Withdrawn
	case 4:
		e.State = consent.Expired
	case 5:
		e.State, e.ValidUntil = consent.Granted, now
	case 6:
		e.State, e.Notice = consent.Granted, ""
	}
	return e, true
}
