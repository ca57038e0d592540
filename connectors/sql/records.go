package sql

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
)

// A table is one kind of record, compiled.
type table[T any] struct {
	op      string
	from    string // under the name t
	id      string
	owner   string // the id itself, where the rows are the persons
	ids     idForm // of owners, where these are no persons
	where   string // " AND (…)", or ""
	newest  string // what newest-first sorts by, "" where there is no time
	time    string // the field of that time
	stored  stored // how newest is stored; nil where windows cannot be told
	plain   bool   // whether newest is the very column that the field is read from
	persons bool   // whether a row is a person: one per ref
	parts   []part[T]
	items   *items[T]
	odd     map[string]int // where it is there, fields that cannot be read are counted and left out, instead of their row
	start   func(connectors.Record) T
	finish  func(*T)
}

// items are the lines below a record.
type items[T any] struct {
	from, id, parent string // under the name i
	parts            []part[connectors.OrderItem]
	add              func(*T, connectors.OrderItem)
}

// head compiles what all kinds have in common.
func head[T any](cc *compiler, op string, r Rows, start func(connectors.Record) T) *table[T] {
	cc.in(op, "t")
	t := &table[T]{
		op: op, start: start,
		from: cc.table("from", r.From), id: cc.column("id", r.ID), owner: cc.column("owner", r.Owner),
		where: cc.condition("where", r.Where),
	}
	if !r.Time.isZero() {
		t.newest = cc.column("time", r.Time)
	}
	t.stored = cc.stored("timeAs", r.TimeAs)
	cc.in(op+".fields", "t")
	return t
}

// by makes the field of the time what newest-first goes by.
func (t *table[T]) by(cc *compiler, field string, c Column) *table[T] {
	if t.time = field; t.newest == "" && !c.isZero() {
		t.newest, t.plain = cc.column(field, c), true
	}
	if t.stored != nil && t.newest == "" {
		cc.note("timeAs", errors.New("says how a time is stored, but there is none: name the column as `time` or as "+field))
	}
	return t
}

func (cc *compiler) deals(d *Deals) *table[connectors.Deal] {
	type row = connectors.Deal
	if d == nil {
		return nil
	}
	t, f := head(cc, "deals", d.Rows, func(r connectors.Record) row { return row{Record: r} }), d.Fields
	t.parts = fields(
		text(cc, "number", f.Number, func(r *row) **string { return &r.Number }),
		text(cc, "title", f.Title, func(r *row) **string { return &r.Title }),
		enum(cc, "stage", f.Stage, connectors.DealStages, func(r *row) **connectors.DealStage { return &r.Stage }),
		money(cc, "amount", f.Amount, func(r *row) **connectors.Money { return &r.Amount }),
		moment(cc, "openedAt", f.OpenedAt, func(r *row) **time.Time { return &r.OpenedAt }),
	)
	return t.by(cc, "openedAt", f.OpenedAt)
}

func (cc *compiler) invoices(i *Invoices) *table[connectors.Invoice] {
	type row = connectors.Invoice
	if i == nil {
		return nil
	}
	t, f := head(cc, "invoices", i.Rows, func(r connectors.Record) row { return row{Record: r} }), i.Fields
	t.parts = fields(
		text(cc, "number", f.Number, func(r *row) **string { return &r.Number }),
		enum(cc, "status", f.Status, connectors.InvoiceStatuses, func(r *row) **connectors.InvoiceStatus { return &r.Status }),
		moment(cc, "issuedAt", f.IssuedAt, func(r *row) **time.Time { return &r.IssuedAt }),
		money(cc, "total", f.Total, func(r *row) **connectors.Money { return &r.Total }),
		money(cc, "amountDue", f.AmountDue, func(r *row) **connectors.Money { return &r.AmountDue }),
	)
	return t.by(cc, "issuedAt", f.IssuedAt)
}

func (cc *compiler) payments(p *Payments) *table[connectors.Payment] {
	type row = connectors.Payment
	if p == nil {
		return nil
	}
	t, f := head(cc, "payments", p.Rows, func(r connectors.Record) row { return row{Record: r} }), p.Fields
	t.parts = fields(
		moment(cc, "paidAt", f.PaidAt, func(r *row) **time.Time { return &r.PaidAt }),
		money(cc, "amount", f.Amount, func(r *row) **connectors.Money { return &r.Amount }),
		text(cc, "method", f.Method, func(r *row) **string { return &r.Method }),
		text(cc, "invoiceNumber", f.InvoiceNumber, func(r *row) **string { return &r.InvoiceNumber }),
	)
	return t.by(cc, "paidAt", f.PaidAt)
}

