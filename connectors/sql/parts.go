package sql

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"customer360/connectors"
)

// A part is one field of a record: the expressions that it is read from, and
// how their cells are put into a row.
type part[T any] struct {
	field string // as the schema says it, "items.name"
	exprs []string
	put   func(row *T, cells []any) error
}

// wanted says whether a query asks for the field. A list asked for without its
// parts, or for its source alone, is read whole: that it has rows is the answer.
func (p part[T]) wanted(fields connectors.FieldSet) bool {
	if fields.Has(p.field) {
		return true
	}
	list, _, below := strings.Cut(p.field, ".")
	return below && slices.ContainsFunc(fields.Names(), func(n string) bool { return n == list || n == list+".source" })
}

// fields drops what is not configured.
func fields[T any](parts ...part[T]) []part[T] {
	return slices.DeleteFunc(parts, func(p part[T]) bool { return p.put == nil })
}

func text[T any](cc *compiler, field string, c Column, at func(*T) **string) part[T] {
	if c.isZero() {
		return part[T]{}
	}
	cc.unused(field, map[string]bool{"currency": c.Currency != "", "scale": c.Scale != 0, "split": c.Split != ""})
	return part[T]{field, []string{cc.column(field, c)}, func(row *T, cells []any) error {
		s, err := textOf(cells[0])
		if err != nil || s == nil {
			return err
		}
		if to, ok := mean(c.Map, *s); ok {
			s = &to
		}
		*at(row) = s
		return nil
	}}
}

// enum holds a value to the schema's list. One that the map does not name is
// the source's breach of what was configured, not a value to leave out: who
// counts open tickets would count wrong.
func enum[T any, E ~string](cc *compiler, field string, c Column, allowed []E, at func(*T) **E) part[T] {
	if c.isZero() {
		return part[T]{}
	}
	names := make([]string, len(allowed))
	for i, e := range allowed {
		names[i] = string(e)
	}
	cc.mapped(field, c.Map, names)
	cc.unused(field, map[string]bool{"currency": c.Currency != "", "scale": c.Scale != 0, "split": c.Split != ""})
	return part[T]{field, []string{cc.raw(field, c)}, func(row *T, cells []any) error {
		s, err := textOf(cells[0])
		if err != nil || s == nil {
			return err
		}
		to, ok := mean(c.Map, *s)
		if !ok {
			if to = *s; len(c.Map) > 0 || !slices.Contains(names, to) {
				return fmt.Errorf("is a value that the map does not name: %w", connectors.ErrBadData)
			}
		}
		e := E(to)
		*at(row) = &e
		return nil
	}}
}

func moment[T any](cc *compiler, field string, c Column, at func(*T) **time.Time) part[T] {
	if c.isZero() {
		return part[T]{}
	}
	cc.unused(field, map[string]bool{"map": c.Map != nil, "currency": c.Currency != "", "scale": c.Scale != 0, "split": c.Split != ""})
	return part[T]{field, []string{cc.raw(field, c)}, func(row *T, cells []any) (err error) {
		*at(row), err = momentOf(cells[0])
		return err
	}}
}

func date[T any](cc *compiler, field string, c Column, at func(*T) **connectors.Date) part[T] {
	if c.isZero() {
		return part[T]{}
	}
	cc.unused(field, map[string]bool{"map": c.Map != nil, "currency": c.Currency != "", "scale": c.Scale != 0, "split": c.Split != ""})
	return part[T]{field, []string{cc.raw(field, c)}, func(row *T, cells []any) (err error) {
		*at(row), err = dateOf(cells[0])
		return err
	}}
}

func quantity[T any](cc *compiler, field string, c Column, at func(*T) **connectors.Decimal) part[T] {
	if c.isZero() {
		return part[T]{}
	}
	cc.unused(field, map[string]bool{"map": c.Map != nil, "currency": c.Currency != "", "scale": c.Scale != 0, "split": c.Split != ""})
	return part[T]{field, []string{cc.raw(field, c)}, func(row *T, cells []any) (err error) {
		*at(row), err = quantityOf(cells[0])
		return err
	}}
}

func money[T any](cc *compiler, field string, c Column, at func(*T) **connectors.Money) part[T] {
	if c.isZero() {
		return part[T]{}
	}
	cc.unused(field, map[string]bool{"map": c.Map != nil, "split": c.Split != ""})
	if c.Scale < 0 || c.Scale > 9 {
		cc.note(field+".scale", errors.New("is a number of digits, 0 to 9"))
	}
	p := part[T]{field: field, exprs: []string{cc.raw(field, c)}}
	constant := ""
	switch {
	case isCurrency(c.Currency):
		constant = c.Currency
	case c.Currency == "":
		cc.note(field+".currency", errors.New("is missing: an ISO 4217 code, or a column"))
	default:
		p.exprs = append(p.exprs, cc.column(field+".currency", Column{Column: c.Currency}))
	}
	p.put = func(row *T, cells []any) error {
		amount, err := decimalOf(cells[0], c.Scale)
		if amount == nil || err != nil {
			return err
		}
		currency := constant
		if currency == "" {
			if currency, err = currencyOf(cells[1]); err != nil {
				return err
			}
		}
		*at(row) = &connectors.Money{Amount: *amount, Currency: currency}
		return nil
	}
	return p
}

// several reads columns that each hold one value, or several with a separator.
// The configuration knows them by another key than the schema.
func several[T any](cc *compiler, field, key string, cols []Column, add func(row *T, value string)) part[T] {
	if len(cols) == 0 {
		return part[T]{}
	}
	p := part[T]{field: field}
	for i, c := range cols {
		key := fmt.Sprintf("%s[%d]", key, i)
		cc.unused(key, map[string]bool{"map": c.Map != nil, "currency": c.Currency != "", "scale": c.Scale != 0})
		p.exprs = append(p.exprs, cc.column(key, c))
	}
	p.put = func(row *T, cells []any) error {
		for i, cell := range cells {
			s, err := textOf(cell)
			if err != nil {
				return err
			}
			if s == nil {
				continue
			}
			if cols[i].Split == "" {
				add(row, *s)
				continue
			}
			for v := range strings.SplitSeq(*s, cols[i].Split) {
				if v = strings.TrimSpace(v); v != "" {
					add(row, v)
				}
			}
		}
		return nil
	}
	return p
}
