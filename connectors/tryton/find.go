package tryton

import (
	"context"
	"strings"

	"customer360/connectors"
	"customer360/idgraph"
)

// Find searches roughly, since values stand as they were typed, and compares
// what it found in its normal form. Loyalty numbers are nothing that Tryton holds.
func (c *connector) Find(ctx context.Context, ids []idgraph.Identifier) (map[idgraph.Identifier][]idgraph.Ref, error) {
	of, err := c.company(ctx)
	if err != nil {
		return nil, c.fail("find", err)
	}
	var mechanisms, numbers []domain
	for _, id := range ids {
		switch {
		case id.Type == idgraph.Email:
			mechanisms = append(mechanisms, domain{clause("type", "in", emailTypes), clause("value", "ilike", emailPattern(id.Value))})
		case id.Type == idgraph.Phone:
			mechanisms = append(mechanisms, domain{clause("type", "in", phoneTypes), clause("value", "ilike", phonePattern(id.Value))})
		case id.Type == idgraph.Reference(c.setup.Source):
			numbers = append(numbers, clause("code", "ilike", spread(id.Value)))
		case id.Type.IsReference() && id.Type == idgraph.Reference(c.cfg.References):
			numbers = append(numbers, clause("identifiers.code", "ilike", spread(id.Value)))
		}
	}
	holders := search{model: "party.party", fields: append(c.personFields(), "code", "identifiers.type", "identifiers.code",
		"contact_mechanisms.type", "contact_mechanisms.value", "contact_mechanisms.active", "addresses.country.code", "addresses.active")}
	if len(mechanisms) > 0 {
		owned := append(domain{clause("active", "=", true)}, anyOf(mechanisms...))
		numbers = append(numbers, clause("contact_mechanisms", "where", owned))
	}
	if len(numbers) == 0 {
		return nil, nil
	}
	holders.where, holders.limit = anyOf(numbers...), pageRows
	parties, err := read[party](ctx, c.rpc, holders)
	if err == nil && len(parties) == pageRows {
		err = connectors.ErrTooLarge // a pattern that fits half the system, and one page of it compared
	}
	if err != nil {
		return nil, c.fail("find", err)
	}
	found := make(map[idgraph.Identifier][]idgraph.Ref, len(ids))
	for _, p := range parties {
		if !c.isPerson(p, of) {
			continue
		}
		profile, err := c.profileOf(c.ref(p.ID), p)
		if err != nil {
			return nil, c.fail("find", err)
		}
		connectors.AddHolder(found, ids, profile, c.setup.Region)
	}
	return found, nil
}

// emailPattern matches every spelling of a normal form: around it where the
// provider takes an address as it stands; anything between its letters, and
// under any of the provider's domains, where dots and tags make no difference.
func emailPattern(normal string) string {
	at := strings.LastIndexByte(normal, '@')
	local, host := normal[:max(at, 0)], normal[at+1:]
	switch dots, tags := connectors.Spellings(host); {
	case dots, tags:
		return spread(local) + "@%"
	case strings.Contains(host, "xn--"): // typed in its own letters
		return "%" + escape.Replace(local) + "@%"
	}
	return "%" + escape.Replace(normal) + "%"
}

// phonePattern matches every spelling of an E.164 number: its last seven digits
// stand in all of them, whatever stands between.
func phonePattern(e164 string) string { return spread(e164[max(0, len(e164)-7):]) }
