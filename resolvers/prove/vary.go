package prove

import (
	"maps"
	"math/rand/v2"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/policy"
)

// An oracle says what a caller gets of a category in one record: it is asked
// of the policy, never of the door.
type oracle func(policy.Category) policy.Outcome

// A variation makes a second world that differs from the first in nothing that
// the oracle lets be seen.
type variation struct {
	r       *rand.Rand
	schema  *ast.Schema
	changed map[string]bool // coordinates that differ somewhere
}

// category reads @personal of a coordinate; "" where there is none.
func (v *variation) category(typeName, field string) policy.Category {
	def := v.schema.Types[typeName]
	tags := def.Directives
	if field != "" {
		f := def.Fields.ForName(field)
		if f == nil {
			return "identity" // Profile.UpdatedAt goes up as Provenance.asOf
		}
		tags = f.Directives
	}
	if tag := tags.ForName("personal"); tag != nil {
		return policy.Category(tag.Arguments.ForName("category").Value.Raw)
	}
	return ""
}

// world varies all rows.
func (v *variation) world(a world, see func(cell) oracle) world {
	b := maps.Clone(a)
	for c, list := range a {
		o, t := see(c), rowTypes[c.kind]
		if rows := v.category(t.schema, ""); rows != "" && o(rows) != policy.Shown && o(rows) != policy.Partial {
			b[c] = others(v.r, c)
			v.changed[t.schema] = true
			for _, f := range v.schema.Types[t.schema].Fields {
				v.changed[t.schema+"."+f.Name] = true
			}
			continue
		}
		out := make([]connectors.Row, len(list))
		for i, row := range list {
			x := reflect.New(t.row).Elem()
			x.Set(reflect.ValueOf(row))
			v.row(x, t.schema, o)
			out[i] = x.Interface().(connectors.Row)
		}
		b[c] = out
	}
	return b
}

// others draws other rows, up to six, of other ids too.
func others(r *rand.Rand, c cell) []connectors.Row {
	if c.kind == connectors.KindProfile || c.kind == connectors.KindBalance {
		return rows(r, c.kind, c.owner, 1)
	}
	return rows(r, c.kind, c.owner, r.IntN(6))
}

// row varies one struct, in place; it is a copy.
func (v *variation) row(x reflect.Value, typeName string, o oracle) {
	origins := map[string]bool{}
	for i := range x.NumField() {
		if origin := x.Type().Field(i).Tag.Get("coarse"); origin != "" {
			origins[origin] = true
		}
	}
	for i := range x.NumField() {
		f := x.Type().Field(i)
		if tag := f.Tag.Get("personal"); f.Anonymous || tag == "-" || tag == "below" || f.Tag.Get("coarse") != "" {
			continue
		}
		field := strings.ToLower(f.Name[:1]) + f.Name[1:]
		outcome := o(v.category(typeName, field))
		if outcome == policy.Shown && f.Type.Kind() != reflect.Slice {
			continue
		}
		before := x.Field(i).Interface()
		v.field(x.Field(i), f, outcome, o, origins[f.Name])
		if !reflect.DeepEqual(before, x.Field(i).Interface()) {
			v.changed[typeName+"."+field] = true
		}
	}
}

func (v *variation) field(x reflect.Value, f reflect.StructField, outcome policy.Outcome, o oracle, coarse bool) {
	switch {
	case f.Type.Kind() == reflect.Slice:
		v.list(x, outcome, o)
	case outcome == policy.Partial && f.Tag.Get("shape") != "":
		if !x.IsNil() {
			x.Set(reflect.ValueOf(pointer(v.alike(f.Tag.Get("shape"), *x.Interface().(*string)))))
		}
	case outcome == policy.Partial && coarse:
		if !x.IsNil() {
			v.within(x)
		}
	case v.r.IntN(6) == 0:
		x.SetZero()
	default:
		x.Set(value(v.r, f))
	}
}

