// Package parts cuts an operation at its @defers, and finds in what each part
// answered the objects that it belongs to. The executor sees ordinary
// operations: none of them holds a @defer.
package parts

import (
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// Most is how many parts an answer may come in. Fragments deferred beyond it
// are answered where they stand.
const Most = 16

// maxSelections bounds what a cut may copy: fragments that hold a @defer are
// copied into every place that spreads them.
const maxSelections = 20_000

// A Part is one ordinary operation that answers a piece of a cut one.
type Part struct {
	Operation *graphql.OperationContext
	Label     string // of the @defer, "" for none
	Within    int    // the part whose answer holds the objects that this one adds to

	path []string // response names from the root to these objects
}

// Whole is an operation without its @defers: everything answers at once. It is
// oc itself where there are none.
func Whole(oc *graphql.OperationContext) *graphql.OperationContext {
	if !mentions(oc) {
		return oc
	}
	c := newCutter(oc)
	return c.operation(c.plain(oc.Operation.SelectionSet))
}

// Cut is an operation in the parts that its @defers make: the first is what
// need not wait, and the others follow in document order, so that each stands
// behind the one it is within. One part alone means that nothing is deferred.
func Cut(oc *graphql.OperationContext) []Part {
	if oc.Operation.Operation != ast.Query || !mentions(oc) {
		return []Part{{Operation: Whole(oc)}}
	}
	c := newCutter(oc)
	c.parts = make([]Part, 1, 4)
	first := c.set(oc.Operation.SelectionSet, nil, 0)
	if c.left < 0 || len(c.parts) == 1 {
		return []Part{{Operation: Whole(oc)}}
	}
	c.parts[0].Operation = c.operation(first)
	return c.parts
}

// mentions says whether a document may hold a @defer at all.
func mentions(oc *graphql.OperationContext) bool { return strings.Contains(oc.RawQuery, "defer") }

// A step leads down a document: a field, or a fragment around what follows. It
// knows the one before, nil at the root.
type step struct {
	before   *step
	field    *ast.Field
	fragment *ast.InlineFragment
}

// names are the response names on the way.
func (s *step) names() []string {
	var out []string
	for ; s != nil; s = s.before {
		if s.field != nil {
			out = append(out, s.field.Alias)
		}
	}
	slices.Reverse(out)
	return out
}

// A cutter copies an operation; the document itself is shared by all who send it.
type cutter struct {
	oc        *graphql.OperationContext
	doc       *ast.QueryDocument // the copies of the fragments, without @defer
	fragments map[*ast.FragmentDefinition]*ast.FragmentDefinition
	holds     map[*ast.FragmentDefinition]bool // whether there is a @defer to heed within
	parts     []Part
	left      int // selections that may still be copied
}

func newCutter(oc *graphql.OperationContext) *cutter {
	c := &cutter{
		oc: oc, doc: &ast.QueryDocument{Position: oc.Doc.Position}, left: maxSelections,
		fragments: map[*ast.FragmentDefinition]*ast.FragmentDefinition{}, holds: map[*ast.FragmentDefinition]bool{},
	}
	for _, def := range oc.Doc.Fragments {
		to := *def
		c.fragments[def] = &to
		c.doc.Fragments = append(c.doc.Fragments, &to)
	}
	for from, to := range c.fragments {
		to.SelectionSet = c.plain(from.SelectionSet)
	}
	return c
}

// operation is the operation with another selection.
func (c *cutter) operation(set ast.SelectionSet) *graphql.OperationContext {
	op := *c.oc.Operation
	op.SelectionSet = set
	return &graphql.OperationContext{
		RawQuery: c.oc.RawQuery, Variables: c.oc.Variables, OperationName: c.oc.OperationName,
		Doc:        &ast.QueryDocument{Operations: ast.OperationList{&op}, Fragments: c.doc.Fragments, Position: c.doc.Position},
		Extensions: c.oc.Extensions, Headers: c.oc.Headers, Operation: &op, DisableIntrospection: c.oc.DisableIntrospection,
		RecoverFunc: c.oc.RecoverFunc, ResolverMiddleware: c.oc.ResolverMiddleware, RootResolverMiddleware: c.oc.RootResolverMiddleware,
		Stats: c.oc.Stats,
	}
}

// plain copies a selection without its @defers.
func (c *cutter) plain(set ast.SelectionSet) ast.SelectionSet {
	out := make(ast.SelectionSet, len(set))
	for i, sel := range set {
		switch s := sel.(type) {
		case *ast.Field:
			to := *s
			to.SelectionSet = c.plain(s.SelectionSet)
			out[i] = &to
		case *ast.InlineFragment:
			to := *s
			to.Directives, to.SelectionSet = without(s.Directives), c.plain(s.SelectionSet)
			out[i] = &to
		case *ast.FragmentSpread:
			out[i] = c.spread(s)
		}
	}
	return out
}

// spread copies a spread of a fragment that is taken as it stands.
func (c *cutter) spread(s *ast.FragmentSpread) *ast.FragmentSpread {
	to := *s
	to.Directives, to.Definition = without(s.Directives), c.fragments[s.Definition]
	return &to
}

// set copies a selection without what is deferred in it, which becomes parts of its own.
func (c *cutter) set(set ast.SelectionSet, at *step, within int) ast.SelectionSet {
	out := make(ast.SelectionSet, 0, len(set))
	for _, sel := range set {
		if c.left--; c.left < 0 {
			return nil
		}
		switch s := sel.(type) {
		case *ast.Field:
			to := *s
			if len(s.SelectionSet) > 0 {
				to.SelectionSet = c.set(s.SelectionSet, &step{before: at, field: s}, within)
			}
			out = append(out, &to)
		case *ast.InlineFragment:
			if in := c.fragment(s, at, within); in != nil {
				out = append(out, in)
			}
		case *ast.FragmentSpread:
			if !c.heeds(s.Directives) && !c.holding(s.Definition) {
				out = append(out, c.spread(s))
				continue
			}
			around := &ast.InlineFragment{
				TypeCondition: s.Definition.TypeCondition, Directives: s.Directives, SelectionSet: s.Definition.SelectionSet,
				ObjectDefinition: s.ObjectDefinition, Position: s.Position,
			}
			if in := c.fragment(around, at, within); in != nil {
				out = append(out, in)
			}
		}
	}
	return out
}

// fragment copies a fragment; one that is deferred becomes a part, and nil.
func (c *cutter) fragment(s *ast.InlineFragment, at *step, within int) *ast.InlineFragment {
	to := *s
	to.Directives = without(s.Directives)
	if !c.included(s.Directives) {
		return nil
	}
	if !c.heeds(s.Directives) || len(c.parts) == Most {
		to.SelectionSet = c.set(s.SelectionSet, &step{before: at, fragment: &to}, within)
		return &to
	}
	n := len(c.parts)
	c.parts = append(c.parts, Part{Label: label(s.Directives), Within: within, path: at.names()})
	to.SelectionSet = c.set(s.SelectionSet, &step{before: at, fragment: &to}, n)
	c.parts[n].Operation = c.operation(around(at, &to))
	return nil
}

// around is a selection of nothing but the way to one.
func around(at *step, to ast.Selection) ast.SelectionSet {
	set := ast.SelectionSet{to}
	for st := at; st != nil; st = st.before {
		if st.field != nil {
			f := *st.field
			f.SelectionSet = set
			set = ast.SelectionSet{&f}
			continue
		}
		in := *st.fragment
		in.SelectionSet = set
		set = ast.SelectionSet{&in}
	}
	return set
}

// holding says whether there is a @defer to heed anywhere below a fragment.
func (c *cutter) holding(def *ast.FragmentDefinition) bool {
	if known, ok := c.holds[def]; ok {
		return known
	}
	c.holds[def] = false
	c.holds[def] = c.within(def.SelectionSet)
	return c.holds[def]
}

func (c *cutter) within(set ast.SelectionSet) bool {
	return slices.ContainsFunc(set, func(sel ast.Selection) bool {
		switch s := sel.(type) {
		case *ast.Field:
			return c.within(s.SelectionSet)
		case *ast.InlineFragment:
			return c.heeds(s.Directives) || c.within(s.SelectionSet)
		case *ast.FragmentSpread:
			return c.heeds(s.Directives) || c.holding(s.Definition)
		}
		return false
	})
}

// heeds says whether a fragment is deferred: by a @defer that is not `if: false`.
func (c *cutter) heeds(list ast.DirectiveList) bool {
	d := list.ForName("defer")
	if d == nil {
		return false
	}
	on, ok := c.condition(d)
	return on || !ok
}

// included reads @skip and @include.
func (c *cutter) included(list ast.DirectiveList) bool {
	for _, d := range list {
		on, ok := c.condition(d)
		if ok && (d.Name == "skip" && on || d.Name == "include" && !on) {
			return false
		}
	}
	return true
}

// condition is the argument `if` of a directive; ok is false where it says nothing.
func (c *cutter) condition(d *ast.Directive) (on, ok bool) {
	arg := d.Arguments.ForName("if")
	if arg == nil {
		return false, false
	}
	v, err := arg.Value.Value(c.oc.Variables)
	on, ok = v.(bool)
	return on, ok && err == nil
}

// label is the label of a @defer. Only a literal is one.
func label(list ast.DirectiveList) string {
	if arg := list.ForName("defer").Arguments.ForName("label"); arg != nil && (arg.Value.Kind == ast.StringValue || arg.Value.Kind == ast.BlockValue) {
		return arg.Value.Raw
	}
	return ""
}

// without is a list of directives without @defer.
func without(list ast.DirectiveList) ast.DirectiveList {
	if list.ForName("defer") == nil {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), func(d *ast.Directive) bool { return d.Name == "defer" })
}
