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
	out := make([]idgraph.Rule, 0, 2)
	for _, id := range p.shared {
		if r := RuleOf(id.Type); !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(r, s idgraph.Rule) int {
		return cmp.Compare((idgraph.Rule).Strength(s), (idgraph.Rule).Strength(r))
	})
	return out
}

// strongest is the strength of the pair's best rule.
func (p pair) strongest() int {
	best := 0
	for _, id := range p.shared {
		best = max(best, (idgraph.Rule).Strength(RuleOf(id.Type)))
	}
	return best
}

// linked says whether the names of the two allow the link, their first names
// being no conflict:
//
//   - Family names must fit. Where they don't, one person may have married: that
//     takes the full first name, and two values shared or a mailbox named after
//     the person.
//   - A phone number changes hands: where the e-mail addresses differ, it takes
//     the same home or birthday to believe that the owner hasn't changed.
//   - A mailbox named after a first name alone (susan50@) was free for anybody of
//     that name: it takes the same home or birthday too.
//   - A mailbox that isn't named after the person at all joins unless both phone
//     and home differ.
//   - Where one has no first name, it may be another one's of the household: it
//     takes two values, the same birthday, or a mailbox named after the other.
func (p pair) linked(all []member) bool {
	a, b := &all[p.a], &all[p.b]
	given, family := namesFit(a.person, b.person)
	if given == apart {
		return false
	}
	if family && len(p.shared) > 1 {
		return true
	}
	byName, sameBirth := p.named(a, b), a.birth != "" && a.birth == b.birth
	settled := sameBirth || atHome(a, b) == same
	switch {
	case given == unknown && len(a.given)+len(b.given) > 0 && p.strongest() < (idgraph.Rule).Strength(idgraph.CrossReference):
		return family && (sameBirth || byName == fullName && !differ(a, b, idgraph.Phone) || byName == firstName && settled)
	case !family:
		return given == full && (byName == fullName || len(p.shared) > 1)
	case byName == fullName:
		return true
	case p.shared[0].Type == idgraph.Phone:
		return settled || alike(a, b) || !differ(a, b, idgraph.Email)
	case byName == firstName:
		return settled
	case p.shared[0].Type == idgraph.Email:
		return !differ(a, b, idgraph.Phone) || atHome(a, b) != other
	}
	return true
}

// named says how the mailboxes that they share are named after one of them.
func (p pair) named(a, b *member) (best naming) {
	for _, id := range p.shared {
		if id.Type == idgraph.Email {
			best = max(best, namedAfter(id.Value, a.person), namedAfter(id.Value, b.person))
		}
	}
	return best
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

// alike says that two e-mail addresses differ by a tag or a slip only. That
// links nobody, but is no sign of another owner either.
func alike(a, b *member) bool {
	return slices.ContainsFunc(a.Identifiers, func(x idgraph.Identifier) bool {
		return x.Type == idgraph.Email && slices.ContainsFunc(b.Identifiers, func(y idgraph.Identifier) bool {
			localX, domainX, _ := strings.Cut(x.Value, "@")
			localY, domainY, _ := strings.Cut(y.Value, "@")
			localX, _, _ = strings.Cut(localX, "+")
			localY, _, _ = strings.Cut(localY, "+")
			return y.Type == idgraph.Email && domainX == domainY && (localX == localY || slip(localX, localY))
		})
	})
}

// A home says how two addresses compare.
type home int

const (
	unsure home = iota // one is missing, or they can't be told apart
	same               // postal code and house number are the same
	other              // another postal code, or another house number
)

func atHome(a, b *member) home {
	if a.Postcode == "" || b.Postcode == "" {
		return unsure
	}
	if bare(a.Postcode) != bare(b.Postcode) {
		return other
	}
	x, y := houseNumbers(a.Street), houseNumbers(b.Street)
	switch {
	case len(x) == 0 || len(y) == 0:
		return unsure
	case slices.ContainsFunc(x, func(n string) bool { return slices.Contains(y, n) }):
		return same
	}
	return other
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
