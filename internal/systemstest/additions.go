package main

import (
	"context"
	"fmt"
	"time"
)

// additions: the seeders leave some fields empty that the gateway answers. Each
// step looks before it writes, so that a kept state can be run again.

// addToCRM gives some contacts a language and a number that is not their id,
// one an employer where nobody has one, and one a deactivated address, and
// deactivates another one whole.
func addToCRM(ctx context.Context, s *system) error {
	people, err := s.rpc.read(ctx, "party.party", []any{[]any{"contact_mechanisms.type", "=", "email"}}, "id")
	if err != nil || len(people) < 4 {
		return fmt.Errorf("%d contacts with an e-mail address: %w", len(people), orTooFew(err))
	}
	if err := speak(ctx, s, people, "pt", "de"); err != nil {
		return err
	}
	if err := employ(ctx, s, people[0]); err != nil {
		return err
	}
	for _, i := range []int{0, 1, len(people) - 2} {
		if err := s.rpc.write(ctx, "party.party", []any{people[i]["id"]}, row{"code": fmt.Sprintf("K-2000%v", people[i]["id"])}); err != nil {
			return err
		}
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

// addToERP gives products their codes, some addresses a region, some parties a
// language, and pays some of the first invoices: in full, and twice in
// part, by turns.
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
	if err != nil || len(people) < 2 {
		return fmt.Errorf("%d parties with an e-mail address: %w", len(people), orTooFew(err))
	}
	if err := speak(ctx, s, people, "fr", "en"); err != nil {
		return err
	}
	if err := nameRegion(ctx, s); err != nil {
		return err
	}
	return pay(ctx, s)
}

// employ gives a contact an employer, unless somebody has one.
func employ(ctx context.Context, s *system, contact row) error {
	employed, err := s.rpc.read(ctx, "party.party", []any{[]any{"relations.type.name", "=", "works for"}}, "id")
	if err != nil || len(employed) > 0 {
		return err
	}
	works, err := s.rpc.read(ctx, "party.relation.type", []any{[]any{"name", "=", "works for"}}, "id")
	if err != nil || len(works) == 0 {
		return fmt.Errorf("the relation to an employer: %w", orTooFew(err))
	}
	made, err := s.rpc.model(ctx, "model.party.party.create", nil, []any{row{"name": "Globex"}})
	if err != nil {
		return err
	}
	bond := row{"to": made.([]any)[0], "type": works[0]["id"]}
	return s.rpc.write(ctx, "party.party", []any{contact["id"]}, row{"relations": []any{[]any{"create", []any{bond}}}})
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

// nameRegion gives the addresses of the first one's city and country a region.
func nameRegion(ctx context.Context, s *system) error {
	made, err := s.rpc.read(ctx, "country.subdivision", []any{}, "id")
	if err != nil || len(made) > 0 {
		return err
	}
	all, err := s.rpc.read(ctx, "party.address", []any{[]any{"country", "!=", nil}, []any{"city", "!=", nil}}, "city", "country", "country.code")
	if err != nil || len(all) == 0 {
		return fmt.Errorf("addresses in a country: %w", orTooFew(err))
	}
	first := all[0]
	region := row{"name": "The region", "code": text(at(first, "country.", "code")) + "-X1", "type": "state", "country": first["country"]}
	ids, err := s.rpc.model(ctx, "model.country.subdivision.create", nil, []any{region})
	if err != nil {
		return err
	}
	var there []any
	for _, a := range all {
		if a["city"] == first["city"] && text(a["country"]) == text(first["country"]) {
			there = append(there, a["id"])
		}
	}
	return s.rpc.write(ctx, "party.address", there, row{"subdivision": ids.([]any)[0]})
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
	if len(due) < 2 {
		return fmt.Errorf("%d posted invoices: %w", len(due), orTooFew(nil))
	}
	every := 2 // the others stay open, where there are enough
	if len(due) < 5 {
		every = 1
	}
	for i := 0; i < min(8, len(due)); i += every {
		full, times := i/every%2 == 0, 1
		if !full {
			times = 2
		}
		for range times {
			if err := payOne(ctx, s, due[i], method.([]any)[0], full); err != nil {
				return fmt.Errorf("pay invoice %v: %w", due[i]["id"], err)
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
