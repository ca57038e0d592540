package parts

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// doubling are fragments of which each spreads the next one twice, down to one
// that defers: as deep as 1,000 tokens go.
func doubling(depth int) string {
	var b strings.Builder
	b.WriteString(`{ person { ...F0 } }`)
	for i := range depth {
		fmt.Fprintf(&b, ` fragment F%d on Person { a: friends { ...F%d } b: friends { ...F%d } }`, i, i+1, i+1)
	}
	fmt.Fprintf(&b, ` fragment F%d on Person { ... @defer { name } }`, depth)
	return b.String()
}

// BenchmarkCut cuts documents of just under 1,000 tokens that were written to be
// costly to cut.
func BenchmarkCut(b *testing.B) {
	for name, text := range map[string]string{
		"many deferred":         `{ person { ` + strings.Repeat(`... @defer { name } `, 160) + `} }`,
		"deep":                  `{ person { ` + strings.Repeat(`... @defer { friends { `, 110) + `name` + strings.Repeat(` } }`, 110) + `} }`,
		"fragments that double": doubling(48),
	} {
		b.Run(name, func(b *testing.B) {
			oc := operation(b, text, nil)
			b.ReportAllocs()
			for b.Loop() {
				Cut(oc)
			}
		})
	}
}

// BenchmarkItems places as many errors as there are objects.
func BenchmarkItems(b *testing.B) {
	p := Part{path: []string{"people"}}
	for _, n := range []int{1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			resp := &graphql.Response{Data: json.RawMessage(`{"people":[` + strings.Repeat(`{"name":null},`, n-1) + `{"name":null}]}`)}
			for i := range n {
				resp.Errors = append(resp.Errors, &gqlerror.Error{Message: "of a value", Path: path("people", i, "name")})
			}
			b.ReportAllocs()
			for b.Loop() {
				p.Items(resp)
			}
		})
	}
}
