package prove

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
)

// Clock is when everything in the proof happens.
var Clock = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// sources are the simulated systems and what each of them answers.
var sources = []struct {
	name  idgraph.Source
	role  connectors.Role
	kinds []connectors.Kind
}{
	{"crm", connectors.CRM, []connectors.Kind{connectors.KindProfile, connectors.KindDeal}},
	{"erp", connectors.ERP, []connectors.Kind{connectors.KindProfile, connectors.KindInvoice, connectors.KindPayment, connectors.KindBalance}},
	{"shop", connectors.Commerce, []connectors.Kind{connectors.KindProfile, connectors.KindOrder}},
	{"desk", connectors.Helpdesk, []connectors.Kind{connectors.KindProfile, connectors.KindTicket}},
}

// rowTypes are the records by kind, and the schema's type that they go up as.
var rowTypes = map[connectors.Kind]struct {
	row    reflect.Type
	schema string
}{
	connectors.KindProfile: {reflect.TypeFor[connectors.Profile](), "Customer"},
	connectors.KindDeal:    {reflect.TypeFor[connectors.Deal](), "Deal"},
	connectors.KindInvoice: {reflect.TypeFor[connectors.Invoice](), "Invoice"},
	connectors.KindPayment: {reflect.TypeFor[connectors.Payment](), "Payment"},
	connectors.KindOrder:   {reflect.TypeFor[connectors.Order](), "Order"},
	connectors.KindTicket:  {reflect.TypeFor[connectors.Ticket](), "Ticket"},
	connectors.KindBalance: {reflect.TypeFor[connectors.Balance](), "CustomerSummary"},
}

// A cell names the rows of one kind that one record owns.
type cell struct {
	kind  connectors.Kind
	owner idgraph.Ref
}

// A world is what all sources hold.
type world map[cell][]connectors.Row

// newWorld draws rows for every record.
func newWorld(r *rand.Rand, refs []idgraph.Ref) world {
	w := world{}
	for _, ref := range refs {
		for _, s := range sources {
			if s.name != ref.Source {
				continue
			}
			for _, kind := range s.kinds {
				n := 1
				if kind != connectors.KindProfile && kind != connectors.KindBalance {
					n = r.IntN(6)
				}
				w[cell{kind, ref}] = rows(r, kind, ref, n)
			}
		}
	}
	return w
}

func rows(r *rand.Rand, kind connectors.Kind, owner idgraph.Ref, n int) []connectors.Row {
	out := make([]connectors.Row, n)
	for i := range out {
		out[i] = newRow(r, kind, connectors.NewRecord(owner, fmt.Sprintf("%s-%s-%02d", kind, owner.ID, i)))
	}
	return out
}

// newRow draws every field of a record of a kind.
func newRow(r *rand.Rand, kind connectors.Kind, head connectors.Record) connectors.Row {
	v := reflect.New(rowTypes[kind].row).Elem()
	v.FieldByName("Record").Set(reflect.ValueOf(head))
	fill(r, v, head.Source)
	return v.Interface().(connectors.Row)
}

// fill draws the tagged fields of a struct; one in eight is absent.
func fill(r *rand.Rand, v reflect.Value, source idgraph.Source) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		switch tag := f.Tag.Get("personal"); {
		case f.Anonymous || tag == "below" || f.Tag.Get("coarse") != "":
		case tag == "-":
			if f.Name == "Source" {
				v.Field(i).Set(reflect.ValueOf(source))
			}
		case f.Type.Kind() == reflect.Slice:
			v.Field(i).Set(list(r, f.Type, source, 1+r.IntN(3)))
		case r.IntN(8) > 0:
			v.Field(i).Set(value(r, f))
		}
	}
}

func list(r *rand.Rand, t reflect.Type, source idgraph.Source, n int) reflect.Value {
	out := reflect.MakeSlice(t, n, n)
	for i := range n {
		fill(r, out.Index(i), source)
	}
	return out
}

// value draws a pointer to a value for one field.
func value(r *rand.Rand, f reflect.StructField) reflect.Value {
	switch f.Type {
	case reflect.TypeFor[*string]():
		return reflect.ValueOf(pointer(text(r, f.Tag.Get("shape"))))
	case reflect.TypeFor[*time.Time]():
		return reflect.ValueOf(pointer(Clock.Add(-time.Duration(r.IntN(2000)) * time.Hour)))
	case reflect.TypeFor[*connectors.Money]():
		return reflect.ValueOf(&connectors.Money{Amount: decimal(r, -100, 30_000), Currency: pick(r, "EUR", "USD", "GBP")})
	case reflect.TypeFor[*connectors.Decimal]():
		return reflect.ValueOf(pointer(decimal(r, 1, 20)))
	case reflect.TypeFor[*connectors.Date]():
		return reflect.ValueOf(pointer(connectors.Date(fmt.Sprintf("%d-%02d-%02d", 1940+r.IntN(70), 1+r.IntN(12), 1+r.IntN(28)))))
	case reflect.TypeFor[*connectors.DealStage]():
		return reflect.ValueOf(pointer(pick(r, connectors.DealStages...)))
	case reflect.TypeFor[*connectors.InvoiceStatus]():
		return reflect.ValueOf(pointer(pick(r, connectors.InvoiceStatuses...)))
	case reflect.TypeFor[*connectors.OrderStatus]():
		return reflect.ValueOf(pointer(pick(r, connectors.OrderStatuses...)))
	case reflect.TypeFor[*connectors.TicketStatus]():
		return reflect.ValueOf(pointer(pick(r, connectors.TicketStatuses...)))
	case reflect.TypeFor[*connectors.TicketPriority]():
		return reflect.ValueOf(pointer(pick(r, connectors.TicketPriorities...)))
	}
	panic("prove: the proof cannot draw a " + f.Type.String() + "; teach it")
}

// text draws a text that has the shape's parts, now and then one that has not.
func text(r *rand.Rand, shape string) string {
	if r.IntN(12) == 0 {
		return pick(r, "", "x", "@@", "?")
	}
	switch shape {
	case "email":
		return word(r, 1+r.IntN(9)) + "@" + word(r, 6) + ".example"
	case "phone":
		return fmt.Sprintf("+49 30 %07d", r.IntN(10_000_000))
	case "postcode":
		return fmt.Sprintf("%05d", r.IntN(100_000))
	case "name":
		return strings.Join([]string{capital(word(r, 2+r.IntN(6))), capital(word(r, 3+r.IntN(7)))}[r.IntN(2):], " ")
	}
	return word(r, 3) + " " + word(r, 8)
}

func word(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('a' + r.IntN(26))
	}
	return string(b)
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func decimal(r *rand.Rand, from, to int) connectors.Decimal {
	d, err := connectors.ParseDecimal(fmt.Sprintf("%d.%02d", from+r.IntN(to-from), r.IntN(100)))
	if err != nil {
		panic(err) // it is made of digits
	}
	return d
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

func pointer[T any](v T) *T { return &v }
