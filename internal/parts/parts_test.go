package parts

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

var schema = gqlparser.MustLoadSchema(&ast.Source{Input: `
	type Query { person: Person  people: [Person] }
	interface Named { name: String }
	type Person implements Named { id: ID name: String age: Int friends: [Person] }
`})

// operation is a document as the executor has it.
func operation(t testing.TB, text string, vars map[string]any) *graphql.OperationContext {
	t.Helper()
	doc, errs := gqlparser.LoadQueryWithRules(schema, text, rules.NewDefaultRules())
	if errs != nil {
		t.Fatal(errs)
	}
	return &graphql.OperationContext{RawQuery: text, Doc: doc, Operation: doc.Operations[0], Variables: vars}
}

// written is an operation in GraphQL, in one line.
func written(oc *graphql.OperationContext) string {
	var b bytes.Buffer
	formatter.NewFormatter(&b, formatter.WithIndent(" ")).FormatQueryDocument(oc.Doc)
	return strings.TrimPrefix(strings.Join(strings.Fields(b.String()), " "), "query ")
}

func TestCut(t *testing.T) {
	for _, c := range []struct{ name, document, want string }{
		{"nothing deferred", `{ person { id } }`, `0: { person { id } }`},
		{"one fragment", `{ person { id ... @defer(label: "a") { name } } }`, `
			0: { person { id } }
			0 a person: { person { ... { name } } }`},
		{"one within another", `{ person { id ... @defer { name friends { id ... @defer(label: "b") { age } } } } }`, `
			0: { person { id } }
			0  person: { person { ... { name friends { id } } } }
			1 b person friends: { person { ... { friends { ... { age } } } } }`},
		{"a named fragment", `{ person { ...F @defer ...G } } fragment F on Person { name } fragment G on Person { age }`, `
			0: { person { ... G } } fragment F on Person { name } fragment G on Person { age }
			0  person: { person { ... on Person { name } } } fragment F on Person { name } fragment G on Person { age }`},
		{"within a named fragment", `{ people { ...F } } fragment F on Named { name ... on Person @defer { age } }`, `
			0: { people { ... on Named { name } } } fragment F on Named { name ... on Person { age } }
			0  people: { people { ... on Named { ... on Person { age } } } } fragment F on Named { name ... on Person { age } }`},
		{"at the root", `{ ... @defer { person { id } } }`, `
			0: query
			0  : { ... { person { id } } }`},
		{"not deferred after all", `{ person { id ... @defer(if: false) { name } } }`, `0: { person { id ... { name } } }`},
		{
			"left out", `{ person { id ... @include(if: false) @defer { name } ... @skip(if: true) { ... @defer { age } } } }`,
			`0: { person { id ... @include(if: false) { name } ... @skip(if: true) { ... { age } } } }`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			oc := operation(t, c.document, nil)
			before := written(oc)
			var got []string
			for i, p := range Cut(oc) {
				if i == 0 {
					got = append(got, "0: "+written(p.Operation))
					continue
				}
				got = append(got, fmt.Sprintf("%d %s %s: %s", p.Within, p.Label, strings.Join(p.path, " "), written(p.Operation)))
			}
			var want []string
			for _, line := range strings.Split(strings.TrimSpace(c.want), "\n") {
				want = append(want, strings.TrimSpace(line))
			}
			if strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if after := written(oc); after != before {
				t.Errorf("the document itself became %s", after)
			}
		})
	}
}

func TestACutIsBounded(t *testing.T) {
	if n := len(Cut(operation(t, `{ person { `+strings.Repeat(`... @defer { name } `, 100)+`} }`, nil))); n != Most {
		t.Errorf("%d parts", n)
	}
	// Every fragment spreads the next one twice: 2^20 copies of the last.
	cut := Cut(operation(t, doubling(20), nil))
	if len(cut) != 1 || strings.Contains(written(cut[0].Operation), "@defer") {
		t.Errorf("%d parts", len(cut))
	}
}

func TestItems(t *testing.T) {
	p := Part{Label: "l", path: []string{"people", "friends"}}
	got := p.Items(&graphql.Response{
		Data: []byte(`{"people":[{"friends":[{"name":null},{"name":"B"}]},null,{"friends":null},{"friends":[{},null,{"name":"C"}]}]}`),
		Errors: gqlerror.List{
			{Message: "of a value", Path: path("people", 0, "friends", 0, "name")},
			{Message: "above", Path: path("people", 2, "friends")},
			{Message: "of nothing", Path: path("people", 1)},
			{Message: "that took its object along", Path: path("people", 3, "friends", 1, "name")},
		},
	})
	want := []string{
		`people[0].friends[0] {"name":null} of a value`, `people[0].friends[1] {"name":"B"}`,
		`people[3].friends[2] {"name":"C"}`, `people[3].friends[1] null that took its object along`,
	}
	for i, it := range got {
		text := it.Path.String() + " " + string(it.Data)
		for _, e := range it.Errors {
			text += " " + e.Message
		}
		if i >= len(want) || text != want[i] || it.Label != "l" {
			t.Errorf("item %d is %s", i, text)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d items, want %d", len(got), len(want))
	}
}

func path(steps ...any) (out ast.Path) {
	for _, s := range steps {
		switch s := s.(type) {
		case string:
			out = append(out, ast.PathName(s))
		case int:
			out = append(out, ast.PathIndex(s))
		}
	}
	return out
}
