package prove

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// A generator makes random operations out of the schema itself, so that a new
// field is asked for without anybody telling the proof.
type generator struct {
	Chooser
	schema *ast.Schema
	values *values // of arguments
	doc    *document
	listed *listed // the list of customers that a root field asks for, where it goes on in one
	under  string  // the sealed id that the root field names, where it names one
	room   int     // fields that may still be asked for
	names  int     // aliases, variables and fragments so far
	near   int     // 1 + the place of the record that was named last
	defers bool    // whether fragments are deferred
}

// rootWeights says how often a root field is chosen; others count 1.
var rootWeights = map[string]int{"customer": 16, "customersById": 12, "customers": 12, "lookup": 4, "node": 3, "nodes": 4, "_entities": 7, "matchReviews": 3, "explainPath": 2}

// operation makes one.
func (g *generator) operation() *document {
	g.doc, g.room = &document{}, 16+g.Below(90, "room")
	query := g.schema.Query
	if percent(g, 5, "mutation") {
		query, g.doc.kind = g.schema.Mutation, "mutation"
	}
	var choice []*ast.FieldDefinition
	for _, f := range query.Fields {
		if (strings.HasPrefix(f.Name, "__") || f.Name == "_service") && g.Below(6, "meta") > 0 {
			continue
		}
		for range max(1, rootWeights[f.Name]) {
			choice = append(choice, f)
		}
	}
	s := newScope(false)
	for range 1 + g.Below(3, "roots")*g.Below(2, "more roots") {
		g.under = ""
		root := g.field(query, one(g, "root", choice...), s)
		if g.defers && percent(g, 30, "deferred root") {
			root = &node{typeName: query.Name, on: query.Name, directive: g.deferred(), below: []*node{root}}
		}
		g.doc.roots = append(g.doc.roots, root)
	}
	g.spoil()
	return g.doc
}

// spoil makes one document in twenty wrong.
func (g *generator) spoil() {
	root := g.doc.roots[len(g.doc.roots)-1]
	switch g.Below(160, "spoilt") {
	case 159:
		g.doc.before = "{ "
	case 158:
		root.below = append(root.below, &node{name: "noSuchField"})
	case 157:
		root.args = append(root.args, argument{"noSuchArgument", `"p1@example.com"`})
	case 156:
		g.doc.roots = append(g.doc.roots, &node{named: &fragment{name: "NoSuchFragment"}})
	case 155:
		g.doc.before = "query Other { viewer { name } } "
	case 154:
		root.directive = " @noSuchDirective"
	case 153:
		g.doc.before = strings.Repeat("# ", 10) + "\n" + strings.Repeat("fragment F on Query { viewer { name } } ", 90)
	}
}

// A scope is the response names taken in one selection, so that two fields
// don't claim one. Within fragments every field has a name of its own.
type scope struct {
	taken    map[string]*node
	fragment bool
}

func newScope(fragment bool) *scope { return &scope{map[string]*node{}, fragment} }

func (g *generator) fresh(prefix string) string {
	g.names++
	return fmt.Sprint(prefix, g.names)
}

// field asks for one field of a type.
func (g *generator) field(def *ast.Definition, f *ast.FieldDefinition, s *scope) *node {
	g.room--
	n := &node{typeName: def.Name, name: f.Name, yields: f.Type.Name()}
	if have := s.taken[f.Name]; have != nil && !s.fragment && len(have.below) > 0 && g.Below(4, "again") == 0 {
		n.args, n.directive = have.args, have.directive // the same once more: the two are merged
		n.below = []*node{{typeName: f.Type.Name(), name: "__typename", alias: g.fresh("t")}}
		if yields := g.schema.Types[f.Type.Name()]; yields.Kind == ast.Object {
			n.below = append(n.below, g.spread(yields))
		}
		return n
	}
	if s.taken[f.Name] != nil || s.fragment || percent(g, 8, "alias") {
		n.alias = g.fresh("a")
	}
	s.taken[n.key()] = n
	n.args = g.arguments(f)
	n.directive = g.directive()
	if yields := g.schema.Types[f.Type.Name()]; !yields.IsLeafType() {
		n.below = g.selection(yields)
	}
	return n
}

// directive skips or includes one field in sixteen, by a literal or a variable.
func (g *generator) directive() string {
	switch g.Below(64, "directive") {
	case 63:
		return " @include(if: true)"
	case 62:
		return " @skip(if: " + g.variable("Boolean!", false) + ")"
	case 61:
		return " @include(if: " + g.variable("Boolean!", g.Below(2, "include") == 0) + ")"
	case 60:
		return " @skip(if: true)"
	}
	return ""
}

// favoured are fields far down, asked for more often than those beside them.
var favoured = map[string][]string{
	"CustomerIdentity": {"events", "rivals", "links"}, "IdentityEvent": {"decision", "rule", "ruleVersion"}, "IdentityLink": {"levels"},
	"MatchReview": {"link", "value", "stoppedBy"}, "MatchDecision": {"undone", "actor", "reason"},
}

