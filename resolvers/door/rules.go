package door

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

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
	paths  []path // of a record kind: what may be asked of it, by name
	sets   fieldSets
}

type fieldRule struct {
	index     int // in the Go struct
	name      string
	category  policy.Category
	class     class
	sensitive bool
	form      policy.Form
	origin    int    // for a coarse field: index in fields of what it is worked out from; else -1
	path      wanted // of a record's own field
	elem      *rule
}

// A path is one field that a source may be asked for, "number" or "emails.address".
type path struct {
	name  string
	class class
	form  policy.Form
	ask   wanted // the field that the source knows: its own, or a coarse field's origin
	aside bool   // whether nobody is asked for it alone
}

// wanted is a set of a rule's paths.
type wanted uint64

// maxPaths bounds the paths of one record kind.
const maxPaths = 64

// recordTypes maps every record kind to its Go type and the type of the schema
// that its fields go up as. It stands in the order of connectors.Kinds.
var recordTypes = [kinds]struct {
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
	{connectors.KindMessage, reflect.TypeFor[connectors.Message](), "Message"},
	{connectors.KindBalance, reflect.TypeFor[connectors.Balance](), "CustomerSummary"},
}

// kinds is how many record kinds there are.
const kinds = 8

// byKind holds something for every record kind.
type byKind[T any] [kinds]T

func (b *byKind[T]) of(k connectors.Kind) *T { return &b[number(k)] }

// number is the place of a kind in recordTypes.
func number(k connectors.Kind) int {
	for i := range recordTypes {
		if recordTypes[i].kind == k {
			return i
		}
	}
	panic("door: the record kind " + string(k) + " is not in recordTypes") // New has seen all of connectors.Kinds
}

func rowType(k connectors.Kind) string { return recordTypes[number(k)].name }

// timeField is the field that newest-first goes by.
func timeField(k connectors.Kind) string {
	switch k {
	case connectors.KindDeal, connectors.KindTicket:
		return "openedAt"
	case connectors.KindInvoice:
		return "issuedAt"
	case connectors.KindPayment:
		return "paidAt"
	case connectors.KindOrder:
		return "placedAt"
	case connectors.KindMessage:
		return "sentAt"
	}
	return ""
}

// compile reads the tags of a record type. Mistakes in them are found at start.
func compile(r *rule, t reflect.Type, name string) error {
	r.name = name
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("personal")
		if f.Anonymous {
			r.rows = policy.Category(tag)
			continue
		}
		switch tag {
		case "":
			return fmt.Errorf("%s.%s carries no personal tag", t.Name(), f.Name)
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
			fr.elem, fr.form.Rows = &rule{}, true
			if err := compile(fr.elem, f.Type.Elem(), f.Type.Elem().Name()); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%s.%s cannot be absent: it is neither a pointer nor a slice", t.Name(), f.Name)
		}
		r.fields = append(r.fields, fr)
	}
	return r.coarse(t)
}

// coarse connects each coarse field with what it is worked out from.
func (r *rule) coarse(t reflect.Type) error {
	for i := range r.fields {
		origin := t.Field(r.fields[i].index).Tag.Get("coarse")
		if origin == "" {
			continue
		}
		at := slices.IndexFunc(r.fields, func(f fieldRule) bool { return f.name == schemaName(origin) })
		if at < 0 {
			return fmt.Errorf("%s.%s: there is no field %s to work it out from", t.Name(), r.fields[i].name, origin)
		}
		r.fields[i].origin, r.fields[i].form.Coarse = at, true
	}
	return nil
}

// layPaths lists what may be asked of a record kind, once its classes are known.
func (r *rule) layPaths() error {
	for _, f := range r.fields {
		if f.elem == nil {
			r.paths = append(r.paths, path{name: f.name, class: f.class, form: f.form, aside: f.name == "updatedAt"})
			continue
		}
		for _, e := range f.elem.fields {
			r.paths = append(r.paths, path{name: f.name + "." + e.name, class: e.class, form: e.form})
		}
	}
	if len(r.paths) > maxPaths {
		return fmt.Errorf("%s has %d fields, %d at most", r.name, len(r.paths), maxPaths)
	}
	slices.SortFunc(r.paths, func(a, b path) int { return strings.Compare(a.name, b.name) })
	for i := range r.paths {
		r.paths[i].ask = 1 << i
	}
	for i := range r.fields {
		f := &r.fields[i]
		f.path = r.want(f.name)
		if f.origin >= 0 {
			r.paths[r.path(f.name)].ask = r.want(r.fields[f.origin].name)
		}
	}
	return nil
}

// path is the place of a path by its name, -1 where there is none.
func (r *rule) path(name string) int {
	i, ok := slices.BinarySearchFunc(r.paths, name, func(p path, name string) int { return strings.Compare(p.name, name) })
	if !ok {
		return -1
	}
	return i
}

// want is the set of some paths; names that are none are left out.
func (r *rule) want(names ...string) (w wanted) {
	for _, name := range names {
		if i := r.path(name); i >= 0 {
			w |= 1 << i
		}
	}
	return w
}

// under is the set of the paths below a list, "emails".
func (r *rule) under(list string) (w wanted) {
	for i, p := range r.paths {
		if len(p.name) > len(list) && p.name[len(list)] == '.' && p.name[:len(list)] == list {
			w |= 1 << i
		}
	}
	return w
}

// field is the rule of one field of the record.
func (r *rule) field(name string) *fieldRule {
	for i := range r.fields {
		if r.fields[i].name == name {
			return &r.fields[i]
		}
	}
	return nil
}

// fieldSets remembers the sets of names that sources are asked for: few are in use.
type fieldSets struct {
	mu  sync.RWMutex
	set map[wanted]connectors.FieldSet
}

// names turns a set of paths into the names that sources know them by.
func (r *rule) names(w wanted) connectors.FieldSet {
	r.sets.mu.RLock()
	set, ok := r.sets.set[w]
	r.sets.mu.RUnlock()
	if ok {
		return set
	}
	var names []string
	for i, p := range r.paths {
		if w&(1<<i) != 0 {
			names = append(names, p.name)
		}
	}
	set = connectors.Fields(names...)
	r.sets.mu.Lock()
	defer r.sets.mu.Unlock()
	if r.sets.set == nil || len(r.sets.set) > 1000 {
		r.sets.set = map[wanted]connectors.FieldSet{}
	}
	r.sets.set[w] = set
	return set
}

func schemaName(goName string) string { return strings.ToLower(goName[:1]) + goName[1:] }