func (cc *compiler) orders(o *Orders) *table[connectors.Order] {
	type row = connectors.Order
	if o == nil {
		return nil
	}
	t, f := head(cc, "orders", o.Rows, func(r connectors.Record) row { return row{Record: r} }), o.Fields
	t.parts = fields(
		text(cc, "number", f.Number, func(r *row) **string { return &r.Number }),
		enum(cc, "status", f.Status, connectors.OrderStatuses, func(r *row) **connectors.OrderStatus { return &r.Status }),
		moment(cc, "placedAt", f.PlacedAt, func(r *row) **time.Time { return &r.PlacedAt }),
		money(cc, "total", f.Total, func(r *row) **connectors.Money { return &r.Total }),
	)
	t.by(cc, "placedAt", f.PlacedAt)
	if o.Items != nil {
		t.items = cc.items(*o.Items)
	}
	return t
}

func (cc *compiler) items(o Items) *items[connectors.Order] {
	type row = connectors.OrderItem
	cc.in("orders.items", "i")
	t := &items[connectors.Order]{
		from: cc.table("from", o.From), id: cc.column("id", o.ID), parent: cc.column("order", o.Order),
		add: func(to *connectors.Order, item row) { to.Items = append(to.Items, item) },
	}
	cc.in("orders", "i")
	f := o.Fields
	t.parts = fields(
		text(cc, "items.name", f.Name, func(r *row) **string { return &r.Name }),
		text(cc, "items.sku", f.Sku, func(r *row) **string { return &r.Sku }),
		quantity(cc, "items.quantity", f.Quantity, func(r *row) **connectors.Decimal { return &r.Quantity }),
		money(cc, "items.unitPrice", f.UnitPrice, func(r *row) **connectors.Money { return &r.UnitPrice }),
	)
	return t
}

func (cc *compiler) tickets(d *Tickets) *table[connectors.Ticket] {
	type row = connectors.Ticket
	if d == nil {
		return nil
	}
	t, f := head(cc, "tickets", d.Rows, func(r connectors.Record) row { return row{Record: r} }), d.Fields
	t.parts = fields(
		text(cc, "number", f.Number, func(r *row) **string { return &r.Number }),
		text(cc, "subject", f.Subject, func(r *row) **string { return &r.Subject }),
		enum(cc, "status", f.Status, connectors.TicketStatuses, func(r *row) **connectors.TicketStatus { return &r.Status }),
		enum(cc, "priority", f.Priority, connectors.TicketPriorities, func(r *row) **connectors.TicketPriority { return &r.Priority }),
		moment(cc, "openedAt", f.OpenedAt, func(r *row) **time.Time { return &r.OpenedAt }),
		moment(cc, "updatedAt", f.UpdatedAt, func(r *row) **time.Time { return &r.UpdatedAt }),
	)
	return t.by(cc, "openedAt", f.OpenedAt)
}

func (cc *compiler) messages(m *Messages) *table[connectors.Message] {
	type row = connectors.Message
	if m == nil {
		return nil
	}
	cc.in("messages", "t")
	ids := (&Config{IDs: m.IDs, Driver: cc.driver}).idForm(cc)
	if m.Ticket.isZero() {
		cc.note("ticket", errors.New("is missing"))
		m.Ticket = m.ID
	}
	rows := Rows{From: m.From, ID: m.ID, Owner: m.Ticket, Where: m.Where, Time: m.Time}
	t, f := head(cc, "messages", rows, func(r connectors.Record) row { return row{Record: r} }), m.Fields
	t.parts = fields(
		enum(cc, "author", f.Author, connectors.MessageAuthors, func(r *row) **connectors.MessageAuthor { return &r.Author }),
		moment(cc, "sentAt", f.SentAt, func(r *row) **time.Time { return &r.SentAt }),
		text(cc, "text", f.Text, func(r *row) **string { return &r.Text }),
	)
	t.ids = ids
	return t.by(cc, "sentAt", f.SentAt)
}

// balances have no ids of their own: a balance is known by its currency.
func (cc *compiler) balances(b *Balances) *table[connectors.Balance] {
	type row = connectors.Balance
	if b == nil {
		return nil
	}
	due := b.Fields.BalanceDue
	id := Column{Column: due.Currency}
	if isCurrency(due.Currency) || due.Currency == "" {
		id = Column{SQL: "'" + due.Currency + "'"}
	}
	rows := Rows{From: b.From, ID: id, Owner: b.Owner, Where: b.Where}
	t := head(cc, "balances", rows, func(r connectors.Record) row { return row{Record: r} })
	t.parts = fields(money(cc, "balanceDue", due, func(r *row) **connectors.Money { return &r.BalanceDue }))
	return t
}

