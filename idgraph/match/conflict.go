package match

import "customer360/idgraph"

// Conflict says whether two records cannot be one person: their first names
// are neither equal, nor nicknames, nor initial or beginning of one another (in
// either order of names), or their birth dates differ. What is missing is no
// evidence.
func Conflict(a, b idgraph.Record) bool {
	return conflict(personOf(a.GivenName, a.FamilyName, birthDate(a.BirthDate)), personOf(b.GivenName, b.FamilyName, birthDate(b.BirthDate)))
}

func conflict(a, b person) bool {
	if a.birth != "" && b.birth != "" && a.birth != b.birth {
		return true
	}
	if a.generation != "" && b.generation != "" && a.generation != b.generation {
		return true
	}
	given, _ := namesFit(a, b)
	return given == apart
}

// namesFit compares two people's names as they stand, and with given and
// family name of one of them swapped, where that fits on both sides.
func namesFit(a, b person) (given fit, family bool) {
	given, family = givenFit(a.given, b.given), familyFit(a.family, b.family)
	if given == apart && len(a.family) > 0 && len(b.family) > 0 {
		if crossed := givenFit(a.given, b.family); crossed == full && familyFit(a.family, b.given) {
			return full, true
		}
		if crossed := givenFit(a.family, b.given); crossed == full && familyFit(a.given, b.family) {
			return full, true
		}
	}
	return given, family
}
