package match

import (
	"strings"
)

// A comparer compares records under rules. It is one goroutine's.
type comparer struct {
	*Rules
	marks func(key uint64) Mark // whose an identifier is
	memo  []remembered          // of names compared lately; nil remembers nothing
}

type remembered struct {
	a, b  *name
	level [2]level
	have  [2]bool
}

const memory = 1 << 14

// comparer answers one; marks says whose an identifier is.
func (r *Rules) comparer(marks func(key uint64) Mark) *comparer {
	return &comparer{Rules: r, marks: marks}
}

// remembered answers what was found of two names before.
func (c *comparer) remembered(kind int, a, b *name, find func(a, b *name) level) level {
	if c.memo == nil {
		return find(a, b)
	}
	m := &c.memo[(nameHash(a)^nameHash(b)*31)%memory]
	if m.a != a || m.b != b {
		*m = remembered{a: a, b: b}
	}
	if !m.have[kind] {
		m.level[kind], m.have[kind] = find(a, b), true
	}
	return m.level[kind]
}

func nameHash(n *name) uint64 { return valueKey(0, n.text) }

// A Comparison says how two records compare, field by field.
type comparison struct {
	level [fields]level
	bits  [fields]cents
	sum   cents // with the prior
}

// compare compares two records.
func (c *comparer) compare(a, b *Features) comparison {
	var out comparison
	given, family := c.compareNames(a, b)
	if given > levelDifferent && a.generation != b.generation && a.generation != "" && b.generation != "" {
		given = levelDifferent
	}
	out.level[givenName], out.level[familyName] = given, family
	out.level[birthDay] = compareBirths(a.birth, b.birth)
	out.level[postal] = c.compareHomes(&a.home, &b.home)
	c.compareIdentifiers(a, b, &out)
	out.sum = c.prior
	for f, l := range out.level {
		if l != levelMissing {
			out.bits[f] = c.worth(field(f), l, a, b, out.level[nationalID] >= levelExact)
			out.sum += out.bits[f]
		}
	}
	return out
}

// worth is what a level is worth, by the value's own rarity where it is known;
// national says that both have one number of a state.
func (c *comparer) worth(f field, l level, a, b *Features, national bool) cents {
	w := c.weights.of[f][l]
	if c.snapshot.OneEach && f == postal {
		switch l {
		case levelFull:
			return max(w-c.prior, centsOf(c.snapshot.Homes))
		case levelStreet:
			return max(w, centsOf(c.snapshot.Streets))
		}
	}
	if unique(f, l) {
		return w - c.prior
	}
	if l == levelDifferent {
		switch {
		case f == givenName && national:
			return w / 2
		case c.snapshot.OneEach:
			return w / 3
		case c.snapshot.Strangers && f == birthDay:
			return w / 4
		}
	}
	if w <= 0 {
		return w
	}
	switch f {
	case givenName:
		return c.byRarity(rareGiven, w, c.weights.of[f][levelExact], a.given, b.given)
	case familyName:
		return c.byRarity(rareFamily, w, c.weights.of[f][levelExact], a.family, b.family)
	case postal:
		if l == levelCity {
			if r := c.cityRarity(a.home.city()); r > 0 {
				return min(max(r, c.weights.least[rareCity]), c.weights.most[rareCity])
			}
		}
	}
	return w
}

// unique says that a level means a value which few people have, however many
// there are.
func unique(f field, l level) bool {
	return f >= mailbox && (l == levelTagged || l == levelHousehold || l == levelExact || l == levelNamed || l == levelFull)
}

// byRarity moves a weight by how much rarer than usual the commoner of the two
// values is.
func (c *comparer) byRarity(kind rare, w, usual cents, a, b *name) cents {
	r := min(a.rare, b.rare)
	if r == 0 {
		return w
	}
	r = min(max(r, c.weights.least[kind]), c.weights.most[kind])
	return max(w+(r-usual)*w/usual, w/4)
}

func (c *comparer) cityRarity(city string) cents {
	if have, ok := c.cities.Load(city); ok {
		return have.(cents)
	}
	r := c.snapshot.rarity(rareCity, city)
	c.cities.Store(strings.Clone(city), r)
	return r
}

func compareBirths(a, b string) level {
	switch {
	case a == "" || b == "":
		return levelMissing
	case a[:4] == noYear || b[:4] == noYear:
		if a[5:] == b[5:] {
			return levelSlipped
		}
		return levelDifferent
	case a == b:
		return levelExact
	case birthSwapped(a, b):
		return levelSwapped
	case birthSlip(a, b):
		return levelSlipped
	case noDay(a) || noDay(b):
		return levelMissing
	}
	return levelDifferent
}