func (cc *compiler) profiles(p Profiles) *table[connectors.Profile] {
	type row = connectors.Profile
	cc.in("profiles", "t")
	t := &table[row]{
		op: "profiles", persons: true, start: func(r connectors.Record) row { return row{Record: r} },
		from: cc.table("from", p.From), id: cc.column("id", p.ID), where: cc.condition("where", p.Where) + cc.present(p.Gone),
	}
	t.owner = t.id
	cc.in("profiles.fields", "t")
	t.finish = func(r *row) {
		r.Addresses = slices.DeleteFunc(r.Addresses, func(a connectors.PostalAddress) bool {
			return a.Street == nil && a.City == nil && a.Postcode == nil && a.Region == nil && a.Country == nil
		})
	}
	f := p.Fields
	t.parts = fields(
		text(cc, "name", f.Name, func(r *row) **string { return &r.Name }),
		text(cc, "givenName", f.GivenName, func(r *row) **string { return &r.GivenName }),
		text(cc, "familyName", f.FamilyName, func(r *row) **string { return &r.FamilyName }),
		several(cc, "emails.address", "emails", f.Emails, func(r *row, v string) {
			r.Emails = append(r.Emails, connectors.EmailAddress{Address: &v, Source: r.Source})
		}),
		several(cc, "phones.number", "phones", f.Phones, func(r *row, v string) {
			r.Phones = append(r.Phones, connectors.PhoneNumber{Number: &v, Source: r.Source})
		}),
		date(cc, "birthDate", f.BirthDate, func(r *row) **connectors.Date { return &r.BirthDate }),
		text(cc, "language", f.Language, func(r *row) **string { return &r.Language }),
		text(cc, "company", f.Company, func(r *row) **string { return &r.Company }),
	)
	if f.Name.isZero() {
		t.parts = append(t.parts, fullName(t.parts)...)
	}
	for i, a := range f.Addresses {
		t.parts = append(t.parts, address(cc, i, a)...)
	}
	cc.in("profiles", "t")
	if !p.Changed.isZero() {
		t.parts = append(t.parts, part[row]{"updatedAt", []string{cc.raw("changed", p.Changed)}, func(r *row, cells []any) (err error) {
			r.UpdatedAt, err = momentOf(cells[0])
			return err
		}})
	}
	t.parts = append(t.parts, identifiers(cc, p)...)
	return t
}

// present keeps out rows that count as deleted; what is neither true nor false
// counts as there.
func (cc *compiler) present(gone string) string {
	if gone == "" {
		return ""
	}
	return " AND (CASE WHEN " + cc.expression("gone", gone) + " THEN 0 ELSE 1 END) = 1"
}

// fullName puts the name together from its two parts.
func fullName(parts []part[connectors.Profile]) []part[connectors.Profile] {
	p := part[connectors.Profile]{field: "name"}
	for _, half := range parts {
		if half.field == "givenName" || half.field == "familyName" {
			p.exprs = append(p.exprs, half.exprs...)
		}
	}
	if len(p.exprs) == 0 {
		return nil
	}
	p.put = func(row *connectors.Profile, cells []any) error {
		var words []string
		for _, cell := range cells {
			s, err := textOf(cell)
			if err != nil {
				return err
			}
			if s != nil {
				words = append(words, strings.TrimSpace(*s))
			}
		}
		if full := strings.Join(words, " "); full != "" {
			row.Name = &full
		}
		return nil
	}
	return []part[connectors.Profile]{p}
}

func address(cc *compiler, i int, f AddressFields) []part[connectors.Profile] {
	at := func(r *connectors.Profile) *connectors.PostalAddress {
		for len(r.Addresses) <= i {
			r.Addresses = append(r.Addresses, connectors.PostalAddress{Source: r.Source})
		}
		return &r.Addresses[i]
	}
	type row = connectors.Profile
	return fields(
		text(cc, "addresses.street", f.Street, func(r *row) **string { return &at(r).Street }),
		text(cc, "addresses.city", f.City, func(r *row) **string { return &at(r).City }),
		text(cc, "addresses.postcode", f.Postcode, func(r *row) **string { return &at(r).Postcode }),
		text(cc, "addresses.region", f.Region, func(r *row) **string { return &at(r).Region }),
		text(cc, "addresses.country", f.Country, func(r *row) **string { return &at(r).Country }),
	)
}

func identifiers(cc *compiler, p Profiles) []part[connectors.Profile] {
	var out []part[connectors.Profile]
	for _, name := range sortedKeys(p.Identifiers) {
		kind := idgraph.IdentifierType(name)
		key := "identifiers." + name
		if kind != idgraph.LoyaltyID && (!kind.IsReference() || kind == idgraph.Reference("")) {
			cc.note(key, fmt.Errorf("is neither %s nor ref:<source>; e-mail addresses and phone numbers are fields", idgraph.LoyaltyID))
		}
		if p.Identifiers[name].isZero() {
			cc.note(key, errors.New("is missing"))
			continue
		}
		ids := several(cc, key, key, []Column{p.Identifiers[name]}, func(r *connectors.Profile, v string) {
			r.Identifiers = append(r.Identifiers, idgraph.Identifier{Type: kind, Value: v})
		})
		out = append(out, ids)
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
