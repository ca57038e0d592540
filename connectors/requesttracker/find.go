package requesttracker

import (
	"context"
	"fmt"
	"strings"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/match"
)

// Find goes by e-mail address. Telephone numbers are not searchable, and other
// numbers are nothing that Request Tracker holds.
func (c *connector) Find(ctx context.Context, ids []idgraph.Identifier) (map[idgraph.Identifier][]idgraph.Ref, error) {
	var where []entry
	asked := map[idgraph.Identifier]bool{}
	for _, id := range ids {
		if id.Type == idgraph.Email && id.Value != "" {
			asked[id] = true
			where = append(where, mailbox(id.Value))
		}
	}
	if len(where) == 0 {
		return nil, nil
	}
	staff, err := c.staffed(ctx)
	if err != nil {
		return nil, c.fail("find", err)
	}
	found := make(map[idgraph.Identifier][]idgraph.Ref, len(asked))
	l := listing{
		of: "users", where: where, fields: []string{"id", "Name", "EmailAddress"}, with: disabledToo,
		order: []string{"id"}, rows: c.rest.rows, about: fmt.Sprintf("%d addresses", len(where)),
	}
	for l.page = 1; l.page <= mostPages; l.page++ {
		p, err := list[user](ctx, c.rest, l)
		if err != nil {
			return nil, c.fail("find", err)
		}
		for _, u := range *p.Items {
			if u.ID <= 0 || !fitsAny(where, u.EmailAddress) {
				return nil, c.fail("find", fmt.Errorf("a user that was not asked for: %w", connectors.ErrBadData))
			}
			id, ok := match.Normalise(idgraph.Identifier{Type: idgraph.Email, Value: u.EmailAddress}, "")
			if ok && asked[id] && !staff[u.ID] && !isSystem(u) {
				found[id] = append(found[id], c.ref(u.ID))
			}
		}
		if !p.more() {
			return found, nil
		}
	}
	return nil, c.fail("find", connectors.ErrTooLarge)
}

// disabledToo lists disabled users among the others.
var disabledToo = map[string][]string{"find_disabled_rows": {"1"}}

// mailbox matches every spelling of a normal form: the address itself, in any
// case, and where the provider takes no notice of dots and tags, anything
// between its letters. Request Tracker refuses blanks around an address, and
// letters that are not ASCII.
func mailbox(normal string) entry {
	at := strings.LastIndexByte(normal, '@')
	local, host := normal[:max(at, 0)], normal[at+1:]
	if dots, tags := connectors.Spellings(host); dots || tags {
		return entry{"EmailAddress", "LIKE", strings.Join(strings.Split(local, ""), "%") + "%@"}
	}
	return entry{"EmailAddress", "=", normal}
}

// fitsAny says whether the server may have found an address by these entries:
// by one on a field that it does not search, it finds everybody.
func fitsAny(where []entry, address string) bool {
	for _, e := range where {
		if e.Operator == "=" && strings.EqualFold(e.Value, address) || e.Operator == "LIKE" && like(e.Value, address) {
			return true
		}
	}
	return false
}

// like says whether the parts of a pattern, without its wildcards, stand in a
// text in their order.
func like(pattern, text string) bool {
	text = strings.ToLower(text)
	for _, part := range strings.FieldsFunc(strings.ToLower(pattern), func(r rune) bool { return r == '%' || r == '_' }) {
		i := strings.Index(text, part)
		if i < 0 {
			return false
		}
		text = text[i+len(part):]
	}
	return true
}
