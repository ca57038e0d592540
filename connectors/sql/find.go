package sql

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"customer360/idgraph"
)

// Probes are the ways to look persons up by one type of identifier: one, or a
// list of which any may hit.
type Probes []Probe

// A Probe compares an expression with the normalised value.
type Probe struct {
	// Value is an expression over the row, "lower(trim(email))".
	Value string `yaml:"value"`
	// From is a table of its own, where the value does not stand with the person.
	From string `yaml:"from"`
	// ID is that table's column with the person's id.
	ID Column `yaml:"id"`
	// Last compares the last so many characters alone: phone numbers without
	// their country, say. What is found too much is compared again.
	Last int `yaml:"last"`
}

// UnmarshalYAML reads an expression, a mapping, or a list of these.
func (p *Probes) UnmarshalYAML(read func(any) error) error {
	var many []Probe
	if read(&many) == nil {
		*p = many
		return nil
	}
	var one Probe
	if err := read(&one); err != nil {
		return err
	}
	*p = Probes{one}
	return nil
}

// UnmarshalYAML reads an expression, or a mapping with more.
func (p *Probe) UnmarshalYAML(read func(any) error) error {
	if read(&p.Value) == nil {
		return nil
	}
	type plain Probe // without this method
	return read((*plain)(p))
}

// A probe is a Probe, compiled.
type probe struct {
	text string // what follows "SELECT <the probe's number> AS a, "
	last int
}

// key is the part of a normalised value that is compared.
func (p probe) key(value string) string {
	if p.last <= 0 {
		return value
	}
	return value[max(0, len(value)-p.last):]
}

func (cc *compiler) finds(p Profiles) map[idgraph.IdentifierType][]probe {
	out := map[idgraph.IdentifierType][]probe{}
	for _, name := range sortedKeys(p.Find) {
		kind := idgraph.IdentifierType(name)
		key := "find." + name
		cc.in("profiles", "t")
		if !slices.Contains([]idgraph.IdentifierType{idgraph.Email, idgraph.Phone, idgraph.LoyaltyID}, kind) && !kind.IsReference() {
			cc.note(key, fmt.Errorf("is none of email, phone, loyalty, ref:<source>"))
		}
		for _, alternative := range p.Find[name] {
			out[kind] = append(out[kind], cc.probe(key, p, alternative))
		}
	}
	return out
}

func (cc *compiler) probe(key string, p Profiles, a Probe) probe {
	if a.Value == "" {
		cc.note(key+".value", errors.New("is missing"))
	}
	value := cc.expression(key+".value", a.Value)
	if a.From == "" {
		if !a.ID.isZero() {
			cc.note(key+".id", errors.New("means nothing without from"))
		}
		return probe{last: a.Last, text: "CAST(" + cc.column("id", p.ID) + " AS TEXT) AS id, CAST(" + value + " AS TEXT) AS v FROM " +
			cc.table("from", p.From) + " WHERE " + value + " IN (?)" + cc.condition("where", p.Where) + cc.present(p.Gone)}
	}
	id := cc.column(key+".id", a.ID)
	return probe{last: a.Last, text: "CAST(" + id + " AS TEXT) AS id, CAST(" + value + " AS TEXT) AS v FROM " +
		cc.table(key+".from", a.From) + " WHERE " + value + " IN (?)"}
}

// Find looks all identifiers up in one statement: a union over their types.
func (c *connector) Find(ctx context.Context, ids []idgraph.Identifier) (map[idgraph.Identifier][]idgraph.Ref, error) {
	asked := map[idgraph.IdentifierType][]idgraph.Identifier{}
	for _, id := range ids {
		if utf8.ValidString(id.Value) && !strings.Contains(id.Value, "\x00") {
			asked[id.Type] = append(asked[id.Type], id)
		}
	}
	var selects []string
	var args []any
	var means []map[string][]idgraph.Identifier // per select: what a value stands for
	for _, kind := range sortedKeys(byName(asked)) {
		for _, p := range c.finds[idgraph.IdentifierType(kind)] {
			stands, keys := map[string][]idgraph.Identifier{}, []string{}
			for _, id := range asked[idgraph.IdentifierType(kind)] {
				key := p.key(id.Value)
				if stands[key] == nil {
					keys = append(keys, key)
				}
				stands[key] = append(stands[key], id)
			}
			selects = append(selects, fmt.Sprintf("SELECT %d AS a, ", len(means))+p.text)
			args = append(args, keys)
			means = append(means, stands)
		}
	}
	found := map[idgraph.Identifier][]idgraph.Ref{}
	if len(selects) == 0 {
		return found, nil
	}
	err := c.query(ctx, "find", strings.Join(selects, " UNION ALL "), args, func(cells []any) error {
		number, _ := cells[0].(int64)
		id, err := textOf(cells[1])
		value, err2 := textOf(cells[2])
		if err != nil || err2 != nil || id == nil || value == nil || number < 0 || int(number) >= len(means) {
			return nil
		}
		ref := idgraph.Ref{Source: c.setup.Source, ID: *id}
		for _, identifier := range means[number][*value] {
			if !slices.Contains(found[identifier], ref) {
				found[identifier] = append(found[identifier], ref)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

func byName(m map[idgraph.IdentifierType][]idgraph.Identifier) map[string]bool {
	out := make(map[string]bool, len(m))
	for k := range m {
		out[string(k)] = true
	}
	return out
}
