package door_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"customer360/idgraph"
	"customer360/idgraph/audit"
	"customer360/idgraph/consent"
	"customer360/resolvers/door"
)

const (
	decideMatch   = `mutation($in: DecideMatchInput!) { m: decideMatch(input: $in) { customers { name } decisions { id same actor reason from { id } to { id } } userErrors { code field message } } }`
	splitCustomer = `mutation($in: SplitCustomerInput!) { m: splitCustomer(input: $in) { customers { name } decisions { same } userErrors { code field message } } }`
	mergeAll      = `mutation($in: MergeCustomersInput!) { m: mergeCustomers(input: $in) { customers { id } decisions { same } userErrors { code field message } } }`
	undoDecision  = `mutation($in: UndoDecisionInput!) { m: undoDecision(input: $in) { customers { name } userErrors { code field message } } }`
)

func input(fields ...any) map[string]any {
	out := map[string]any{}
	for i := 0; i < len(fields); i += 2 {
		out[fields[i].(string)] = fields[i+1]
	}
	return out
}

func rec(source, id string) map[string]any { return input("source", source, "id", id) }

func TestADecisionIsTakenUnderTheCallersName(t *testing.T) {
	c := &clerk{}
	r := house(t, c.employ)
	a := r.ask(lead, decideMatch, "in", input("from", rec("shop", "2"), "to", rec("crm", "1"), "same", true, "reason", " She called. ")).fine()
	a.is("m.customers.0.name", `"Otto Stein"`)
	a.is("m.customers.1.name", `"Maria Gold"`)
	a.is("m.decisions.0.reason", `"She called."`)
	a.is("m.decisions.0.actor", `"lead"`)
	a.is("m.decisions.0.from.id", `"1"`)
	if want := "[{1 crm/1 shop/2 true 2026-03-01 12:00:00 +0000 UTC lead She called. false}]"; fmt.Sprint(c.decided) != want {
		t.Errorf("decided %v, want %s", c.decided, want)
	}
	r.ask(lead, undoDecision, "in", input("decisions", []any{a.at("m.decisions.0.id")}, "reason", "it was her sister")).fine().is("m.customers.1.name", `"Otto Stein"`)
	if fmt.Sprint(c.undone) != "[1]" {
		t.Errorf("undone %v", c.undone)
	}
}

func TestWhatIsDecidedStandsInTheAuditLogBefore(t *testing.T) {
	c := &clerk{}
	r := house(t, c.employ)
	c.decide = func([]idgraph.Decision) error {
		if e := r.audit.entries; len(e) != 1 || !r.audit.durable[0] || fmt.Sprint(e[0].Subjects, e[0].Fields) != "[1 2] [{Mutation.decideMatch BEGUN 1}]" || e[0].Who != "lead" {
			t.Errorf("before: %+v", e)
		}
		return nil
	}
	in := input("from", rec("crm", "1"), "to", rec("crm", "2"), "same", false, "reason", "twins")
	r.ask(lead, decideMatch, "in", in).fine()
	done := func(e audit.Entry) bool {
		return e.Fields[0] == audit.Field{Coordinate: "Mutation.decideMatch", Outcome: "DONE", Count: 1}
	}
	if e := r.audit.entries; len(e) != 2 || !r.audit.durable[1] || !done(e[1]) || len(e[1].Subjects) != 2 || !e[1].Lookup {
		t.Errorf("after: %+v", e)
	}
	for _, e := range r.audit.entries {
		if strings.Contains(fmt.Sprint(e), "twins") {
			t.Errorf("the reason stands in the log: %+v", e)
		}
	}
	r.audit.err = errors.New("disk full")
	c.decide = nil
	if a := r.ask(lead, decideMatch, "in", in); a.codes() != "INTERNAL" || len(c.decided) != 1 {
		t.Errorf("decided without a record of it: %v, %s", c.decided, a.body)
	}
}

func TestWhoMayDecide(t *testing.T) {
	scoped := func(w who) who { w.caller.Scopes = []string{"identity:decide"}; return w }
	purposeless := lead
	purposeless.purpose = ""
	for _, tc := range []struct {
		name string
		as   who
		code string
	}{
		{"a support lead", lead, ""},
		{"a privacy officer", officer, ""},
		{"an agent whose token has the scope", scoped(agent), ""},
		{"an agent", agent, "FORBIDDEN"},
		{"a lead who says no purpose", purposeless, "FORBIDDEN"},
		{"an analyst, who is shown no identities", scoped(analyst), "FORBIDDEN"},
		{"marketing, which is shown parts of identities alone", scoped(marketing), "FORBIDDEN"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := &clerk{}
			a := house(t, c.employ).ask(tc.as, decideMatch, "in", input("from", rec("crm", "1"), "to", rec("crm", "2"), "same", true, "reason", "x"))
			code := a.codes()
			if code == "" {
				code, _ = a.at("m.userErrors.0.code").(string)
			}
			if code != tc.code || len(c.decided) > 0 != (tc.code == "") {
				t.Errorf("%q, decided %v: %s", code, c.decided, a.body)
			}
		})
	}
}

