package door

import (
	"fmt"
	"reflect"
	"strings"

	"customer360/connectors"
	"customer360/idgraph/policy"
)

// A class is an index into Door.classes: the distinct categories in use.
type class int

// A rule is what the struct tags say about one type of record: which schema
// type it goes up as and, per field, category, level and the form of PARTIAL.
type rule struct {
	name   string // the schema's type: "Order"
	rows   policy.Category
	fields []fieldRule
	byName map[string]int // schema field name to index in fields
	embed  int            // index of the embedded Record, -1 without
}

type fieldRule struct {
	index     int // in the Go struct
	name      string
	category  policy.Category
	class     class
	sensitive bool
	form      policy.Form
	origin    int // for a coarse field: index in fields of what it is worked out from; else -1
	elem      *rule
}

// recordTypes maps every record kind to its Go type and the type of the schema
// that its fields go up as.
var recordTypes = []struct {
	kind   connectors.Kind
	goType reflect.Type
	name   string
}{
	{connectors.KindProfile, reflect.TypeFor[connectors.Profile](), "Customer"},
	{connectors.KindDeal, reflect.TypeFor[connectors.Deal](), "Deal"},
	{connectors.KindInvoice, reflect.TypeFor[connectors.Invoice](), "Invoice"},
	{connectors.KindPayment, reflect.TypeFor[connectors.Payment](), "Payment"},
	{connectors.KindOrder, reflect.TypeFor[connectors.Order](), "Order"},
	{connectors.KindTicket, reflect.TypeFor[connectors.Ticket](), "Ticket"},
	{connectors.KindBalance, reflect.TypeFor[connectors.Balance](), "CustomerSummary"},
}

// timeField is the field that newest-first goes by.
var timeField = map[connectors.Kind]string{
	connectors.KindDeal: "openedAt", connectors.KindInvoice: "issuedAt", connectors.KindPayment: "paidAt",
	connectors.KindOrder: "placedAt", connectors.KindTicket: "openedAt",
}

// compile reads the tags of a record type. Mistakes in them are found at start.
func compile(t reflect.Type, name string) (*rule, error) {
	r := &rule{name: name, byName: map[string]int{}, embed: -1}
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("personal")
		if f.Anonymous {
			r.embed, r.rows = i, policy.Category(tag)
			continue
		}
		switch tag {
		case "":
			return nil, fmt.Errorf("%s.%s carries no personal tag", t.Name(), f.Name)
		case "-", "below":
			continue
		}
		category, level, _ := strings.Cut(tag, ",")
		fr := fieldRule{
			index: i, name: schemaName(f.Name), category: policy.Category(category), sensitive: level == "sensitive",
			form: policy.Form{Shape: f.Tag.Get("shape")}, origin: -1,
		}
		switch f.Type.Kind() {
		case reflect.Pointer:
		case reflect.Slice:
			elem, err := compile(f.Type.Elem(), f.Type.Elem().Name())
			if err != nil {
				return nil, err
			}
			fr.elem, fr.form.Rows = elem, true
		default:
			return nil, fmt.Errorf("%s.%s cannot be absent: it is neither a pointer nor a slice", t.Name(), f.Name)
		}
		r.byName[fr.name] = len(r.fields)
		r.fields = append(r.fields, fr)
	}
	return r, r.coarse(t)
}

// coarse connects each coarse field with what it is worked out from.
func (r *rule) coarse(t reflect.Type) error {
	for i := range r.fields {
		origin := t.Field(r.fields[i].index).Tag.Get("coarse")
		if origin == "" {
			continue
		}
		at, ok := r.byName[schemaName(origin)]
		if !ok {
			return fmt.Errorf("%s.%s: there is no field %s to work it out from", t.Name(), r.fields[i].name, origin)
		}
		r.fields[i].origin, r.fields[i].form.Coarse = at, true
	}
	return nil
}

// find looks a field up by its path, "number" or "emails.address".
func (r *rule) find(path string) (fieldRule, bool) {
	name, rest, nested := strings.Cut(path, ".")
	i, ok := r.byName[name]
	if !ok {
		return fieldRule{}, false
	}
	if f := r.fields[i]; !nested {
		return f, true
	} else if f.elem != nil {
		return f.elem.find(rest)
	}
	return fieldRule{}, false
}

func schemaName(goName string) string { return strings.ToLower(goName[:1]) + goName[1:] }
