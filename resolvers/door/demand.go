package door

import (
	"slices"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"customer360/connectors"
)

// A demand is what one root field of an operation asks of its customers: known
// from the selection, before the first call.
type demand struct {
	root    string // response name of the root field: the path of its errors
	list    bool   // whether it lists customers that nobody named
	owners  bool   // whether it asks whose the records are that it names
	kinds   byKind[kindDemand]
	rows    byKind[kindDemand] // asked through node(id:) of a row alone
	columns []*column          // in document order
	seen    columnSet
	threads threads

	rivals bool    // whether it asks for the questions about its customers,
	frozen bool    // or whether there is one of the kind FROZEN
	others *demand // what it asks of the customers whom these questions concern; nil for nothing
}

// A kindDemand is what is asked of one record kind.
type kindDemand struct {
	asked   bool
	fields  wanted
	limit   int    // of rows from the list's beginning; 0 where only parts are wanted
	parts   []part // beside these, or in their place
	ids     bool   // whether the rows' sealed ids are wanted
	cursors bool   // whether their places in the list are
}

func (k *kindDemand) add(more kindDemand) {
	k.asked = k.asked || more.asked
	k.fields |= more.fields
	k.limit = max(k.limit, more.limit)
	for _, p := range more.parts {
		k.part(p.stretch, p.limit)
	}
	k.ids, k.cursors = k.ids || more.ids, k.cursors || more.cursors
}

// column notes a personal field.
func (d *demand) column(c *column) {
	if d.seen.put(c) {
		if d.columns == nil {
			d.columns = make([]*column, 0, 64)
		}
		d.columns = append(d.columns, c)
	}
}

// asks says whether a record kind is asked for, in any way.
func (d *demand) asks(k connectors.Kind) bool {
	return d.kinds.of(k).asked || d.rows.of(k).asked || k == connectors.KindMessage && d.threads.asked() ||
		d.others != nil && d.others.asks(k)
}

// all are the demand and those below it.
func (d *demand) all() []*demand {
	out := []*demand{d}
	for d.others != nil {
		d = d.others
		out = append(out, d)
	}
	return out
}

// timelineKinds are the kinds that a timeline merges.
var timelineKinds = []connectors.Kind{
	connectors.KindDeal, connectors.KindInvoice, connectors.KindPayment, connectors.KindOrder, connectors.KindTicket,
}

// golden are the single golden values of Customer, in the schema's order.
var golden = []string{"name", "givenName", "familyName", "birthDate", "birthDecade", "language", "company"}

// demands lists what each root field asks, in document order. Roots that
// yield no customers are left out.
func (d *Door) demands(oc *graphql.OperationContext) []*demand {
	l := &lookAhead{door: d, variables: oc.Variables}
	var out []*demand
	root := "Query"
	if oc.Operation.Operation == ast.Mutation {
		root = "Mutation"
	}
	l.each(oc.Operation.SelectionSet, root, func(f *ast.Field) {
		i := slices.IndexFunc(out, func(dm *demand) bool { return dm.root == f.Alias })
		if i >= 0 {
			l.out = out[i]
		} else {
			l.out = &demand{root: f.Alias, list: f.Name == "customers" || f.Name == "matchReviews"}
		}
		switch f.Name {
		case "customer", "customersById", "lookup":
			l.customer(f.SelectionSet)
		case "customers":
			l.nodes(f.SelectionSet, "CustomerConnection", func(node *ast.Field) { l.customer(node.SelectionSet) })
		case "node", "nodes":
			l.node(f.SelectionSet)
		case "_entities":
			l.entities(f.SelectionSet)
		case "matchReviews":
			l.column("MatchReview", "")
			l.nodes(f.SelectionSet, "MatchReviewConnection", l.leaves)
		case "explainPath", "decideMatch", "splitCustomer", "mergeCustomers", "undoDecision":
			l.leaves(f)
		default:
			return
		}
		if i < 0 {
			out = append(out, l.out)
		}
	})
	return out
}

// A lookAhead walks an operation's selection. It merges nothing: what is asked
// twice is noted twice, which comes to the same.
type lookAhead struct {
	door      *Door
	variables map[string]any
	out       *demand
	spread    []*ast.FragmentDefinition // by the call of each that is under way
	strangers bool                      // whether customers are others than the demand's
}

// each visits the fields that a selection asks of one type, through fragments
// and past what is skipped.
func (l *lookAhead) each(set ast.SelectionSet, typeName string, visit func(*ast.Field)) {
	from := len(l.spread)
	l.walk(set, typeName, from, visit)
	l.spread = l.spread[:from]
}

func (l *lookAhead) walk(set ast.SelectionSet, typeName string, from int, visit func(*ast.Field)) {
	for _, sel := range set {
		switch s := sel.(type) {
		case *ast.Field:
			if l.included(s.Directives) {
				visit(s)
			}
		case *ast.InlineFragment:
			if l.included(s.Directives) && l.covers(s.TypeCondition, typeName) {
				l.walk(s.SelectionSet, typeName, from, visit)
			}
		case *ast.FragmentSpread:
			if l.included(s.Directives) && l.covers(s.Definition.TypeCondition, typeName) && !slices.Contains(l.spread[from:], s.Definition) {
				l.spread = append(l.spread, s.Definition)
				l.walk(s.Definition.SelectionSet, typeName, from, visit)
			}
		}
	}
}

// covers says whether a fragment's condition holds for a type.
func (l *lookAhead) covers(condition, typeName string) bool {
	return condition == "" || condition == typeName || slices.Contains(l.door.kin[typeName], condition)
}

// included reads @skip and @include.
func (l *lookAhead) included(list ast.DirectiveList) bool {
	for _, d := range list {
		if d.Name == "skip" && l.isTrue(d) || d.Name == "include" && !l.isTrue(d) {
			return false
		}
	}
	return true
}

func (l *lookAhead) isTrue(d *ast.Directive) bool {
	arg := d.Arguments.ForName("if")
	if arg == nil {
		return false
	}
	v, err := arg.Value.Value(l.variables)
	b, ok := v.(bool)
	return err == nil && ok && b
}

// nodes visits the nodes of a connection, in edges and without.
func (l *lookAhead) nodes(set ast.SelectionSet, connection string, visit func(node *ast.Field)) {
	l.each(set, connection, func(f *ast.Field) {
		switch f.Name {
		case "nodes":
			visit(f)
		case "edges":
			l.each(f.SelectionSet, f.Definition.Type.Name(), func(in *ast.Field) {
				if in.Name == "node" {
					visit(in)
				}
			})
		}
	})
}

// first is the argument of a list, 0 where it cannot be read.
func (l *lookAhead) first(f *ast.Field) int {
	given := f.Definition.Arguments.ForName("first").DefaultValue
	if arg := f.Arguments.ForName("first"); arg != nil {
		given = arg.Value
	}
	switch given.Kind {
	case ast.IntValue:
		n, _ := strconv.Atoi(given.Raw)
		return n
	case ast.Variable:
		if v, ok := l.variables[given.Raw]; ok {
			return asInt(v)
		}
		return l.first(&ast.Field{Definition: f.Definition})
	}
	return 0
}

func asInt(v any) int {
	switch n := v.(type) {
	case int:
		return n
	case int64:
		return int(n)
	case float64:
		return int(n)
	case string: // as a variable may be written
		i, _ := strconv.Atoi(n)
		return i
	case interface{ Int64() (int64, error) }: // json.Number
		i, _ := n.Int64()
		return int(i)
	}
	return 0
}