func TestWhatIsWrongWithADecision(t *testing.T) {
	c := &clerk{}
	r := house(t, c.employ)
	_ = r.ledger.Append(context.Background(), []consent.Event{{Ref: refOf("crm", "2"), State: consent.Restricted, At: *day(1)}})
	third := r.people.customers[1]
	third.ID, third.Refs, third.Links = 3, []idgraph.Ref{refOf("crm", "3")}, nil
	r.people.customers[3] = third
	merged := third
	merged.RedirectedFrom = 4
	r.people.customers[4] = merged
	decision := func(seq, a, b string) string { return r.ring.Seal("decision", seq, "crm", a, "crm", b) }
	many := make([]any, 11)
	for i := range many {
		many[i] = r.id(1)
	}
	for _, tc := range []struct {
		name     string
		mutation string
		in       map[string]any
		want     string
	}{
		{"no reason", decideMatch, input("from", rec("crm", "1"), "to", rec("crm", "3"), "same", true, "reason", "\n "), "BAD_INPUT input.reason"},
		{"a long reason", decideMatch, input("from", rec("crm", "1"), "to", rec("crm", "3"), "same", true, "reason", strings.Repeat("é", 501)), "BAD_INPUT input.reason"},
		{"a reason that rings", decideMatch, input("from", rec("crm", "1"), "to", rec("crm", "3"), "same", true, "reason", "a\x07"), "BAD_INPUT input.reason"},
		{"a reason that turns the line around", decideMatch, input("from", rec("crm", "1"), "to", rec("crm", "3"), "same", true, "reason", "\u202erehtaf"), "BAD_INPUT input.reason"},
		{"a reason that was no text", decideMatch, input("from", rec("crm", "1"), "to", rec("crm", "3"), "same", true, "reason", "\ufffd"), "BAD_INPUT input.reason"},
		{"a reason of nothing to see", decideMatch, input("from", rec("crm", "1"), "to", rec("crm", "3"), "same", true, "reason", "\u200b\u200b"), "BAD_INPUT input.reason"},
		{"a record and itself", decideMatch, input("from", rec("crm", "1"), "to", rec("crm", "1"), "same", true, "reason", "x"), "BAD_INPUT input.to"},
		{"an unknown record", decideMatch, input("from", rec("crm", "1"), "to", rec("crm", "99"), "same", true, "reason", "x"), "NOT_FOUND input.to"},
		{"an unknown source", decideMatch, input("from", rec("nowhere", "1"), "to", rec("crm", "1"), "same", true, "reason", "x"), "NOT_FOUND input.from"},
		{"a record of somebody who is not shown", decideMatch, input("from", rec("crm", "1"), "to", rec("crm", "2"), "same", true, "reason", "x"), "NOT_FOUND input.to"},
		{"no record to split off", splitCustomer, input("customer", r.id(1), "records", []any{}, "reason", "x"), "BAD_INPUT input.records"},
		{"somebody else's record", splitCustomer, input("customer", r.id(1), "records", []any{rec("erp", "1"), rec("crm", "3")}, "reason", "x"), "NOT_FOUND input.records.1"},
		{"a record twice", splitCustomer, input("customer", r.id(1), "records", []any{rec("erp", "1"), rec("erp", "1")}, "reason", "x"), "BAD_INPUT input.records.1"},
		{"all records", splitCustomer, input("customer", r.id(3), "records", []any{rec("crm", "3")}, "reason", "x"), "BAD_INPUT input.records"},
		{"a customer that is no id", splitCustomer, input("customer", "1", "records", []any{rec("crm", "1")}, "reason", "x"), "BAD_INPUT input.customer"},
		{"an unknown customer", splitCustomer, input("customer", r.id(99), "records", []any{rec("crm", "1")}, "reason", "x"), "NOT_FOUND input.customer"},
		{"one customer to merge", mergeAll, input("customers", []any{r.id(1)}, "reason", "x"), "BAD_INPUT input.customers"},
		{"too many", mergeAll, input("customers", many, "reason", "x"), "BAD_INPUT input.customers"},
		{"a customer with itself", mergeAll, input("customers", []any{r.id(1), r.id(1)}, "reason", "x"), "CONFLICT input.customers.1"},
		{"customers who are one already", mergeAll, input("customers", []any{r.id(1), r.id(3), r.id(4)}, "reason", "x"), "CONFLICT input.customers.2"},
		{"a customer who is not shown", mergeAll, input("customers", []any{r.id(1), r.id(2)}, "reason", "x"), "NOT_FOUND input.customers.1"},
		{"no decision to undo", undoDecision, input("decisions", []any{}, "reason", "x"), "BAD_INPUT input.decisions"},
		{"a decision that is none", undoDecision, input("decisions", []any{r.id(1)}, "reason", "x"), "BAD_INPUT input.decisions.0"},
		{"a decision twice", undoDecision, input("decisions", []any{decision("1", "1", "3"), decision("1", "1", "3")}, "reason", "x"), "BAD_INPUT input.decisions.1"},
		{"a decision about somebody who is not shown", undoDecision, input("decisions", []any{decision("1", "1", "3"), decision("2", "1", "2")}, "reason", "x"), "NOT_FOUND input.decisions.1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := r.ask(lead, tc.mutation, "in", tc.in).fine()
			var path []string
			fields, _ := a.at("m.userErrors.0.field").([]any)
			for _, f := range fields {
				path = append(path, f.(string))
			}
			if got := fmt.Sprint(a.at("m.userErrors.0.code"), " ", strings.Join(path, ".")); got != tc.want {
				t.Errorf("got %s, want %s: %s", got, tc.want, a.body)
			}
			a.is("m.customers", `null`)
		})
	}
	if len(c.decided)+len(c.undone) > 0 {
		t.Errorf("decided %v, undone %v", c.decided, c.undone)
	}
	c.undo = func([]int64) error { return fmt.Errorf("undo 1: %w", idgraph.ErrUnknownDecision) }
	r.ask(lead, undoDecision, "in", input("decisions", []any{decision("1", "1", "3")}, "reason", "x")).fine().is("m.userErrors.0.code", `"CONFLICT"`)
	c.decide = func([]idgraph.Decision) error { return fmt.Errorf("decide: %w", idgraph.ErrUnknownRecord) }
	r.ask(lead, mergeAll, "in", input("customers", []any{r.id(1), r.id(3)}, "reason", "x")).fine().is("m.userErrors.0.code", `"CONFLICT"`)
}

