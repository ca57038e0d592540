package prove

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"

	"customer360/idgraph"
	"customer360/idgraph/consent"
	"customer360/idgraph/policy"
)

// perScenario is how many operations are tried over the same two worlds.
const perScenario = 12

// A scenario is two worlds for one caller and purpose.
type scenario struct {
	*Rig
	Chooser
	rules     *ruled
	asking    asking
	worlds    [2]World
	views     func(idgraph.Customer, idgraph.Ref) view
	values    *values
	customers map[string]idgraph.Customer // by their sealed ids
	differs   map[idgraph.CustomerID]map[string]bool
	rnd       *rand.Rand
}

// Scenario draws two worlds and tries operations in both, until one leaks.
func (r *Rig) Scenario(ctx context.Context, c Chooser, report *Report) error {
	s := r.draw(c)
	events := newEvents(r.people, s.asking.purpose, s.rnd)
	readable := !percent(c, 4, "ledger down")
	s.ledgers(events, events)
	s.see(events, readable)
	s.worlds[0] = newWorld(r.people, s.rnd)
	y := &varying{rnd: s.rnd, keep: s.kept()}
	s.worlds[1] = y.world(s.worlds[0], r.people, s.views)
	s.differs = y.differs
	told, asked := newFacts(s.people, s.rnd), newMatters(s.people, s.rnd)
	s.tell(told, told)
	s.ponder(asked, asked)
	if err := s.harvest(ctx); err != nil {
		return err
	}
	s.tell(told, s.otherFacts(told))
	s.ponder(asked, s.otherMatters(asked))
	return s.try(ctx, report, readable)
}

// draw picks who asks and why.
func (r *Rig) draw(c Chooser) *scenario {
	s := &scenario{Rig: r, Chooser: c, rules: &r.policies[c.Below(len(r.policies), "policy")]}
	s.asking, s.rnd = s.rules.drawAsking(c), seeded(c, "world")
	return s
}

// ledgers gives both sides their consent events.
func (s *scenario) ledgers(events ...map[idgraph.Ref][]consent.Event) {
	for i, side := range s.rules.sides {
		side.ledger.events = events[i]
		side.ledger.revision++
	}
}

// tell gives both sides what lists of customers go by.
func (s *scenario) tell(told ...map[idgraph.CustomerID]facts) {
	for i, side := range s.rules.sides {
		side.graph.facts = told[i]
	}
}

// ponder gives both sides what people look at and decide.
func (s *scenario) ponder(asked ...matters) {
	for i, side := range s.rules.sides {
		side.graph.matters = asked[i]
	}
}

// see works out what may be seen of every record.
func (s *scenario) see(events map[idgraph.Ref][]consent.Event, readable bool) {
	views := map[idgraph.CustomerID][2]view{}
	for _, c := range s.people.customers {
		own := standingEvents(c, events, s.asking.policy.InForce)
		views[c.ID] = [2]view{
			policy.Probable: s.oracle.see(s.asking, own, readable, policy.Probable),
			policy.Verified: s.oracle.see(s.asking, own, readable, policy.Verified),
		}
	}
	s.views = func(c idgraph.Customer, ref idgraph.Ref) view {
		if inDoubt(c, ref) {
			return views[c.ID][policy.Probable]
		}
		return views[c.ID][policy.Verified]
	}
}

// kept picks coordinates that stay as they are. Usually there are none; a run
// that is shrunk finds the one that must change.
func (s *scenario) kept() func(string) bool {
	var kept []string
	for _, at := range s.oracle.coordinates() {
		if s.Below(40, "vary "+at) == 0 {
			kept = append(kept, at)
		}
	}
	return func(at string) bool { return slices.Contains(kept, at) }
}

// try runs operations in both worlds and compares.
func (s *scenario) try(ctx context.Context, report *Report, readable bool) error {
	s.shuffle()
	for range 1 + s.Below(perScenario, "operations") {
		o := s.operation(readable)
		answers := s.rules.both(ctx, o, s.worlds)
		report.Operations++
		if err := answers[0].broken; err != nil {
			return fmt.Errorf("an answer cannot be put together: %w\n%s", err, s.describe(o))
		}
		if err := report.note(s, o, answers[0]); err != nil {
			return err
		}
		if got := unequal(answers[0], answers[1]); got != "" {
			report.Leak = &Leak{
				Caller:    fmt.Sprintf("%s (%s) for %q under the %s", s.asking.caller.Name, s.asking.caller.Role, s.asking.purpose, s.rules.name),
				Operation: s.describe(o), Got: got,
			}
			return nil
		}
	}
	return nil
}

// operation draws one request, and what goes wrong meanwhile.
func (s *scenario) operation(readable bool) *operation {
	o := &operation{declaring: declare(s, s.asking.purpose), token: caller{s.asking.caller}.secret(), ledgerDown: !readable}
	o.generous = make([]bool, len(systems))
	for i := range o.generous {
		o.generous[i] = s.Below(2, "generous") == 1
	}
	for range one(s, "troubles", 0, 0, 1, 0, 2, 0, 3) {
		system := systems[s.Below(len(systems), "sick source")]
		how := ways[s.Below(len(ways)-1, "how")]
		if percent(s, 4, "slow") {
			how = "slow"
		}
		o.troubles = append(o.troubles, trouble{system.name, system.kinds[s.Below(len(system.kinds), "sick kind")], how})
	}
	o.auditDown, o.findDown, o.noLookups = percent(s, 2, "audit down"), percent(s, 20, "find down"), percent(s, 2, "no look-ups")
	if percent(s, 1, "no token") {
		o.token = "nobody's"
	}
	if percent(s, 20, "accept") {
		o.accept = "application/graphql-response+json"
	}
	g := &generator{Chooser: s, schema: s.schema, values: s.values, defers: percent(s, 30, "defers")}
	if g.defers {
		o.accept = one(s, "takes", takes...)
	}
	o.document = g.operation()
	return o
}

// isDifferent says whether a cell, or one that it is computed from, differs
// between the worlds.
func (s *scenario) isDifferent(c idgraph.CustomerID, at string) bool {
	if s.differs[c][at] {
		return true
	}
	return slices.ContainsFunc(s.oracle.derived[at], func(from string) bool { return s.differs[c][from] })
}

func (s *scenario) describe(o *operation) string {
	vars := map[string]any{}
	for _, v := range o.document.variables {
		vars[v.name] = v.value
	}
	given, _ := json.Marshal(vars)
	return fmt.Sprintf("%s\nvariables %s\naccept %q, troubles %v ledger down %v audit down %v, generous %v", o.document.text(), given, o.accept, o.troubles, o.ledgerDown, o.auditDown, o.generous)
}
