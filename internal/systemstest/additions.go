package main

import (
	"context"
	"fmt"
	"time"
)

// additions: the seeders leave some fields empty that the gateway answers. Each
// step looks before it writes, so that a kept state can be run again.

// addToCRM gives some contacts a language and one a deactivated address, and
// deactivates another one whole.
func addToCRM(ctx context.Context, s *system) error {
	people, err := s.rpc.read(ctx, "party.party", []any{[]any{"contact_mechanisms.type", "=", "email"}}, "id")
	if err != nil || len(people) < 4 {
		return fmt.Errorf("%d contacts with an e-mail address: %w", len(people), orTooFew(err))
	}
	if err := speak(ctx, s, people, "pt", "de"); err != nil {
		return err
	}
	last := people[len(people)-1]["id"]
	phones, err := s.rpc.read(ctx, "party.contact_mechanism", []any{[]any{"party", "=", last}, []any{"type", "=", "other"}}, "id")
	if err == nil && len(phones) == 0 {
		_, err = s.rpc.model(ctx, "model.party.contact_mechanism.create", nil, []any{
			row{"party": last, "type": "other", "value": "by pigeon"}, row{"party": last, "type": "email", "value": "moved.away@example.org", "active": false},
		})
	}
	if err != nil {
		return err
	}
	return s.rpc.write(ctx, "party.party", []any{people[len(people)-2]["id"]}, row{"active": false})
}

// addToERP gives products their codes, addresses in Boston their state, some
// parties a language, and pays four of the first eight invoices: two in full, two in part.
func addToERP(ctx context.Context, s *system) error {
	products, err := s.rpc.read(ctx, "product.product", []any{}, "id", "code")
	if err != nil {
		return err
	}
	for i, p := range products {
		if p["code"] == nil && i%2 == 0 {
			if err := s.rpc.write(ctx, "product.product", []any{p["id"]}, row{"suffix_code": fmt.Sprintf("SKU-%d", i+1)}); err != nil {
				return err
			}
		}
	}
	people, err := s.rpc.read(ctx, "party.party", []any{[]any{"contact_mechanisms.type", "=", "email"}}, "id")
	if err != nil || len(people) < 4 {
		return fmt.Errorf("%d parties with an e-mail address: %w", len(people), orTooFew(err))
	}
	if err := speak(ctx, s, people, "fr", "en"); err != nil {
		return err
	}
	if err := placeBoston(ctx, s); err != nil {
		return err
	}
	return pay(ctx, s)
}

func orTooFew(err error) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("seed more")
}

// speak gives the first people a language each.
func speak(ctx context.Context, s *system, people []row, codes ...string) error {
	for i, code := range codes {
		langs, err := s.rpc.read(ctx, "ir.lang", []any{[]any{"code", "=", code}}, "id")
		if err != nil || len(langs) == 0 {
			return fmt.Errorf("the language %s: %w", code, orTooFew(err))
		}
		if err := s.rpc.write(ctx, "party.party", []any{people[i]["id"]}, row{"lang": langs[0]["id"]}); err != nil {
			return err
		}
	}
	return nil
}

func placeBoston(ctx context.Context, s *system) error {
	states, err := s.rpc.read(ctx, "country.subdivision", []any{[]any{"code", "=", "US-MA"}}, "id")
	if err != nil || len(states) > 0 {
		return err
	}
	us, err := s.rpc.read(ctx, "country.country", []any{[]any{"code", "=", "US"}}, "id")
	if err != nil || len(us) == 0 {
		return fmt.Errorf("the country: %w", orTooFew(err))
	}
	made, err := s.rpc.model(ctx, "model.country.subdivision.create", nil, []any{row{"name": "Massachusetts", "code": "US-MA", "type": "state", "country": us[0]["id"]}})
	if err != nil {
		return err
	}
	addresses, err := s.rpc.read(ctx, "party.address", []any{[]any{"city", "=", "Boston"}}, "id")
	if err != nil {
		return err
	}
	for _, a := range addresses {
		if err := s.rpc.write(ctx, "party.address", []any{a["id"]}, row{"subdivision": made.([]any)[0]}); err != nil {
			return err
		}
	}
	return nil
}

// pay books payments through the wizard that a clerk would use.
func pay(ctx context.Context, s *system) error {
	paid, err := s.rpc.read(ctx, "account.invoice.payment.method", []any{}, "id")
	if err != nil || len(paid) > 0 {
		return err
	}
	find := func(model, field, value string) any {
		rows, e := s.rpc.read(ctx, model, []any{[]any{field, "=", value}}, "id")
		if e != nil || len(rows) == 0 {
			err = fmt.Errorf("%s %s: %w", model, value, orTooFew(e))
			return nil
		}
		return rows[0]["id"]
	}
	journal, cash := find("account.journal", "type", "cash"), find("account.account", "name", "Main Cash")
	if err != nil {
		return err
	}
	method, err := s.rpc.model(ctx, "model.account.invoice.payment.method.create", nil,
		[]any{row{"name": "Cash", "company": 1, "journal": journal, "credit_account": cash, "debit_account": cash}})
	if err != nil {
		return err
	}
	due, err := s.rpc.read(ctx, "account.invoice", []any{[]any{"type", "=", "out"}, []any{"state", "=", "posted"}}, "amount_to_pay", "currency")
	if err != nil {
		return err
	}
	if len(due) < 5 {
		return fmt.Errorf("%d posted invoices: %w", len(due), orTooFew(nil))
	}
	for i, inv := range due[:min(8, len(due))] {
		if i%2 == 0 {
			if err := payOne(ctx, s, inv, method.([]any)[0], i%4 == 0); err != nil {
				return fmt.Errorf("pay invoice %v: %w", inv["id"], err)
			}
		}
	}
	return nil
}

func payOne(ctx context.Context, s *system, inv row, method any, full bool) error {
	const wizard = "wizard.account.invoice.pay."
	in := row{"active_model": "account.invoice", "active_id": inv["id"], "active_ids": []any{inv["id"]}}
	made, err := s.rpc.model(ctx, wizard+"create", nil)
	if err != nil {
		return err
	}
	session, start := made.([]any)[0], made.([]any)[1].(string)
	execute := func(data row, to string) (row, error) {
		got, err := s.rpc.model(ctx, wizard+"execute", in, session, data, to)
		view, _ := got.(row)
		return view, err
	}
	view, err := execute(row{}, start)
	if err != nil {
		return err
	}
	first := defaults(view)
	first["payment_method"], first["description"], first["date"] = method, "with thanks", today()
	if !full {
		first["amount"] = row{"__class__": "Decimal", "decimal": "10.25"}
	}
	if view, err = execute(row{start: first}, "choice"); err != nil {
		return err
	}
	if _, asks := view["view"]; asks {
		how := defaults(view)
		how["type"] = "partial"
		if _, err = execute(row{start: first, "ask": how}, "pay"); err != nil {
			return err
		}
	}
	_, err = s.rpc.model(ctx, wizard+"delete", nil, session)
	return err
}

// defaults are the values that a wizard's form opens with, without the names
// of what they point to.
func defaults(view row) row {
	form, _ := view["view"].(row)
	given, _ := form["defaults"].(row)
	out := row{}
	for k, v := range given {
		if k[len(k)-1] != '.' {
			out[k] = v
		}
	}
	return out
}

func today() row {
	now := time.Now().UTC()
	return row{"__class__": "date", "year": now.Year(), "month": int(now.Month()), "day": now.Day()}
}
