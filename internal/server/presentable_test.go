package server

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestWhatIsWrongIsSaidWithoutTheLiteral goes through what validation says: which
// argument, what the schema wants there, and nothing of what was written.
func TestWhatIsWrongIsSaidWithoutTheLiteral(t *testing.T) {
	srv := served(t)
	for _, c := range []struct{ name, query, variables, want string }{
		{
			"an enum value", `{customers(orderBy: {field: SECRET}){nodes{id}}}`, ``,
			`argument orderBy.field of customers: Value … does not exist in "CustomerOrderField!" enum: it is one of ID, `,
		},
		{"a text for an enum value", `{customers(orderBy: {field: "SECRET"}){nodes{id}}}`, ``, `argument orderBy.field of customers: Value … does not exist in "CustomerOrderField!" enum: it is one of ID, `},
		{"a text that speaks as the validator", `{customers(orderBy: {field: "\" does not exist in \"SECRET\" enum."}){nodes{id}}}`, ``, `argument orderBy.field of customers: Value … does not exist in "CustomerOrderField!" enum: `},
		{"a text for a number", `{customers(first: "SECRET"){nodes{id}}}`, ``, "argument first of customers: Int cannot represent non-integer value: …"},
		{"a text that speaks of a number", `{customers(first: "3 value: SECRET"){nodes{id}}}`, ``, "argument first of customers: Int cannot represent non-integer value: …"},
		{"a number in a fragment", `{customers{nodes{...f}}} fragment f on Customer {orders(first: "SECRET"){nodes{id}}}`, ``, "argument first of orders: Int cannot represent non-integer value: …"},
		{"a text for an object", `{lookup(by: "SECRET"){id}}`, ``, `argument by of lookup: Expected value of type "LookupBy!", found …`},
		{"nothing", `{customersById(ids: [null]){id}}`, ``, `argument ids of customersById: Expected value of type "ID!", found …`},
		{"a field of an object that is not there", `{lookup(by: {mail: "SECRET"}){id}}`, ``, `argument by.mail of lookup: Field "mail" is not defined by type "LookupBy".`},
		{"no identifier", `{lookup(by: {}){id}}`, ``, `argument by of lookup: OneOf Input Object "LookupBy" must specify exactly one key.`},
		{"a variable's default", `query($n: Int = "SECRET"){customers(first: $n){nodes{id}}}`, ``, "variable $n: Int cannot represent non-integer value: …"},
		{"a directive's argument", `{viewer @include(if: "SECRET") {name}}`, ``, "argument if of @include: Boolean cannot represent a non boolean value: …"},
		{"two fields of one name", `{customers(after: "SECRET"){nodes{id}} customers(after: "x"){nodes{id}}}`, ``, `Fields "customers" conflict because they have differing arguments`},
		{"a variable's text for a number", `query($n: Int){customers(first: $n){nodes{id}}}`, `{"n": "SECRET"}`, "the variable is not of its declared type: cannot use string as Int"},
		{"a variable's enum value", `query($o: CustomerOrder!){customers(orderBy: $o){nodes{id}}}`, `{"o": {"field": "SECRET"}}`, "the variable is not of its declared type: it is one of ID, "},
		{"a variable's enum value that speaks as the validator", `query($o: CustomerOrder!){customers(orderBy: $o){nodes{id}}}`, `{"o": {"field": "is not a valid SECRET"}}`, "the variable is not of its declared type: it is one of ID, "},
		{"a variable's enum value in other letters", `query($o: CustomerOrder!){customers(orderBy: $o){nodes{id}}}`, `{"o": {"field": "ID", "direction": "desc"}}`, "the variable is not of its declared type: it is one of ASC, DESC"},
		{"a variable's enum values in other letters", `query($k: [RecordKind!]){customers{nodes{timeline(kinds: $k){nodes{__typename}}}}}`, `{"k": ["ORDER", "Order"]}`, "the variable is not of its declared type: it is one of "},
		{"one alone for a list, in other letters", `query($k: [RecordKind!]){customers{nodes{timeline(kinds: $k){nodes{__typename}}}}}`, `{"k": "Order"}`, "the variable is not of its declared type: it is one of "},
		{"a variable's field that is not there", `query($b: LookupBy!){lookup(by: $b){id}}`, `{"b": {"SECRET": 1}}`, "the variable is not of its declared type: unknown field"},
		{"no query", ``, ``, "there is no operation: `query` is missing, empty, or of fragments alone"},
		{"a fragment alone", `fragment SECRET on Viewer {name}`, ``, "there is no operation: `query` is missing, empty, or of fragments alone"},
		{"a variable that is no object", `query($b: LookupBy!){lookup(by: $b){id}}`, `{"b": "SECRET"}`, "the variable is not of its declared type: must be a LookupBy, not a string"},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked := map[string]any{"query": c.query}
			if c.variables != "" {
				asked["variables"] = json.RawMessage(c.variables)
			}
			body, err := json.Marshal(asked)
			if err != nil {
				t.Fatal(err)
			}
			_, raw := ask(t, srv, string(body), nil)
			var a struct {
				Errors []struct {
					Message    string
					Extensions struct{ Code string }
				}
			}
			if err := json.Unmarshal(raw, &a); err != nil || len(a.Errors) == 0 {
				t.Fatalf("no errors in JSON: %s", raw)
			}
			if e := a.Errors[0]; !strings.HasPrefix(e.Message, c.want) || e.Extensions.Code != "GRAPHQL_VALIDATION_FAILED" {
				t.Errorf("\n got %s, %s\nwant %s", e.Message, e.Extensions.Code, c.want)
			}
			if strings.Contains(string(raw), "SECRET") {
				t.Errorf("the answer repeats what was sent: %s", raw)
			}
		})
	}
}

func TestAnOperationThatIsNotThereIsSaidWithoutItsName(t *testing.T) {
	_, raw := ask(t, served(t), `{"query": "query A {viewer {name}}", "operationName": "SECRET"}`, nil)
	if !strings.Contains(string(raw), "the document has no operation of that operationName") || strings.Contains(string(raw), "SECRET") {
		t.Errorf("the answer is %s", raw)
	}
}
