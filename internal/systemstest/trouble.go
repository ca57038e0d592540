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
// gateway's default of 5 s, and something for a busy machine.
const answerWithin = 6 * time.Second

// oneDown stops the ERP, asks, and starts it again: the CRM's fields arrive in
// time, one error stands for each record kind that failed, and the gateway
// finds the ERP again by itself.
func oneDown(ctx context.Context, r *report, g *gateway, answers []customer, erp *system) error {
	i := slices.IndexFunc(answers, func(a customer) bool {
		return len(a.Identity.Records) > 1 && len(a.Deals.Nodes) > 0 && len(a.Invoices.Nodes) > 0 && len(a.Orders.Nodes) > 0
	})
	if i < 0 {
		return errors.New("nobody has deals in the CRM and invoices in the ERP: seed more")
	}
	before, wrong, err := g.one(ctx, answers[i].ID)
	if err != nil || len(wrong) > 0 {
		return fmt.Errorf("before: %v %w", wrong, err)
	}
	erp.down()
	began := time.Now()
	during, wrong, err := g.one(ctx, before.ID)
	took := time.Since(began)
	if err != nil {
		return err
	}
	r.check(fmt.Sprintf("the ERP down: the CRM's fields arrive, after %s", took.Round(time.Millisecond)), errors.Join(
		wantIf(took < answerWithin, "an answer within %s", answerWithin),
		wantIf(reflect.DeepEqual(during.Deals, before.Deals), "the same deals"),
		wantIf(s(during.Name) != "" && s(during.Company) == s(before.Company), "a name, and the same company"),
		wantIf(reflect.DeepEqual(during.Consents, before.Consents), "the same consents"),
		wantIf(reflect.DeepEqual(during.Identity, before.Identity), "the same records"),
		wantIf(len(during.Orders.Nodes)+len(during.Invoices.Nodes)+len(during.Payments.Nodes)+len(during.Summary.BalanceDue) == 0, "nothing of the ERP"),
	))
	var said []string
	for _, e := range wrong {
		said = append(said, e.Extensions.Source+" "+e.Extensions.Kind+" "+e.Extensions.Code)
	}
	slices.Sort(said)
	want := []string{"erp BALANCE SOURCE_UNAVAILABLE", "erp INVOICE SOURCE_UNAVAILABLE", "erp ORDER SOURCE_UNAVAILABLE", "erp PAYMENT SOURCE_UNAVAILABLE", "erp PROFILE SOURCE_UNAVAILABLE"}
	r.check("the ERP down: one error for each record kind that failed", wantIf(slices.Equal(said, want), "%s; got %s", strings.Join(want, ", "), strings.Join(said, ", ")))
	if err := erp.up(ctx); err != nil {
		return err
	}
	began = time.Now()
	err = within(ctx, time.Minute, func() error {
		after, wrong, err := g.one(ctx, before.ID)
		if err != nil || len(wrong) > 0 {
			return fmt.Errorf("%d errors: %w", len(wrong), orNone(err))
		}
		return wantIf(reflect.DeepEqual(after, before), "the same answer as before")
	})
	r.check(fmt.Sprintf("the ERP up again: found by itself, after %s", time.Since(began).Round(time.Millisecond)), err)
	return nil
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
