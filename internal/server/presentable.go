package server

import (
	"regexp"
	"strings"

	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"customer360/internal/limits"
)

// named are the rules of validation whose messages name parts of the schema
// and the document, never a value.
var named = map[string]bool{
	"FieldsOnCorrectType": true, "FragmentsOnCompositeTypes": true, "KnownArgumentNames": true, "KnownDirectives": true,
	"KnownFragmentNames": true, "KnownTypeNames": true, "NoFragmentCycles": true, "NoUndefinedVariables": true, "NoUnusedFragments": true,
	"NoUnusedVariables": true, "PossibleFragmentSpreads": true, "ProvidedRequiredArguments": true, "ScalarLeafs": true,
	"UniqueArgumentNames": true, "UniqueFragmentNames": true, "UniqueInputFieldNames": true, "UniqueVariableNames": true,
	"LoneAnonymousOperation": true, "VariablesInAllowedPosition": true, "VariablesAreInputTypes": true,
	"OverlappingFieldsCanBeMerged": true, "UniqueDirectivesPerLocation": true, "UniqueOperationNames": true, "KnownRootType": true,
}

// presentable takes the literals out of what the parser and the validator say,
// and says instead where they stand, and what the schema wants there.
func presentable(query string, errs gqlerror.List) gqlerror.List {
	var where places
	for _, e := range errs {
		switch code, _ := e.Extensions["code"].(string); {
		case code == errcode.ParseFailed:
			e.Message = "the document is not GraphQL here" + ending(e.Message)
		case code == errcode.ValidationFailed && len(e.Path) > 0:
			e.Message = "the variable is not of its declared type: " + ofVariable(e)
		case code == errcode.ValidationFailed && !named[e.Rule]:
			if where == nil {
				where = placesOf(query)
			}
			e.Message = where.of(e) + ofLiteral(e.Message)
		}
		e.Err = nil
	}
	return errs
}

func ending(message string) string {
	if strings.Contains(message, "token limit") {
		return ": it has more than 1,000 tokens"
	}
	return ""
}

// What the validator says of a variable, by what may be shown of it.
var (
	invalidEnum = regexp.MustCompile(`(?s)^.* is not a valid (\w+)$`)
	otherKind   = regexp.MustCompile(`^(?:cannot use \w+ as \w+|must be a \w+, not a \w+|enums must be ints or strings|must be defined|cannot be null|unknown field|must not be null)$`)
)

// ofVariable is what is wrong with a variable, without its value. The name of a
// field that the schema doesn't have is one, too.
func ofVariable(e *gqlerror.Error) string {
	if e.Message == "unknown field" {
		e.Path = e.Path[:len(e.Path)-1]
	}
	if m := invalidEnum.FindStringSubmatch(e.Message); m != nil && schema().Types[m[1]] != nil {
		return "it " + valuesOf(m[1])
	}
	if otherKind.MatchString(e.Message) {
		return e.Message
	}
	return "see the schema"
}

// What the validator says of a literal, up to where it would repeat it.
var (
	wrongEnum   = regexp.MustCompile(`^(?:Value "\w*" does not exist in|Enum) "([^"]*)"`)
	wrongType   = regexp.MustCompile(`^Expected value of type "([^"]*)", found `)
	wrongField  = regexp.MustCompile(`^(?:Field "\w+(?:\.\w+)?" (?:of required type|is not defined by type|must be non-null)|OneOf Input Object ")`)
	noOperation = regexp.MustCompile(`(?s)^operation .* not found$`)
	wrongKind   = regexp.MustCompile(`^(?:Int|Float|String|Boolean|ID) cannot represent [a-zA-Z0-9 -]+ value:`)
)

// ofLiteral is what is wrong with a literal, without the literal.
func ofLiteral(message string) string {
	if m := wrongEnum.FindStringSubmatch(message); m != nil && known(m[1]) {
		return `Value … does not exist in "` + m[1] + `" enum: it ` + valuesOf(m[1])
	}
	if m := wrongType.FindStringSubmatch(message); m != nil && known(m[1]) {
		return m[0] + "…"
	}
	switch {
	case message == "no operation provided":
		return "there is no operation: `query` is missing, empty, or of fragments alone"
	case noOperation.MatchString(message):
		return "the document has no operation of that operationName"
	}
	if wrongField.MatchString(message) {
		return message // of names alone
	}
	if begins := wrongKind.FindString(message); begins != "" {
		return begins + " …"
	}
	return "a value is not of its type"
}

// typeOf is a type's name, without its brackets and marks.
func typeOf(typ string) string { return strings.Trim(typ, "[]!") }

// known says whether the schema has a type: what it has not was made up.
func known(typ string) bool { return schema().Types[typeOf(typ)] != nil }

// valuesOf says which values an enum has.
func valuesOf(typ string) string {
	var names []string
	for _, v := range schema().Types[typeOf(typ)].EnumValues {
		names = append(names, v.Name)
	}
	if len(names) == 0 {
		return "is no value of " + typeOf(typ)
	}
	return "is one of " + strings.Join(names, ", ")
}

// places name what stands where in a document: arguments and variables, with
// the fields within them.
type places map[gqlerror.Location]string

// of names the place of an error, "argument orderBy.field of customers: "; "" where
// it is in none.
func (p places) of(e *gqlerror.Error) string {
	if len(e.Locations) == 0 || p[e.Locations[0]] == "" {
		return ""
	}
	return p[e.Locations[0]] + ": "
}

func placesOf(query string) places {
	p := places{}
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: query}, limits.Tokens)
	if err != nil {
		return p
	}
	for _, op := range doc.Operations {
		for _, v := range op.VariableDefinitions {
			p.value("variable $"+v.Variable, "", v.DefaultValue)
			p.directives(v.Directives)
		}
		p.directives(op.Directives)
		p.set(op.SelectionSet)
	}
	for _, f := range doc.Fragments {
		p.directives(f.Directives)
		p.set(f.SelectionSet)
	}
	return p
}

func (p places) set(set ast.SelectionSet) {
	for _, sel := range set {
		switch s := sel.(type) {
		case *ast.Field:
			p.arguments(s.Arguments, " of "+s.Name)
			p.directives(s.Directives)
			p.set(s.SelectionSet)
		case *ast.InlineFragment:
			p.directives(s.Directives)
			p.set(s.SelectionSet)
		case *ast.FragmentSpread:
			p.directives(s.Directives)
		}
	}
}

func (p places) directives(list ast.DirectiveList) {
	for _, d := range list {
		p.arguments(d.Arguments, " of @"+d.Name)
	}
}

func (p places) arguments(list ast.ArgumentList, of string) {
	for _, a := range list {
		p.value("argument "+a.Name, of, a.Value)
	}
}

// value names a value and what is within it. An object that the schema does not
// have may be as deep as it likes: its inmost fields go by the first.
func (p places) value(name, of string, v *ast.Value) {
	if v == nil {
		return
	}
	p.at(v.Position, name+of)
	for _, in := range v.Children {
		below := name
		if in.Name != "" && strings.Count(name, ".") < mostNested {
			below += "." + in.Name
		}
		p.at(in.Position, below+of)
		p.value(below, of, in.Value)
	}
}

// mostNested is deeper than any input of the schema.
const mostNested = 5

func (p places) at(pos *ast.Position, name string) {
	if pos != nil {
		p[gqlerror.Location{Line: pos.Line, Column: pos.Column}] = name
	}
}
