package connectors

import (
	"slices"

	"customer360/idgraph"
	"customer360/idgraph/match"
)

// AddHolder notes a person under those of the identifiers asked for, each in its
// normal form, that the person holds: sources keep values as they were typed. A
// phone number without its country is read in each country that the person has
// an address in, and in the deployment's own, region.
func AddHolder(found map[idgraph.Identifier][]idgraph.Ref, asked []idgraph.Identifier, p Profile, region string) {
	held := normalOf(p, region)
	for _, id := range asked {
		if held[id] && !slices.Contains(found[id], p.Owner) {
			found[id] = append(found[id], p.Owner)
		}
	}
}

// normalOf are a person's identifiers in their normal form.
func normalOf(p Profile, region string) map[idgraph.Identifier]bool {
	regions := []string{region}
	for _, a := range p.Addresses {
		if a.Country != nil && !slices.Contains(regions, *a.Country) {
			regions = append(regions, *a.Country)
		}
	}
	held := map[idgraph.Identifier]bool{}
	add := func(kind idgraph.IdentifierType, value, region string) {
		if n, ok := match.Normalise(idgraph.Identifier{Type: kind, Value: value}, region); ok {
			held[n] = true
		}
	}
	for _, e := range p.Emails {
		add(idgraph.Email, *e.Address, "")
	}
	for _, phone := range p.Phones {
		for _, region := range regions {
			add(idgraph.Phone, *phone.Number, region)
		}
	}
	for _, id := range p.Identifiers {
		add(id.Type, id.Value, "")
	}
	return held
}

// Spellings says whether a provider of mailboxes takes several addresses for
// one: whether it ignores dots, and what follows a sign.
func Spellings(host string) (dots, tags bool) {
	return folds("a.b@" + host), folds("ab+c@"+host) || folds("ab-c@"+host)
}

func folds(address string) bool {
	n, ok := match.Normalise(idgraph.Identifier{Type: idgraph.Email, Value: address}, "")
	return ok && n.Value != address
}
