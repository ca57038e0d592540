package vendure

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/consent"
)

// wholeProfile is every field that a Vendure customer has.
var wholeProfile = connectors.Fields("updatedAt", "name", "givenName", "familyName", "emails", "phones", "addresses.street", "addresses.city",
	"addresses.postcode", "addresses.region", "addresses.country", "company", "identifiers")

func (c *connector) profileColumns() []column {
	// The first address tells where somebody lives: it takes their order.
	in := func(names ...string) []string {
		return append(names, "addresses.id", "addresses.defaultBillingAddress", "addresses.defaultShippingAddress")
	}
	columns := []column{
		{"updatedAt", []string{"updatedAt"}},
		{"name", []string{"firstName", "lastName"}},
		{"givenName", []string{"firstName"}},
		{"familyName", []string{"lastName"}},
		{"emails", []string{"emailAddress"}},
		{"phones", []string{"phoneNumber"}},
		{"addresses.street", in("addresses.streetLine1", "addresses.streetLine2")},
		{"addresses.city", in("addresses.city")},
		{"addresses.postcode", in("addresses.postalCode")},
		{"addresses.region", in("addresses.province")},
		{"addresses.country", in("addresses.country.code")},
	}
	if c.cfg.Company != "" {
		columns = append(columns, column{"company", []string{"customFields." + c.cfg.Company}})
	}
	return columns
}

// Profiles are customers, guests among them. The numbers in their addresses are
// those of whoever receives a parcel, and left out.
func (c *connector) Profiles(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Profile], error) {
	fields := asks(q.Fields, c.profileColumns(), "id")
	people, refs, err := c.people(ctx, q, fields, selection(fields), nil)
	if err != nil {
		return nil, c.fail("profiles", err)
	}
	answers := make(connectors.Answers[connectors.Profile], len(people))
	for _, p := range people {
		profile, err := c.profileOf(refs[p.ID], p, q.Fields)
		if err != nil {
			return nil, c.fail("profiles", err)
		}
		answers[profile.Owner] = connectors.Result[connectors.Profile]{Rows: []connectors.Profile{profile}}
	}
	return answers, nil
}

// people reads the customers of the refs, each at most once and nobody else.
func (c *connector) people(ctx context.Context, q connectors.Query, fields []string, chosen string, more map[string]any) ([]customer, map[string]idgraph.Ref, error) {
	ids, refs := c.idsOf(q.Refs)
	if len(ids) == 0 {
		return nil, nil, nil
	}
	declared, vars := "", map[string]any{"ids": ids, "people": len(ids)}
	for name, v := range more {
		declared, vars[name] = declared+",$"+name+":Int!", v
	}
	list, _, err := c.shop.customers(ctx, request{
		Query:     "query($ids:[String!]!,$people:Int!" + declared + "){customers(options:{filter:{id:{in:$ids}},take:$people}){items{" + chosen + "}}}",
		Variables: vars, fields: fields,
	})
	if err != nil {
		return nil, nil, err
	}
	seen := make(map[string]bool, len(ids))
	for _, p := range list.Items {
		if _, asked := refs[p.ID]; !asked || seen[p.ID] {
			return nil, nil, fmt.Errorf("a customer that was not asked for: %w", connectors.ErrBadData)
		}
		seen[p.ID] = true
	}
	return list.Items, refs, nil
}

// profileOf maps a customer, of whom the given fields were asked.
func (c *connector) profileOf(owner idgraph.Ref, p customer, asked connectors.FieldSet) (connectors.Profile, error) {
	out := connectors.Profile{
		Record:     connectors.NewRecord(owner, owner.ID),
		UpdatedAt:  utc(p.UpdatedAt),
		GivenName:  text(p.FirstName),
		FamilyName: text(p.LastName),
	}
	if asked.Has("name") {
		out.Name = joined(" ", p.FirstName, p.LastName)
	}
	if at := text(p.EmailAddress); at != nil {
		out.Emails = []connectors.EmailAddress{{Address: at, Source: owner.Source}}
	}
	if number := text(p.PhoneNumber); number != nil {
		out.Phones = []connectors.PhoneNumber{{Number: number, Source: owner.Source}}
	}
	slices.SortFunc(p.Addresses, func(a, b address) int {
		return cmp.Or(a.rank()-b.rank(), compareIDs(a.ID, b.ID))
	})
	for _, a := range p.Addresses {
		if at := a.postal(owner.Source); at != (connectors.PostalAddress{Source: owner.Source}) {
			out.Addresses = append(out.Addresses, at)
		}
	}
	if asked.Has("company") && c.cfg.Company != "" {
		company, err := custom[string](p, c.cfg.Company)
		if err != nil {
			return out, err
		}
		out.Company = text(company)
	}
	if asked.Has("identifiers") {
		out.Identifiers = []idgraph.Identifier{{Type: idgraph.Reference(owner.Source), Value: p.ID}}
	}
	return out, nil
}

// rank puts the address that bills go to first, then the one for parcels.
func (a address) rank() int {
	switch {
	case a.DefaultBilling != nil && *a.DefaultBilling:
		return 0
	case a.DefaultShipping != nil && *a.DefaultShipping:
		return 1
	}
	return 2
}

func (a address) postal(source idgraph.Source) connectors.PostalAddress {
	at := connectors.PostalAddress{
		Street: joined(", ", a.StreetLine1, a.StreetLine2), City: text(a.City), Postcode: text(a.PostalCode), Region: text(a.Province), Source: source,
	}
	if a.Country != nil {
		at.Country = text(a.Country.Code)
	}
	return at
}

// consentsOf is what the custom fields say. They have no time of their own: it
// is the customer's last change.
func (c *connector) consentsOf(p customer) ([]connectors.Consent, error) {
	var out []connectors.Consent
	for _, k := range c.cfg.Consents {
		said, err := custom[bool](p, k.Field)
		if err != nil {
			return nil, err
		}
		if said == nil {
			continue
		}
		if p.UpdatedAt == nil {
			return nil, fmt.Errorf("a customer without a time: %w", connectors.ErrBadData)
		}
		state := consent.Denied
		if *said {
			state = consent.Granted
		}
		out = append(out, connectors.Consent{Owner: c.ref(p.ID), Purpose: k.Purpose, State: state, At: p.UpdatedAt.UTC(), Notice: k.Notice})
	}
	return out, nil
}
