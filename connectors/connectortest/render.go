package connectortest

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
)

// compare tells two values apart by what they say, digits and all.
func compare(t *testing.T, got, want any) {
	t.Helper()
	if g, w := render(got), render(want); g != w {
		t.Errorf("\n got %s\nwant %s", g, w)
	}
}

// render writes a value out: what pointers point at, times in UTC, decimals
// with their zeros. Fields that are not set are left out.
func render(v any) string { return renderValue(reflect.ValueOf(v)) }

func renderValue(v reflect.Value) string {
	if !v.IsValid() {
		return ""
	}
	switch x := v.Interface().(type) {
	case time.Time:
		return x.UTC().Format(time.RFC3339Nano)
	case connectors.Decimal:
		return x.String()
	case connectors.Money:
		return x.Amount.String() + " " + x.Currency
	case idgraph.Identifier:
		return string(x.Type) + ":" + x.Value
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return ""
		}
		return renderValue(v.Elem())
	case reflect.Slice:
		var parts []string
		for i := range v.Len() {
			parts = append(parts, renderValue(v.Index(i)))
		}
		if parts == nil {
			return ""
		}
		return "[" + strings.Join(parts, " ") + "]"
	case reflect.Struct:
		var parts []string
		for i := range v.NumField() {
			if s := renderValue(v.Field(i)); s != "" {
				parts = append(parts, v.Type().Field(i).Name+"="+s)
			}
		}
		return "{" + strings.Join(parts, " ") + "}"
	}
	return fmt.Sprint(v.Interface())
}

// fieldOf is the value of a field by its name in a FieldSet: "items.name" is a
// list of names.
func fieldOf(row connectors.Row, field string) any {
	return valueAt(reflect.ValueOf(row), strings.Split(field, "."))
}

func valueAt(v reflect.Value, path []string) any {
	if v.Kind() == reflect.Slice {
		var all []any
		for i := range v.Len() {
			all = append(all, valueAt(v.Index(i), path))
		}
		return all
	}
	if len(path) == 0 {
		return v.Interface()
	}
	f := v.FieldByNameFunc(func(name string) bool { return strings.EqualFold(name, path[0]) })
	if !f.IsValid() {
		panic("there is no field " + path[0])
	}
	return valueAt(f, path[1:])
}

// personalValues are the texts of records that would give a person away in an
// error or a log line; ids and short words are not.
func personalValues(r Records) []string {
	var out []string
	var collect func(reflect.Value)
	collect = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() {
				collect(v.Elem())
			}
		case reflect.Slice:
			for i := range v.Len() {
				collect(v.Index(i))
			}
		case reflect.Struct:
			if _, head := v.Interface().(connectors.Record); head {
				return
			}
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					collect(v.Field(i))
				}
			}
		case reflect.String:
			if s := v.String(); v.Type() == reflect.TypeFor[string]() && len(s) > 5 {
				out = append(out, s)
			}
		}
	}
	for _, p := range r.Profiles {
		for _, id := range p.Identifiers {
			out = append(out, id.Value)
		}
		p.Identifiers = nil
		collect(reflect.ValueOf(p))
	}
	for _, rows := range []any{r.Deals, r.Invoices, r.Payments, r.Orders, r.Tickets, r.Messages} {
		collect(reflect.ValueOf(rows))
	}
	slices.Sort(out)
	return slices.Compact(slices.DeleteFunc(out, func(s string) bool { return len(s) < 4 })) // these stand in anything
}

// hasWord says whether a word stands in a text, not as a part of a longer one.
func hasWord(text, word string) bool {
	return regexp.MustCompile(`(^|[^\pL\pN_])` + regexp.QuoteMeta(word) + `($|[^\pL\pN_])`).MatchString(text)
}
