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

// answerWithin is how long an operation may take with a system down: the
// configured timeout of 4 s, and something for a busy machine.
const answerWithin = 6 * time.Second

// erpKinds are the record kinds that customerFields asks of the ERP.
var erpKinds = []string{"BALANCE", "INVOICE", "ORDER", "PAYMENT", "PROFILE"}

// richest is a customer of both systems, with more in them than most.
func richest(answers []customer) customer {
	of := func(a customer) int {
		sources, rich := map[string]bool{}, 0
		for _, ref := range a.Identity.Records {
			sources[ref.Source] = true
		}
		for _, n := range []int{len(a.Deals.Nodes), len(a.Invoices.Nodes), len(a.Orders.Nodes), len(a.Payments.Nodes), len(s(a.Company))} {
			rich += min(n, 1)
		}
		return 10*len(sources) + rich
	}
	return slices.MaxFunc(answers, func(a, b customer) int { return of(a) - of(b) })
}

// oneDown stops the ERP, asks, and starts it again: the CRM's fields arrive in
// time, one error stands for each record kind that failed, and the gateway
// finds the ERP again by itself.
func oneDown(ctx context.Context, r *report, g *gateway, answers []customer, erp *system) error {
	before, wrong, err := g.one(ctx, richest(answers).ID)
	if err != nil || len(wrong) > 0 {
		return fmt.Errorf("before: %v %w", wrong, err)
	}
	erp.down()
	began := time.Now()
	during, wrong, err := g.one(ctx, before.ID)
	took := time.Since(began)
	r.check(fmt.Sprintf("the ERP down: the CRM's fields arrive, after %s", took.Round(time.Millisecond)), errors.Join(
		err, wantIf(took < answerWithin, "an answer within %s", answerWithin), withoutERP(during, before)))
	r.check("the ERP down: one error for each of "+strings.Join(erpKinds, ", ")+", and no other", wantCodes(wrong, "SOURCE_UNAVAILABLE"))
	r.check("the ERP down: its reading says so, the CRM's goes on", errors.Join(g.waitCode(ctx, "erp", "SOURCE_UNAVAILABLE"), g.waitSynced(ctx, "crm")))
	if err := erp.up(ctx); err != nil {
		return err
	}
	began = time.Now()
	err = sameAnswer(ctx, g, before)
	r.check(fmt.Sprintf("the ERP up again: found by itself, after %s", time.Since(began).Round(time.Millisecond)), err)
	return g.waitSynced(ctx, "crm", "erp")
}

// killed kills the ERP while many answers are under way: all come in time, the
// CRM's part in them, and the gateway finds it again.
func killed(ctx context.Context, r *report, g *gateway, answers []customer, erp *system) error {
	before := richest(answers)
	type answered struct {
		during customer
		wrong  []gqlError
		err    error
	}
	const many = 8
	all := make(chan answered, many)
	began := time.Now()
	for i := range many {
		go func() {
			time.Sleep(time.Duration(i) * 50 * time.Millisecond)
			during, wrong, err := g.one(ctx, before.ID)
			all <- answered{during, wrong, err}
		}()
	}
	time.Sleep(200 * time.Millisecond)
	err := erp.kill(ctx)
	failed := 0
	for range many {
		a := <-all
		err = errors.Join(err, a.err, wantIf(reflect.DeepEqual(a.during.Deals, before.Deals), "the CRM's deals"))
		for _, e := range a.wrong {
			failed++
			known := e.Extensions.Code == "SOURCE_UNAVAILABLE" || e.Extensions.Code == "SOURCE_TIMEOUT" // of those that queued for it
			err = errors.Join(err, wantIf(e.Extensions.Source == "erp" && known, "the ERP unavailable, got %v", e))
		}
	}
	r.check(fmt.Sprintf("the ERP killed under %d queries: the CRM's fields arrive in all, %d errors, after %s", many, failed, time.Since(began).Round(time.Millisecond)),
		errors.Join(err, wantIf(failed > 0, "errors of the ERP")))
	if err := erp.up(ctx); err != nil {
		return err
	}
	r.check("and started again, it is found again", sameAnswer(ctx, g, before))
	return nil
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

// withoutERP holds an answer against one from when the ERP was there.
func withoutERP(during, before customer) error {
	return errors.Join(
		wantIf(reflect.DeepEqual(during.Deals, before.Deals), "the same deals"),
		wantIf(s(during.Name) != "" && s(during.Company) == s(before.Company), "a name, and the same company"),
		wantIf(reflect.DeepEqual(during.Consents, before.Consents), "the same consents"),
		wantIf(reflect.DeepEqual(during.Identity, before.Identity), "the same records"),
		wantIf(len(during.Orders.Nodes)+len(during.Invoices.Nodes)+len(during.Payments.Nodes)+len(during.Summary.BalanceDue) == 0, "nothing of the ERP"),
	)
}

// wantCodes wants one error for each record kind of the ERP, with this code, and no other.
func wantCodes(wrong []gqlError, code string) error {
	var got, want []string
	for _, e := range wrong {
		got = append(got, e.Extensions.Source+" "+e.Extensions.Kind+" "+e.Extensions.Code)
	}
	for _, kind := range erpKinds {
		want = append(want, "erp "+kind+" "+code)
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
		return slices.ContainsFunc(a.Consents, func(k consent) bool { return s(k.Purpose) == "marketing.email" && s(k.Given) == "GRANTED" })
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
