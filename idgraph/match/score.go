package match

import (
	"slices"
	"strings"

	"customer360/idgraph"
)

// An Edge is the evidence that two records are one person.
type Edge struct {
	A, B   int32 // places in a set
	Weight cents
	Levels Levels
	Rule   idgraph.Rule
	Strong bool // enough to link without being asked
}

// Levels are how two records compare in every field, as a store keeps them.
type Levels [fields]byte

// score compares two records and says what follows.
func (c *comparer) score(a, b *Features) (Edge, bool) {
	x := c.compare(a, b)
	if x.sum < c.weights.review || x.level[givenName] == levelDifferent && !c.snapshot.OneEach && x.level[nationalID] < levelExact {
		return Edge{}, false
	}
	e := Edge{Weight: x.sum, Rule: x.rule()}
	for f, l := range x.level {
		e.Levels[f] = byte(l)
	}
	e.Strong = (x.sum >= c.weights.auto || c.snapshot.OneEach) && c.corroborated(a, b, &x)
	return e, true
}

// rule is the strongest reason.
func (x *comparison) rule() idgraph.Rule {
	fits := x.level[givenName] != levelDifferent && x.level[familyName] != levelDifferent
	switch {
	case x.level[reference] >= levelExact:
		return idgraph.CrossReference
	case x.level[nationalID] >= levelExact:
		return idgraph.SameNationalID
	case x.level[loyaltyID] >= levelExact:
		return idgraph.SameLoyaltyID
	case x.level[mailbox] >= levelExact && (fits || x.level[mailbox] == levelNamed):
		return idgraph.SameEmail
	case x.level[phoneNumber] >= levelExact && fits:
		return idgraph.SamePhone
	case x.level[birthDay] >= levelSlipped && x.named():
		return idgraph.NameAndBirthDate
	case x.level[postal] >= levelStreet && x.named():
		return idgraph.NameAndAddress
	}
	return idgraph.SimilarRecords
}

// named says that both names are there and fit.
func (x *comparison) named() bool {
	return x.level[givenName] > levelDifferent && x.level[familyName] > levelDifferent
}

// conflict says that two records cannot be one person.
func (c *comparer) conflict(a, b *Features, x *comparison) bool {
	if c.snapshot.OneEach {
		return a.Ref.Source == b.Ref.Source
	}
	given := x.level[givenName] == levelDifferent && !(x.level[nationalID] >= levelExact && x.level[familyName] >= levelPart)
	if c.snapshot.Strangers {
		given = given && twoNames(a, b)
	}
	birth := x.level[birthDay] == levelDifferent && !(c.snapshot.Strangers && !given)
	return given || birth || x.level[nationalID] == levelDifferent || x.level[reference] == levelDifferent
}

// fit says that one name at least is the same, and none another one.
func (x *comparison) fit() bool {
	given, family := x.level[givenName], x.level[familyName]
	return given != levelDifferent && family != levelDifferent && max(given, family) >= levelSlipped
}

// unshared counts the identifiers that are equal and nobody else's.
func (x *comparison) unshared() (n int) {
	for _, f := range [...]field{mailbox, phoneNumber, nationalID, loyaltyID, reference} {
		if x.level[f] >= levelExact {
			n++
		}
	}
	return n
}

// twofold is what it weighs that a source lists a person once.
const twofold = 200

