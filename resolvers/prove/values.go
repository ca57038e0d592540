package prove

import (
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"customer360/idgraph"
)

// values are what arguments may be: ids and cursors that the API gave earlier
// (to somebody who sees everything, in the first world), identifiers that both
// worlds know, and much that is wrong.
type values struct {
	customers []string                       // sealed ids
	rows      []string                       // sealed ids of rows
	cursors   map[string][]string            // by the list's field
	own       map[string]map[string][]string // the same of one customer's lists
	known     []idgraph.Identifier
	refs      []idgraph.Ref          // one customer's beside one another
	owners    map[idgraph.Ref]string // their customers' sealed ids
	decisions []string               // sealed ids
	lists     []listed               // of customers
	strange   []string               // ids of other kinds, foreign and malformed ones
}

// of picks a value for one argument; false leaves it out.
func (v *values) of(g *generator, f *ast.FieldDefinition, a *ast.ArgumentDefinition) (any, bool) {
	switch {
	case g.listed != nil && a.Name == "after":
		return one(g, "cursor", g.listed.cursors...), true
	case g.listed != nil && a.Name == "filter":
		return g.listed.filter, g.listed.filter != nil
	case g.listed != nil && a.Name == "orderBy":
		return g.listed.order, true
	case a.Name == "id" && f.Name == "node":
		g.under = v.node(g)
		return g.under, true
	case a.Name == "id":
		g.under = v.customer(g)
		return g.under, true
	case a.Name == "ids":
		n := g.Below(5, "ids")
		if percent(g, 1, "too many ids") {
			n = 101
		}
		out := make([]any, n)
		for i := range out {
			if out[i] = one(g, "customer", v.customers...); f.Name == "nodes" && percent(g, 30, "row") && len(v.rows) > 0 {
				out[i] = one(g, "row", v.rows...)
			}
		}
		if n > 0 && percent(g, 8, "strange id") {
			out[n-1] = one(g, "id", v.strange...)
		}
		return out, true
	case a.Name == "first":
		return v.first(g)
	case a.Name == "after":
		return v.after(g, f.Name)
	case a.Name == "representations":
		return v.representations(g), true
	case a.Name == "filter" && g.Below(5, "filter") > 0:
		return nil, false // most lists are of all customers
	case a.Type.Name() == "SourceRecordInput":
		return v.record(g), true
	case a.Name == "input":
		return v.input(g, f.Name), true
	case a.Type.Name() == "LookupBy":
		return v.lookup(g), true
	case a.Type.Name() == "Time":
		return v.time(g)
	case a.Name == "status" || a.Name == "stage" || a.Name == "kinds":
		return v.some(g, a.Type)
	}
	return v.any(g, a.Type)
}

func (v *values) customer(g *generator) string {
	if percent(g, 6, "strange id") || len(v.customers) == 0 {
		return one(g, "id", v.strange...)
	}
	return one(g, "customer", v.customers...)
}

func (v *values) node(g *generator) string {
	if percent(g, 35, "row") && len(v.rows) > 0 {
		return one(g, "row", v.rows...)
	}
	return v.customer(g)
}

func (v *values) first(g *generator) (any, bool) {
	switch n := g.Below(50, "first"); {
	case n < 12:
		return nil, false
	case n < 44:
		return 1 + g.Below(5, "page"), true
	case n < 48:
		return 6 + g.Below(95, "large page"), true
	}
	return []any{0, -1, 101, "ten", nil, enumName("99999999999999999999")}[g.Below(6, "bad page")], true
}

func (v *values) after(g *generator, list string) (any, bool) {
	own := v.own[g.under][list]
	switch n := g.Below(40, "after"); {
	case n < 20 || len(v.cursors[list]) == 0:
		return nil, n%5 == 4
	case n < 36 && len(own) > 0:
		return one(g, "cursor", own...), true
	case n < 26:
		return nil, false
	case n < 37:
		return one(g, "cursor", v.cursors[list]...), true
	}
	for other := range v.cursors { // of another list: any will do
		if other != list && g.Below(2, "other list") == 0 {
			return v.cursors[other][0], true
		}
	}
	return one(g, "bad cursor", v.strange...), true
}

