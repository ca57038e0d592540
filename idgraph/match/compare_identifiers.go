package match

import (
	"strings"

	"customer360/idgraph"
)

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