// list varies the entries of a list. A list of values under PARTIAL keeps the
// shown part of its first entry alone; rows under PARTIAL keep their number.
func (v *variation) list(x reflect.Value, outcome policy.Outcome, o oracle) {
	elem := x.Type().Elem()
	switch {
	case outcome != policy.Shown && outcome != policy.Partial:
		n := v.r.IntN(4)
		if n == 0 {
			x.SetZero()
			return
		}
		x.Set(list(v.r, x.Type(), sourceOf(x), n))
		return
	case x.Len() == 0:
		return
	}
	n := x.Len()
	if outcome == policy.Partial && isValue(elem) {
		n = 1
	}
	out := reflect.MakeSlice(x.Type(), n, n)
	for i := range n {
		out.Index(i).Set(x.Index(i))
		v.row(out.Index(i), elem.Name(), o)
	}
	if outcome == policy.Partial && isValue(elem) {
		out = reflect.AppendSlice(out, list(v.r, x.Type(), sourceOf(x), v.r.IntN(3)))
	}
	x.Set(out)
}

// isValue tells lists of values (e-mails) from lists of rows (order items).
func isValue(elem reflect.Type) bool {
	_, ok := elem.FieldByName("Source")
	return ok
}

func sourceOf(x reflect.Value) idgraph.Source {
	if x.Len() > 0 && isValue(x.Type().Elem()) {
		return x.Index(0).FieldByName("Source").Interface().(idgraph.Source)
	}
	return ""
}

// alike is another text with the same shown part.
func (v *variation) alike(shape, s string) string {
	switch shape {
	case "email":
		local, domain, ok := strings.Cut(strings.TrimSpace(s), "@")
		if !ok || local == "" || domain == "" || strings.Contains(domain, "@") {
			return s
		}
		if utf8.RuneCountInString(local) < 3 {
			return word(v.r, 1+v.r.IntN(2)) + "@" + word(v.r, 5) + ".example"
		}
		return local[:1] + word(v.r, 2+v.r.IntN(8)) + "@" + word(v.r, 5) + ".example"
	case "phone":
		digits := strings.Map(func(c rune) rune {
			if unicode.IsDigit(c) {
				return c
			}
			return -1
		}, s)
		if len(digits) < 7 {
			return s
		}
		return "+1 " + sixDigits(v.r) + digits[len(digits)-2:]
	case "name":
		words := strings.Fields(s)
		for i, w := range words {
			if !unicode.IsLetter(rune(w[0])) {
				return s
			}
			words[i] = w[:1] + word(v.r, 1+v.r.IntN(8))
		}
		return strings.Join(words, " ")
	case "postcode":
		if len(s) < 4 {
			return s
		}
		return s[:2] + word(v.r, 2+v.r.IntN(5))
	}
	return s
}

func sixDigits(r *rand.Rand) string {
	b := []byte("000000")
	for i := range b {
		b[i] = byte('0' + r.IntN(10))
	}
	return string(b)
}

// within varies an origin inside its coarse value.
func (v *variation) within(x reflect.Value) {
	switch old := x.Interface().(type) {
	case *connectors.Money:
		for {
			m := connectors.Money{Amount: decimal(v.r, -200, 40_000), Currency: pick(v.r, "EUR", "USD", "CHF")}
			if small := v.r.IntN(2) == 0; small {
				m.Amount = decimal(v.r, -50, 1_000)
			}
			if connectors.BandOf(m) == connectors.BandOf(*old) {
				x.Set(reflect.ValueOf(&m))
				return
			}
		}
	case *connectors.Date:
		s := string(*old)
		x.Set(reflect.ValueOf(pointer(connectors.Date(s[:3] + string(rune('0'+v.r.IntN(10))) + "-0" + string(rune('1'+v.r.IntN(9))) + "-1" + string(rune('0'+v.r.IntN(10)))))))
	}
}
