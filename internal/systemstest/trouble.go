package main

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

const (
	// callTimeout is what the gateway is told that one call may take.
	callTimeout = 4 * time.Second
	// answerWithin is how long an operation may take with a system down: that,
	// and something for a busy machine.
	answerWithin = callTimeout + 2*time.Second
)

// richest is a customer of a source and as many others as there are, with more
// in them than most.
func richest(answers []customer, source string) customer {
	of := func(a customer) int {
		sources, rich := map[string]bool{}, 0
		for _, ref := range a.Identity.Records {
			sources[ref.Source] = true
		}
		for _, n := range []int{len(a.Deals.Nodes), len(a.Invoices.Nodes), len(a.Orders.Nodes), len(a.Payments.Nodes), len(a.Tickets.Nodes), len(s(a.Company))} {
			rich += min(n, 1)
		}
		if !sources[source] {
			return -1
		}
		return 10*len(sources) + rich
	}
	return slices.MaxFunc(answers, func(a, b customer) int { return of(a) - of(b) })
}

// others are the names of the systems beside one.
func (f fleet) others(down *system) []string {
	return slices.DeleteFunc(f.names(), func(name string) bool { return name == down.name })
}

// oneDown stops a system, asks, and starts it again: the others' fields arrive
// in time, one error stands for each record kind that failed, and the gateway
// finds the system again by itself.
func oneDown(ctx context.Context, r *report, g *gateway, answers []customer, down *system, running fleet) error {
	before, err := g.whole(ctx, richest(answers, down.name).ID)
	if err != nil {
		return fmt.Errorf("before: %w", err)
	}
	down.down()
	began := time.Now()
	during, wrong, err := g.one(ctx, before.ID)
	took := time.Since(began)
	others := running.others(down)
	r.check(fmt.Sprintf("%s down: the fields of %s arrive, after %d ms", down.name, strings.Join(others, ", "), took.Milliseconds()), errors.Join(
		err, wantIf(took < answerWithin, "an answer within %s", answerWithin), without(down.name, during, before)))
	r.check(fmt.Sprintf("%s down: one error for each of %s, and no other", down.name, strings.Join(down.kinds, ", ")), wantCodes(wrong, down, "SOURCE_UNAVAILABLE"))
	r.check(down.name+" down: its reading says so, the others' go on", errors.Join(g.waitCode(ctx, down.name, "SOURCE_UNAVAILABLE"), g.waitSynced(ctx, others...)))
	if err := down.up(ctx); err != nil {
		return err
	}
	began = time.Now()
	err = sameAnswer(ctx, g, before)
	r.check(fmt.Sprintf("%s up again: found by itself, %.1f s after its start", down.name, time.Since(began).Seconds()), err)
	return g.waitSynced(ctx, running.names()...)
}

// killed kills the ERP while many answers of it and the CRM are under way: all
// come in time, the CRM's part in them, and the gateway finds it again.
func killed(ctx context.Context, r *report, g *gateway, answers []customer, erp *system) error {
	const queries = 8
	before, err := g.whole(ctx, richest(answers, erp.name).ID)
	if err != nil {
		return fmt.Errorf("before: %w", err)
	}
	type answered struct {
		during customer
		wrong  []gqlError
		err    error
	}
	ask := func() (a answered) {
		var data struct{ Customer customer }
		a.wrong, a.err = g.ask(ctx, `query ($id: ID!) {customer(id: $id) {deals(first: 100) {nodes {source number title stage amount {amount currency} openedAt}}
			invoices {nodes {number}} payments {nodes {invoiceNumber}} summary {balanceDue {amount}}}}`, row{"id": before.ID}, &data)
		a.during = data.Customer
		return a
	}
	all := make(chan answered, queries)
	began := time.Now()
	for i := range queries {
		go func() {
			time.Sleep(time.Duration(i) * 50 * time.Millisecond)
			all <- ask()
		}()
	}
	time.Sleep(200 * time.Millisecond)
	err = erp.kill(ctx)
	failed := 0
	for range queries {
		a := <-all
		err = errors.Join(err, a.err, wantIf(slices.Equal(tuples(a.during.Deals.Nodes, deal.tuple), tuples(before.Deals.Nodes, deal.tuple)), "the CRM's deals"))
		for _, e := range a.wrong {
			failed++
			known := e.Extensions.Code == "SOURCE_UNAVAILABLE" || e.Extensions.Code == "SOURCE_TIMEOUT" // of those that queued for it
			err = errors.Join(err, wantIf(e.Extensions.Source == "erp" && known, "the ERP unavailable, got %v", e))
		}
	}
	r.check(fmt.Sprintf("the ERP killed under %d queries: the CRM's fields arrive in all, %d errors, after %s", queries, failed, time.Since(began).Round(time.Millisecond)),
		errors.Join(err, wantIf(failed > 0, "errors of the ERP")))
	if err := erp.up(ctx); err != nil {
		return err
	}
	r.check("and started again, it is found again", sameAnswer(ctx, g, before))
	return nil
}

// whole is a customer whom every system answers for: one that has just been
// started may refuse a call or two.
func (g *gateway) whole(ctx context.Context, id string) (whole customer, err error) {
	err = within(ctx, 10*time.Second, func() error {
		found, wrong, err := g.one(ctx, id)
		whole = found
		return errors.Join(err, wantIf(len(wrong) == 0, "no errors, got %v", wrong))
	})
	return whole, err
}

