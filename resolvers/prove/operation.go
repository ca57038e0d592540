package prove

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/policy"
)

// An operation is one question of one caller, and what is wrong meanwhile.
type operation struct {
	role              policy.Role
	purpose           string
	query             string
	variables         map[string]any
	faults            map[idgraph.Source]map[connectors.Kind]fault
	noLedger, noAudit bool

	fields map[string]int // coordinates selected
	args   map[string]int // arguments given, as Type.field(argument)
}

// A pool is what callers may have seen before: ids and cursors, of any caller.
type pool struct {
	customers []string // sealed
	nodes     []string // sealed, customers and rows
	cursors   []string
	emails    []string
	refs      []idgraph.Ref
}

// caller draws who asks, and why: mostly with a purpose that is held.
func caller(g *ground) *rapid.Generator[operation] {
	return rapid.Custom(func(t *rapid.T) operation {
		o := operation{role: rapid.SampledFrom(g.roles()).Draw(t, "role")}
		held := g.policy.Held(g.caller(o.role))
		switch n := rapid.IntRange(0, 19).Draw(t, "why"); {
		case n > 2 && len(held) > 0:
			o.purpose = string(rapid.SampledFrom(held).Draw(t, "purpose"))
		case n == 0:
		case n == 1:
			o.purpose = "curiosity"
		default:
			o.purpose = string(rapid.SampledFrom(policy.Purposes).Draw(t, "purpose"))
		}
		return o
	})
}

// question draws an operation for a caller out of the whole schema.
func question(who operation, schema *ast.Schema, p *pool) *rapid.Generator[operation] {
	return rapid.Custom(func(t *rapid.T) operation {
		a := &author{
			t: t, schema: schema, pool: p, fragments: map[string]string{},
			o: operation{role: who.role, purpose: who.purpose, variables: map[string]any{}, fields: map[string]int{}, args: map[string]int{}},
		}
		var b strings.Builder
		for range rapid.IntRange(1, 3).Draw(t, "roots") {
			name := rapid.SampledFrom([]string{"customers", "customers", "customers", "customersById", "customersById", "customer", "customer", "lookup", "node", "nodes", "nodes", "sources", "viewer", "purposes"}).Draw(t, "root")
			a.field(&b, "Query", schema.Types["Query"].Fields.ForName(name), 0)
		}
		a.finish(b.String())
		a.trouble()
		return a.o
	})
}

// An author writes one document.
type author struct {
	t         *rapid.T
	schema    *ast.Schema
	pool      *pool
	o         operation
	fragments map[string]string
	params    []string
	n         int
}

func (a *author) chance(of int, label string) bool {
	return rapid.IntRange(0, of-1).Draw(a.t, label) == of-1
}

func (a *author) next(prefix string) string {
	a.n++
	return fmt.Sprintf("%s%d", prefix, a.n)
}

// selection writes a few fields of a type; of what it yields, all the way down.
func (a *author) selection(typeName string, depth int) string {
	def := a.schema.Types[typeName]
	var b strings.Builder
	b.WriteString("{ ")
	if def.Kind != ast.Object {
		b.WriteString("__typename ")
		for _, t := range a.schema.GetPossibleTypes(def) {
			if !a.chance(3, "skip type") {
				fmt.Fprintf(&b, "... on %s %s ", t.Name, a.selection(t.Name, depth+1))
			}
		}
		b.WriteString("} ")
		return b.String()
	}
	fields := slices.DeleteFunc(slices.Clone(def.Fields), func(f *ast.FieldDefinition) bool { return strings.HasPrefix(f.Name, "__") })
	most := 4
	if depth <= 1 {
		most = 7
	}
	for range rapid.IntRange(1, most).Draw(a.t, "fields") {
		f := rapid.SampledFrom(fields).Draw(a.t, "field")
		switch rapid.IntRange(0, 15).Draw(a.t, "how") {
		case 0:
			fmt.Fprintf(&b, "... on %s { ", typeName)
			a.field(&b, typeName, f, depth)
			b.WriteString("} ")
		case 1:
			name := a.next("F")
			var inner strings.Builder
			a.field(&inner, typeName, f, depth)
			a.fragments[name] = fmt.Sprintf("fragment %s on %s { %s }", name, typeName, inner.String())
			fmt.Fprintf(&b, "...%s ", name)
		case 2:
			b.WriteString("__typename ")
		default:
			a.field(&b, typeName, f, depth)
		}
	}
	b.WriteString("} ")
	return b.String()
}

