package parts_test

import (
	"encoding/json"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"customer360/internal/parts"
)

// A part adds to objects that are there, and to nothing else.
func TestWhatCameOutAsNullIsNotAddedTo(t *testing.T) {
	item := func(data string, errors gqlerror.List, path ...ast.PathElement) parts.Item {
		return parts.Item{Data: json.RawMessage(data), Path: path, Errors: errors}
	}
	sick := gqlerror.List{{Message: "the shop could not answer", Path: ast.Path{ast.PathName("a"), ast.PathName("b")}}}
	for _, c := range []struct {
		name, first string
		told        gqlerror.List
		items       []parts.Item
		want        string
	}{
		{"an object", `{"a":{"b":1}}`, nil, []parts.Item{item(`{"c":2}`, nil, ast.PathName("a"))}, `[{"data":{"c":2},"path":["a"]}]`},
		{"one of a list", `{"a":[{},{}]}`, nil, []parts.Item{item(`{"c":2}`, nil, ast.PathName("a"), ast.PathIndex(1))}, `[{"data":{"c":2},"path":["a",1]}]`},
		{"what another part brought", `{}`, nil, []parts.Item{{Data: json.RawMessage(`{"a":{}}`), Path: ast.Path{}}, item(`{"c":2}`, nil, ast.PathName("a"))}, `[{"data":{"a":{}},"path":[]},{"data":{"c":2},"path":["a"]}]`},
		{"null", `{"a":null}`, nil, []parts.Item{item(`{"c":2}`, nil, ast.PathName("a"))}, `null`},
		{"beyond a list", `{"a":[]}`, nil, []parts.Item{item(`{"c":2}`, nil, ast.PathName("a"), ast.PathIndex(0))}, `null`},
		{"an answer without data", `null`, nil, []parts.Item{item(`{"c":2}`, sick, ast.PathName("a"))}, `null`},
		{"the errors below null are told", `{"a":null}`, nil, []parts.Item{item(`null`, sick, ast.PathName("a"))}, `[{"data":{},"path":[],"errors":[{"message":"the shop could not answer","path":["a","b"]}]}]`},
		{"once", `{"a":null}`, sick, []parts.Item{item(`null`, sick, ast.PathName("a"))}, `null`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var told parts.Told
			told.Begin(json.RawMessage(c.first), c.told)
			got, err := json.Marshal(told.Add(&parts.Part{}, c.items))
			if err != nil || string(got) != c.want {
				t.Errorf("got %s, want %s: %v", got, c.want, err)
			}
		})
	}
}