// time is a bound of a range: one in three rows' times are whole days, so that
// some stand on it.
func (v *values) time(g *generator) (any, bool) {
	switch n := g.Below(30, "time"); {
	case n < 23:
		return nil, n == 22
	case n < 29:
		at := now.AddDate(0, 0, -g.Below(45, "days ago"))
		return at.Add(-time.Duration(g.Below(2, "earlier")) * time.Hour).Format(time.RFC3339), true
	}
	return one(g, "odd time", "2026-02-01T00:00:00+05:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "yesterday", "", "2026-02-30T00:00:00Z"), true
}

// sources are a choice of sources, now and then one that is none.
func (v *values) sources(g *generator) fields {
	out := fields{}
	for _, how := range []string{"allOf", "anyOf", "noneOf"} {
		if g.Below(2, "given") == 0 {
			continue
		}
		names := make([]any, g.Below(3, "how many"))
		for i := range names {
			names[i] = string(systems[g.Below(len(systems), "source")].name)
		}
		if percent(g, 3, "no such source") {
			names = append(names, "nowhere")
		}
		out = append(out, fields{{how, names}}...)
	}
	return out
}

// some are values of an enum, now and then none, one twice or none that is known.
func (v *values) some(g *generator, t *ast.Type) (any, bool) {
	if g.Below(5, "given") < 4 {
		return nil, false
	}
	def := g.schema.Types[t.Name()]
	out := make([]any, g.Below(4, "how many"))
	for i := range out {
		out[i] = enumName(def.EnumValues[g.Below(len(def.EnumValues), "enum")].Name)
	}
	if percent(g, 3, "no such value") {
		out = append(out, enumName("NONE_OF_THESE"))
	}
	return out, true
}

func (v *values) lookup(g *generator) any {
	id := v.known[g.Below(len(v.known), "identifier")]
	spelt := id.Value
	switch g.Below(20, "spelling") {
	case 19:
		spelt = one(g, "unknown", "nobody@example.com", "+49301111111", "L-0", "1")
	case 18:
		spelt = one(g, "malformed", "", "@", "no such thing", "++", strings.Repeat("x", 400))
	case 17:
		spelt = strings.ToUpper(spelt)
	}
	by := func(name string, value any) fields {
		return fields{{name, value}}
	}
	switch n := g.Below(40, "by"); {
	case n < 8:
		ref := v.refs[g.Below(len(v.refs), "ref")]
		return by("record", fields{{"source", string(ref.Source)}, {"id", ref.ID}})
	case n == 8:
		return by("record", fields{{"source", "nowhere"}, {"id", "1"}})
	case n == 9:
		return fields{}
	case n == 10:
		return fields{{"email", spelt}, {"phone", spelt}}
	case n == 11:
		return by("email", nil)
	case id.Type == idgraph.Phone:
		return by("phone", spelt)
	case id.Type == idgraph.LoyaltyID:
		return by("loyaltyId", spelt)
	}
	return by("email", spelt)
}

// record names one, often a neighbour of the one before: of the same customer.
func (v *values) record(g *generator) any {
	if percent(g, 4, "strange record") {
		return fields{{"source", one(g, "source", "crm", "nowhere", "")}, {"id", one(g, "record", "none", "", v.customer(g))}}
	}
	n := g.Below(len(v.refs), "ref")
	if g.near > 0 && percent(g, 75, "near") {
		n = (g.near - 1 + g.Below(4, "how near")) % len(v.refs)
	}
	g.near = n + 1
	return fields{{"source", string(v.refs[n].Source)}, {"id", v.refs[n].ID}}
}

// input is that of a mutation.
func (v *values) input(g *generator, mutation string) any {
	reason := fields{{"reason", one(g, "reason", "She called.", "Twins.", "Zwillinge", "", " ", strings.Repeat("x", 501))}}
	switch mutation {
	case "decideMatch":
		return append(fields{{"from", v.record(g)}, {"to", v.record(g)}, {"same", g.Below(2, "same") == 0}}, reason...)
	case "splitCustomer":
		n := g.Below(len(v.refs), "ref") // a record, of whosever it is the customer most likely
		owner := v.owners[v.refs[n]]
		if percent(g, 10, "another customer") {
			owner = v.customer(g)
		}
		g.near = n + 1
		records := []any{fields{{"source", string(v.refs[n].Source)}, {"id", v.refs[n].ID}}}
		for range g.Below(3, "more records") {
			records = append(records, v.record(g))
		}
		return append(fields{{"customer", owner}, {"records", records}}, reason...)
	case "mergeCustomers":
		list := make([]any, 1+g.Below(3, "customers"))
		for i := range list {
			list[i] = v.customer(g)
		}
		return append(fields{{"customers", list}}, reason...)
	}
	list := make([]any, 1+g.Below(2, "decisions"))
	for i := range list {
		list[i] = one(g, "decision", v.decisions...)
	}
	if percent(g, 5, "strange decision") {
		list[0] = v.customer(g)
	}
	return append(fields{{"decisions", list}}, reason...)
}

// representations are what a router may name: customers and records, some of
// them twice, some of them wrong.
func (v *values) representations(g *generator) any {
	n := 1 + g.Below(5, "representations")
	if percent(g, 1, "too many representations") {
		n = 101
	}
	out := make([]any, n)
	for i := range out {
		ref := v.refs[g.Below(len(v.refs), "ref")]
		switch n := g.Below(40, "representation"); {
		case n < 24:
			out[i] = fields{{"__typename", "Customer"}, {"id", v.customer(g)}}
		case n < 36:
			out[i] = fields{{"__typename", "SourceRecord"}, {"source", string(ref.Source)}, {"id", ref.ID}}
		case n == 36:
			out[i] = fields{{"__typename", "SourceRecord"}, {"source", one(g, "source", string(ref.Source), "nowhere", "")}, {"id", one(g, "record", "none", "", v.customer(g))}}
		default:
			out[i] = v.misrepresented(g, ref)
		}
	}
	return out
}

// misrepresented is a representation of another type or form.
func (v *values) misrepresented(g *generator, ref idgraph.Ref) any {
	return []any{
		fields{{"__typename", "Customer"}, {"source", string(ref.Source)}, {"id", ref.ID}},
		fields{{"__typename", "SourceRecord"}, {"id", v.customer(g)}},
		fields{{"__typename", "Customer"}, {"id", nil}},
		fields{{"__typename", "Customer"}, {"id", 1}},
		fields{{"__typename", "SourceRecord"}, {"source", string(ref.Source)}, {"id", 100}},
		fields{{"__typename", "Order"}, {"id", one(g, "row", append(v.rows, "x")...)}},
		fields{{"id", v.customer(g)}},
		fields{{"__typename", "Customer"}, {"id", v.customer(g)}, {"name", "Somebody Else"}},
		v.customer(g), 1, nil,
	}[g.Below(11, "misrepresented")]
}

// any is a value of a type that nothing more is known of.
func (v *values) any(g *generator, t *ast.Type) (any, bool) {
	if t.Elem != nil {
		x, ok := v.any(g, t.Elem)
		return []any{x}, ok
	}
	if !t.NonNull && g.Below(2, "given") == 0 {
		return nil, false
	}
	switch def := g.schema.Types[t.NamedType]; {
	case def.Name == "Time":
		return v.time(g)
	case def.Name == "SourcesFilter":
		return v.sources(g), true
	case def.Kind == ast.Enum:
		return enumName(def.EnumValues[g.Below(len(def.EnumValues), "enum")].Name), true
	case def.Kind == ast.InputObject:
		var out fields
		for _, f := range def.Fields {
			if x, ok := v.any(g, f.Type); ok {
				out = append(out, fields{{f.Name, x}}...)
			}
		}
		return out, true
	case def.Name == "Int":
		return g.Below(10, "number"), true
	case def.Name == "Boolean":
		return g.Below(2, "yes") == 1, true
	}
	return one(g, "text", "Customer", "Order", "x", ""), true
}
