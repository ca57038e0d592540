package prove

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"

	"customer360/connectors"
	"customer360/idgraph"
)

// A World is what all sources hold: the rows of each record kind by their
// owner, a person's ref or, of messages, a ticket's.
type World map[connectors.Kind]map[idgraph.Ref][]connectors.Row

// rowTypes are the Go types of rows, and the schema's types that they go up as.
var rowTypes = map[connectors.Kind]struct {
	goType reflect.Type
	name   string
}{
	connectors.KindProfile: {reflect.TypeFor[connectors.Profile](), "Customer"},
	connectors.KindDeal:    {reflect.TypeFor[connectors.Deal](), "Deal"},
	connectors.KindInvoice: {reflect.TypeFor[connectors.Invoice](), "Invoice"},
	connectors.KindPayment: {reflect.TypeFor[connectors.Payment](), "Payment"},
	connectors.KindOrder:   {reflect.TypeFor[connectors.Order](), "Order"},
	connectors.KindTicket:  {reflect.TypeFor[connectors.Ticket](), "Ticket"},
	connectors.KindMessage: {reflect.TypeFor[connectors.Message](), "Message"},
	connectors.KindBalance: {reflect.TypeFor[connectors.Balance](), "CustomerSummary"},
}

// newWorld fills a world by chance.
func newWorld(p *people, rnd *rand.Rand) World {
	w := World{}
	crowded := rnd.IntN(10) == 0 // now and then somebody has more rows than are read
	for _, system := range systems {
		for _, kind := range system.kinds {
			if w[kind] == nil {
				w[kind] = map[idgraph.Ref][]connectors.Row{}
			}
			for i, c := range p.customers {
				for _, ref := range c.Refs {
					if ref.Source != system.name || kind == connectors.KindMessage {
						continue
					}
					n := count(kind, rnd)
					if crowded && i == 1 && kind != connectors.KindProfile && kind != connectors.KindBalance {
						n = connectors.MaxRows + 5
					}
					w[kind][ref] = rowsOf(kind, ref, n, rnd)
					if kind == connectors.KindTicket {
						w.write(w[kind][ref], rnd)
					}
				}
			}
		}
	}
	return w
}

// write gives tickets messages.
func (w World) write(tickets []connectors.Row, rnd *rand.Rand) {
	if w[connectors.KindMessage] == nil {
		w[connectors.KindMessage] = map[idgraph.Ref][]connectors.Row{}
	}
	for _, t := range tickets {
		ref := threadOf(t)
		w[connectors.KindMessage][ref] = rowsOf(connectors.KindMessage, ref, count(connectors.KindMessage, rnd), rnd)
	}
}

// threadOf is the ref of a ticket, as its messages know it.
func threadOf(t connectors.Row) idgraph.Ref {
	return idgraph.Ref{Source: t.Key().Source, ID: t.Key().ID}
}

// count is how many rows of a kind a source has for one person.
func count(kind connectors.Kind, rnd *rand.Rand) int {
	switch kind {
	case connectors.KindProfile:
		return min(1, rnd.IntN(12))
	case connectors.KindBalance, connectors.KindMessage:
		return rnd.IntN(3)
	}
	return []int{0, 1, 1, 2, 3, 3, 4, 6, 9, 24}[rnd.IntN(10)]
}

func rowsOf(kind connectors.Kind, owner idgraph.Ref, n int, rnd *rand.Rand) []connectors.Row {
	from := 1 + rnd.IntN(20)
	if kind == connectors.KindTicket { // messages tell tickets of one source apart by their ids alone
		n, _ := strconv.Atoi(owner.ID)
		from += 10_000 * n
	}
	out := make([]connectors.Row, n)
	for i := range out {
		v := reflect.New(rowTypes[kind].goType).Elem()
		fill(v, rowTypes[kind].name, owner.Source, rnd)
		v.FieldByName("Record").Set(reflect.ValueOf(connectors.NewRecord(owner, fmt.Sprint(from+i))))
		out[i] = v.Interface().(connectors.Row)
	}
	return out
}

// fill gives every field of a record a value by chance, or none.
func fill(v reflect.Value, typeName string, source idgraph.Source, rnd *rand.Rand) {
	for i := range v.NumField() {
		switch f := v.Type().Field(i); {
		case f.Anonymous, f.Tag.Get("personal") == "below":
		case f.Name == "Source":
			v.Field(i).Set(reflect.ValueOf(source))
		default:
			v.Field(i).Set(randomField(v.Field(i).Type(), coordinate(typeName, f.Name), source, rnd))
		}
	}
}

