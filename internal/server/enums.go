package server

import (
	"context"
	"reflect"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// enums holds variables to the values of their enums, letter by letter: the
// validator takes "desc" for DESC, and nothing behind it does.
type enums struct{}

// ExtensionName names it.
func (enums) ExtensionName() string { return "Enums" }

// Validate has nothing to check against the schema.
func (enums) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext refuses a variable that is no value of its enum.
func (enums) MutateOperationContext(_ context.Context, oc *graphql.OperationContext) *gqlerror.Error {
	for _, v := range oc.Operation.VariableDefinitions {
		path := ast.Path{ast.PathName("variable"), ast.PathName(v.Variable)}
		if err := exact(path, v.Type, oc.Variables[v.Variable]); err != nil {
			err.Extensions = map[string]any{"code": errcode.ValidationFailed}
			return err
		}
	}
	return nil
}

// exact goes down a value that is of its type but for the letters of its enums.
func exact(path ast.Path, of *ast.Type, v any) *gqlerror.Error {
	if list := reflect.ValueOf(v); of.Elem != nil && list.Kind() == reflect.Slice { // of one alone, the validator makes a []string
		for i := range list.Len() {
			if err := exact(append(path[:len(path):len(path)], ast.PathIndex(i)), of.Elem, list.Index(i).Interface()); err != nil {
				return err
			}
		}
		return nil
	}
	def := schema().Types[of.Name()]
	switch v := v.(type) {
	case map[string]any:
		for _, f := range def.Fields {
			if err := exact(append(path[:len(path):len(path)], ast.PathName(f.Name)), f.Type, v[f.Name]); err != nil {
				return err
			}
		}
	case string:
		if def.Kind == ast.Enum && def.EnumValues.ForName(v) == nil {
			return gqlerror.ErrorPathf(path, "it is not a valid %s", def.Name)
		}
	}
	return nil
}