// field writes one field under an alias of its own, with arguments, directives
// and selection.
func (a *author) field(b *strings.Builder, typeName string, f *ast.FieldDefinition, depth int) {
	coordinate := typeName + "." + f.Name
	fmt.Fprintf(b, "%s: %s", a.next("f"), f.Name)
	var args []string
	for _, arg := range f.Arguments {
		if value, given := a.argument(coordinate, arg); given {
			args = append(args, arg.Name+": "+value)
			a.o.args[coordinate+"("+arg.Name+")"]++
		}
	}
	if len(args) > 0 {
		fmt.Fprintf(b, "(%s)", strings.Join(args, ", "))
	}
	b.WriteString(" ")
	taken := true
	if a.chance(20, "directive") {
		taken = rapid.Bool().Draw(a.t, "include")
		if rapid.Bool().Draw(a.t, "by variable") {
			fmt.Fprintf(b, "@include(if: %s) ", a.variable("Boolean!", taken))
		} else {
			fmt.Fprintf(b, "@skip(if: %v) ", !taken)
		}
	}
	if taken {
		a.o.fields[coordinate]++
	}
	if def := a.schema.Types[f.Type.Name()]; !def.IsLeafType() {
		b.WriteString(a.selection(def.Name, depth+1))
	}
}

// variable hands a value in beside the document.
func (a *author) variable(typ string, value any) string {
	name := a.next("v")
	a.params = append(a.params, "$"+name+": "+typ)
	a.o.variables[name] = value
	return "$" + name
}

// argument writes a value for an argument, literally or as a variable.
func (a *author) argument(coordinate string, arg *ast.ArgumentDefinition) (string, bool) {
	from := a.pool.customers
	if strings.HasPrefix(coordinate, "Query.node") && a.chance(2, "row") || a.chance(25, "row for a customer") {
		from = a.pool.nodes
	}
	switch arg.Name {
	case "first":
		n := rapid.SampledFrom([]int{1, 1, 2, 2, 3, 5, 10, 20, 50}).Draw(a.t, "first")
		if a.chance(30, "bad first") {
			n = rapid.SampledFrom([]int{0, -1, 101}).Draw(a.t, "out of range")
		}
		if a.chance(4, "as variable") {
			return a.variable("Int!", n), true
		}
		return fmt.Sprint(n), !a.chance(5, "default")
	case "after":
		if !a.chance(4, "after") {
			return "", false
		}
		return fmt.Sprintf("%q", a.sealed(a.pool.cursors)), true
	case "id":
		return fmt.Sprintf("%q", a.sealed(from)), true
	case "ids":
		var ids []any
		for range rapid.IntRange(1, 5).Draw(a.t, "ids") {
			ids = append(ids, rapid.SampledFrom(from).Draw(a.t, "id"))
		}
		if a.chance(30, "bad id") {
			ids = append(ids, "nonsense")
		}
		return a.variable("[ID!]!", ids), true
	case "by":
		return a.variable("LookupBy!", a.lookup()), true
	}
	panic("prove: the proof gives no value to the argument " + arg.Name + "; teach it")
}

// sealed is something seen before; rarely something made up.
func (a *author) sealed(seen []string) string {
	if a.chance(40, "made up") {
		return "bm90IGEgc2VhbA"
	}
	return rapid.SampledFrom(seen).Draw(a.t, "sealed")
}

func (a *author) lookup() map[string]any {
	switch rapid.IntRange(0, 5).Draw(a.t, "by") {
	case 0:
		ref := rapid.SampledFrom(a.pool.refs).Draw(a.t, "ref")
		return map[string]any{"record": map[string]any{"source": string(ref.Source), "id": ref.ID}}
	case 1:
		return map[string]any{"email": "nobody@lookup.example"}
	case 2:
		return map[string]any{rapid.SampledFrom([]string{"email", "phone", "loyaltyId"}).Draw(a.t, "type"): "??"}
	}
	return map[string]any{"email": rapid.SampledFrom(a.pool.emails).Draw(a.t, "email")}
}

func (a *author) finish(roots string) {
	head := "query "
	if len(a.params) > 0 {
		head += "(" + strings.Join(a.params, ", ") + ") "
	}
	parts := []string{head + "{ " + roots + "}"}
	for i := 1; i <= a.n; i++ {
		if f, ok := a.fragments[fmt.Sprintf("F%d", i)]; ok {
			parts = append(parts, f)
		}
	}
	a.o.query = strings.Join(parts, "\n")
}

// trouble lets sources, ledger or audit log fail now and then.
func (a *author) trouble() {
	if a.chance(6, "trouble") {
		a.o.faults = map[idgraph.Source]map[connectors.Kind]fault{}
		for range rapid.IntRange(1, 3).Draw(a.t, "faults") {
			s := rapid.SampledFrom(sources).Draw(a.t, "source")
			if a.o.faults[s.name] == nil {
				a.o.faults[s.name] = map[connectors.Kind]fault{}
			}
			a.o.faults[s.name][rapid.SampledFrom(s.kinds).Draw(a.t, "kind")] = fault(rapid.IntRange(int(slow), int(lone)).Draw(a.t, "fault"))
		}
	}
	a.o.noLedger = a.chance(60, "no ledger")
	a.o.noAudit = a.chance(60, "no audit")
}
