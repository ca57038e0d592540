package match

import (
	"slices"
	"strings"

	"customer360/idgraph"
)

// byPhone says that no other identifier than a phone speaks for an edge, nor a
// birth date.
func (e Edge) byPhone() bool {
	at := func(f field) level { return level(e.Levels[f]) }
	return at(phoneNumber) >= levelExact && max(at(mailbox), at(loyaltyID), at(nationalID), at(reference)) < levelHousehold && at(birthDay) <= levelDifferent
}

// oneOwner says that the phone of an edge is one person's, whose e-mail addresses
// differ: at one home, where hardly any source lists a person twice and none has
// records of both groups; or a mobile phone, where a house has one line. Who has
// two mailboxes has one of them at work, most often; a father and a son each have
// one of a provider that many people use, and stand in the same systems.
func (g *grouper) oneOwner(e Edge, x, y int32) bool {
	switch {
	case level(e.Levels[postal]) < levelStreet:
		return false
	case g.snapshot.Once && g.otherSources(x, y):
		return true
	case !g.oneAtWork(x, y):
		return false
	}
	for i := range g.Members[e.A].ids {
		id := &g.Members[e.A].ids[i]
		if id.Type == idgraph.Phone && slices.ContainsFunc(g.Members[e.B].ids, func(o identifier) bool { return o.Identifier == id.Identifier }) && mobile(id.Value) {
			return true
		}
	}
	return false
}

// oneAtWork says that one of two groups has mailboxes of domains that few people
// use and no others, and the other one none of the same domain.
func (g *grouper) oneAtWork(x, y int32) bool {
	a, b := g.domainsOf(x), g.domainsOf(y)
	work := func(of []string) bool {
		return len(of) > 0 && !slices.ContainsFunc(of, func(d string) bool { return !g.fewUse(d) })
	}
	return (work(a) || work(b)) && !slices.ContainsFunc(a, func(d string) bool { return g.fewUse(d) && slices.Contains(b, d) })
}

// otherSources says that no source holds records of both groups.
func (g *grouper) otherSources(x, y int32) bool {
	for _, m := range g.groups[x] {
		for _, n := range g.groups[y] {
			if g.Members[m].Ref.Source == g.Members[n].Ref.Source {
				return false
			}
		}
	}
	return true
}

func (g *grouper) domainsOf(group int32) (out []string) {
	for _, m := range g.groups[group] {
		for i := range g.Members[m].ids {
			if id := &g.Members[m].ids[i]; id.Type == idgraph.Email {
				_, domain, _ := strings.Cut(id.Value, "@")
				out = append(out, domain)
			}
		}
	}
	return out
}

// fewUse says that a domain is no mail provider's: fewer than one record in
// twenty has an address there, as far as they have been counted.
func (g *grouper) fewUse(domain string) bool {
	_, known := providers[domain]
	return !known && (g.snapshot.Version == 0 || g.snapshot.count(domains, domain)*20 < g.snapshot.Records)
}

// joinHomes follows the edges that nothing but name and address speak for. A
// father and a son of one name have one address: groups that such edges connect
// become one only where each of them fits each other one, and none of their
// e-mail addresses, phones and cards speaks against it.
func (g *grouper) joinHomes(edges []Edge) {
	near := map[int32]map[int32]bool{}
	link := func(x, y int32) {
		if near[x] == nil {
			near[x] = map[int32]bool{}
		}
		near[x][y] = true
	}
	for _, e := range edges {
		if x, y := g.of[e.A], g.of[e.B]; x != y {
			link(x, y)
			link(y, x)
		}
	}
	settled := map[int32]bool{}
	for _, e := range edges {
		x := g.of[e.A]
		if near[x] == nil || settled[x] {
			continue
		}
		all := []int32{x}
		for i := 0; i < len(all); i++ {
			for y := range near[all[i]] {
				if !slices.Contains(all, y) {
					all = append(all, y)
				}
			}
		}
		slices.Sort(all)
		fit := true
		for i, x := range all {
			for _, y := range all[i+1:] {
				fit = fit && near[x][y] && !g.apart(x, y, idgraph.Email) && !g.apart(x, y, idgraph.Phone) && !g.apart(x, y, idgraph.LoyaltyID) && g.may(x, y)
			}
		}
		for _, x := range all {
			settled[x] = true
			if fit {
				g.join(all[0], x)
			}
		}
	}
}

// left answers the edges between groups that did not become one.
func (g *grouper) left(edges []Edge) (out [][2]int32) {
	for _, e := range edges {
		if g.of[e.A] != g.of[e.B] {
			out = append(out, [2]int32{e.A, e.B})
		}
	}
	return out
}

// apart says that two groups both have identifiers of a type, and none in common,
// nor e-mail addresses that are alike, or named after the other one's birth.
func (g *grouper) apart(x, y int32, t idgraph.IdentifierType) bool {
	var one []string
	for _, m := range g.groups[x] {
		for i := range g.Members[m].ids {
			if id := &g.Members[m].ids[i]; id.Type == t {
				one = append(one, id.Value)
			}
		}
	}
	other := false
	for _, m := range g.groups[y] {
		if t == idgraph.Email && slices.ContainsFunc(g.groups[x], func(n int32) bool {
			return bornIn(g.Members[m], g.Members[n]) || bornIn(g.Members[n], g.Members[m])
		}) {
			return false
		}
		for i := range g.Members[m].ids {
			if id := &g.Members[m].ids[i]; id.Type == t {
				if slices.Contains(one, id.Value) || t == idgraph.Email && slices.ContainsFunc(one, func(v string) bool { return compareMail(v, id.Value) > levelDifferent }) {
					return false
				}
				other = true
			}
		}
	}
	return other && len(one) > 0
}
