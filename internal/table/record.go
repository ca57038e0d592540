package table

import (
	"iter"
	"slices"
	"strings"

	"customer360/idgraph"
	"customer360/idgraph/match"
)

// withoutSource is the source of records that name none.
const withoutSource idgraph.Source = "records"

// record reads a line. It answers false where a birth date is in no known format.
func (p *plan) record(fields []string, id string) (r idgraph.Record, dated bool) {
	r.Ref = idgraph.Ref{Source: idgraph.Source(p.often(fields, source)), ID: strings.Clone(p.first(fields, externalID))}
	if r.Ref.Source == "" {
		r.Ref.Source = withoutSource
	}
	if r.Ref.ID == "" && p.called[r.Ref.Source] {
		r.Ref.ID = id
	}
	r.Identifiers = p.identifiers(fields, r.Ref)
	if r.Ref.ID == "" {
		r.Ref.ID = id
	}
	r.GivenName, r.FamilyName = p.joined(fields, givenName), p.joined(fields, familyName)
	if r.GivenName == "" && r.FamilyName == "" {
		r.GivenName, r.FamilyName = match.SplitName(p.joined(fields, fullName))
	}
	r.Street, r.HouseNumber = p.joined(fields, street), p.first(fields, houseNumber)
	r.City, r.Region = p.often(fields, city), p.often(fields, region)
	r.Postcode, r.Country = p.first(fields, postcode), p.often(fields, country)
	r.BirthDate, dated = p.birthDate(fields)
	return r, dated
}

// birthDate is the first that can be read. It answers false where there are
// some, and none can, with the last as it was written: of 1984-13-01 more can be
// told than of nothing.
func (p *plan) birthDate(fields []string) (date string, known bool) {
	known = true
	for _, b := range p.births {
		v := strings.TrimSpace(fields[b.at])
		if v == "" {
			continue
		}
		if d, ok := day(v, b.layouts, p.today); ok {
			return d, true
		}
		date, known = v, false
	}
	return date, known
}

// identifiers are all that may link a record, its source's own id among them,
// by which others may call it.
func (p *plan) identifiers(fields []string, own idgraph.Ref) []idgraph.Identifier {
	var room [8]idgraph.Identifier
	ids := room[:0]
	add := func(t idgraph.IdentifierType, value string) {
		if value = strings.TrimSpace(value); value != "" {
			ids = append(ids, idgraph.Identifier{Type: t, Value: value})
		}
	}
	add(p.typeOf(own.Source), own.ID)
	for _, ref := range p.references {
		add(p.typeOf(ref.to), fields[ref.at])
	}
	for _, at := range p.of[email] {
		for v := range several(fields[at], ";,|") {
			add(idgraph.Email, v)
		}
	}
	for _, at := range p.of[phone] {
		for v := range several(fields[at], ";|") {
			add(idgraph.Phone, v)
		}
	}
	for _, at := range p.of[loyaltyID] {
		add(idgraph.LoyaltyID, fields[at])
	}
	for _, n := range p.nationals {
		add(n.is, fields[n.at])
	}
	return slices.Clone(ids)
}

// typeOf is the type of a source's ids.
func (p *plan) typeOf(s idgraph.Source) idgraph.IdentifierType {
	t, ok := p.types[s]
	if !ok {
		t = idgraph.Reference(s)
		p.types[s] = t
	}
	return t
}

// several are the values of a column that may hold more than one.
func several(v, separators string) iter.Seq[string] {
	return strings.FieldsFuncSeq(v, func(c rune) bool { return strings.ContainsRune(separators, c) })
}
