package prove

import (
	"math/rand/v2"
	"reflect"
	"strings"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/policy"
)

// A varying makes the second world out of the first: it changes what is hidden,
// and nothing else.
type varying struct {
	rnd     *rand.Rand
	keep    func(coordinate string) bool           // coordinates that stay as they are: for shrinking
	differs map[idgraph.CustomerID]map[string]bool // the coordinates that came to differ
}

// world copies a world with every hidden cell changed. views says what is shown
// of a record.
func (y *varying) world(a World, p *people, views func(idgraph.Customer, idgraph.Ref) view) World {
	y.differs = map[idgraph.CustomerID]map[string]bool{}
	b := World{}
	for _, kind := range connectors.Kinds {
		b[kind] = map[idgraph.Ref][]connectors.Row{}
	}
	for _, c := range p.customers {
		y.differs[c.ID] = map[string]bool{}
		for _, ref := range c.Refs {
			v := views(c, ref)
			for _, kind := range connectors.Kinds {
				if rows, ok := a[kind][ref]; ok {
					b[kind][ref] = y.rows(kind, c.ID, ref, rows, v)
					if kind == connectors.KindTicket {
						y.threads(a, b, c.ID, b[kind][ref], v)
					}
				}
			}
		}
	}
	return b
}

// rows are other rows where even their being there is hidden, else the same
// rows with other hidden cells.
func (y *varying) rows(kind connectors.Kind, c idgraph.CustomerID, owner idgraph.Ref, rows []connectors.Row, v view) []connectors.Row {
	name := rowTypes[kind].name
	if at := rowsAt(kind); v.of(at) != policy.Shown && !y.keep(at) {
		other := rowsOf(kind, owner, count(kind, y.rnd), y.rnd)
		if len(rows)+len(other) > 0 {
			y.differ(c, at)
			for i := range rowTypes[kind].goType.NumField() {
				y.differ(c, coordinate(name, rowTypes[kind].goType.Field(i).Name))
			}
		}
		return other
	}
	out := make([]connectors.Row, len(rows))
	for i, row := range rows {
		r := reflect.New(reflect.TypeOf(row)).Elem()
		r.Set(reflect.ValueOf(row))
		y.record(r, name, c, v)
		out[i] = r.Interface().(connectors.Row)
	}
	return out
}

// threads gives tickets the messages that they have in the first world, with
// what is hidden changed; new ones where the tickets are others.
func (y *varying) threads(a, b World, c idgraph.CustomerID, tickets []connectors.Row, v view) {
	for _, t := range tickets {
		ref := threadOf(t)
		if rows, ok := a[connectors.KindMessage][ref]; ok {
			b[connectors.KindMessage][ref] = y.rows(connectors.KindMessage, c, ref, rows, v)
		} else {
			b.write([]connectors.Row{t}, y.rnd)
		}
	}
}

// rowsAt is the coordinate that a kind's rows are hidden by. That a source has
// a profile shows in its fields alone.
func rowsAt(kind connectors.Kind) string {
	switch kind {
	case connectors.KindProfile:
		return "Customer"
	case connectors.KindBalance:
		return "CustomerSummary.balanceDue"
	}
	return rowTypes[kind].name
}

func (y *varying) differ(c idgraph.CustomerID, coordinate string) { y.differs[c][coordinate] = true }

// record changes the hidden cells of one record, which is a copy already.
func (y *varying) record(r reflect.Value, typeName string, c idgraph.CustomerID, v view) {
	for i := range r.NumField() {
		f := r.Type().Field(i)
		at := coordinate(typeName, f.Name)
		switch {
		case f.Anonymous, f.Name == "Source", y.keep(at):
			continue
		case f.Name == "Identifiers": // these never go up
			r.Field(i).Set(reflect.ValueOf([]idgraph.Identifier{{Type: idgraph.LoyaltyID, Value: letters(y.rnd, 6)}}))
			continue
		case f.Name == "LookupKey":
			r.Field(i).SetString(letters(y.rnd, 6))
			continue
		}
		old := reflect.ValueOf(r.Field(i).Interface())
		changed := y.field(old, at, c, v)
		r.Field(i).Set(changed)
		if !isCoarse(at) && !reflect.DeepEqual(old.Interface(), changed.Interface()) {
			y.differ(c, at)
		}
	}
}