// corroborated says whether the evidence is of a kind that may link without
// anybody being asked, however much it weighs. In a household family name,
// address, phone and often the mailbox agree together, so:
//
//   - Two identifiers that nobody else holds do, where the names don't contradict;
//     one does too, where it fits the names (see byIdentifier).
//   - A household's mailbox does, with both names; one of people of one name, or
//     of nothing but a name, with something more.
//   - A mailbox with different tags does, with both names, unless both phone and
//     home differ; so does one that is a slip apart, where neither is another one.
//   - A mailbox named after a first name and the other one's year of birth does,
//     with both names and the same phone or home.
//   - The birth date does, with both names; a slip in it, with something more.
//   - Both names and the full address do, where no identifier differs.
func (c *comparer) corroborated(a, b *Features, x *comparison) bool {
	given, family, birth, home := x.level[givenName], x.level[familyName], x.level[birthDay], x.level[postal]
	if c.conflict(a, b, x) {
		return false
	}
	if c.snapshot.OneEach {
		least := c.weights.review + twofold // rivals of the same source keep it from being followed
		if home == levelDifferent {
			least = c.weights.auto
		}
		return x.sum >= least && (max(given, family, birth) > levelDifferent || x.unshared() > 0)
	}
	if c.snapshot.Strangers && x.fit() && x.sum >= c.weights.auto+twofold {
		return true
	}
	unshared := x.unshared()
	contradicted := x.level[mailbox] == levelDifferent || x.level[phoneNumber] == levelDifferent || x.level[loyaltyID] == levelDifferent
	switch {
	case unshared >= 2 && given != levelMissing:
		return family != levelDifferent || given >= levelNickname
	case unshared >= 2:
		return family != levelDifferent
	case unshared == 1 && c.byIdentifier(a, b, x):
		return true
	case x.level[mailbox] == levelHousehold:
		return (x.level[phoneNumber] != levelDifferent || home >= levelNear) && (x.beside() || c.claimedByOne(a, b) || x.uncontradicted() && !c.namesakes(a, b))
	case x.level[mailbox] == levelSimilar && given >= levelNickname && family >= levelSlipped:
		return x.uncontradicted() || x.beside()
	case x.level[mailbox] == levelTagged && given >= levelSlipped && family > levelDifferent:
		return x.level[phoneNumber] != levelDifferent || home != levelDifferent
	case x.level[mailbox] == levelBorn && given >= levelNickname && family >= levelSlipped:
		return x.level[phoneNumber] >= levelSimilar || home >= levelStreet
	case birth >= levelSlipped && (x.level[mailbox] >= levelTagged || x.level[mailbox] == levelShared && birth == levelExact):
		return given >= levelSlipped || given == levelInitial && family >= levelPart
	case birth == levelExact && x.named():
		return given != levelSimilar && (given >= levelSlipped && family >= levelPart || home >= levelStreet) || unshared > 0
	case birth >= levelSlipped && given >= levelNickname && family >= levelPart:
		return home >= levelCity || unshared > 0 || x.level[mailbox] >= levelSimilar || x.level[phoneNumber] == levelSimilar
	case birth == levelExact && given >= levelNickname && family == levelDifferent: // married
		return unshared > 0 || home == levelFull
	case birth >= levelSlipped && home == levelFull && given == levelInitial && family == levelExact:
		return !contradicted
	case home == levelFull && given >= levelSlipped && family >= levelSimilar:
		return !contradicted
	}
	return false
}

