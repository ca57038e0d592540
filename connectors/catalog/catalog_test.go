package catalog

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
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
			if !runsSuite(t, filepath.Join("..", name)) {
				t.Errorf("no test in connectors/%s calls connectortest.Run", name)
			}
		})
	}
}

// A folder that is no shared room and not in the table would be a connector
// that nobody can configure.
func TestEveryConnectorIsInTheTable(t *testing.T) {
	rooms := []string{"catalog", "connectortest", "ingest", "simulator", "transport"}
	folders, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		if _, ok := Kinds[f.Name()]; f.IsDir() && !ok && !slices.Contains(rooms, f.Name()) {
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

// runsSuite looks for connectortest.Run in a folder's tests.
func runsSuite(t *testing.T, dir string) (found bool) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "connectortest" && s.Sel.Name == "Run" {
					found = true
				}
			}
			return !found
		})
	}
	return found
}
