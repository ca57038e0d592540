package match

import (
	"strings"

	"customer360/idgraph"
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

// compareHomes compares addresses. Streets are the same where the words of one
// stand in the other one: a building or a part of the town may stand beside them.
func (c *comparer) compareHomes(x, y *residence) level {
	if x.empty() || y.empty() {
		return levelMissing
	}
	a, b := x.open(), y.open()
	samePost := a.postcode != "" && a.postcode == b.postcode
	nearPost := samePost || min(len(a.postcode), len(b.postcode)) >= 4 && distance(a.postcode, b.postcode, 1) == 1
	sameCity := a.city != "" && b.city != "" && (a.city == b.city || typed(a.city, b.city))
	bothStreets := a.street != "" && b.street != ""
	sameStreet := bothStreets && (a.street == b.street || typed(a.street, b.street) || wordsIn(a.street, b.street) || respaced(a.street, b.street))
	numbers := a.number != "" && b.number != ""
	sameNumber := numbers && a.number == b.number
	placed := samePost || sameCity || nearPost || a.postcode == "" && a.city == "" || b.postcode == "" && b.city == "" ||
		a.postcode == "" && b.city == "" || a.city == "" && b.postcode == ""
	switch {
	case numbers && !sameNumber && (bothStreets || samePost):
		if c.snapshot.OneEach && sameStreet && (samePost || sameCity && nearPost) {
			return levelStreet
		}
		if sameStreet || samePost {
			return levelMissing // the neighbours, or a slip
		}
		return levelDifferent
	case sameStreet && sameNumber && placed:
		return levelFull
	case samePost && (sameNumber || sameStreet), sameStreet && placed, sameNumber && sameCity && nearPost:
		return levelStreet
	case samePost && !bothStreets:
		return levelNear
	case sameCity && !bothStreets:
		return levelCity
	case sameCity || samePost:
		return levelMissing
	case bothStreets || a.postcode != "" && b.postcode != "" || a.city != "" && b.city != "":
		return levelDifferent
	}
	return levelMissing
}

// wordsIn says that all words of the shorter street but its type stand in the
// longer one, a slip in each allowed.
func wordsIn(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	long := false
	for word := range strings.SplitSeq(a, " ") {
		if len(word) < 4 || streetWords[word] == word {
			continue
		}
		found := false
		for other := range strings.SplitSeq(b, " ") {
			found = found || word == other || len(word) >= 5 && distance(word, other, 1) <= 1
		}
		if !found {
			return false
		}
		long = true
	}
	return long
}

// respaced says that two streets are the same but for a blank that stands
// elsewhere, or not at all, and at most a slip.
func respaced(a, b string) bool {
	more := len(a) - len(b)
	return more <= 3 && more >= -3 && strings.Count(a, " ")+strings.Count(b, " ") > 0 && a[0] == b[0] &&
		typed(strings.ReplaceAll(a, " ", ""), strings.ReplaceAll(b, " ", ""))
}

// compareIdentifiers compares by type: the best of any two values.
func (c *comparer) compareIdentifiers(a, b *Features, out *comparison) {
	for i := 0; i < len(a.ids); {
		t, end := a.ids[i].Type, i+1
		for end < len(a.ids) && a.ids[end].Type == t {
			end++
		}
		for j := range b.ids {
			if b.ids[j].Type != t {
				continue
			}
			f, named := fieldOf(t), out.level[givenName] >= levelSlipped && out.level[familyName] != levelDifferent
			for k := i; k < end; k++ {
				out.level[f] = max(out.level[f], c.identifiers(a, b, &a.ids[k], &b.ids[j], named, out.level[givenName] == levelExact || out.level[givenName] == levelSlipped))
			}
		}
		i = end
	}
	if out.level[mailbox] == levelDifferent && (bornIn(a, b) || bornIn(b, a)) {
		out.level[mailbox] = levelBorn
	}
}

// bornIn says that a mailbox of a is named after b and the year of b's birth:
// jennifer96@, and Jennifer was born in 1996.
func bornIn(a, b *Features) bool {
	year := yearOf(b.birth)
	if year == "" || year == noYear {
		return false
	}
	for i := range a.ids {
		local, _, _ := strings.Cut(a.ids[i].Value, "@")
		local = untagged(local)
		digits := local[len(strings.TrimRight(local, "0123456789")):]
		if a.ids[i].Type == idgraph.Email && (digits == year || digits == year[2:]) && mailNames(local, b) != noNaming {
			return true
		}
	}
	return false
}

func fieldOf(t idgraph.IdentifierType) field {
	switch {
	case t == idgraph.Email:
		return mailbox
	case t == idgraph.Phone:
		return phoneNumber
	case t.IsNationalID():
		return nationalID
	case t.IsReference():
		return reference
	}
	return loyaltyID
}

func (c *comparer) identifiers(a, b *Features, x, y *identifier, named, sameName bool) level {
	if x.Value == y.Value {
		mark := c.marks(x.key)
		if OfRole(x.Identifier) {
			mark = max(mark, Households)
			named = named && sameName
		}
		switch {
		case (mark == Households || mark == Namesakes) && named && x.Type == idgraph.Email:
			return levelHousehold
		case mark != OnePersons:
			return levelShared
		case x.Type == idgraph.Email && (mailNames(x.Value, a) == fullName || mailNames(x.Value, b) == fullName):
			return levelNamed
		}
		return levelExact
	}
	switch {
	case x.Type == idgraph.Email:
		return compareMail(x.Value, y.Value)
	case x.Type == idgraph.Phone:
		if distance(x.Value, y.Value, 1) <= 1 && len(x.Value) >= 9 || sameEnd(x.Value, y.Value) {
			return levelSimilar
		}
	case x.Type.IsReference() && (ownNumber(a, x) || ownNumber(b, y)):
		return levelMissing // a source may list a person twice
	}
	return levelDifferent
}

// sameEnd says that one number is another one without what stands before it: a
// country's or a town's code.
func sameEnd(a, b string) bool {
	a, b = strings.TrimLeft(a, "+0"), strings.TrimLeft(b, "+0")
	return min(len(a), len(b)) >= 7 && (strings.HasSuffix(a, b) || strings.HasSuffix(b, a))
}

// ownNumber says that a reference is the number which the source itself gives
// the record.
func ownNumber(f *Features, id *identifier) bool { return id.Type == idgraph.Reference(f.Ref.Source) }

func compareMail(a, b string) level {
	wholeA, domainA, _ := strings.Cut(a, "@")
	wholeB, domainB, _ := strings.Cut(b, "@")
	localA, localB := untagged(wholeA), untagged(wholeB)
	switch {
	case localA == localB && domainA == domainB && shared(a):
		return levelShared
	case localA == localB && domainA == domainB:
		return levelTagged
	case min(len(localA), len(localB)) < 4 || shared(a) || shared(b):
		return levelDifferent
	case localA == localB && len(localA) > 4:
		return levelLocal
	case domainA == domainB && (mistyped(localA, localB) || mistyped(wholeA, wholeB)): // the plus sign may be lost
		return levelSimilar
	}
	return levelDifferent
}

// mistyped says that one part before the @ is the other one with a slip in it.
// People choose the first letter, the sign between two names and the digits behind
// them: who has others is somebody else, of the same name.
func mistyped(a, b string) bool {
	if a[0] != b[0] || max(len(a), len(b)) < 5 || !typed(a, b) {
		return false
	}
	lettersA, digitsA := parted(a)
	lettersB, digitsB := parted(b)
	return digitsA == digitsB && joiners.Replace(lettersA) != joiners.Replace(lettersB) || lettersA == lettersB && digitsA == digitsB
}

// parted are the digits of a text, and all else.
func parted(s string) (letters, digits string) {
	take := func(wanted bool) string {
		return strings.Map(func(c rune) rune {
			if c >= '0' && c <= '9' == wanted {
				return c
			}
			return -1
		}, s)
	}
	return take(false), take(true)
}

// untagged is the part before the @ without what stands behind a plus sign.
// Nearly every mail server delivers both to one mailbox, though only of some
// providers is that known for certain: it is evidence, and no identity.
func untagged(local string) string {
	if at := strings.IndexByte(local, '+'); at > 0 {
		return local[:at]
	}
	return local
}

// mailNames says how a mailbox is named after a person.
func mailNames(address string, f *Features) naming {
	return namedAfter(address, person{given: f.given.parts, family: f.family.parts})
}
