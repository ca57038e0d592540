package command

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// The ways in which an answer may come.
const (
	asJSON      = "application/json"
	asMultipart = "multipart/mixed;deferSpec=20220824, application/graphql-response+json, application/json;q=0.9" // as Apollo Client asks
	asEvents    = "text/event-stream"
	asURQL      = "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"
)

// A payload of an answer, with when it came.
type payload struct {
	after time.Duration
	raw   string
	body  map[string]any
}

// open posts a query and leaves the answer to be read.
func (r *running) open(ctx context.Context, t testing.TB, accept, query string, variables map[string]any) *http.Response {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url+"/graphql", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"Content-Type": "application/json", "Accept": accept, "Authorization": "Bearer demo-support-lead", "X-Purpose": "support.case",
	} {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// receive reads an answer as it comes, whatever its form.
func (r *running) receive(t testing.TB, accept, query string, variables map[string]any) []payload {
	t.Helper()
	begun := time.Now()
	resp := r.open(t.Context(), t, accept, query, variables)
	var out []payload
	take := func(text []byte) {
		p := payload{after: time.Since(begun), raw: string(text)}
		if err := json.Unmarshal(text, &p.body); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		out = append(out, p)
	}
	media, with, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	switch media {
	case "multipart/mixed":
		for reader := multipart.NewReader(resp.Body, with["boundary"]); ; {
			part, err := reader.NextPart()
			if errors.Is(err, io.EOF) {
				return out
			} else if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(part)
			if err != nil {
				t.Fatal(err)
			}
			take(text)
		}
	case "text/event-stream":
		ended := false
		event := ""
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			name, value, _ := strings.Cut(lines.Text(), ":")
			switch name {
			case "event":
				event = strings.TrimSpace(value)
			case "data":
				if event == "complete" {
					ended = true
				} else {
					take([]byte(value))
				}
			}
		}
		if !ended {
			t.Error("the stream ended without `complete`")
		}
	default:
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		take(text)
	}
	return out
}

// merged is what a client has when all payloads have come.
func merged(t testing.TB, all []payload) map[string]any {
	t.Helper()
	out := all[0].body
	for i, p := range all {
		if more, said := p.body["hasNext"].(bool); len(all) > 1 && (!said || more != (i < len(all)-1)) {
			t.Errorf("payload %d of %d says hasNext %v", i+1, len(all), p.body["hasNext"])
		}
		if i == 0 {
			continue
		}
		items, _ := p.body["incremental"].([]any)
		for _, in := range items {
			item := in.(map[string]any)
			at := out["data"]
			for _, step := range item["path"].([]any) {
				if name, ok := step.(string); ok {
					at = at.(map[string]any)[name]
				} else {
					at = at.([]any)[int(step.(float64))]
				}
			}
			object, ok := at.(map[string]any)
			if !ok {
				t.Fatalf("%v leads to %T", item["path"], at)
			}
			merge(object, item["data"].(map[string]any))
			if errs, ok := item["errors"].([]any); ok {
				had, _ := out["errors"].([]any)
				out["errors"] = append(had, errs...)
			}
		}
		if more, ok := p.body["extensions"].(map[string]any); ok {
			had, _ := out["extensions"].(map[string]any)
			for name, v := range more {
				if had[name] != nil {
					t.Errorf("extensions.%s is told twice", name)
				}
				had[name] = v
			}
		}
	}
	delete(out, "hasNext")
	return out
}

func merge(into, from map[string]any) {
	for name, v := range from {
		switch had := into[name].(type) {
		case map[string]any:
			if more, ok := v.(map[string]any); ok {
				merge(had, more)
			}
		case []any:
			more := v.([]any)
			for i := range had {
				if a, ok := had[i].(map[string]any); ok {
					merge(a, more[i].(map[string]any))
				}
			}
		default:
			into[name] = v
		}
	}
}

