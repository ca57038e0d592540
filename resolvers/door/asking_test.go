package door_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"customer360/resolvers/door"
)

// An answer is what a caller got.
type answer struct {
	t    testing.TB
	body string
	Data map[string]any
	Errs []struct {
		Message    string
		Path       []any
		Extensions map[string]any
	} `json:"errors"`
	Extensions struct {
		Privacy door.Privacy
		Sources []door.SourceReport
	}
}

// ask sends one operation.
func (r *rig) ask(as who, query string, variables ...any) *answer {
	r.t.Helper()
	vars := map[string]any{}
	for i := 0; i+1 < len(variables); i += 2 {
		vars[variables[i].(string)] = variables[i+1]
	}
	body, err := json.Marshal(map[string]any{"query": query, "variables": vars})
	if err != nil {
		r.t.Fatal(err)
	}
	req := httptest.NewRequest("POST", "/graphql", bytes.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	req = req.WithContext(context.WithValue(req.Context(), whoKey{}, as))
	rec := httptest.NewRecorder()
	r.serve.ServeHTTP(rec, req)
	a := &answer{t: r.t, body: rec.Body.String()}
	if err := json.Unmarshal(rec.Body.Bytes(), a); err != nil {
		r.t.Fatalf("%v: %s", err, a.body)
	}
	return a
}

// at follows a path through the data: "customer.orders.nodes.0.number".
func (a *answer) at(path string) any {
	a.t.Helper()
	var v any = a.Data
	for step := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(in) {
				return nil
			}
			v = in[i]
		default:
			return nil
		}
	}
	return v
}

// is sees that a path holds a value, written as JSON.
func (a *answer) is(path, want string) {
	a.t.Helper()
	got, err := json.Marshal(a.at(path))
	if err != nil || string(got) != want {
		a.t.Errorf("%s is %s, want %s\n%s", path, got, want, a.body)
	}
}

// codes are the codes of all errors, in order.
func (a *answer) codes() string {
	var out []string
	for _, e := range a.Errs {
		code, _ := e.Extensions["code"].(string)
		out = append(out, code)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// fine sees that there are no errors.
func (a *answer) fine() *answer {
	a.t.Helper()
	if len(a.Errs) > 0 {
		a.t.Errorf("errors: %s", a.body)
	}
	return a
}