// sameAnswer waits until a customer is answered as before.
func sameAnswer(ctx context.Context, g *gateway, before customer) error {
	return within(ctx, time.Minute, func() error {
		after, wrong, err := g.one(ctx, before.ID)
		if err != nil || len(wrong) > 0 {
			return fmt.Errorf("%d errors: %w", len(wrong), orNone(err))
		}
		return wantIf(reflect.DeepEqual(after, before), "the same answer as before")
	})
}

// without holds an answer against one from when a source was there: nothing of
// it is in it, and everything of the others.
func without(source string, during, before customer) error {
	var errs []error
	rows := func(field string, during, before []string) {
		of := func(row string) bool { return strings.HasPrefix(row, source+"|") }
		errs = append(errs,
			wantIf(!slices.ContainsFunc(during, of), "no %s of %s", field, source),
			wantIf(slices.Equal(during, slices.DeleteFunc(before, of)), "the same %s of the others", field))
	}
	rows("deals", tuples(during.Deals.Nodes, deal.tuple), tuples(before.Deals.Nodes, deal.tuple))
	rows("invoices", tuples(during.Invoices.Nodes, invoice.tuple), tuples(before.Invoices.Nodes, invoice.tuple))
	rows("payments", tuples(during.Payments.Nodes, payment.tuple), tuples(before.Payments.Nodes, payment.tuple))
	rows("orders", tuples(during.Orders.Nodes, order.tuple), tuples(before.Orders.Nodes, order.tuple))
	rows("tickets", tuples(during.Tickets.Nodes, ticket.tuple), tuples(before.Tickets.Nodes, ticket.tuple))
	for _, e := range during.Emails {
		errs = append(errs, wantIf(e.Source != source, "no e-mail address of %s", source))
	}
	for _, e := range before.Emails {
		errs = append(errs, wantIf(e.Source == source || slices.Contains(during.Emails, e), "the e-mail addresses of %s", e.Source))
	}
	if source != "erp" {
		errs = append(errs, wantIf(reflect.DeepEqual(during.Summary.BalanceDue, before.Summary.BalanceDue), "the same balance"))
	}
	return errors.Join(append(errs,
		wantIf(s(during.Name) != "", "a name"),
		wantIf(reflect.DeepEqual(during.Consents, before.Consents), "the same consents"),
		wantIf(reflect.DeepEqual(during.Identity, before.Identity), "the same records"))...)
}

// wantCodes wants one error for each record kind of a system, with this code,
// and no other.
func wantCodes(wrong []gqlError, of *system, code string) error {
	var got, want []string
	for _, e := range wrong {
		said := e.Extensions.Code
		if code == "SOURCE_TIMEOUT" && said == "SOURCE_RATE_LIMITED" {
			said = code // of a call that waited for the others and never left
		}
		got = append(got, e.Extensions.Source+" "+e.Extensions.Kind+" "+said)
	}
	for _, kind := range of.kinds {
		want = append(want, of.name+" "+kind+" "+code)
	}
	slices.Sort(got)
	return wantIf(slices.Equal(got, want), "%s; got %s", strings.Join(want, ", "), strings.Join(got, ", "))
}

// sessionExpires takes the gateway's sessions away: it logs in again, and
// nobody notices.
func sessionExpires(ctx context.Context, r *report, g *gateway, answers []customer, crm *system) error {
	if err := crm.sql(ctx, "delete from ir_session"); err != nil {
		return err
	}
	_, wrong, err := g.one(ctx, answers[0].ID)
	r.check("an expired session is renewed without an error", errors.Join(err, wantIf(len(wrong) == 0, "no error, got %v", wrong)))
	crm.rpc, err = login(ctx, crm.url)
	return err
}

// consentWithdrawn deactivates a newsletter subscription in the CRM, which
// moves no contact: the gateway hears of it all the same.
func consentWithdrawn(ctx context.Context, r *report, g *gateway, answers []customer, crm *system) error {
	given := func(a customer) bool {
		return slices.ContainsFunc(a.Consents, func(k consent) bool {
			return s(k.Purpose) == "marketing.email" && s(k.Given) == "GRANTED" && s(k.HeldBy) == "crm"
		})
	}
	i := slices.IndexFunc(answers, given)
	if i < 0 {
		return errors.New("nobody has subscribed to the newsletter: seed more")
	}
	var addresses []string
	for _, e := range answers[i].Emails {
		addresses = append(addresses, strings.ToLower(e.Address))
	}
	rows, err := crm.rpc.read(ctx, "marketing.email", []any{[]any{"email", "in", addresses}}, "id")
	if err != nil || len(rows) == 0 {
		return fmt.Errorf("the subscription: %w", orTooFew(err))
	}
	var ids []any
	for _, row := range rows {
		ids = append(ids, row["id"])
	}
	if err := crm.rpc.write(ctx, "marketing.email", ids, row{"active": false}); err != nil {
		return err
	}
	began := time.Now()
	err = within(ctx, 30*time.Second, func() error {
		a, _, err := g.one(ctx, answers[i].ID)
		return errors.Join(err, wantIf(!given(a), "the consent gone"))
	})
	r.check(fmt.Sprintf("a subscription withdrawn in the CRM counts after %s", time.Since(began).Round(time.Millisecond)), err)
	return crm.rpc.write(ctx, "marketing.email", ids, row{"active": true})
}

func wantIf(ok bool, format string, args ...any) error {
	if ok {
		return nil
	}
	return fmt.Errorf("want "+format, args...)
}

func orNone(err error) error {
	if err != nil {
		return err
	}
	return errors.New("and data")
}
