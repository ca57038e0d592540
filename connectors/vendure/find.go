package vendure

import (
	"context"
	"fmt"
	"strings"

	"customer360/connectors"
	"customer360/idgraph"
)

// A filter is one alternative of a search.
type filter map[string]map[string]any

// Find compares e-mail addresses as the shop keeps them, in lower case, and
// searches roughly where their provider takes several spellings for one.
// Telephone numbers stand as they were typed, and are searched by their last
// digits. What is found is compared in its normal form.
func (c *connector) Find(ctx context.Context, ids []idgraph.Identifier) (map[idgraph.Identifier][]idgraph.Ref, error) {
	alternatives, phones := c.filters(ids)
	if len(alternatives) == 0 {
		return nil, nil
	}
	fields := []string{"id", "emailAddress"}
	if phones {
		fields = append(fields, "phoneNumber", "addresses.id", "addresses.country.code")
	}
	list, _, err := c.shop.customers(ctx, request{
		Query:     "query($any:[CustomerFilterParameter!]!,$rows:Int!){customers(options:{filter:{_or:$any},take:$rows}){totalItems items{" + selection(fields) + "}}}",
		Variables: map[string]any{"any": alternatives, "rows": mostRows}, fields: fields,
	})
	if err == nil && list.TotalItems > len(list.Items) {
		err = connectors.ErrTooLarge // a pattern that fits half the shop, and one page of it compared
	}
	if err != nil {
		return nil, c.fail("find", err)
	}
	found := make(map[idgraph.Identifier][]idgraph.Ref, len(ids))
	for _, p := range list.Items {
		if !c.isID(p.ID) {
			return nil, c.fail("find", fmt.Errorf("a customer without an id: %w", connectors.ErrBadData))
		}
		profile, err := c.profileOf(c.ref(p.ID), p, connectors.Fields("identifiers"))
		if err != nil {
			return nil, c.fail("find", err)
		}
		connectors.AddHolder(found, ids, profile, c.setup.Region)
	}
	return found, nil
}

// filters are what to search by, and whether phone numbers are among it.
func (c *connector) filters(ids []idgraph.Identifier) (alternatives []filter, phones bool) {
	var exact, numbers []string
	for _, id := range ids {
		switch {
		case id.Type == idgraph.Email:
			exact = append(exact, id.Value)
			if p := emailPattern(id.Value); p != "" {
				alternatives = append(alternatives, filter{"emailAddress": {"regex": p}})
			}
		case id.Type == idgraph.Phone:
			phones = true
			alternatives = append(alternatives, filter{"phoneNumber": {"regex": phonePattern(id.Value)}})
		case id.Type == idgraph.Reference(c.setup.Source):
			if number, ok := c.named(id.Value); ok {
				numbers = append(numbers, number)
			}
		}
	}
	if exact != nil {
		alternatives = append(alternatives, filter{"emailAddress": {"in": exact}})
	}
	if numbers != nil {
		alternatives = append(alternatives, filter{"id": {"in": numbers}})
	}
	return alternatives, phones
}

// mostPattern is the longest pattern: Vendure takes 100 characters.
const mostPattern = 90

// emailPattern matches every spelling of a normal form whose provider ignores
// dots or what follows a sign, or that is typed in letters of its own; "" where
// an address is written in one way only.
func emailPattern(normal string) string {
	at := strings.LastIndexByte(normal, '@')
	local, host := normal[:max(at, 0)], normal[at+1:]
	dots, tags := connectors.Spellings(host)
	if !dots && !tags && !strings.Contains(host, "xn--") && isASCII(local) {
		return ""
	}
	pattern := "^"
	for i, r := range local {
		next := letter(r)
		if dots && i > 0 {
			next = "[.]?" + next
		}
		if len(pattern)+len(next) > mostPattern {
			return pattern // its beginning alone: finds more, and never less
		}
		pattern += next
	}
	switch {
	case tags && len(pattern) < mostPattern:
		return pattern + "[-.+@]"
	case len(pattern) < mostPattern:
		return pattern + "@"
	}
	return pattern
}

// letter matches one character. One that is no ASCII may be written in several
// ways, or as several.
func letter(r rune) string {
	switch {
	case r > '~':
		return ".+"
	case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_':
		return string(r)
	case r == '^':
		return `\^`
	}
	return "[" + string(r) + "]"
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > '~' })
}

// phonePattern matches every spelling of an E.164 number: its last seven digits
// stand in all of them, with signs between them.
func phonePattern(e164 string) string {
	return strings.Join(strings.Split(e164[max(0, len(e164)-7):], ""), "[^0-9]*")
}
