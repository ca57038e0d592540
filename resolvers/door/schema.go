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

var levels = []Level{Personal, Sensitive, Special}

// needed are the scopes that single fields take besides all else.
var needed = [...]struct {
	scope  string
	fields []string
}{
	{"privacy:explain", []string{"Consent.state", "Consent.since", "Consent.notice", "Consent.heldBy"}},
	{"identity:review", []string{"CustomerIdentity.rivals", "MatchDecision.actor", "MatchDecision.reason"}},
}

// checkSchema holds the schema against the records and itself (CONSENT.md §2)
// and fills in the columns.
func (d *Door) checkSchema() error {
	types := d.subjects()
	for _, check := range []func(*ast.Definition) error{d.checkType, d.checkRows, d.checkDerived} {
		for _, def := range types {
			if err := check(def); err != nil {
				return err
			}
		}
	}
	if n := len(d.columns.all); n > maxColumns {
		return fmt.Errorf("%d personal fields, %d at most", n, maxColumns)
	}
	for i, n := range needed {
		for _, coordinate := range n.fields {
			c := d.columns.byName[coordinate]
			if c == nil {
				return fmt.Errorf("%s is not @personal: it is for who holds %s", coordinate, n.scope)
			}
			c.needs = 1 + i
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

// checkType sees that every leaf says whether it is personal, and that what is
// personal can be absent.
func (d *Door) checkType(def *ast.Definition) error {
	if rows := personal(def.Directives); rows != nil {
		if err := d.column(def.Name, "", rows, def.Position, policy.Form{Rows: true}); err != nil {
			return err
		}
	}
	free := def.Directives.ForName("notPersonal") != nil
	for _, f := range def.Fields {
		if strings.HasPrefix(f.Name, "__") {
			continue
		}
		yields := d.Schema.Types[f.Type.Name()]
		value := yields.IsLeafType() || d.isValue(yields)
		tag := personal(f.Directives)
		switch {
		case tag != nil:
		case f.Directives.ForName("notPersonal") != nil, free, !value:
			continue
		default:
			return at(f.Position, "%s.%s says neither @personal nor @notPersonal", def.Name, f.Name)
		}
		if f.Type.NonNull {
			return at(f.Position, "%s.%s is personal and not null: a withheld value could not be absent", def.Name, f.Name)
		}
		if err := d.column(def.Name, f.Name, tag, f.Position, policy.Form{Rows: !value}); err != nil {
			return err
		}
	}
	return nil
}

// isValue tells types like Money, whose fields say nothing of themselves: the
// field that yields one is the leaf.
func (d *Door) isValue(def *ast.Definition) bool {
	return def.Kind == ast.Object && def.Directives.ForName("notPersonal") != nil && !slices.ContainsFunc(def.Fields, func(f *ast.FieldDefinition) bool {
		return len(f.Directives) > 0 || !d.Schema.Types[f.Type.Name()].IsLeafType()
	})
}

func (d *Door) column(typeName, field string, tag *ast.Directive, pos *ast.Position, form policy.Form) error {
	c := &column{coordinate: strings.TrimSuffix(typeName+"."+field, "."), level: Personal, form: form}
	c.category = policy.Category(tag.Arguments.ForName("category").Value.Raw)
	if level := tag.Arguments.ForName("level"); level != nil {
		c.level = Level(level.Value.Raw)
	}
	if !slices.Contains(policy.Categories, c.category.Root()) {
		return at(pos, "%s: the category %q does not exist", c.coordinate, c.category)
	}
	if rankOf(c.level) < 0 {
		return at(pos, "%s: the level %q does not exist", c.coordinate, c.level)
	}
	c.class = d.classOf(c.category)
	d.columns.add(typeName, field, c)
	return nil
}

// checkRows sees that rows carry one category, whichever field yields them.
func (d *Door) checkRows(def *ast.Definition) error {
	for _, f := range def.Fields {
		rows := d.columns.of(f.Type.Name(), "")
		if rows == nil {
			continue
		}
		own := d.columns.of(def.Name, f.Name)
		if own == nil {
			own = d.columns.of(def.Name, "")
		}
		if own != nil && own.category != rows.category {
			return at(f.Position, "%s.%s yields rows of %s, which are %s; it says %s", def.Name, f.Name, rows.coordinate, rows.category, own.category)
		}
	}
	return nil
}

// checkDerived sees that a field is no laxer than what it is computed from.
func (d *Door) checkDerived(def *ast.Definition) error {
	for _, f := range def.Fields {
		tag := f.Directives.ForName("derivedFrom")
		if tag == nil {
			continue
		}
		own := d.columns.of(def.Name, f.Name)
		if own == nil {
			return at(f.Position, "%s.%s is derived from personal fields, but is not @personal", def.Name, f.Name)
		}
		for _, child := range tag.Arguments.ForName("fields").Value.Children {
			origin := d.columns.byName[child.Value.Raw]
			switch {
			case origin == nil:
				return at(f.Position, "%s: @derivedFrom names %s, which is no personal field", own.coordinate, child.Value.Raw)
			case own.category != origin.category || rankOf(own.level) < rankOf(origin.level):
				return at(f.Position, "%s is laxer than %s, which it is derived from", own.coordinate, origin.coordinate)
			}
		}
	}
	return nil
}

// checkRecords holds the tags of the records against the schema, both ways, and
// hands the forms of PARTIAL on to the columns.
func (d *Door) checkRecords() error {
	for i, rt := range recordTypes {
		r := &d.rules[i]
		if err := d.checkRule(r, rt.kind, ""); err != nil {
			return err
		}
		if rt.kind == connectors.KindProfile || rt.kind == connectors.KindBalance {
			continue // their fields go up as fields of something else
		}
		if rows := d.columns.of(r.name, ""); rows == nil || rows.category != r.rows {
			return fmt.Errorf("%s: the rows are %q in Go; the schema does not say so", r.name, r.rows)
		}
	}
	return nil
}

// checkRule checks one rule; under is the list that its fields stand in, "items.".
func (d *Door) checkRule(r *rule, kind connectors.Kind, under string) error {
	seen := map[string]bool{}
	for _, f := range r.fields {
		if kind == connectors.KindProfile && f.name == "updatedAt" {
			continue // goes up as Provenance.asOf
		}
		c := d.columns.of(r.name, f.name)
		if c == nil || c.category != f.category || f.sensitive != (c.level == Sensitive) {
			return fmt.Errorf("%s.%s: the tag in Go says %q (sensitive: %v); the schema does not", r.name, f.name, f.category, f.sensitive)
		}
		c.form, c.path, seen[f.name] = f.form, d.rules.of(kind).want(under+f.name), true
		if f.elem != nil {
			if err := d.checkRule(f.elem, kind, f.name+"."); err != nil {
				return err
			}
		}
	}
	if kind == connectors.KindBalance || r.name == "Customer" {
		return nil // has fields that no record carries
	}
	for _, f := range d.Schema.Types[r.name].Fields {
		if d.columns.of(r.name, f.Name) != nil && !seen[f.Name] && !d.isHop(f) {
			return at(f.Position, "%s.%s is personal, but no record carries it with a tag", r.name, f.Name)
		}
	}
	return nil
}

func personal(list ast.DirectiveList) *ast.Directive { return list.ForName("personal") }

func rankOf(l Level) int { return slices.Index(levels, l) }

func at(pos *ast.Position, format string, args ...any) error {
	if pos == nil || pos.Src == nil {
		return fmt.Errorf(format, args...)
	}
	return fmt.Errorf("%s:%d: %s", pos.Src.Name, pos.Line, fmt.Sprintf(format, args...))
}
