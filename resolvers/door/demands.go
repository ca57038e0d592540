package door

import (
	"github.com/vektah/gqlparser/v2/ast"

	"customer360/connectors"
)

// kind notes that a record kind is asked for, with some of its fields.
func (l *lookAhead) kind(k connectors.Kind, names ...string) *kindDemand {
	kd := l.out.kinds.of(k)
	kd.asked = true
	kd.fields |= l.door.rules.of(k).want(names...)
	return kd
}

// column notes a field, and answers what its record is asked for it.
func (l *lookAhead) column(typeName, field string) wanted {
	c := l.door.columns.of(typeName, field)
	if c == nil {
		return 0
	}
	l.out.column(c)
	return c.path
}

func (l *lookAhead) customer(set ast.SelectionSet) {
	l.each(set, "Customer", func(f *ast.Field) {
		switch f.Name {
		case "name", "givenName", "familyName", "birthDate", "birthDecade", "language", "company":
			kd := l.kind(connectors.KindProfile, "updatedAt")
			kd.fields |= l.column("Customer", f.Name)
		case "emails", "phones", "addresses":
			l.values(f)
		case "provenance":
			l.kind(connectors.KindProfile, "updatedAt")
			l.kind(connectors.KindProfile, golden...)
			for _, name := range golden {
				l.column("Customer", name)
			}
			l.leaves(f)
		case "deals":
			l.list(connectors.KindDeal, f)
		case "invoices":
			l.list(connectors.KindInvoice, f)
		case "payments":
			l.list(connectors.KindPayment, f)
		case "orders":
			l.list(connectors.KindOrder, f)
		case "tickets":
			l.list(connectors.KindTicket, f)
			l.pageOfThreads(f)
		case "timeline":
			l.timeline(f)
			l.pageOfThreads(f)
		case "summary":
			l.summary(f.SelectionSet)
		case "identity", "consents":
			l.leaves(f)
		}
	})
}

// leaves notes a field that yields no records, and what is asked below it.
func (l *lookAhead) leaves(f *ast.Field) {
	typeName := f.Definition.Type.Name()
	l.column(f.ObjectDefinition.Name, f.Name)
	l.each(f.SelectionSet, typeName, func(leaf *ast.Field) {
		switch {
		case leaf.Definition.Type.Name() == "Customer":
			if !l.strangers {
				l.customer(leaf.SelectionSet)
			}
		case typeName == "CustomerIdentity" && leaf.Name == "rivals":
			l.rivals(leaf)
		case len(leaf.SelectionSet) > 0:
			l.leaves(leaf)
		default:
			l.column(typeName, leaf.Name)
			l.out.frozen = l.out.frozen || typeName == "CustomerIdentity" && leaf.Name == "frozen"
		}
	})
}

// rivals covers the questions about a customer. What is asked of the customers
// whom they concern is a demand of its own; the questions are asked of all.
func (l *lookAhead) rivals(f *ast.Field) {
	out, strangers := l.out, l.strangers
	defer func() { l.out, l.strangers = out, strangers }()
	out.rivals = true
	l.column("MatchReview", "")
	l.strangers = true
	l.leaves(f)
	if strangers {
		return // these are covered with the demand that they are of
	}
	if out.others == nil {
		out.others = &demand{root: out.root, list: out.list}
	}
	l.out, l.strangers = out.others, false
	l.column("MatchReview", "")
	l.leaves(f)
}

// entities covers what routers name by key. Of a record only its customer is
// looked up: the key is the caller's own.
func (l *lookAhead) entities(set ast.SelectionSet) {
	l.customer(set)
	l.each(set, "SourceRecord", func(f *ast.Field) {
		if f.Name == "customer" {
			l.out.owners = true
			l.customer(f.SelectionSet)
		}
	})
}

// values covers a list of values: what makes two of them the same is always asked for.
func (l *lookAhead) values(f *ast.Field) {
	l.column("Customer", f.Name)
	l.below(connectors.KindProfile, f)
	switch kd := l.kind(connectors.KindProfile, "updatedAt"); {
	case f.Name == "emails":
		l.kind(connectors.KindProfile, "emails.address")
	case f.Name == "phones":
		l.kind(connectors.KindProfile, "phones.number")
	case kd.fields&l.door.rules.of(connectors.KindProfile).under(f.Name) == 0:
		l.kind(connectors.KindProfile, "addresses.street", "addresses.city", "addresses.postcode")
	}
}

