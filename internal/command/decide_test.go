package command

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// asked is the value at a path of an answer, "decideMatch.customers.0.id".
func (a answer) asked(t *testing.T, path string) any {
	t.Helper()
	var v any = a.Data
	for step := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[step]
		case []any:
			n := 0
			if _, err := fmt.Sscan(step, &n); err != nil || n >= len(in) {
				t.Fatalf("%s: no %s in %s", path, step, a.Raw)
			}
			v = in[n]
		}
	}
	return v
}

// recordsOf are the records of each customer of a list, "crm/1 shop/2".
func recordsOf(t *testing.T, customers any) (out []string) {
	t.Helper()
	for _, c := range customers.([]any) {
		var refs []string
		for _, r := range c.(map[string]any)["identity"].(map[string]any)["records"].([]any) {
			refs = append(refs, fmt.Sprint(r.(map[string]any)["source"], "/", r.(map[string]any)["id"]))
		}
		out = append(out, strings.Join(refs, " "))
	}
	slices.Sort(out)
	return out
}

const ofIdentity = `{ id identity { records { source id } links { rule verified } events(first: 3) { kind decision { actor reason undone } } } }`

// TestAPersonMergesCustomersAndTakesItBack goes the whole way: the queue, a
// decision, what it makes of the customers, and all as it was.
func TestAPersonMergesCustomersAndTakesItBack(t *testing.T) {
	gateway := startDemo(t, nil)
	lead := func(query string, variables map[string]any) answer {
		t.Helper()
		a := gateway.ask(t, "support-lead", "support.case", query, variables)
		if len(a.Errors) > 0 {
			t.Fatalf("%s: %s", query, a.Raw)
		}
		return a
	}
	a := lead(`{ matchReviews(first: 1) { nodes { kind customer { id } other { id } link { levels { field level } } } pageInfo { endCursor } } }`, nil)
	ids := []any{a.asked(t, "matchReviews.nodes.0.customer.id"), a.asked(t, "matchReviews.nodes.0.other.id")}
	if a.asked(t, "matchReviews.nodes.0.kind") != "PAIR" || len(a.asked(t, "matchReviews.nodes.0.link.levels").([]any)) < 2 {
		t.Errorf("the queue begins with %s", a.Raw)
	}
	both := `query($ids: [ID!]!) { customersById(ids: $ids) ` + ofIdentity + ` }`
	before := recordsOf(t, lead(both, map[string]any{"ids": ids}).asked(t, "customersById"))

	a = lead(`mutation($in: MergeCustomersInput!) { mergeCustomers(input: $in) { customers `+ofIdentity+` decisions { id } userErrors { code } } }`,
		map[string]any{"in": map[string]any{"customers": ids, "reason": "he showed his passport"}})
	merged := recordsOf(t, a.asked(t, "mergeCustomers.customers"))
	if want := strings.Fields(strings.Join(before, " ")); len(merged) != 1 || len(strings.Fields(merged[0])) != len(want) {
		t.Fatalf("merged: %v out of %v", merged, before)
	}
	if actor := a.asked(t, "mergeCustomers.customers.0.identity.events.0.decision.actor"); actor != "demo-support-lead" {
		t.Errorf("decided by %v", actor)
	}
	var decisions []any
	for _, d := range a.asked(t, "mergeCustomers.decisions").([]any) {
		decisions = append(decisions, d.(map[string]any)["id"])
	}
	if a := gateway.ask(t, "support-agent", "support.case", both, map[string]any{"ids": ids[:1]}); strings.Contains(a.Raw, "passport") {
		t.Errorf("an agent is told why: %s", a.Raw)
	}
	undo := `mutation($in: UndoDecisionInput!) { undoDecision(input: $in) { customers ` + ofIdentity + ` userErrors { code } } }`
	again := map[string]any{"in": map[string]any{"decisions": decisions, "reason": "the wrong man"}}
	if got := recordsOf(t, lead(undo, again).asked(t, "undoDecision.customers")); !slices.Equal(got, before) {
		t.Errorf("taken back: %v, before %v", got, before)
	}
	if a := lead(undo, again); a.asked(t, "undoDecision.userErrors.0.code") != "CONFLICT" {
		t.Errorf("taken back twice: %s", a.Raw)
	}
	entries, err := gateway.Store.Audited(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	told := ""
	for _, e := range entries {
		for _, f := range e.Fields {
			if strings.HasPrefix(f.Coordinate, "Mutation.") {
				told += fmt.Sprint(e.Who, " ", f.Coordinate, " ", f.Outcome, "; ")
			}
		}
		if strings.Contains(fmt.Sprint(e), "passport") {
			t.Errorf("the audit log holds the reason: %v", e)
		}
	}
	want := "demo-support-lead Mutation.mergeCustomers BEGUN; demo-support-lead Mutation.mergeCustomers DONE; demo-support-lead Mutation.undoDecision BEGUN; demo-support-lead Mutation.undoDecision DONE; demo-support-lead Mutation.undoDecision BEGUN; "
	if told != want {
		t.Errorf("the audit log tells %q", told)
	}
}

// TestAMutationComesByPostFromAnAllowedPageAlone: a page that somebody visits
// must not decide in their name.
func TestAMutationComesByPostFromAnAllowedPageAlone(t *testing.T) {
	gateway := startDemo(t, nil)
	const query = `mutation { undoDecision(input: {decisions: ["x"], reason: "x"}) { userErrors { code } } }`
	for _, c := range []struct {
		name, method, query, body, media, origin string
		status                                   int
	}{
		{"by GET", "GET", "?query=mutation%7BundoDecision(input:%7Bdecisions:%5B%22x%22%5D,reason:%22x%22%7D)%7BuserErrors%7Bcode%7D%7D%7D", "", "application/json", "", http.StatusMethodNotAllowed},
		{"as a form", "POST", "", "query=" + query, "application/x-www-form-urlencoded", "", http.StatusUnsupportedMediaType},
		{"as plain text", "POST", "", `{"query": "` + strings.ReplaceAll(query, `"`, `\"`) + `"}`, "text/plain", "", http.StatusUnsupportedMediaType},
		{"from a foreign page", "POST", "", `{"query": "` + strings.ReplaceAll(query, `"`, `\"`) + `"}`, "application/json", "https://elsewhere.example", http.StatusForbidden},
		{"by POST", "POST", "", `{"query": "` + strings.ReplaceAll(query, `"`, `\"`) + `"}`, "application/json", "", http.StatusOK},
	} {
		req, err := http.NewRequest(c.method, gateway.url+"/graphql"+c.query, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer demo-support-lead")
		req.Header.Set("X-Purpose", "support.case")
		req.Header.Set("Content-Type", c.media)
		if c.origin != "" {
			req.Header.Set("Origin", c.origin)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != c.status {
			t.Errorf("%s: status %d, want %d", c.name, resp.StatusCode, c.status)
		}
	}
}
