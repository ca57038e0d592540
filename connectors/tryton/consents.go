package tryton

import (
	"context"
	"slices"
	"strings"
	"time"

	"customer360/connectors"
	"customer360/idgraph/consent"
)

// consentsOf is what the system holds about the parties' consent, as its
// configuration says. A category's event time is that of the party's last
// change, since the membership itself has none that can be read.
func (c *connector) consentsOf(ctx context.Context, people []party) ([]connectors.Consent, error) {
	if len(c.cfg.Consents) == 0 || len(people) == 0 {
		return nil, nil
	}
	held, err := c.subscriptions(ctx, people)
	if err != nil {
		return nil, err
	}
	var out []connectors.Consent
	for _, p := range people {
		for _, place := range c.cfg.Consents {
			state, at, err := place.of(p, held)
			if err != nil {
				return nil, err
			}
			if state == "" {
				continue
			}
			out = append(out, connectors.Consent{Owner: c.ref(p.ID), Purpose: place.Purpose, State: state, At: at, Notice: place.Notice})
		}
	}
	return out, nil
}

// of is where one purpose stands for one party; "" where nothing is held.
func (place Consent) of(p party, held map[string][]subscription) (consent.State, time.Time, error) {
	if place.Category != "" {
		return place.byCategory(p)
	}
	return place.byList(p, held)
}

func (place Consent) byCategory(p party) (consent.State, time.Time, error) {
	at, err := touched(p.Written, p.Made)
	if at == nil || err != nil {
		return "", time.Time{}, err
	}
	in := slices.ContainsFunc(p.Categories, func(k category) bool { return k.Active && k.Name == place.Category })
	if in {
		return consent.Granted, *at, nil
	}
	return consent.Denied, *at, nil
}

// byList takes the subscription that changed last among those of the party's
// addresses; of two that changed together, the withdrawn one.
func (place Consent) byList(p party, held map[string][]subscription) (state consent.State, at time.Time, err error) {
	for _, m := range p.Mechanisms {
		for _, s := range held[listKey(m)] {
			if s.List == nil || s.List.Name == nil || *s.List.Name != place.List {
				continue
			}
			when, err := touched(s.Written, s.Made)
			if err != nil {
				return "", at, err
			}
			if when == nil || state != "" && (when.Before(at) || when.Equal(at) && s.Active) {
				continue
			}
			state, at = consent.Withdrawn, *when
			if s.Active {
				state = consent.Granted
			}
		}
	}
	return state, at, nil
}

// subscriptions are those of the parties' addresses, inactive ones too, by
// address.
func (c *connector) subscriptions(ctx context.Context, people []party) (map[string][]subscription, error) {
	if !c.hasLists() {
		return nil, nil
	}
	var addresses []string
	for _, p := range people {
		for _, m := range p.Mechanisms {
			if key := listKey(m); key != "" {
				addresses = append(addresses, key)
			}
		}
	}
	if len(addresses) == 0 {
		return nil, nil
	}
	rows, err := read[subscription](ctx, c.rpc, search{
		model:  "marketing.email",
		where:  domain{clause("email", "in", distinct(addresses)), clause("list_.name", "in", c.lists())},
		fields: []string{"email", "active", "list_.name", "write_date", "create_date"},
	})
	if err != nil {
		return nil, err
	}
	by := make(map[string][]subscription, len(rows))
	for _, s := range rows {
		by[s.Email] = append(by[s.Email], s)
	}
	return by, nil
}

// listKey is how a mailing list writes an address: always in lower case.
func listKey(m mechanism) string {
	if m.Value == nil || !m.Active || !slices.Contains(emailTypes, m.Type) {
		return ""
	}
	return strings.ToLower(strings.TrimSpace(*m.Value))
}

// lists are the mailing lists that hold consent.
func (c *connector) lists() []string {
	var names []string
	for _, place := range c.cfg.Consents {
		if place.List != "" {
			names = append(names, place.List)
		}
	}
	return names
}

func (c *connector) hasLists() bool { return len(c.lists()) > 0 }

func (c *connector) hasCategories() bool {
	return slices.ContainsFunc(c.cfg.Consents, func(place Consent) bool { return place.Category != "" })
}