// timeless takes the times out of an answer and puts its errors in order.
func timeless(a map[string]any) map[string]any {
	if ext, ok := a["extensions"].(map[string]any); ok {
		for _, s := range ext["sources"].([]any) {
			delete(s.(map[string]any), "latencyMs")
		}
	}
	if errs, ok := a["errors"].([]any); ok {
		slices.SortFunc(errs, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	}
	return a
}

// deferring are documents with @defer wherever it may stand. KATE is a root field for one customer.
var deferring = []struct {
	name, query string
	adds        bool // whether anything is left to add to the first part
}{
	{"one panel", `{ KATE { name ... @defer(label: "orders") { orders { nodes { number } } } } }`, true},
	{"nothing but a panel", `{ KATE { ... @defer { orders { nodes { number } } } } }`, true},
	{"a named fragment", `{ KATE { id ...F @defer } } fragment F on Customer { name tickets { nodes { subject } } }`, true},
	{"a fragment in a fragment, spread twice", `{ a: KATE { ...F } customers(first: 2) { nodes { ...F } } } fragment F on Customer { id ...G @defer(label: "g") } fragment G on Customer { name }`, true},
	{"one within another, no labels", `{ KATE { id ... @defer { name ... @defer { orders { nodes { number ... @defer { items { name } } } } } } } }`, true},
	{"two with one label", `{ KATE { id ... @defer(label: "x") { name } ... @defer(label: "x") { orders { nodes { number } } } } }`, true},
	{"deferred here, not there", `{ KATE { id orders(first: 1) { nodes { number } } ... @defer { orders(first: 1) { nodes { number status } } } } }`, true},
	{"deferred twice", `{ KATE { id ... @defer { name orders { nodes { id } } } ... @defer { orders { nodes { number } } } } }`, true},
	{"in every entry of a list", `{ customers(first: 3) { nodes { id ... @defer { name tickets { nodes { id ... @defer { subject } } } } } } }`, true},
	{"in every edge", `{ customers(first: 3) { edges { cursor ... @defer { node { id ... @defer { name } } } } } }`, true},
	{"whole root fields", `{ viewer { name } ... @defer { a: KATE { name } } ... @defer { customers(first: 2) { nodes { id } } } }`, true},
	{"everything", `{ ... @defer { KATE { name } } }`, true},
	{"a look-up", `{ viewer { name } ... @defer { lookup(by: {email: "kate.mueller@example.com"}) { id ... @defer { name } } } }`, true},
	{"if: true", `{ KATE { id ... @defer(if: true) { name } } }`, true},
	{"if: false", `{ KATE { id ... @defer(if: false) { name } } }`, false},
	{"if: a variable that is true", `query($yes: Boolean!) { KATE { id ... @defer(if: $yes) { name } } }`, true},
	{"if: a variable that is false", `query($no: Boolean!) { KATE { id ... @defer(if: $no) { name } } }`, false},
	{"if: a variable that is missing", `query($missing: Boolean) { KATE { id ... @defer(if: $missing) { name } } }`, true},
	{"skipped", `query($yes: Boolean!, $no: Boolean!) { KATE { id ... @skip(if: $yes) @defer { name } ... @include(if: $no) @defer { orders { nodes { id } } } } }`, false},
	{"in a fragment that is skipped", `query($yes: Boolean!) { KATE { id ...F @skip(if: $yes) } } fragment F on Customer { ... @defer { name } }`, false},
	{"behind spaces and a comment", "{ KATE { id ... @ #\n defer (if: true) { name } } }", true},
	{"of another type", `{ customers(first: 1) { nodes { ... on Node @defer { id } ... on Customer { name ... on Node { ... on Customer @defer { tickets { nodes { id } } } } } } } }`, true},
	{"of a type that it is not", `{ node(id: "ID") { id ... on Ticket @defer { subject } ... on Customer { name } } }`, false},
	{"a customer who is none", `{ lookup(by: {email: "nobody@example.com"}) { id ... @defer { name } } }`, false},
	{"a deferred argument that is wrong", `{ KATE { id ... @defer { name orders(first: 1000) { nodes { id } } } } }`, true},
	{"an argument that is wrong on the way", `{ KATE { id orders(first: 1000) { nodes { id ... @defer { number } } } } }`, false},
	{"a deferred root whose argument is wrong", `{ viewer { name } ... @defer { customer(id: "x") { name } } }`, true},
	{"entities, one of them none", `{ a: viewer { name } _entities(representations: [{__typename: "Order", id: "x"}, {__typename: "Customer", id: "ID"}]) { ... on Customer @defer { id name } } }`, true},
	{"entities, deferred as a whole", `{ viewer { name } ... @defer { _entities(representations: [{__typename: "Order", id: "x"}, {__typename: "Customer", id: "ID"}]) { ... on Customer { id ... @defer { name } } } } }`, true},
	{"figures, privacy and sources", `{ KATE { id birthDate ... @defer { summary { openTickets lifetimeValue { amount } } privacy { field outcome } } ... @defer { sources { source state calls } } } }`, true},
	{"more than fit", `{ KATE { id ` + strings.Repeat(`... @defer { name } `, 20) + `} }`, true},
}

var (
	aDefer     = regexp.MustCompile(`@\s*(#\n)?\s*defer(\s*\([^)]*\))?`)
	aVariables = regexp.MustCompile(`^query\([^)]*\)`)
)

// spaces stand for a text, so that what follows keeps its place.
func spaces(text string) string { return strings.Repeat(" ", len(text)) }

// plain is a document without its @defers.
func plain(query string) string {
	query = aDefer.ReplaceAllStringFunc(query, spaces)
	if head := aVariables.FindString(query); !strings.Contains(query[len(head):], "$") {
		return spaces(head) + query[len(head):]
	}
	return query
}

func TestADeferredAnswerComesToTheSameAsAWholeOne(t *testing.T) {
	r := startDemo(t, nil)
	kate := r.kate(t)
	for _, c := range deferring {
		t.Run(c.name, func(t *testing.T) {
			query := strings.NewReplacer("KATE", `customer(id: "`+kate+`")`, "ID", kate).Replace(c.query)
			vars := map[string]any{"yes": true, "no": false}
			want := timeless(merged(t, r.receive(t, asJSON, plain(query), vars)))
			if want["data"] == nil {
				t.Fatalf("asks for nothing: %v", want)
			}
			for _, accept := range []string{asJSON, asMultipart, asEvents, asURQL} {
				all := r.receive(t, accept, query, vars)
				if adds := len(all) > 2; adds != (c.adds && accept != asJSON) {
					t.Errorf("%s: %d payloads", accept, len(all))
				}
				raw := all[0].raw
				if got := timeless(merged(t, all)); !reflect.DeepEqual(got, want) {
					a, _ := json.Marshal(got)
					b, _ := json.Marshal(want)
					t.Errorf("%s:\ngot  %s\nwant %s\nfirst %s", accept, a, b, raw)
				}
			}
		})
	}
}

// kate is the id of one of the demo's people.
func (r *running) kate(t testing.TB) string {
	t.Helper()
	a := r.ask(t, "support-lead", "support.case", `{ lookup(by: {email: "kate.mueller@example.com"}) { id } }`, nil)
	return a.Data["lookup"].(map[string]any)["id"].(string)
}
