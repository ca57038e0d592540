package prove

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"customer360/idgraph"
	"customer360/idgraph/policy"
	"customer360/idgraph/storetest"
)

// A graph is who is who in one world. The worlds share records and links; what
// lists of customers go by differs where it is hidden.
type graph struct {
	*people
	facts   map[idgraph.CustomerID]facts
	matters matters
	decided func(what string) // is told of every decision
}

// facts are what lists go by.
type facts struct {
	since, changed time.Time
	sources        []idgraph.Source
}

func (g *graph) dated(c idgraph.Customer) idgraph.Customer {
	if f, ok := g.facts[c.ID]; ok {
		c.Since, c.Changed = f.since, f.changed
	}
	c.Links = slices.Clone(c.Links)
	for i, l := range c.Links {
		c.Links[i] = g.matters.weighed(l)
	}
	return c
}

// Customers answers like the store, by this world's facts.
func (g *graph) Customers(ctx context.Context, ids []idgraph.CustomerID) (map[idgraph.CustomerID]idgraph.Customer, error) {
	found, err := g.people.Customers(ctx, ids)
	for id, c := range found {
		found[id] = g.dated(c)
	}
	return found, err
}

// List answers like the store, by this world's facts.
func (g *graph) List(_ context.Context, s idgraph.Selection, limit int) ([]idgraph.Customer, error) {
	told := make([]idgraph.Customer, len(g.customers))
	for i, c := range g.customers {
		told[i] = g.dated(c)
		if f, ok := g.facts[c.ID]; ok {
			told[i].Refs = nil
			for _, source := range f.sources {
				told[i].Refs = append(told[i].Refs, idgraph.Ref{Source: source})
			}
		}
	}
	out := storetest.Select(told, s, limit)
	for i, c := range out {
		at := slices.IndexFunc(g.customers, func(have idgraph.Customer) bool { return have.ID == c.ID })
		out[i].Refs = g.customers[at].Refs
	}
	return out, nil
}

// newFacts are facts by chance, often of one time; the sources are the real ones.
func newFacts(p *people, rnd *rand.Rand) map[idgraph.CustomerID]facts {
	out := map[idgraph.CustomerID]facts{}
	for _, c := range p.customers {
		f := facts{since: randomTime(rnd), changed: randomTime(rnd)}
		for _, ref := range c.Refs {
			f.sources = append(f.sources, ref.Source)
		}
		out[c.ID] = f
	}
	return out
}

// otherFacts are facts that differ where they are hidden.
func (s *scenario) otherFacts(from map[idgraph.CustomerID]facts) map[idgraph.CustomerID]facts {
	out := map[idgraph.CustomerID]facts{}
	for _, c := range s.people.customers {
		f, v := from[c.ID], s.views(c, surest(c))
		hidden := func(at string) bool {
			return v.of("Customer.identity") != policy.Shown || v.of(at) != policy.Shown
		}
		if hidden("CustomerIdentity.knownSince") {
			f.since = randomTime(s.rnd)
			s.differs[c.ID]["CustomerIdentity.knownSince"] = true
		}
		if hidden("CustomerIdentity.lastChanged") {
			f.changed = randomTime(s.rnd)
			s.differs[c.ID]["CustomerIdentity.lastChanged"] = true
		}
		if hidden("CustomerIdentity.records") {
			f.sources = nil
			for _, system := range systems {
				if s.rnd.IntN(2) == 0 {
					f.sources = append(f.sources, system.name)
				}
			}
		}
		out[c.ID] = f
	}
	return out
}

// A listed is a list of customers, with cursors of it.
type listed struct {
	filter, order fields
	cursors       []string
}

// lists are those whose cursors are harvested.
func lists() []listed {
	by := func(field, direction string) fields {
		return fields{{"field", enumName(field)}, {"direction", enumName(direction)}}
	}
	sources := func(how string, names ...any) fields { return fields{{"sources", fields{{how, names}}}} }
	return []listed{
		{order: by("ID", "DESC")},
		{order: by("KNOWN_SINCE", "ASC")},
		{order: by("KNOWN_SINCE", "DESC")},
		{order: by("LAST_CHANGED", "DESC")},
		{filter: sources("anyOf", "crm", "desk"), order: by("LAST_CHANGED", "ASC")},
		{filter: sources("noneOf", "shop"), order: by("ID", "ASC")},
		{filter: fields{{"knownSince", fields{{"since", now.AddDate(0, 0, -25).Format(time.RFC3339)}}}}, order: by("KNOWN_SINCE", "ASC")},
	}
}
