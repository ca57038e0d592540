package door

import (
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"customer360/connectors"
)

// A demand is what one root field of an operation asks of its customers: known
// from the selection, before the first call.
type demand struct {
	root   string // response name of the root field: the path of its errors
	list   bool   // whether it lists customers that nobody named
	kinds  map[connectors.Kind]*kindDemand
	rows   map[connectors.Kind]*kindDemand // asked through node(id:) of a row alone
	fields []string                        // coordinates, in document order
	graph  bool                            // whether links are wanted
}

// A kindDemand is what is asked of one record kind.
type kindDemand struct {
	names []string // fields of the record
	limit int
}

func (d *demand) kind(k connectors.Kind, names ...string) *kindDemand {
	kd := d.kinds[k]
	if kd == nil {
		kd = &kindDemand{}
		d.kinds[k] = kd
	}
	for _, n := range names {
		if !slices.Contains(kd.names, n) {
			kd.names = append(kd.names, n)
		}
	}
	return kd
}

func (d *demand) coordinate(c string) {
	if !slices.Contains(d.fields, c) {
		d.fields = append(d.fields, c)
	}
}

// listKinds maps the lists of Customer to the kinds of their rows.
var listKinds = map[string]connectors.Kind{
	"deals": connectors.KindDeal, "invoices": connectors.KindInvoice, "payments": connectors.KindPayment,
	"orders": connectors.KindOrder, "tickets": connectors.KindTicket,
}

// timelineKinds are the kinds that a timeline merges.
var timelineKinds = []connectors.Kind{
	connectors.KindDeal, connectors.KindInvoice, connectors.KindPayment, connectors.KindOrder, connectors.KindTicket,
}

// golden are the single golden values of Customer, in the schema's order.
var golden = []string{"name", "givenName", "familyName", "birthDate", "birthDecade", "language", "company"}

// summaryNeeds maps the figures of a summary to what they are computed from.
var summaryNeeds = map[string]struct {
	kind  connectors.Kind
	names []string
}{
	"lifetimeValue": {connectors.KindOrder, []string{"total", "status"}},
	"averageOrder":  {connectors.KindOrder, []string{"total", "status"}},
	"balanceDue":    {connectors.KindBalance, []string{"balanceDue"}},
	"openTickets":   {connectors.KindTicket, []string{"status"}},
	"lastContactAt": {connectors.KindTicket, []string{"updatedAt", "openedAt"}},
}

// A lookAhead walks an operation's selection.
type lookAhead struct {
	op  *graphql.OperationContext
	in  *ast.Schema
	out *demand
}

// demands lists what each root field asks, in document order. Roots that
// yield no customers are left out.
func (d *Door) demands(op *graphql.OperationContext) []*demand {
	var out []*demand
	for _, f := range graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Query"}) {
		l := &lookAhead{op: op, in: d.Schema, out: &demand{root: f.Alias, list: f.Name == "customers", kinds: map[connectors.Kind]*kindDemand{}, rows: map[connectors.Kind]*kindDemand{}}}
		switch f.Name {
		case "customer", "customersById", "lookup":
			l.customer(f.Selections)
		case "customers":
			for _, in := range l.collect(f.Selections, "CustomerConnection") {
				switch in.Name {
				case "nodes":
					l.customer(in.Selections)
				case "edges":
					for _, edge := range l.collect(in.Selections, "CustomerEdge") {
						if edge.Name == "node" {
							l.customer(edge.Selections)
						}
					}
				}
			}
		case "node", "nodes":
			l.node(f.Selections)
		default:
			continue
		}
		out = append(out, l.out)
	}
	return out
}

func (l *lookAhead) collect(set ast.SelectionSet, typeName string) []graphql.CollectedField {
	satisfies := []string{typeName}
	if def := l.in.Types[typeName]; def != nil {
		satisfies = append(satisfies, def.Interfaces...)
	}
	for _, abstract := range l.in.Implements[typeName] {
		satisfies = append(satisfies, abstract.Name)
	}
	return graphql.CollectFields(l.op, set, satisfies)
}

// node covers whatever a sealed id may name: a customer, or a row of any kind.
func (l *lookAhead) node(set ast.SelectionSet) {
	l.customer(set)
	customers := l.out.kinds
	l.out.kinds = l.out.rows
	for _, kind := range timelineKinds {
		l.rows(kind, set).limit = connectors.MaxRows
	}
	l.out.kinds = customers
}

func (l *lookAhead) customer(set ast.SelectionSet) {
	for _, f := range l.collect(set, "Customer") {
		kind, isList := listKinds[f.Name]
		switch {
		case isList:
			l.list(kind, f)
		case f.Name == "timeline":
			l.timeline(f)
		case f.Name == "summary":
			l.summary(f.Selections)
		case f.Name == "provenance":
			l.out.coordinate("Provenance")
			l.out.kind(connectors.KindProfile, append([]string{"updatedAt"}, golden...)...)
			for _, name := range golden {
				l.out.coordinate("Customer." + name)
			}
			l.leaves("Provenance", f.Selections)
		case slices.Contains(golden, f.Name):
			l.out.coordinate("Customer." + f.Name)
			l.out.kind(connectors.KindProfile, f.Name, "updatedAt")
		case f.Name == "emails" || f.Name == "phones" || f.Name == "addresses":
			l.values(f)
		case f.Name == "identity":
			l.out.graph = true
			l.leaves("CustomerIdentity", f.Selections)
		case f.Name == "consents":
			l.leaves("Consent", f.Selections)
		}
	}
}