// selection asks for some of a type's fields, directly and through fragments.
func (g *generator) selection(def *ast.Definition) []*node {
	s := newScope(false)
	var out []*node
	switch def.Kind {
	case ast.Interface, ast.Union:
		out = append(out, &node{typeName: def.Name, name: "__typename"})
		if def.Kind == ast.Interface {
			for _, f := range def.Fields {
				out = append(out, g.field(def, f, s))
			}
		}
		possible := g.schema.GetPossibleTypes(def)
		for _, t := range possible {
			if g.Below(2, "type") == 1 || t.Name == "Customer" && percent(g, 80, "customer") {
				out = append(out, g.spread(t))
			}
		}
		return out
	}
	fields := slices.DeleteFunc(slices.Clone(def.Fields), func(f *ast.FieldDefinition) bool { return strings.HasPrefix(f.Name, "__") })
	for _, name := range favoured[def.Name] {
		fields = append(fields, def.Fields.ForName(name), def.Fields.ForName(name))
	}
	least, most := 1, 7
	switch def.Name {
	case "Customer":
		least, most = 4, 16
	case "CustomerIdentity", "IdentityLink", "MatchReview", "MatchLevel", "IdentityEvent", "MatchDecision": // far down, and seldom asked for
		least = 2
	}
	for range least + g.Below(most, "fields") {
		if g.room <= 0 && len(out) > 0 {
			break
		}
		if percent(g, 10, "fragment") || g.defers && percent(g, 20, "fragment to defer") {
			out = append(out, g.spread(def))
			continue
		}
		f := fields[g.Below(len(fields), "field")]
		if g.room <= 0 {
			f = g.leaf(fields, f)
		}
		out = append(out, g.field(def, f, s))
	}
	if def.Name == "Customer" && !percent(g, 10, "nameless") { // so that the table knows whose fields these are
		out = append(out, &node{typeName: def.Name, name: "id", alias: g.fresh("id")})
	}
	if percent(g, 5, "typename") {
		out = append(out, &node{typeName: def.Name, name: "__typename", alias: g.fresh("t")})
	}
	return out
}

// leaf is a field without fields, where there is one: to come to an end.
func (g *generator) leaf(fields []*ast.FieldDefinition, or *ast.FieldDefinition) *ast.FieldDefinition {
	for _, f := range fields {
		if g.schema.Types[f.Type.Name()].IsLeafType() {
			return f
		}
	}
	return or
}

// spread asks for fields of an object type in an inline or a named fragment.
func (g *generator) spread(def *ast.Definition) *node {
	if len(def.Interfaces) > 0 && percent(g, 10, "interface") {
		of := def.Interfaces[0]
		return &node{typeName: of, on: of, directive: g.deferred(), below: []*node{{typeName: of, name: "id", alias: g.fresh("a")}}}
	}
	s := newScope(true)
	var below []*node
	fields := slices.DeleteFunc(slices.Clone(def.Fields), func(f *ast.FieldDefinition) bool { return strings.HasPrefix(f.Name, "__") })
	least := 1
	if def.Name == "Customer" {
		least = 3
	}
	for range least + g.Below(4, "fields") {
		f := fields[g.Below(len(fields), "field")]
		if g.room <= 0 {
			f = g.leaf(fields, f)
		}
		below = append(below, g.field(def, f, s))
	}
	if def.Name == "Customer" && percent(g, 80, "id") {
		below = append(below, &node{typeName: def.Name, name: "id", alias: g.fresh("id")})
	}
	if percent(g, 40, "named") && len(below) > 0 {
		f := &fragment{g.fresh("F"), def.Name, below}
		g.doc.fragments = append(g.doc.fragments, f)
		return &node{typeName: def.Name, on: def.Name, named: f, directive: g.directive() + g.deferred()}
	}
	return &node{typeName: def.Name, on: def.Name, below: below, directive: g.directive() + g.deferred()}
}

// deferred defers three fragments in four of an operation that defers some.
func (g *generator) deferred() string {
	if !g.defers {
		return ""
	}
	switch g.Below(8, "deferred") {
	case 0, 1:
		return ""
	case 2:
		return " @defer(label: \"" + g.fresh("d") + "\")"
	case 3:
		return " @defer(if: " + g.variable("Boolean!", g.Below(2, "deferred if") == 0) + ")"
	case 4:
		return " @defer(label: \"d\", if: true)"
	}
	return " @defer"
}

// arguments gives a field its arguments, as literals and as variables.
func (g *generator) arguments(f *ast.FieldDefinition) []argument {
	var out []argument
	g.listed = nil
	if f.Name == "customers" && percent(g, 35, "a list of cursors") && len(g.values.lists) > 0 {
		g.listed = &g.values.lists[g.Below(len(g.values.lists), "list")]
	}
	for _, a := range f.Arguments {
		v, given := g.values.of(g, f, a)
		if !given && !(a.Type.NonNull && a.DefaultValue == nil) {
			continue
		}
		text := literal(v)
		if percent(g, 35, "variable") {
			text = g.variable(a.Type.String(), v)
		}
		out = append(out, argument{a.Name, text})
	}
	return out
}

// variable declares one and answers how it is written.
func (g *generator) variable(typ string, v any) string {
	name := g.fresh("v")
	g.doc.variables = append(g.doc.variables, variable{name: name, typ: typ, value: v, given: true})
	return "$" + name
}
