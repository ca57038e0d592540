package table

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"customer360/idgraph"
	"customer360/internal/strict"
)

// A plan says where in a line what stands.
type plan struct {
	of         [kinds][]int // columns
	nationals  []national
	births     []birth
	references []reference
	constants  [kinds]string
	called     map[idgraph.Source]bool // the sources whose customers others call by their ids

	types map[idgraph.Source]idgraph.IdentifierType
	same  map[string]string // values that very many lines have, each once
	today time.Time
}

type (
	national struct {
		at int
		is idgraph.IdentifierType
	}
	birth struct {
		at      int
		layouts []string
	}
	reference struct {
		at int
		to idgraph.Source
	}
)

// newPlan finds a mapping's columns in a header. Canonical columns that the
// mapping does not name map by themselves, before those that it does.
func newPlan(header []string, m *Mapping) (*plan, error) {
	p := &plan{
		called: map[idgraph.Source]bool{}, types: map[idgraph.Source]idgraph.IdentifierType{},
		same: map[string]string{}, today: time.Now(),
	}
	for name, value := range m.constants {
		p.constants[slices.Index(names[:], name)] = strings.TrimSpace(value)
	}
	columns := make([]string, len(header))
	for i, name := range header {
		columns[i] = strings.TrimSpace(name)
	}
	mapped, order, err := m.find(columns)
	if err != nil {
		return nil, err
	}
	for _, name := range names[:ignored] {
		for _, at := range find(columns, name) {
			if mapped[at] == nil {
				p.add(at, &column{Is: name}, m.dates)
			}
		}
	}
	for _, at := range order {
		p.add(at, mapped[at], m.dates)
	}
	switch len(p.of[recordID]) {
	case 0:
		if columns = m.known(columns); len(columns) == 0 {
			return nil, errors.New("no column is the record_id, nor has any a name that is known: are the columns' names on the first line? A mapping says what others are")
		}
		return nil, fmt.Errorf("no column is the record_id: name one so, or map one to it; there are %s", strings.Join(columns, ", "))
	case 1:
		return p, nil
	}
	return nil, errors.New("two columns are the record_id")
}

// find answers what each of a file's columns is mapped to, and the columns in
// the mapping's order.
func (m *Mapping) find(columns []string) (mapped []*column, order []int, err error) {
	mapped = make([]*column, len(columns))
	for i := range m.columns {
		c := &m.columns[i]
		at := find(columns, c.name)
		if len(at) == 0 {
			return nil, nil, fmt.Errorf("there is no column %s, which the mapping names on line %d%s", c.name, c.line, strict.Nearest(c.name, m.known(columns)))
		}
		for _, j := range at {
			if mapped[j] != nil {
				return nil, nil, fmt.Errorf("the column %s is mapped twice, on lines %d and %d", columns[j], mapped[j].line, c.line)
			}
			mapped[j] = c
			order = append(order, j)
		}
	}
	return mapped, order, nil
}

// known are a file's columns, where the name of any is known: else its first line
// may be no header, but somebody's record, and is not to be told.
func (m *Mapping) known(columns []string) []string {
	for _, name := range names[:ignored] {
		if len(find(columns, name)) > 0 {
			return columns
		}
	}
	if slices.ContainsFunc(m.columns, func(c column) bool { return len(find(columns, c.name)) > 0 }) {
		return columns
	}
	return nil
}

// find answers the columns of a name: those that are called exactly so, else
// those that differ in upper and lower case.
func find(columns []string, name string) []int {
	var exact, folded []int
	for i, c := range columns {
		switch {
		case c == name:
			exact = append(exact, i)
		case strings.EqualFold(c, strings.TrimSpace(name)):
			folded = append(folded, i)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return folded
}

func (p *plan) add(at int, c *column, dates []string) {
	switch is := slices.Index(names[:], c.Is); {
	case c.References != "":
		p.references = append(p.references, reference{at, c.References})
		p.called[c.References] = true
	case is == nationalID:
		p.nationals = append(p.nationals, national{at, idgraph.NationalIDOf(c.Kind)})
	case is == birthDate && len(c.Dates) > 0:
		p.births = append(p.births, birth{at, c.Dates})
	case is == birthDate:
		p.births = append(p.births, birth{at, dates})
	default:
		p.of[is] = append(p.of[is], at)
	}
}

// first is the first value there is, else the constant.
func (p *plan) first(fields []string, is int) string {
	for _, at := range p.of[is] {
		if v := strings.TrimSpace(fields[at]); v != "" {
			return v
		}
	}
	return p.constants[is]
}

// often is first, of what very many lines have in common.
func (p *plan) often(fields []string, is int) string {
	v := p.first(fields, is)
	known, ok := p.same[v]
	if !ok && len(p.same) < 1<<16 {
		known = strings.Clone(v)
		p.same[known] = known
	} else if !ok {
		return v
	}
	return known
}

// joined is all values there are, with blanks between.
func (p *plan) joined(fields []string, is int) string {
	whole := ""
	for _, at := range p.of[is] {
		v := strings.TrimSpace(fields[at])
		switch {
		case whole == "":
			whole = v
		case v != "":
			whole += " " + v
		}
	}
	return whole
}
