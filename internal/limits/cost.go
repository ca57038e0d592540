// Package limits says what is a fair request: how large, how costly, from
// which page, how often.
package limits

import (
	"context"
	"encoding/json"
	"maps"
	"math"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/maypok86/otter/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
)

// Tokens is the most lexical tokens that a document may have: validation of
// overlapping fields is quadratic.
const Tokens = 1000

// MaxCost is the most cells that an operation may ask for, lists counted at
// their page size.
const MaxCost = 1_000_000

// A Cost refuses operations that ask for too much before they are validated.
// It visits every fragment once.
type Cost struct {
	once  sync.Once
	cache *otter.Cache[string, *ast.QueryDocument]
}

// ExtensionName names it.
func (*Cost) ExtensionName() string { return "Cost" }

// Validate has nothing to check against the schema.
func (*Cost) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters measures the operation. A document that does not
// parse passes: the executor says what is wrong with it.
func (c *Cost) MutateOperationParameters(_ context.Context, p *graphql.RawParams) *gqlerror.Error {
	c.once.Do(func() {
		c.cache = otter.Must(&otter.Options[string, *ast.QueryDocument]{MaximumSize: 1000})
	})
	doc, ok := c.cache.GetIfPresent(p.Query)
	if !ok {
		var err error
		if doc, err = parser.ParseQueryWithTokenLimit(&ast.Source{Input: p.Query}, Tokens); err != nil {
			return nil
		}
		c.cache.Set(p.Query, doc)
	}
	op := doc.Operations.ForName(p.OperationName)
	if op == nil {
		return nil
	}
	m := meter{doc: doc, variables: given(op, p.Variables), fragments: map[string]float64{}}
	if m.set(op.SelectionSet) <= MaxCost {
		return nil
	}
	return &gqlerror.Error{
		Message:    "the operation asks for too much at once; ask for smaller pages or fewer fields",
		Extensions: map[string]any{"code": "TOO_COSTLY", "limit": MaxCost},
	}
}

// given are the variables of a request, with the defaults of those that it leaves out.
func given(op *ast.OperationDefinition, variables map[string]any) map[string]any {
	all := maps.Clone(variables)
	for _, v := range op.VariableDefinitions {
		if _, ok := all[v.Variable]; ok || v.DefaultValue == nil {
			continue
		}
		if value, err := v.DefaultValue.Value(nil); err == nil {
			if all == nil {
				all = map[string]any{}
			}
			all[v.Variable] = value
		}
	}
	return all
}

// A meter sums cells; floats saturate by themselves.
type meter struct {
	doc       *ast.QueryDocument
	variables map[string]any
	fragments map[string]float64
}

func (m *meter) set(set ast.SelectionSet) float64 {
	sum := 0.0
	for _, sel := range set {
		switch s := sel.(type) {
		case *ast.Field:
			sum += 1 + m.looks(s) + m.times(s)*m.set(s.SelectionSet)
		case *ast.InlineFragment:
			sum += m.set(s.SelectionSet)
		case *ast.FragmentSpread:
			sum += m.fragment(s.Name)
		}
	}
	return sum
}

func (m *meter) fragment(name string) float64 {
	if cost, ok := m.fragments[name]; ok {
		return cost
	}
	m.fragments[name] = math.Inf(1) // a fragment within itself never ends
	def := m.doc.Fragments.ForName(name)
	if def == nil {
		m.fragments[name] = 0
		return 0
	}
	m.fragments[name] = m.set(def.SelectionSet)
	return m.fragments[name]
}

// times is how many entries a field may yield.
func (m *meter) times(f *ast.Field) float64 {
	for _, name := range []string{"ids", "representations"} {
		if named := f.Arguments.ForName(name); named != nil {
			if list, ok := m.value(named.Value).([]any); ok {
				return float64(max(1, len(list)))
			}
		}
	}
	if first := f.Arguments.ForName("first"); first != nil {
		switch n := m.value(first.Value).(type) {
		case int64:
			return math.Max(1, math.Min(float64(n), 100))
		case json.Number:
			if i, err := n.Int64(); err == nil {
				return math.Max(1, math.Min(float64(i), 100))
			}
		}
		return 100
	}
	switch f.Name {
	case "customers", "deals", "invoices", "payments", "orders", "tickets", "messages", "timeline", "matchReviews", "events", "rivals":
		return 20 // the default page
	case "records", "links":
		return 100 // each leads to its customer again: what is below is counted as for the largest
	}
	return 1
}

// searched is what a list counts besides its page where its entries are looked
// for among others: rows by their state, customers by what is shown of them.
const searched = 1000

func (m *meter) looks(f *ast.Field) float64 {
	for _, name := range []string{"status", "stage", "filter", "orderBy"} {
		if arg := f.Arguments.ForName(name); arg != nil && m.value(arg.Value) != nil {
			return searched
		}
	}
	return 0
}

func (m *meter) value(v *ast.Value) any {
	if v == nil {
		return nil
	}
	out, err := v.Value(m.variables)
	if err != nil {
		return nil
	}
	return out
}