// byIdentifier says whether one identifier that nobody else holds links these two:
//
//   - Family names must fit. Where they don't, one person may have married: that
//     takes the full first name and a mailbox named after the person, or the same
//     home or birthday.
//   - A phone number changes hands: where the e-mail addresses differ, it takes
//     the same home or birthday to believe that the owner hasn't changed.
//   - A mailbox named after a first name alone (susan50@) was free for anybody of
//     that name: it takes the family name, the same home or birthday too.
//   - A mailbox of nothing but a name, of a provider that everybody uses, is typed
//     by others of that name: it takes that neither phone, home nor card differ,
//     or something that agrees.
//   - A mailbox that isn't named after the person at all joins unless both phone
//     and home differ.
//   - Where one has no first name, it may be another one's of the household,
//     whosever name the mailbox bears: it takes the same birthday, which twins
//     have in common as they have the phone, or both.
func (c *comparer) byIdentifier(a, b *Features, x *comparison) bool {
	given, family, home := x.level[givenName], x.level[familyName], x.level[postal]
	settled := x.level[birthDay] >= levelSlipped || home >= levelStreet
	byName := noNaming
	if x.level[mailbox] >= levelExact {
		byName = c.mailNaming(a, b)
	}
	sameMail := x.level[mailbox] == levelShared || x.level[mailbox] >= levelHousehold
	number := x.level[reference] >= levelExact || x.level[nationalID] >= levelExact
	switch {
	case family == levelDifferent:
		return given >= levelNickname && (byName == fullName || number || settled && (x.level[loyaltyID] >= levelExact || x.level[phoneNumber] >= levelExact))
	case number:
		return true
	case given == levelMissing && c.snapshot.Strangers && x.level[mailbox] >= levelExact:
		return true
	case given == levelSimilar && !number:
		return x.level[birthDay] >= levelSlipped || x.level[mailbox] >= levelExact && x.level[phoneNumber] == levelSimilar
	case given == levelMissing:
		return x.level[birthDay] >= levelSlipped && x.level[mailbox] >= levelExact || x.level[phoneNumber] >= levelExact && sameMail
	case byName == fullName:
		return x.beside() || c.claimedByOne(a, b) || x.uncontradicted()
	case x.level[phoneNumber] >= levelExact && x.level[mailbox] == levelShared: // of a workplace, it may be
		return given == levelExact && family >= levelSlipped
	case x.level[phoneNumber] >= levelExact:
		return settled || x.level[mailbox] != levelDifferent
	case byName == firstName:
		return settled || given >= levelNickname && family >= levelSlipped
	case x.level[mailbox] >= levelExact:
		return x.level[phoneNumber] != levelDifferent || home != levelDifferent
	}
	return true
}

// uncontradicted says that neither phone, home nor card is another one.
func (x *comparison) uncontradicted() bool {
	return x.level[phoneNumber] != levelDifferent && x.level[postal] != levelDifferent && x.level[loyaltyID] != levelDifferent
}

// beside says that something beside mailbox and names agrees.
func (x *comparison) beside() bool {
	return x.level[birthDay] >= levelSlipped || x.level[phoneNumber] >= levelSimilar || x.level[postal] >= levelNear
}

// claimedByOne says that a mailbox that both hold is one that nobody else takes
// for theirs: john.smith@ of a provider that everybody uses is typed by many of
// that name.
func (c *comparer) claimedByOne(a, b *Features) bool {
	return bothHold(a, b, func(id *identifier) bool {
		local, domain, _ := strings.Cut(id.Value, "@")
		_, everybodys := providers[domain]
		return !everybodys || strings.ContainsAny(local, "0123456789")
	})
}

// namesakes says that a mailbox that both hold is one of people of one name.
func (c *comparer) namesakes(a, b *Features) bool {
	return bothHold(a, b, func(id *identifier) bool { return c.marks(id.key) == Namesakes })
}

// bothHold says that both hold a mailbox of a kind.
func bothHold(a, b *Features, of func(id *identifier) bool) bool {
	for i := range a.ids {
		id := &a.ids[i]
		if id.Type == idgraph.Email && slices.ContainsFunc(b.ids, func(o identifier) bool { return o.Identifier == id.Identifier }) && of(id) {
			return true
		}
	}
	return false
}

// mailNaming says how the mailboxes that both hold are named after one of them.
func (c *comparer) mailNaming(a, b *Features) (best naming) {
	bothHold(a, b, func(id *identifier) bool {
		if c.marks(id.key) == OnePersons {
			best = max(best, mailNames(id.Value, a), mailNames(id.Value, b))
		}
		return false
	})
	return best
}

// Evidence says what an edge between two records is worth, field by field.
func (r *Rules) Evidence(e Edge, a, b *Features) []idgraph.Evidence {
	out := []idgraph.Evidence{{Field: "prior", Level: r.weights.Version, Bits: r.prior.bits()}}
	c := r.comparer(nil)
	for f, l := range e.Levels {
		if level(l) != levelMissing && l < byte(levels) {
			out = append(out, idgraph.Evidence{Field: fieldNames[f], Level: levelNames[l], Bits: c.worth(field(f), level(l), a, b, level(e.Levels[nationalID]) >= levelExact).bits()})
		}
	}
	return out
}

// Bits is what the edge weighs.
func (e Edge) Bits() float64 { return e.Weight.bits() }
