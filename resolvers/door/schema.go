package door

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"customer360/connectors"
	"customer360/idgraph/policy"
)

// A Level is how much care personal data asks for.
type Level string

// The levels, rising.
const (
	Personal  Level = "PERSONAL"
	Sensitive Level = "SENSITIVE"
	Special   Level = "SPECIAL"
)

// A column is a personal field of the schema, or the rows of a type.
type column struct {
	coordinate string // "Order.number", or "Order" for the rows
	category   policy.Category
	class      class
	level      Level
	form       policy.Form
}

// checkSchema holds the schema against the records and itself (CONSENT.md §2)
// and fills in the columns.
func (d *Door) checkSchema() error {
	d.columns = map[string]column{}
	for _, def := range d.subjects() {
		if err := d.checkType(def); err != nil {
			return err
		}
	}
	for _, def := range d.subjects() {
		for _, f := range def.Fields {
			if err := d.checkDerived(def, f); err != nil {
				return err
			}
		}
	}
	if err := d.checkBindings(); err != nil {
		return err
	}
	return d.checkRecords()
}

// subjects lists every type that can be reached from a customer, in the order of the schema.
func (d *Door) subjects() []*ast.Definition {
	var out []*ast.Definition
	var walk func(name string)
	walk = func(name string) {
		def := d.Schema.Types[name]
		if def == nil || slices.Contains(out, def) {
			return
		}
		switch def.Kind {
		case ast.Object:
			out = append(out, def)
		case ast.Interface, ast.Union:
			for _, t := range d.Schema.GetPossibleTypes(def) {
				walk(t.Name)
			}
			return
		default:
			return
		}
		for _, f := range def.Fields {
			walk(f.Type.Name())
		}
	}
	walk("Customer")
	walk("SourceRecord")
	return out
}

func (d *Door) checkType(def *ast.Definition) error {
	rows := personal(def.Directives)
	if rows != nil {
		c, err := d.column(def.Name, rows, def.Position)
		if err != nil {
			return err
		}
		c.form = policy.Form{Rows: true}
		d.columns[def.Name] = c
	}
	free := def.Directives.ForName("notPersonal") != nil
	for _, f := range def.Fields {
		if strings.HasPrefix(f.Name, "__") {
			continue
		}
		coordinate := def.Name + "." + f.Name
		leaf := d.Schema.Types[f.Type.Name()].IsLeafType()
		tag := personal(f.Directives)
		switch {
		case tag != nil:
		case f.Directives.ForName("notPersonal") != nil, free, !leaf:
			continue
		default:
			return at(f.Position, "%s says neither @personal nor @notPersonal", coordinate)
		}
		if f.Type.NonNull {
			return at(f.Position, "%s is personal and not null: a withheld value could not be absent", coordinate)
		}
		c, err := d.column(coordinate, tag, f.Position)
		if err != nil {
			return err
		}
		c.form.Rows = !leaf && f.Type.Name() != "Money"
		d.columns[coordinate] = c
	}
	return nil
}

func (d *Door) column(coordinate string, tag *ast.Directive, pos *ast.Position) (column, error) {
	c := column{coordinate: coordinate, level: Personal}
	c.category = policy.Category(tag.Arguments.ForName("category").Value.Raw)
	if level := tag.Arguments.ForName("level"); level != nil {
		c.level = Level(level.Value.Raw)
	}
	if !slices.Contains(policy.Categories, c.category.Root()) {
		return c, at(pos, "%s: the category %q does not exist", coordinate, c.category)
	}
	c.class = d.classOf(c.category)
	return c, nil
}

// checkDerived sees that a field is no laxer than what it is computed from.
func (d *Door) checkDerived(def *ast.Definition, f *ast.FieldDefinition) error {
	tag := f.Directives.ForName("derivedFrom")
	if tag == nil {
		return nil
	}
	own, ok := d.columns[def.Name+"."+f.Name]
	if !ok {
		return at(f.Position, "%s.%s is derived from personal fields, but is not @personal", def.Name, f.Name)
	}
	for _, child := range tag.Arguments.ForName("fields").Value.Children {
		origin, ok := d.columns[child.Value.Raw]
		switch {
		case !ok:
			return at(f.Position, "%s: @derivedFrom names %s, which is no personal field", own.coordinate, child.Value.Raw)
		case own.category != origin.category || rankOf(own.level) < rankOf(origin.level):
			return at(f.Position, "%s is laxer than %s, which it is derived from", own.coordinate, origin.coordinate)
		}
	}
	return nil
}

// checkRecords holds the tags of the records against the schema, both ways, and
// hands the forms of PARTIAL on to the columns.
func (d *Door) checkRecords() error {
	for _, rt := range recordTypes {
		r := d.rules[rt.kind]
		if err := d.checkRule(r, rt.kind); err != nil {
			return err
		}
		if rt.kind == connectors.KindProfile || rt.kind == connectors.KindBalance {
			continue
		}
		if rows, ok := d.columns[r.name]; !ok || rows.category != r.rows {
			return fmt.Errorf("%s: the rows are %q in Go and %q in the schema", r.name, r.rows, rows.category)
		}
	}
	return nil
}

func (d *Door) checkRule(r *rule, kind connectors.Kind) error {
	seen := map[string]bool{}
	for _, f := range r.fields {
		coordinate := r.name + "." + f.name
		if kind == connectors.KindProfile && f.name == "updatedAt" {
			continue // goes up as Provenance.asOf
		}
		c, ok := d.columns[coordinate]
		if !ok || c.category != f.category || f.sensitive != (c.level == Sensitive) {
			return fmt.Errorf("%s: the tag in Go says %q (sensitive %v), the schema %q (%s)", coordinate, f.category, f.sensitive, c.category, c.level)
		}
		c.form = f.form
		d.columns[coordinate], seen[f.name] = c, true
		if f.elem != nil {
			if err := d.checkRule(f.elem, kind); err != nil {
				return err
			}
		}
	}
	if kind == connectors.KindProfile || kind == connectors.KindBalance {
		return nil
	}
	for _, f := range d.Schema.Types[r.name].Fields {
		if _, tagged := d.columns[r.name+"."+f.Name]; tagged && !seen[f.Name] {
			return at(f.Position, "%s.%s is personal, but no record carries it with a tag", r.name, f.Name)
		}
	}
	return nil
}

func personal(list ast.DirectiveList) *ast.Directive { return list.ForName("personal") }

func rankOf(l Level) int { return slices.Index([]Level{Personal, Sensitive, Special}, l) }

func at(pos *ast.Position, format string, args ...any) error {
	if pos == nil || pos.Src == nil {
		return fmt.Errorf(format, args...)
	}
	return fmt.Errorf("%s:%d: %s", pos.Src.Name, pos.Line, fmt.Sprintf(format, args...))
}