// below covers what is asked of the entries of a list within a record.
func (l *lookAhead) below(k connectors.Kind, f *ast.Field) {
	kd, typeName := l.kind(k), f.Definition.Type.Name()
	l.each(f.SelectionSet, typeName, func(leaf *ast.Field) {
		kd.fields |= l.column(typeName, leaf.Name)
	})
}

func (l *lookAhead) list(kind connectors.Kind, f *ast.Field) {
	l.connection(f, rowType(kind), kind)
}

func (l *lookAhead) timeline(f *ast.Field) {
	l.connection(f, timelineName, l.kinds(f)...)
}

// connection covers a page of rows of some kinds.
func (l *lookAhead) connection(f *ast.Field, list string, of ...connectors.Kind) {
	set, typeName := f.SelectionSet, f.Definition.Type.Name()
	cursors := l.cursors(set, typeName)
	w, limit := l.stretch(f, list), l.rowsFor(f)
	for _, k := range of {
		kd := l.kind(k, timeField(k))
		kd.part(w, limit)
		kd.cursors = kd.cursors || cursors
		l.column(rowType(k), "")
		l.nodes(set, typeName, func(node *ast.Field) { l.rows(k, node.SelectionSet) })
	}
}

// cursors says whether a selection of a connection asks for places.
func (l *lookAhead) cursors(set ast.SelectionSet, typeName string) (asked bool) {
	l.each(set, typeName, func(f *ast.Field) {
		if f.Name == "edges" || f.Name == "pageInfo" {
			l.each(f.SelectionSet, f.Definition.Type.Name(), func(in *ast.Field) {
				asked = asked || in.Name == "cursor" || in.Name == "startCursor" || in.Name == "endCursor"
			})
		}
	})
	return asked
}

// rows covers what is asked of the rows of one kind.
func (l *lookAhead) rows(k connectors.Kind, set ast.SelectionSet) *kindDemand {
	typeName, kd := rowType(k), l.kind(k, timeField(k))
	l.each(set, typeName, func(f *ast.Field) {
		switch f.Name {
		case "id":
			kd.ids = true
		case "items":
			l.column(typeName, f.Name)
			l.items(k, f)
		case "messages":
			l.messages(f)
		default:
			kd.fields |= l.column(typeName, f.Name)
		}
	})
	return kd
}

// items covers the lines of an order; where nothing of them is asked for, the
// name stands for their being there.
func (l *lookAhead) items(k connectors.Kind, f *ast.Field) {
	l.below(k, f)
	if l.out.kinds.of(k).fields&l.door.rules.of(k).under(f.Name) == 0 {
		l.kind(k, "items.name")
	}
}

// node covers whatever a sealed id may name: a customer, or a row of any kind.
func (l *lookAhead) node(set ast.SelectionSet) {
	l.customer(set)
	customers := l.out.kinds
	l.out.kinds = byKind[kindDemand]{}
	for _, k := range timelineKinds {
		l.rows(k, set).limit = connectors.MaxRows
	}
	l.out.threads.alone = l.out.kinds.of(connectors.KindMessage).limit > 0
	l.out.rows, l.out.kinds = l.out.kinds, customers
}

// summary covers the figures, by what they are computed from.
func (l *lookAhead) summary(set ast.SelectionSet) {
	l.each(set, "CustomerSummary", func(f *ast.Field) {
		var kd *kindDemand
		switch f.Name {
		case "lifetimeValue", "averageOrder":
			kd = l.kind(connectors.KindOrder, "total", "status")
		case "balanceDue":
			kd = l.kind(connectors.KindBalance, "balanceDue")
		case "openTickets":
			kd = l.kind(connectors.KindTicket, "status")
		case "lastContactAt":
			kd = l.kind(connectors.KindTicket, "updatedAt", "openedAt")
		default:
			return
		}
		kd.limit = connectors.MaxRows
		l.column("CustomerSummary", f.Name)
	})
}
