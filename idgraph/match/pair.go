package match

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"customer360/idgraph"
)

// A pair is two members and the usable values that both hold.
type pair struct {
	a, b   int
	shared []idgraph.Identifier
}

// rules lists the pair's rules, strongest first.
func (p pair) rules() []idgraph.Rule {
	var out []idgraph.Rule
	for _, id := range p.shared {
		if r := RuleOf(id.Type); !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(r, s idgraph.Rule) int { return cmp.Compare(strength[s], strength[r]) })
	return out
}

func (p pair) strongest() int { return strength[p.rules()[0]] }

// linked says whether the names of the two allow the link, their first names
// being no conflict:
//
//   - Family names must fit. Where they don't, one person may have married: that
//     takes the full first name, and two values shared or a mailbox named after
//     the person.
//   - A phone, or a mailbox not named after the person, may have had another
//     owner. If nothing else is shared and both the other contact data and the
//     address differ, it joins nobody.
func (p pair) linked(all []member) bool {
	a, b := &all[p.a], &all[p.b]
	given, family := namesFit(a.person, b.person)
	if given == apart {
		return false
	}
	named := slices.ContainsFunc(p.shared, func(id idgraph.Identifier) bool {
		return id.Type == idgraph.Email && namedAfter(id.Value, a.person, b.person)
	})
	if !family {
		return given == full && (named || len(p.shared) > 1)
	}
	if len(p.shared) > 1 || named {
		return true
	}
	switch p.shared[0].Type {
	case idgraph.Email:
		return !differ(a, b, idgraph.Phone) || !elsewhere(a, b)
	case idgraph.Phone:
		return !differ(a, b, idgraph.Email) || !elsewhere(a, b)
	}
	return true
}

// namedAfter says whether a mailbox carries the family name and the first name
// (or its initial) of one of the two.
func namedAfter(address string, people ...person) bool {
	local, _, _ := strings.Cut(address, "@")
	local = key(strings.Join(fold(local), ""))
	return slices.ContainsFunc(people, func(p person) bool {
		if len(p.given) == 0 || len(p.family) == 0 {
			return false
		}
		family, given := key(strings.Join(without(p.family, particles), "")), key(p.given[0])
		if len(family) < 3 {
			return false
		}
		before, after, ok := strings.Cut(local, family)
		return ok && (strings.Contains(before+" "+after, given) || before == given[:1])
	})
}

// differ says that both hold values of a type, and share none.
func differ(a, b *member, t idgraph.IdentifierType) bool {
	var hasA, hasB bool
	for _, id := range b.Identifiers {
		hasB = hasB || id.Type == t
	}
	for _, id := range a.Identifiers {
		if id.Type == t {
			hasA = true
			if slices.Contains(b.Identifiers, id) {
				return false
			}
		}
	}
	return hasA && hasB
}

// elsewhere says that both have an address, and not the same: another postal
// code, or the same one with other house numbers.
func elsewhere(a, b *member) bool {
	if a.Postcode == "" || b.Postcode == "" {
		return false
	}
	if bare(a.Postcode) != bare(b.Postcode) {
		return true
	}
	x, y := houseNumbers(a.Street), houseNumbers(b.Street)
	return len(x) > 0 && len(y) > 0 && !slices.ContainsFunc(x, func(n string) bool { return slices.Contains(y, n) })
}

func bare(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return unicode.ToUpper(c)
		}
		return -1
	}, s)
}

func houseNumbers(street string) []string {
	return strings.FieldsFunc(street, func(c rune) bool { return !unicode.IsDigit(c) })
}