// values covers a list of values: what makes two of them the same is always asked for.
func (l *lookAhead) values(f graphql.CollectedField) {
	l.out.coordinate("Customer." + f.Name)
	names := []string{"updatedAt"}
	switch f.Name {
	case "emails":
		names = append(names, "emails.address")
	case "phones":
		names = append(names, "phones.number")
	}
	typeName := f.Definition.Type.Name()
	for _, leaf := range l.collect(f.Selections, typeName) {
		if leaf.Name == "source" || leaf.Name == "__typename" {
			continue
		}
		l.out.coordinate(typeName + "." + leaf.Name)
		names = append(names, f.Name+"."+leaf.Name)
	}
	if f.Name == "addresses" && len(names) == 1 {
		names = append(names, "addresses.postcode", "addresses.street", "addresses.city")
	}
	l.out.kind(connectors.KindProfile, names...)
}

func (l *lookAhead) list(kind connectors.Kind, f graphql.CollectedField) {
	args := f.ArgumentMap(l.op.Variables)
	limit := connectors.MaxRows
	if first, ok := asInt(args["first"]); ok && args["after"] == nil && first > 0 && first <= maxPage {
		limit = first + 1
	}
	connection := f.Definition.Type.Name()
	kd := l.out.kind(kind, timeField[kind])
	for _, in := range l.collect(f.Selections, connection) {
		switch in.Name {
		case "nodes":
			l.rows(kind, in.Selections)
		case "edges":
			for _, edge := range l.collect(in.Selections, in.Definition.Type.Name()) {
				if edge.Name == "node" {
					l.rows(kind, edge.Selections)
				}
			}
		}
	}
	l.out.coordinate(rowType(kind))
	kd.limit = max(kd.limit, limit)
}

// rows covers what is asked of the rows of one kind.
func (l *lookAhead) rows(kind connectors.Kind, set ast.SelectionSet) *kindDemand {
	typeName := rowType(kind)
	kd := l.out.kind(kind, timeField[kind])
	for _, f := range l.collect(set, typeName) {
		coordinate := typeName + "." + f.Name
		switch {
		case f.Name == "id" || f.Name == "source" || f.Name == "__typename":
		case f.Name == "items":
			l.out.coordinate(coordinate)
			items := l.collect(f.Selections, "OrderItem")
			for _, item := range items {
				if item.Name == "__typename" {
					continue
				}
				l.out.coordinate("OrderItem." + item.Name)
				l.out.kind(kind, "items."+item.Name)
			}
			if len(items) == 0 || !slices.ContainsFunc(kd.names, func(n string) bool { return len(n) > 6 && n[:6] == "items." }) {
				l.out.kind(kind, "items.name")
			}
		default:
			l.out.coordinate(coordinate)
			l.out.kind(kind, f.Name)
		}
	}
	return kd
}

func (l *lookAhead) timeline(f graphql.CollectedField) {
	args := f.ArgumentMap(l.op.Variables)
	limit := connectors.MaxRows
	if first, ok := asInt(args["first"]); ok && args["after"] == nil && first > 0 && first <= maxPage {
		limit = first + 1
	}
	for _, kind := range timelineKinds {
		kd := l.out.kind(kind, timeField[kind])
		kd.limit = max(kd.limit, limit)
		l.out.coordinate(rowType(kind))
		for _, in := range l.collect(f.Selections, "TimelineConnection") {
			switch in.Name {
			case "nodes":
				l.rows(kind, in.Selections)
			case "edges":
				for _, edge := range l.collect(in.Selections, "TimelineEdge") {
					if edge.Name == "node" {
						l.rows(kind, edge.Selections)
					}
				}
			}
		}
	}
}

func (l *lookAhead) summary(set ast.SelectionSet) {
	for _, f := range l.collect(set, "CustomerSummary") {
		need, ok := summaryNeeds[f.Name]
		if !ok {
			continue
		}
		l.out.coordinate("CustomerSummary." + f.Name)
		l.out.kind(need.kind, need.names...).limit = connectors.MaxRows
	}
}

// leaves notes the coordinates below a type that holds no records.
func (l *lookAhead) leaves(typeName string, set ast.SelectionSet) {
	for _, f := range l.collect(set, typeName) {
		if f.Name == "__typename" {
			continue
		}
		l.out.coordinate(typeName + "." + f.Name)
		if len(f.Selections) > 0 {
			l.leaves(f.Definition.Type.Name(), f.Selections)
		}
	}
}

func rowType(kind connectors.Kind) string {
	for _, rt := range recordTypes {
		if rt.kind == kind {
			return rt.name
		}
	}
	return ""
}

func asInt(v any) (int, bool) {
	switch n := v.(type) {
	case int:
		return n, true
	case int64:
		return int(n), true
	case int32:
		return int(n), true
	case float64:
		return int(n), true
	case interface{ Int64() (int64, error) }: // json.Number
		i, err := n.Int64()
		return int(i), err == nil
	}
	return 0, false
}
