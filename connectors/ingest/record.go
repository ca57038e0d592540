package ingest

import (
	"strings"

	"customer360/connectors"
	"customer360/idgraph"
)

// identifying are the fields of a profile that may tell who it is.
var identifying = connectors.Fields("name", "givenName", "familyName", "emails.address", "phones.number", "birthDate",
	"addresses.street", "addresses.city", "addresses.postcode", "addresses.country", "identifiers")

// record is what the graph learns of a profile.
func record(p connectors.Profile) idgraph.Record {
	r := idgraph.Record{Ref: p.Owner, Identifiers: append([]idgraph.Identifier(nil), p.Identifiers...)}
	for _, e := range p.Emails {
		if e.Address != nil {
			r.Identifiers = append(r.Identifiers, idgraph.Identifier{Type: idgraph.Email, Value: *e.Address})
		}
	}
	for _, n := range p.Phones {
		if n.Number != nil {
			r.Identifiers = append(r.Identifiers, idgraph.Identifier{Type: idgraph.Phone, Value: *n.Number})
		}
	}
	r.GivenName, r.FamilyName = text(p.GivenName), text(p.FamilyName)
	if r.GivenName == "" && r.FamilyName == "" {
		r.GivenName, r.FamilyName = split(text(p.Name))
	}
	if p.BirthDate != nil {
		r.BirthDate = string(*p.BirthDate)
	}
	if len(p.Addresses) > 0 {
		a := p.Addresses[0]
		r.Street, r.City, r.Postcode, r.Country = text(a.Street), text(a.City), text(a.Postcode), text(a.Country)
	}
	return r
}

// split takes a full name apart: "Family, Given" by its comma, else the first
// word is taken for the given name.
func split(name string) (given, family string) {
	if family, given, ok := strings.Cut(name, ","); ok {
		return strings.TrimSpace(given), strings.TrimSpace(family)
	}
	given, family, _ = strings.Cut(strings.TrimSpace(name), " ")
	return given, strings.TrimSpace(family)
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return strings.TrimSpace(*s)
}
