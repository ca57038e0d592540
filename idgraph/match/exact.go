package match

import (
	"cmp"
	"slices"

	"customer360/idgraph"
)

// A ExactResolution says which records are one person each, and why.
type ExactResolution struct {
	// Clusters holds every record once: each cluster in order of its refs, the
	// clusters in order of their first.
	Clusters [][]idgraph.Ref
	// Links are the reasons, in order of A, B and strength; Since is zero.
	Links []idgraph.Link
}

// RuleOf is the rule by which values of a type link.
func RuleOf(t idgraph.IdentifierType) idgraph.Rule {
	switch {
	case t == idgraph.Email:
		return idgraph.SameEmail
	case t == idgraph.Phone:
		return idgraph.SamePhone
	case t.IsReference():
		return idgraph.CrossReference
	}
	return idgraph.SameLoyaltyID
}

// ResolveExact clusters records that NormaliseRecord has prepared. The outcome
// depends on the set alone, not on its order, and a set that shares no value
// with another can be resolved without it.
//
//   - A value that two conflicting records hold is a household's, one on too
//     many records is generic, a role's mailbox is a team's: they link nobody.
//   - Two records are linked by a value that is left, if their names allow it
//     (see pair.linked).
//   - A cluster with a conflict inside, or with more values of a type than one
//     person may have, gives up its weakest kind of links, until none is left.
func ResolveExact(records []idgraph.Record) ExactResolution {
	all := make([]member, len(records))
	for i, r := range records {
		all[i] = member{Record: r, person: personOf(r.GivenName, r.FamilyName, r.BirthDate)}
	}
	slices.SortFunc(all, func(a, b member) int {
		switch {
		case a.Ref.Less(b.Ref):
			return -1
		case b.Ref.Less(a.Ref):
			return 1
		}
		return 0
	})
	g, whole := graph{all: all, root: make([]int, len(all)), at: make([]int, len(all))}, exactPart{edges: linkedPairs(all)}
	for i := range all {
		whole.members = append(whole.members, i)
	}
	g.cluster(whole, 0)
	slices.SortFunc(g.clusters, func(a, b []int) int { return cmp.Compare(a[0], b[0]) })
	return g.resolution(whole.edges)
}

// holdersOf indexes who holds which value. Values that too many hold are taken
// from all who do: they say nothing about anybody.
func holdersOf(all []member) map[idgraph.Identifier][]int {
	holders := make(map[idgraph.Identifier][]int, 2*len(all))
	for i, m := range all {
		for _, id := range m.Identifiers {
			holders[id] = append(holders[id], i)
		}
	}
	for id, held := range holders {
		if len(held) <= LimitOf(id.Type).Records {
			continue
		}
		delete(holders, id)
		for _, i := range held {
			all[i].Identifiers = slices.DeleteFunc(slices.Clone(all[i].Identifiers), func(x idgraph.Identifier) bool { return x == id })
		}
	}
	return holders
}

// A member is a record with its names taken apart.
type member struct {
	idgraph.Record
	person
}

// linkedPairs answers the pairs that a usable value links, in order.
func linkedPairs(all []member) []pair {
	holders := holdersOf(all)
	pairs := map[[2]int]*pair{}
	for id, held := range holders {
		if len(held) < 2 || !usable(all, id, held) {
			continue
		}
		for i, a := range held {
			for _, b := range held[i+1:] {
				p := pairs[[2]int{a, b}]
				if p == nil {
					p = &pair{a: a, b: b}
					pairs[[2]int{a, b}] = p
				}
				p.shared = append(p.shared, id)
			}
		}
	}
	linked := make([]pair, 0, len(pairs))
	for _, p := range pairs {
		if p.linked(all) {
			linked = append(linked, *p)
		}
	}
	slices.SortFunc(linked, func(p, q pair) int { return cmp.Or(cmp.Compare(p.a, q.a), cmp.Compare(p.b, q.b)) })
	return linked
}

// usable says whether a value may link those who hold it.
func usable(all []member, id idgraph.Identifier, held []int) bool {
	if !CanLink(id) {
		return false
	}
	for i, a := range held {
		for _, b := range held[i+1:] {
			if conflict(all[a].person, all[b].person) {
				return false
			}
		}
	}
	return true
}

