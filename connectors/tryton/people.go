package tryton

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"customer360/connectors"
	"customer360/idgraph"
)

// profileColumns says where a profile's fields come from.
func (c *connector) profileColumns() []column {
	columns := []column{
		{"updatedAt", []string{"write_date", "create_date"}},
		{"name", []string{"name"}},
		{"emails", []string{"contact_mechanisms.type", "contact_mechanisms.value", "contact_mechanisms.active"}},
		{"phones", []string{"contact_mechanisms.type", "contact_mechanisms.value", "contact_mechanisms.active"}},
		{"addresses", []string{"addresses.active"}},
		{"addresses.street", []string{"addresses.street"}},
		{"addresses.city", []string{"addresses.city"}},
		{"addresses.postcode", []string{"addresses.postal_code"}},
		{"addresses.region", []string{"addresses.subdivision.code"}},
		{"addresses.country", []string{"addresses.country.code"}},
		{"language", []string{"lang.code"}},
		{"identifiers", []string{"code", "identifiers.type", "identifiers.code"}},
	}
	if c.setup.Role == connectors.CRM {
		columns = append(columns, column{"company", []string{"relations.type.name", "relations.to.name"}})
	}
	return columns
}

// wholeProfile is every field that a Tryton party has.
var wholeProfile = connectors.Fields("updatedAt", "name", "emails", "phones", "addresses.street", "addresses.city",
	"addresses.postcode", "addresses.region", "addresses.country", "language", "company", "identifiers")

// The types of contact mechanisms that count.
var (
	emailTypes = []string{"email"}
	phoneTypes = []string{"phone", "mobile"}
)

// Profiles are parties, inactive ones among them. Where only e-mails or only
// phones are wanted, the mechanisms are asked for by type: read through the
// party, both would come.
func (c *connector) Profiles(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Profile], error) {
	ids, refs := idsOf(q.Refs)
	answers := make(connectors.Answers[connectors.Profile], len(ids))
	if len(ids) == 0 {
		return answers, nil
	}
	columns, types := c.profileColumns(), []string(nil)
	switch emails, phones := q.Fields.Has("emails"), q.Fields.Has("phones"); {
	case emails && !phones:
		types = emailTypes
	case phones && !emails:
		types = phoneTypes
	}
	if types != nil {
		columns = slices.DeleteFunc(columns, func(col column) bool { return col.field == "emails" || col.field == "phones" })
	}
	parties, err := read[party](ctx, c.rpc, search{
		model: "party.party", where: domain{clause("id", "in", ids)}, fields: asks(q.Fields, columns, "id"),
	})
	if err != nil {
		return nil, c.fail("profiles", err)
	}
	var apart map[int64][]mechanism
	if types != nil {
		if apart, err = c.mechanisms(ctx, ids, types); err != nil {
			return nil, c.fail("profiles", err)
		}
	}
	for _, p := range parties {
		owner, asked := refs[p.ID]
		if !asked {
			return nil, c.fail("profiles", fmt.Errorf("a party that was not asked for: %w", connectors.ErrBadData))
		}
		p.Mechanisms = append(p.Mechanisms, apart[p.ID]...)
		profile, err := c.profileOf(owner, p)
		if err != nil {
			return nil, c.fail("profiles", err)
		}
		answers[owner] = connectors.Result[connectors.Profile]{Rows: []connectors.Profile{profile}}
	}
	return answers, nil
}

// mechanisms reads the contact mechanisms of some types, in the parties' own order.
func (c *connector) mechanisms(ctx context.Context, parties []int64, types []string) (map[int64][]mechanism, error) {
	rows, err := read[mechanism](ctx, c.rpc, search{
		model:  "party.contact_mechanism",
		where:  domain{clause("party", "in", parties), clause("type", "in", types), clause("active", "=", true)},
		fields: []string{"party", "type", "value", "active"},
	})
	if err != nil {
		return nil, err
	}
	by := make(map[int64][]mechanism, len(parties))
	for _, m := range rows {
		by[m.Party] = append(by[m.Party], m)
	}
	return by, nil
}

// profileOf maps a party. It has one name; who needs its parts takes it apart.
func (c *connector) profileOf(owner idgraph.Ref, p party) (connectors.Profile, error) {
	updated, err := touched(p.Written, p.Made)
	if err != nil {
		return connectors.Profile{}, err
	}
	out := connectors.Profile{
		Record:      connectors.NewRecord(owner, owner.ID),
		UpdatedAt:   updated,
		Name:        text(p.Name),
		Company:     c.employerOf(p),
		Identifiers: c.identifiersOf(p),
	}
	if p.Lang != nil && p.Lang.Code != nil {
		tag := strings.ReplaceAll(*p.Lang.Code, "_", "-") // pt_BR
		out.Language = text(&tag)
	}
	for _, m := range p.Mechanisms {
		switch value := text(m.Value); {
		case value == nil || !m.Active:
		case slices.Contains(emailTypes, m.Type):
			out.Emails = append(out.Emails, connectors.EmailAddress{Address: value, Source: owner.Source})
		case slices.Contains(phoneTypes, m.Type):
			out.Phones = append(out.Phones, connectors.PhoneNumber{Number: value, Source: owner.Source})
		}
	}
	for _, a := range p.Addresses {
		if at := addressOf(a, owner.Source); a.Active && at != (connectors.PostalAddress{Source: owner.Source}) {
			out.Addresses = append(out.Addresses, at)
		}
	}
	return out, nil
}

func addressOf(a address, source idgraph.Source) connectors.PostalAddress {
	at := connectors.PostalAddress{Street: text(a.Street), City: text(a.City), Postcode: text(a.PostalCode), Source: source}
	if a.Subdivision != nil {
		at.Region = text(a.Subdivision.Code)
	}
	if a.Country != nil {
		at.Country = text(a.Country.Code)
	}
	return at
}

// employerOf is the first company that the party works for.
func (c *connector) employerOf(p party) *string {
	for _, r := range p.Relations {
		if r.Type != nil && r.Type.Name != nil && *r.Type.Name == c.cfg.WorksFor && r.To != nil {
			return text(r.To.Name)
		}
	}
	return nil
}

// identifiersOf are the party's own number and the numbers that other systems
// know it by. Its other identifiers (for taxes, say) link nobody.
func (c *connector) identifiersOf(p party) []idgraph.Identifier {
	var ids []idgraph.Identifier
	if code := text(p.Code); code != nil {
		ids = append(ids, idgraph.Identifier{Type: idgraph.Reference(c.setup.Source), Value: *code})
	}
	for _, i := range p.Identifiers {
		code, kind := text(i.Code), ""
		if i.Type != nil {
			kind = *i.Type
		}
		if code != nil && kind == c.cfg.ReferenceType && c.cfg.References != "" {
			ids = append(ids, idgraph.Identifier{Type: idgraph.Reference(c.cfg.References), Value: *code})
		}
	}
	return ids
}