// coordinate is where a record's field stands in the schema.
func coordinate(typeName, goName string) string {
	if typeName == "Customer" && goName == "UpdatedAt" {
		return "Provenance.asOf"
	}
	return typeName + "." + string(unicode.ToLower(rune(goName[0]))) + goName[1:]
}

// randomField is a value for a field, one time in six none.
func randomField(t reflect.Type, at string, source idgraph.Source, rnd *rand.Rand) reflect.Value {
	if rnd.IntN(6) == 0 {
		return reflect.Zero(t)
	}
	if t.Kind() == reflect.Slice {
		n := 1 + rnd.IntN(3)
		out := reflect.MakeSlice(t, n, n)
		for i := range n {
			fill(out.Index(i), t.Elem().Name(), source, rnd)
		}
		return out
	}
	v := reflect.New(t.Elem())
	v.Elem().Set(randomValue(t.Elem(), at, rnd))
	return v
}

var enums = map[reflect.Type]func(*rand.Rand) any{
	reflect.TypeFor[connectors.DealStage]():      of(connectors.DealStages),
	reflect.TypeFor[connectors.InvoiceStatus]():  of(connectors.InvoiceStatuses),
	reflect.TypeFor[connectors.OrderStatus]():    of(connectors.OrderStatuses),
	reflect.TypeFor[connectors.TicketStatus]():   of(connectors.TicketStatuses),
	reflect.TypeFor[connectors.MessageAuthor]():  of(connectors.MessageAuthors),
	reflect.TypeFor[connectors.TicketPriority](): of(connectors.TicketPriorities),
	reflect.TypeFor[connectors.AmountBand]():     of(connectors.AmountBands),
}

func of[T any](values []T) func(*rand.Rand) any {
	return func(rnd *rand.Rand) any { return values[rnd.IntN(len(values))] }
}

func randomValue(t reflect.Type, at string, rnd *rand.Rand) reflect.Value {
	var v any
	switch t {
	case reflect.TypeFor[string]():
		v = randomText(at, rnd)
	case reflect.TypeFor[int]():
		v = 1900 + 10*rnd.IntN(13)
	case reflect.TypeFor[time.Time]():
		v = randomTime(rnd)
	case reflect.TypeFor[connectors.Date]():
		v = connectors.Date(fmt.Sprintf("%d-%02d-%02d", 1930+rnd.IntN(80), 1+rnd.IntN(12), 1+rnd.IntN(28)))
	case reflect.TypeFor[connectors.Decimal]():
		v = randomDecimal(rnd)
	case reflect.TypeFor[connectors.Money]():
		v = connectors.Money{Amount: randomDecimal(rnd), Currency: []string{"EUR", "EUR", "PLN", "USD"}[rnd.IntN(4)]}
	default:
		pick, ok := enums[t]
		if !ok {
			panic("prove: no values are known for " + t.String() + "; give world.go some")
		}
		v = pick(rnd)
	}
	return reflect.ValueOf(v).Convert(t)
}

// now is the clock of both worlds.
var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// randomTime is often a whole day, so that rows tie.
func randomTime(rnd *rand.Rand) time.Time {
	t := now.AddDate(0, 0, -rnd.IntN(40))
	if rnd.IntN(2) == 0 {
		t = t.Add(-time.Duration(rnd.IntN(1e9)) * time.Microsecond)
	}
	return t
}

func randomDecimal(rnd *rand.Rand) connectors.Decimal {
	whole := []int{10, 100, 1000, 20000}[rnd.IntN(4)]
	d, err := connectors.ParseDecimal(fmt.Sprintf("%d.%0*d", rnd.IntN(whole)-whole/10, 1+rnd.IntN(3), rnd.IntN(10)))
	if err != nil {
		panic(err) // the form above is one
	}
	return d
}

func letters(rnd *rand.Rand, n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte(byte('a' + rnd.IntN(26)))
	}
	return b.String()
}

func word(rnd *rand.Rand) string {
	w := letters(rnd, 3+rnd.IntN(6))
	return strings.ToUpper(w[:1]) + w[1:]
}

// randomText is a value in the form of its field, now and then in none.
func randomText(at string, rnd *rand.Rand) string {
	if rnd.IntN(12) == 0 {
		return letters(rnd, 1+rnd.IntN(3))
	}
	switch shapeOf(at) {
	case "email":
		return letters(rnd, 1+rnd.IntN(8)) + "@" + letters(rnd, 5) + ".example"
	case "phone":
		return fmt.Sprintf("+4930%07d", rnd.IntN(1e7))
	case "postcode":
		return fmt.Sprintf("%05d", rnd.IntN(1e5))
	case "name":
		if at == "Customer.name" {
			return word(rnd) + " " + word(rnd)
		}
		return word(rnd)
	}
	return word(rnd) + " " + letters(rnd, 4)
}