func TestASplitPartsEachRecordThatLeavesFromEachThatStays(t *testing.T) {
	c := &clerk{}
	r := house(t, c.employ)
	r.ask(lead, splitCustomer, "in", input("customer", r.id(1), "records", []any{rec("shop", "1"), rec("erp", "1")}, "reason", "her mother")).fine().is("m.decisions", `[{"same":false},{"same":false},{"same":false},{"same":false}]`)
	var pairs []string
	for _, d := range c.decided {
		pairs = append(pairs, fmt.Sprint(d.A, "-", d.B))
	}
	if got := strings.Join(pairs, " "); got != "crm/1-shop/1 desk/1-shop/1 crm/1-erp/1 desk/1-erp/1" {
		t.Errorf("pairs %s", got)
	}
}

func TestAMergeLeavesInDoubtWhatIs(t *testing.T) {
	c := &clerk{}
	r := house(t, c.employ)
	doubting(r, [3]string{"crm", "erp", "SAME_EMAIL"}, [3]string{"crm", "desk", "NAME_AND_BIRTH_DATE"}, [3]string{"erp", "shop", "SIMILAR_RECORDS"})
	r.ask(lead, mergeAll, "in", input("customers", []any{r.id(1), r.id(2)}, "reason", "married")).fine()
	if len(c.decided) != 2*4 {
		t.Errorf("%d decisions, want those of her two sure records with his four", len(c.decided))
	}
	for _, d := range c.decided {
		for _, ref := range []idgraph.Ref{d.A, d.B} {
			if !d.Same || ref == refOf("shop", "1") || ref == refOf("desk", "1") {
				t.Errorf("decided %v", d)
			}
		}
	}
}

// The first mutation makes one customer of two; the second, of the same
// operation, sees that.
func TestMutationsOfOneOperationSeeOneAnother(t *testing.T) {
	c := &clerk{}
	r := house(t, c.employ)
	c.decide = func(d []idgraph.Decision) error {
		maria, otto := r.people.customers[1], r.people.customers[2]
		if d[0].Same {
			maria.Refs = append(append([]idgraph.Ref{}, maria.Refs...), otto.Refs...)
			maria.Links = append(append(append([]idgraph.Link{}, maria.Links...), otto.Links...), idgraph.Link{A: d[0].A, B: d[0].B, Rule: idgraph.Confirmed})
			r.people.customers[1] = maria
			maria.RedirectedFrom = 2
			r.people.customers[2] = maria
		}
		return nil
	}
	a := r.ask(lead, `mutation($m: MergeCustomersInput!, $again: MergeCustomersInput!) {
		m: mergeCustomers(input: $m) { customers { id identity { records { id source } links { rule } } } }
		again: mergeCustomers(input: $again) { customers { id } userErrors { code } }
	}`, "m", input("customers", []any{r.id(1), r.id(2)}, "reason", "x"), "again", input("customers", []any{r.id(2), r.id(1)}, "reason", "x")).fine()
	a.is("m.customers.1", `null`)
	if records := a.at("m.customers.0.identity.records").([]any); len(records) != 8 {
		t.Errorf("%d records: %s", len(records), a.body)
	}
	a.is("again.userErrors.0.code", `"CONFLICT"`)
}

func TestTooManyDecisionsInAMinute(t *testing.T) {
	c := &clerk{}
	r := house(t, func(to *door.Config) { c.employ(to); to.MayName = func(string, int) bool { return false } })
	if a := r.ask(lead, decideMatch, "in", input("from", rec("crm", "1"), "to", rec("crm", "2"), "same", true, "reason", "x")); a.codes() != "RATE_LIMITED" || len(c.decided) > 0 {
		t.Errorf("%s", a.body)
	}
}