// A graph is what ResolveExact works on: the members, and the clusters found so far.
type graph struct {
	all      []member
	clusters [][]int
	root, at []int // by member: working space of components
}

// A exactPart is some members, in order, and the edges between them.
type exactPart struct {
	members []int
	edges   []pair
}

// cluster splits a exactPart into components by edges of the given strength and
// above. A component that cannot be one person is split again without its
// weakest kind of edges.
func (g *graph) cluster(p exactPart, weakest int) {
	for _, c := range g.components(p, weakest) {
		if len(c.members) == 1 || g.onePerson(c) {
			g.clusters = append(g.clusters, c.members)
			continue
		}
		g.cluster(c, c.weakest()+1)
	}
}

// weakest is the least strength among the edges.
func (p exactPart) weakest() int {
	least := (idgraph.Rule).Strength(idgraph.CrossReference)
	for _, e := range p.edges {
		least = min(least, e.strongest())
	}
	return least
}

// components answers the connected parts.
func (g *graph) components(p exactPart, weakest int) []exactPart {
	for _, m := range p.members {
		g.root[m], g.at[m] = m, -1
	}
	kept := make([]pair, 0, len(p.edges))
	for _, e := range p.edges {
		if e.strongest() >= weakest {
			kept = append(kept, e)
			a, b := g.find(e.a), g.find(e.b)
			g.root[max(a, b)] = min(a, b)
		}
	}
	out := make([]exactPart, 0, len(p.members))
	for _, m := range p.members {
		r := g.find(m)
		if g.at[r] < 0 {
			g.at[r], out = len(out), append(out, exactPart{})
		}
		out[g.at[r]].members = append(out[g.at[r]].members, m)
	}
	for _, e := range kept {
		c := &out[g.at[g.find(e.a)]]
		c.edges = append(c.edges, e)
	}
	return out
}

// find is the first member of the component that m is in.
func (g *graph) find(m int) int {
	for g.root[m] != m {
		g.root[m] = g.root[g.root[m]]
		m = g.root[m]
	}
	return m
}

// onePerson says that nothing in a component contradicts: no two members, and
// no more values of a type than one person may have. A source that lists two
// people is believed, unless these two share more than a phone.
func (g *graph) onePerson(p exactPart) bool {
	twice := map[[2]int]bool{}
	for _, e := range p.edges {
		twice[[2]int{e.a, e.b}] = e.strongest() > (idgraph.Rule).Strength(idgraph.SamePhone)
	}
	for i, a := range p.members {
		for _, b := range p.members[i+1:] {
			if conflict(g.all[a].person, g.all[b].person) || g.all[a].Ref.Source == g.all[b].Ref.Source && !twice[[2]int{a, b}] {
				return false
			}
		}
	}
	return g.fewEnough(p.members)
}

// fewEnough holds the members' values against the limits. The number that a
// source gives a record of its own only says what the record is; what other
// systems say about it is counted, and must not contradict it.
func (g *graph) fewEnough(members []int) bool {
	values := map[idgraph.IdentifierType][]string{}
	own := map[idgraph.IdentifierType][]string{}
	for _, m := range members {
		for _, id := range g.all[m].Identifiers {
			in := values
			if id.Type == idgraph.Reference(g.all[m].Ref.Source) {
				in = own
			}
			if !slices.Contains(in[id.Type], id.Value) {
				in[id.Type] = append(in[id.Type], id.Value)
			}
		}
	}
	for t, vs := range values {
		if len(vs) > LimitOf(t).PerPerson || len(own[t]) > 0 && !slices.Contains(own[t], vs[0]) {
			return false
		}
	}
	return true
}

// resolution names clusters and the links inside them.
func (g *graph) resolution(edges []pair) ExactResolution {
	in, res := make([]int, len(g.all)), ExactResolution{Clusters: make([][]idgraph.Ref, len(g.clusters))}
	for c, members := range g.clusters {
		for _, m := range members {
			in[m] = c
			res.Clusters[c] = append(res.Clusters[c], g.all[m].Ref)
		}
	}
	for _, e := range edges {
		if in[e.a] != in[e.b] {
			continue
		}
		for _, rule := range e.rules() {
			res.Links = append(res.Links, idgraph.Link{A: g.all[e.a].Ref, B: g.all[e.b].Ref, Rule: rule, RuleVersion: RuleVersion})
		}
	}
	return res
}