// field is another value for a field, or the same where it is shown.
func (y *varying) field(old reflect.Value, at string, c idgraph.CustomerID, v view) reflect.Value {
	t := old.Type()
	if isCoarse(at) { // what a source says of these is never looked at
		return randomField(t, at, "", y.rnd)
	}
	out := v.of(at)
	switch {
	case t.Kind() == reflect.Slice && out == policy.Shown:
		return y.list(old, at, c, v)
	case out == policy.Shown, out == policy.Partial && old.IsNil():
		return old
	case out == policy.Partial:
		return pointerTo(sameShownPart(shapeOf(at), old.Elem().String(), y.rnd))
	case coarseOf[at] != "" && v.of(coarseOf[at]) == policy.Shown:
		return y.within(old)
	}
	return randomField(t, at, "", y.rnd)
}

// list changes the hidden cells of a list's entries. Of a list of values under
// PARTIAL the first one's shown part is all that is shown.
func (y *varying) list(old reflect.Value, at string, c idgraph.CustomerID, v view) reflect.Value {
	if old.Len() == 0 {
		return old
	}
	n, elem := old.Len(), old.Type().Elem()
	if v.raw(at) == policy.Partial && elem != reflect.TypeFor[connectors.OrderItem]() {
		n = 1 + y.rnd.IntN(3)
	}
	out := reflect.MakeSlice(old.Type(), n, n)
	for i := range n {
		if i >= old.Len() || v.raw(at) == policy.Partial && i > 0 && n != old.Len() {
			fill(out.Index(i), elem.Name(), "", y.rnd)
			continue
		}
		out.Index(i).Set(old.Index(i))
		y.record(out.Index(i), elem.Name(), c, v)
	}
	return out
}

// within is another value of the same coarse value: the same band, the same decade.
func (y *varying) within(old reflect.Value) reflect.Value {
	if old.IsNil() {
		return old
	}
	switch v := old.Interface().(type) {
	case *connectors.Money:
		for range 50 {
			if m := randomValue(reflect.TypeFor[connectors.Money](), "", y.rnd).Interface().(connectors.Money); connectors.BandOf(m) == connectors.BandOf(*v) {
				return reflect.ValueOf(&m)
			}
		}
		return reflect.ValueOf(&connectors.Money{Amount: v.Amount, Currency: "SEK"})
	case *connectors.Date:
		d := connectors.Date(string(*v)[:3] + string(rune('0'+y.rnd.IntN(10))) + "-0" + string(rune('1'+y.rnd.IntN(9))) + "-15")
		return reflect.ValueOf(&d)
	}
	panic("prove: how " + old.Type().String() + " varies within its coarse value is not known; tell vary.go")
}

func pointerTo(s string, ok bool) reflect.Value {
	if !ok {
		return reflect.ValueOf((*string)(nil))
	}
	return reflect.ValueOf(&s)
}

// sameShownPart is another text with the same part shown under PARTIAL
// (CONSENT.md §3). One of which nothing is shown may go (false).
func sameShownPart(shape, text string, rnd *rand.Rand) (string, bool) {
	trimmed := strings.TrimSpace(text)
	switch shape {
	case "email":
		local, domain, _ := strings.Cut(trimmed, "@")
		switch {
		case local == "" || domain == "" || strings.Contains(domain, "@"):
			return letters(rnd, 4), rnd.IntN(2) == 0
		case len(local) < 3:
			return letters(rnd, 1+rnd.IntN(2)) + "@" + letters(rnd, 6), true
		}
		return local[:1] + letters(rnd, 2+rnd.IntN(5)) + "@" + letters(rnd, 6), true
	case "phone":
		digits := strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, text)
		if len(digits) < 7 {
			return letters(rnd, 2), rnd.IntN(2) == 0
		}
		return letters0to9(rnd, 5+rnd.IntN(6)) + digits[len(digits)-2:], true
	case "postcode":
		if len(trimmed) < 4 {
			return letters(rnd, 1+rnd.IntN(3)), rnd.IntN(2) == 0
		}
		return trimmed[:2] + letters0to9(rnd, 2+rnd.IntN(4)), true
	case "name":
		words := strings.Fields(trimmed)
		other := words[0][:1] + letters(rnd, 1+rnd.IntN(6))
		if last := words[len(words)-1]; len(words) > 1 {
			for range rnd.IntN(2) {
				other += " " + word(rnd)
			}
			other += " " + last[:1] + letters(rnd, 1+rnd.IntN(6))
		}
		return other, true
	}
	panic("prove: the shape " + shape + " is not known; tell vary.go")
}

func letters0to9(rnd *rand.Rand, n int) string {
	return strings.Map(func(r rune) rune { return '0' + (r-'a')%10 }, letters(rnd, n))
}
