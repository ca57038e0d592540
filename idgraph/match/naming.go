package match

import "strings"

// A naming says how a mailbox is named after a person.
type naming int

const (
	noNaming  naming = iota
	firstName        // the first name, and nothing else but digits
	fullName         // the family name with the first or its initial, or the other way about
)

func namedAfter(address string, p person) naming {
	local, _, _ := strings.Cut(address, "@")
	local = key(strings.Trim(strings.Join(fold(untagged(local)), ""), "0123456789"))
	if len(p.given) == 0 {
		return noNaming
	}
	family, given := key(strings.Join(without(p.family, particles), "")), key(p.given[0])
	if before, after, ok := strings.Cut(local, family); ok && len(family) >= 3 {
		if strings.Contains(before+" "+after, given) || before+after == given[:1] {
			return fullName
		}
	}
	switch before, after, ok := strings.Cut(local, given); {
	case local == given || knownAs(local, given):
		return firstName
	case ok && family != "" && before+after == family[:1]:
		return fullName
	}
	return noNaming
}
