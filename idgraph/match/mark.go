package match

import (
	"customer360/idgraph"
)

// A Mark says whose an identifier is.
type Mark uint8

// The marks.
const (
	OnePersons Mark = iota // as far as is known
	Households             // of people whose first names differ, or of a role: a name tells which of them
	Namesakes              // of people of one name, whom only their birth dates tell apart
	Several                // of very many
)

// MarkOf answers the mark of an identifier that these hold. What two holders
// cannot share as one person makes it several people's, for everyone.
func (r *Rules) MarkOf(id idgraph.Identifier, holders []*Features) Mark {
	if len(holders) > CapOf(id.Type, 0) {
		return Several
	}
	return r.comparer(nil).markOf(id.Type, len(holders), func(i int) *Features { return holders[i] })
}

func (c *comparer) markOf(t idgraph.IdentifierType, n int, holder func(i int) *Features) (m Mark) {
	for i := range n {
		for j := i + 1; j < n; j++ {
			if m = max(m, c.excludes(t, holder(i), holder(j))); m == Several {
				return m
			}
		}
	}
	return m
}

// excludes says whether two holders of an identifier cannot be one person:
// their first names contradict, or their generations, or their birth dates are
// further apart than a slip.
func (c *comparer) excludes(t idgraph.IdentifierType, a, b *Features) Mark {
	if c.snapshot.OneEach {
		if a.Ref.Source == b.Ref.Source {
			return Several
		}
		return OnePersons
	}
	if c.snapshot.Strangers && t == idgraph.Email {
		return OnePersons
	}
	given, family := c.compareNames(a, b)
	switch {
	case t == idgraph.NationalID && family >= levelPart && compareBirths(a.birth, b.birth) != levelDifferent:
		return OnePersons // a state gives a number once
	case given == levelDifferent:
		if misspelt(a.given, b.given) && jaroWinkler(a.given.text, b.given.text) >= 0.7 {
			return OnePersons // nobody's name is no sign of another person
		}
		return Households
	case a.generation != b.generation && a.generation != "" && b.generation != "":
		return Namesakes
	case compareBirths(a.birth, b.birth) == levelDifferent:
		return Namesakes
	}
	return OnePersons
}
