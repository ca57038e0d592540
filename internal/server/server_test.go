package server

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"customer360/internal/demo"
	"customer360/internal/keys"
)

// served is the demo's handler, before anything was read.
func served(t *testing.T) *httptest.Server {
	t.Helper()
	dir, files := t.TempDir(), os.DirFS(filepath.Join("..", "..", "testdata", "demo"))
	if err := demo.Ensure(context.Background(), files, filepath.Join(dir, "demo"), nil); err != nil {
		t.Fatal(err)
	}
	conf := &Config{Data: dir}
	if err := UseDemo(conf, files, filepath.Join(dir, "demo")); err != nil {
		t.Fatal(err)
	}
	ring, err := keys.Create()
	if err != nil {
		t.Fatal(err)
	}
	g, err := Open(context.Background(), conf, Options{Keys: ring, Log: slog.New(slog.DiscardHandler), Session: DemoSession()})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(g.HTTP)
	t.Cleanup(func() {
		srv.Close()
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	return srv
}

// secret is what callers type in; nothing that is said back may hold it.
const secret = "jane.roe@example.com"

// ask sends a body as JSON, from a support agent where the header says nobody else.
func ask(t *testing.T, srv *httptest.Server, body string, header map[string]string) (status int, raw []byte) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, srv.URL+"/graphql", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer demo-support-agent")
	for k, v := range header {
		req.Header.Set(k, v)
		if k == "Host" {
			req.Host = v
		}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if raw, err = io.ReadAll(resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, raw
}

func TestWhatIsNoFairRequestIsRefusedWithoutAnEcho(t *testing.T) {
	srv := served(t)
	query := func(text string) string {
		b, _ := json.Marshal(map[string]any{"query": text})
		return string(b)
	}
	for _, c := range []struct {
		name, body string
		header     map[string]string
		status     int
		code       string
	}{
		{"no token", query("{viewer{name}}"), map[string]string{"Authorization": ""}, 401, "UNAUTHENTICATED"},
		{"an unknown token", query("{viewer{name}}"), map[string]string{"Authorization": "Bearer " + secret}, 401, "UNAUTHENTICATED"},
		{"no JSON", secret, nil, 400, "BAD_INPUT"},
		{"a batch", "[" + query("{viewer{name}}") + "]", nil, 400, "BAD_INPUT"},
		{"two bodies in one", query("{viewer{name}}") + query("{viewer{name}}"), nil, 400, "BAD_INPUT"},
		{"too large a body", query("{viewer{name}}" + strings.Repeat(" ", 300<<10)), nil, 413, "BAD_INPUT"},
		{"a form", "query=" + secret, map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, 415, "BAD_INPUT"},
		{"a foreign page", query("{viewer{name}}"), map[string]string{"Origin": "https://evil.example"}, 403, "FORBIDDEN"},
		{"a foreign host", query("{viewer{name}}"), map[string]string{"Host": "evil.example"}, 421, "FORBIDDEN"},
		{"no GraphQL", query("{ " + secret), nil, 200, "GRAPHQL_PARSE_FAILED"},
		{"more than 1,000 tokens", query("{" + strings.Repeat("viewer{name} ", 400) + "}"), nil, 200, "GRAPHQL_PARSE_FAILED"},
		{"a text for a number", query(`{customers(first: "` + secret + `"){nodes{id}}}`), nil, 200, "GRAPHQL_VALIDATION_FAILED"},
		{"a number that is none", query(`{customers(first: 4930123456789012345678){nodes{id}}}`), nil, 200, "GRAPHQL_VALIDATION_FAILED"},
		{"a text for an object", query(`{lookup(by: "` + secret + `"){id}}`), nil, 200, "GRAPHQL_VALIDATION_FAILED"},
		{"an unknown enum value", query(`query($x: RecordKind = SECRETVALUE){viewer{name}}`), nil, 200, "GRAPHQL_VALIDATION_FAILED"},
		{"a malformed id", query(`{customer(id: "` + secret + `"){id}}`), nil, 200, "BAD_INPUT"},
		{"a malformed cursor", query(`{customers(after: "` + secret + `"){nodes{id}}}`), nil, 200, "BAD_INPUT"},
		{"a malformed e-mail", query(`{lookup(by: {email: "jane.roe at example.com"}){id}}`), nil, 200, "BAD_INPUT"},
		{"a malformed phone", query(`{lookup(by: {phone: "` + secret + `"}){id}}`), nil, 200, "BAD_INPUT"},
		{"no identifier", query(`query($b: LookupBy!){lookup(by: $b){id}}`), nil, 200, "GRAPHQL_VALIDATION_FAILED"},
		{"too many ids", query(`{customersById(ids: [` + strings.Repeat(`"x" `, 101) + `]){id}}`), nil, 200, "BAD_INPUT"},
		{"too costly", query(costly()), nil, 200, "TOO_COSTLY"},
		{"too costly by records that lead to customers that lead to records", query(`{customersById(ids: ["x" "x"]) {` + strings.Repeat("identity { records { customer { ", 3) + "id" + strings.Repeat("}}}", 3) + "}}"), nil, 200, "TOO_COSTLY"},
		{"too costly by what its variables are where it leaves them out", query(`query($i: [ID!]! = [` + strings.Repeat(`"x" `, 100) + `]) {customersById(ids: $i) {identity {records {customer {orders(first: 100) {nodes {id number}}}}}}}`), nil, 200, "TOO_COSTLY"},
		{"too costly by pages whose size is left out", query(`{customers(first: 100) {nodes {tickets(first: 100) {nodes {messages {id a: id b: id c: id d: id e: id}}}}}}`), nil, 200, "TOO_COSTLY"},
		{"too many representations", `{"query": "query($r: [_Any!]!) {_entities(representations: $r) {__typename}}", "variables": {"r": [` + strings.Repeat(`"`+secret+`", `, 100) + `1]}}`, nil, 200, "BAD_INPUT"},
		{"a representation of nothing", query(`{_entities(representations: [{__typename: "` + secret + `", id: "` + secret + `"}]) {__typename}}`), nil, 200, "BAD_INPUT"},
		{"no representation", query(`{_entities(representations: [null]) {__typename}}`), nil, 200, "GRAPHQL_VALIDATION_FAILED"},
		{"the published SDL without the scope", query(`{_service{sdl}}`), map[string]string{"Authorization": "Bearer demo-service"}, 200, "FORBIDDEN"},
		{"the same by an alias in a fragment", query(`{viewer{name} ...a} fragment a on Query {... @include(if: true) {name: _service{text: sdl}}}`), map[string]string{"Authorization": "Bearer demo-service"}, 200, "FORBIDDEN"},
		{"introspection without the scope", query(`{__schema{types{name}}}`), map[string]string{"Authorization": "Bearer demo-service"}, 200, "FORBIDDEN"},
	} {
		t.Run(c.name, func(t *testing.T) {
			header := map[string]string{"X-Purpose": "support.case"}
			maps.Copy(header, c.header)
			status, raw := ask(t, srv, c.body, header)
			var a struct {
				Errors []struct{ Extensions struct{ Code string } }
			}
			if err := json.Unmarshal(raw, &a); err != nil || len(a.Errors) == 0 {
				t.Fatalf("%d %s: no errors in JSON", status, raw)
			}
			if status != c.status || a.Errors[0].Extensions.Code != c.code {
				t.Errorf("%d %s, want %d %s\n%s", status, a.Errors[0].Extensions.Code, c.status, c.code, raw)
			}
			for _, value := range []string{secret, "jane.roe", "SECRETVALUE", "4930123456789012345"} {
				if strings.Contains(string(raw), value) {
					t.Errorf("the answer repeats what was sent: %s", raw)
				}
			}
		})
	}
}

// costly doubles in every fragment: small to write, endless to answer.
func costly() string {
	var b strings.Builder
	b.WriteString("{ a: customers(first: 100) { nodes { ...f } } b: customers(first: 100) { nodes { ...f } } }")
	b.WriteString("fragment f on Customer {")
	for i := range 24 {
		b.WriteString(" l" + string(rune('a'+i)) + ": orders(first: 100) { nodes { ...o } }")
	}
	b.WriteString("} fragment o on Order { id number status placedAt items { name sku } }")
	return b.String()
}

func TestDeclarationsOfPurposeMustAgree(t *testing.T) {
	srv := served(t)
	for _, c := range []struct{ name, header, extension, want string }{
		{"by header", "support.case", "", "support.case"},
		{"by extension", "", "support.case", "support.case"},
		{"by both", "support.case", "support.case", "support.case"},
		{"by both, differing", "support.case", "legal.request", ""},
		{"not held", "legal.request", "", ""},
		{"unknown", "curiosity", "", ""},
		{"a parent", "support", "", ""},
		{"none", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			body := map[string]any{"query": "{viewer{purpose}}"}
			if c.extension != "" {
				body["extensions"] = map[string]any{"purpose": c.extension}
			}
			text, _ := json.Marshal(body)
			header := map[string]string{}
			if c.header != "" {
				header["X-Purpose"] = c.header
			}
			_, raw := ask(t, srv, string(text), header)
			var a struct {
				Data struct{ Viewer struct{ Purpose *string } }
			}
			if err := json.Unmarshal(raw, &a); err != nil {
				t.Fatal(err)
			}
			got := ""
			if a.Data.Viewer.Purpose != nil {
				got = *a.Data.Viewer.Purpose
			}
			if got != c.want {
				t.Errorf("asks for %q, want %q", got, c.want)
			}
		})
	}
}

func TestThePublishedSDLIsTheSchemaAsItStands(t *testing.T) {
	srv := served(t)
	want, err := os.ReadFile(filepath.Join("..", "..", "schema.graphqls"))
	if err != nil {
		t.Fatal(err)
	}
	_, raw := ask(t, srv, `{"query": "{_service{sdl}}"}`, nil)
	var a struct {
		Data struct {
			Service struct{ SDL string } `json:"_service"`
		}
	}
	if err := json.Unmarshal(raw, &a); err != nil || a.Data.Service.SDL != string(want) {
		t.Errorf("%v, %d bytes, want %d", err, len(a.Data.Service.SDL), len(want))
	}
}

// Six full batches of a router go through in a minute, a seventh does not; the
// right to look up one by one is not used up by them.
func TestRecordsThatARouterNamesAreLimitedPerCaller(t *testing.T) {
	srv := served(t)
	as := func(role, body string) string {
		t.Helper()
		purpose := map[string]string{"support-agent": "support.case", "sales": "sales.pipeline"}[role]
		_, raw := ask(t, srv, body, map[string]string{"Authorization": "Bearer demo-" + role, "X-Purpose": purpose})
		return string(raw)
	}
	batch := func(n int) string {
		names := make([]string, 100)
		for i := range names {
			names[i] = fmt.Sprintf(`{"__typename": "SourceRecord", "source": "crm", "id": "%d"}`, 100*n+i)
		}
		return `{"query": "query($r: [_Any!]!) {_entities(representations: $r) {... on SourceRecord {id customer {id}}}}", "variables": {"r": [` + strings.Join(names, ",") + `]}}`
	}
	for n := range 6 {
		if got := as("support-agent", batch(n)); strings.Contains(got, "errors") {
			t.Fatalf("batch %d: %s", n+1, got)
		}
	}
	if got := as("support-agent", batch(6)); strings.Count(got, "RATE_LIMITED") != 1 || strings.Count(got, `"customer":null`) != 100 {
		t.Errorf("a seventh batch: %s", got)
	}
	if got := as("support-agent", `{"query": "{lookup(by: {record: {source: \"crm\", id: \"1\"}}) {id}}"}`); strings.Contains(got, "errors") {
		t.Errorf("one look-up: %s", got)
	}
	if got := as("sales", batch(6)); strings.Contains(got, "errors") {
		t.Errorf("another caller: %s", got)
	}
}
