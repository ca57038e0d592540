package door

import (
	"reflect"
	"slices"
	"strings"

	"customer360/connectors"
)

// bound are the Go types that the schema's types with personal fields are
// bound to. A type that is missing here is refused at start.
var bound = map[string]reflect.Type{
	"Customer":         reflect.TypeFor[*Customer](),
	"EmailAddress":     reflect.TypeFor[*connectors.EmailAddress](),
	"PhoneNumber":      reflect.TypeFor[*connectors.PhoneNumber](),
	"PostalAddress":    reflect.TypeFor[*connectors.PostalAddress](),
	"Provenance":       reflect.TypeFor[*Provenance](),
	"Deal":             reflect.TypeFor[*connectors.Deal](),
	"Invoice":          reflect.TypeFor[*connectors.Invoice](),
	"Payment":          reflect.TypeFor[*connectors.Payment](),
	"Order":            reflect.TypeFor[*connectors.Order](),
	"OrderItem":        reflect.TypeFor[*connectors.OrderItem](),
	"Message":          reflect.TypeFor[*connectors.Message](),
	"Ticket":           reflect.TypeFor[*connectors.Ticket](),
	"CustomerSummary":  reflect.TypeFor[*CustomerSummary](),
	"Consent":          reflect.TypeFor[*ConsentStatus](),
	"CustomerIdentity": reflect.TypeFor[*CustomerIdentity](),
	"SourceRecord":     reflect.TypeFor[*SourceRecord](),
	"IdentityLink":     reflect.TypeFor[*IdentityLink](),
	"MatchLevel":       reflect.TypeFor[*MatchLevel](),
	"MatchReview":      reflect.TypeFor[*MatchReview](),
	"IdentityEvent":    reflect.TypeFor[*IdentityEvent](),
	"MatchDecision":    reflect.TypeFor[*MatchDecision](),
}

// checkBindings sees that every personal field is bound to a pointer, slice or
// map: a withheld value must be able to be absent.
func (d *Door) checkBindings() error {
	for _, c := range d.columns.all {
		coordinate := c.coordinate
		typeName, field, ok := strings.Cut(coordinate, ".")
		if !ok {
			continue
		}
		if d.isHop(d.Schema.Types[typeName].Fields.ForName(field)) {
			continue // a resolver's, and a slice
		}
		line := d.Schema.Types[typeName].Fields.ForName(field).Position
		t, ok := bound[typeName]
		if !ok {
			return at(line, "%s is personal, but no Go type is known for %s", coordinate, typeName)
		}
		result, ok := resultOf(t, field)
		if !ok {
			return at(line, "%s is personal, but %s has no such field or method", coordinate, t)
		}
		if !slices.Contains([]reflect.Kind{reflect.Pointer, reflect.Slice, reflect.Map}, result.Kind()) {
			return at(line, "%s is personal and bound to %s, which cannot be absent", coordinate, result)
		}
	}
	return nil
}

// resultOf is the type that a schema field takes on: of the method or the
// struct field of that name.
func resultOf(t reflect.Type, field string) (reflect.Type, bool) {
	for i := range t.NumMethod() {
		if m := t.Method(i); strings.EqualFold(m.Name, field) && m.Type.NumOut() > 0 {
			return m.Type.Out(0), true
		}
	}
	f, ok := t.Elem().FieldByNameFunc(func(name string) bool { return strings.EqualFold(name, field) })
	return f.Type, ok
}
