package ingest

import (
	"slices"
	"strings"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/match"
)

// identifying are the fields of a profile that may tell who it is.
var identifying = connectors.Fields("name", "givenName", "familyName", "emails.address", "phones.number", "birthDate",
	"addresses.street", "addresses.city", "addresses.postcode", "addresses.country", "identifiers")

// record is what the graph learns of a profile.
func record(p connectors.Profile) idgraph.Record {
	r := idgraph.Record{Ref: p.Owner, LookupKey: p.LookupKey, Identifiers: slices.Clone(p.Identifiers)}
	add := func(t idgraph.IdentifierType, value *string) {
		if v := text(value); v != "" {
			r.Identifiers = append(r.Identifiers, idgraph.Identifier{Type: t, Value: v})
		}
	}
	for _, e := range p.Emails {
		add(idgraph.Email, e.Address)
	}
	for _, n := range p.Phones {
		add(idgraph.Phone, n.Number)
	}
	r.GivenName, r.FamilyName = text(p.GivenName), text(p.FamilyName)
	if r.GivenName == "" && r.FamilyName == "" {
		r.GivenName, r.FamilyName = match.SplitName(text(p.Name))
	}
	if p.BirthDate != nil {
		r.BirthDate = string(*p.BirthDate)
	}
	if len(p.Addresses) > 0 {
		a := p.Addresses[0]
		r.Street, r.City, r.Postcode = text(a.Street), text(a.City), text(a.Postcode)
	}
	for _, a := range p.Addresses { // the first country: numbers without a code are read there
		if r.Country = text(a.Country); r.Country != "" {
			break
		}
	}
	return r
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return strings.TrimSpace(*s)
}
