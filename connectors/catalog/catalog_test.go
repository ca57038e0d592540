package catalog

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// Every kind of the table lives in the folder of its name, and its tests hand
// it to the suite.
func TestEveryKindHasASuite(t *testing.T) {
	for name, k := range Kinds {
		t.Run(name, func(t *testing.T) {
			if k.About == "" {
				t.Error("nobody says what it attaches")
			}
			of := reflect.TypeOf(k.New())
			if of.Kind() != reflect.Pointer || !strings.HasSuffix(of.Elem().PkgPath(), "/connectors/"+name) {
				t.Errorf("its configuration is %s of %s, want a pointer to one of connectors/%s", of, of.Elem().PkgPath(), name)
			}
			if !declares(t, filepath.Join("..", name), runsSuite) {
				t.Errorf("no test in connectors/%s calls connectortest.Run", name)
			}
		})
	}
}

// A folder with a Config that can be opened, but not in the table, would be a
// connector that nobody can configure.
func TestEveryConnectorIsInTheTable(t *testing.T) {
	folders, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		if _, ok := Kinds[f.Name()]; f.IsDir() && !ok && declares(t, filepath.Join("..", f.Name()), isOpen) {
			t.Errorf("connectors/%s is not in the table", f.Name())
		}
	}
}

func TestAnUnknownKindIsToldTheNearest(t *testing.T) {
	for kind, want := range map[string]string{
		"trytn":      `this build has no kind "trytn"; did you mean tryton?`,
		"SQL":        `this build has no kind "SQL"; did you mean sql?`,
		"salesforce": `this build has no kind "salesforce"; it has ` + strings.Join(Names(), ", "),
	} {
		if _, err := New(kind); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if c, err := New("sql"); err != nil || c == nil {
		t.Errorf("%v, %v", c, err)
	}
}

// declares looks for a node in a folder's files.
func declares(t *testing.T, dir string, is func(ast.Node) bool) (found bool) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			found = found || is(n)
			return !found
		})
	}
	return found
}

// runsSuite says that a node is connectortest.Run.
func runsSuite(n ast.Node) bool {
	s, ok := n.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	x, ok := s.X.(*ast.Ident)
	return ok && x.Name == "connectortest" && s.Sel.Name == "Run"
}

// isOpen says that a node is the method Open of a Config.
func isOpen(n ast.Node) bool {
	f, ok := n.(*ast.FuncDecl)
	if !ok || f.Name.Name != "Open" || f.Recv == nil {
		return false
	}
	of, ok := f.Recv.List[0].Type.(*ast.StarExpr)
	if !ok {
		return false
	}
	x, ok := of.X.(*ast.Ident)
	return ok && x.Name == "Config"
}
