package main

import (
	"context"
	"slices"
	"strings"
)

// What the systems say of one record, read through their own APIs, in the form
// in which it is compared. Lists are sorted; a value is never null, but "".
type record struct {
	source, id, company, name, given, family, language, touched string
	emails, phones, addresses                                   []string
	deals, invoices, payments, orders, tickets, balances        []string
	consents                                                    map[string]string // purpose: "STATE|since|notice"
}

func (r *record) key() string { return r.source + "/" + r.id }

// tuple joins the fields of one row, so that rows are compared whole.
func tuple(fields ...any) string {
	parts := make([]string, len(fields))
	for i, f := range fields {
		parts[i] = text(f)
	}
	return strings.Join(parts, "|")
}

// readSystems reads every person of the systems.
func readSystems(ctx context.Context, running fleet) (map[string]*record, error) {
	all := map[string]*record{}
	for _, s := range running {
		people, err := s.read(ctx, s)
		if err != nil {
			return nil, err
		}
		for _, p := range people {
			all[p.key()] = p
		}
	}
	return all, nil
}

func readCRM(ctx context.Context, s *system) (map[string]*record, error) {
	people, err := readPeople(ctx, s)
	if err != nil {
		return nil, err
	}
	return people, fillCRM(ctx, s, people)
}

func readERP(ctx context.Context, s *system) (map[string]*record, error) {
	people, err := readPeople(ctx, s)
	if err != nil {
		return nil, err
	}
	return people, fillERP(ctx, s, people)
}

// readPeople reads the parties, without the company, its employees and employers.
func readPeople(ctx context.Context, s *system) (map[string]*record, error) {
	own, err := s.rpc.read(ctx, "company.company", []any{}, "party", "employees.party")
	if err != nil {
		return nil, err
	}
	left := map[string]bool{}
	for _, c := range own {
		left[text(c["party"])] = true
		for _, e := range list(c, "employees.") {
			left[text(e["party"])] = true
		}
	}
	fields := []string{"name", "lang.code", "write_date", "create_date"}
	if s.name == "crm" {
		fields = append(fields, "relations.type.name", "relations.to.name")
	}
	parties, err := s.rpc.read(ctx, "party.party", []any{[]any{"active", "in", []bool{true, false}}}, fields...)
	if err != nil {
		return nil, err
	}
	people := map[string]*record{}
	for _, p := range parties {
		r := &record{source: s.name, id: text(p["id"]), name: text(p["name"]), language: text(at(p, "lang.", "code")), consents: map[string]string{}}
		if r.touched = text(p["write_date"]); r.touched == "" {
			r.touched = text(p["create_date"])
		}
		for _, rel := range list(p, "relations.") {
			switch text(at(rel, "type.", "name")) {
			case "works for":
				if r.company == "" {
					r.company = text(at(rel, "to.", "name"))
				}
			case "employs":
				left[r.id] = true
			}
		}
		if !left[r.id] {
			people[r.id] = r
		}
	}
	return people, fillContacts(ctx, s, people)
}

func fillContacts(ctx context.Context, s *system, people map[string]*record) error {
	mechanisms, err := s.rpc.read(ctx, "party.contact_mechanism", []any{}, "party", "type", "value")
	if err != nil {
		return err
	}
	for _, m := range mechanisms {
		r := people[text(m["party"])]
		switch {
		case r == nil:
		case m["type"] == "email":
			r.emails = append(r.emails, text(m["value"]))
		case m["type"] == "phone", m["type"] == "mobile":
			r.phones = append(r.phones, text(m["value"]))
		}
	}
	addresses, err := s.rpc.read(ctx, "party.address", []any{}, "party", "street", "city", "postal_code", "subdivision.code", "country.code")
	if err != nil {
		return err
	}
	for _, a := range addresses {
		t := tuple(a["street"], a["city"], a["postal_code"], at(a, "subdivision.", "code"), at(a, "country.", "code"))
		if r := people[text(a["party"])]; r != nil && t != "||||" {
			r.addresses = append(r.addresses, t)
		}
	}
	return nil
}

func fillCRM(ctx context.Context, s *system, people map[string]*record) error {
	deals, err := s.rpc.read(ctx, "sale.opportunity", []any{}, "party", "number", "description", "state", "amount", "currency.code", "start_date")
	if err != nil {
		return err
	}
	for _, d := range deals {
		if r := people[text(d["party"])]; r != nil {
			r.deals = append(r.deals, tuple(s.name, d["number"], d["description"], upper(d["state"]), d["amount"], inIf(d["amount"], d), d["start_date"]))
		}
	}
	return fillConsents(ctx, s, people)
}

// fillConsents says what the system holds, in the words of the ledger: a
// subscription belongs to an address, a category to the contact.
func fillConsents(ctx context.Context, s *system, people map[string]*record) error {
	for purpose, category := range map[string]string{"marketing.profiling": "profiling", "sharing.support": "share_support_history"} {
		members, err := s.rpc.read(ctx, "party.party", []any{[]any{"active", "in", []bool{true, false}}, []any{"categories.name", "=", category}}, "id")
		if err != nil {
			return err
		}
		in := map[string]bool{}
		for _, m := range members {
			in[text(m["id"])] = true
		}
		for _, r := range people {
			r.consents[purpose] = tuple("DENIED", r.touched, "account-form@2024")
			if in[r.id] {
				r.consents[purpose] = tuple("GRANTED", r.touched, "account-form@2024")
			}
		}
	}
	rows, err := s.rpc.read(ctx, "marketing.email", []any{[]any{"active", "in", []bool{true, false}}}, "email", "active", "write_date", "create_date")
	if err != nil {
		return err
	}
	for _, m := range rows {
		state, when := "WITHDRAWN", text(m["write_date"])
		if m["active"] == true {
			state = "GRANTED"
		}
		if when == "" {
			when = text(m["create_date"])
		}
		for _, r := range people {
			if slices.ContainsFunc(r.emails, func(e string) bool { return strings.EqualFold(e, text(m["email"])) }) {
				r.consents["marketing.email"] = tuple(state, when, "newsletter-form@2024")
			}
		}
	}
	return nil
}

func fillERP(ctx context.Context, s *system, people map[string]*record) error {
	sales, err := s.rpc.read(ctx, "sale.sale", []any{}, "party", "number", "state", "sale_date", "total_amount", "currency.code",
		"lines.type", "lines.description", "lines.product.code", "lines.quantity", "lines.unit_price")
	if err != nil {
		return err
	}
	for _, o := range sales {
		var items []string
		for _, l := range list(o, "lines.") {
			if l["type"] == "line" {
				items = append(items, tuple(l["description"], at(l, "product.", "code"), l["quantity"], l["unit_price"], inIf(l["unit_price"], o)))
			}
		}
		if r := people[text(o["party"])]; r != nil {
			r.orders = append(r.orders, tuple(s.name, o["number"], upper(o["state"]), o["sale_date"], o["total_amount"], inIf(o["total_amount"], o), strings.Join(items, "|")))
		}
	}
	// The payments are read through their invoices here, where the connector
	// reads the move lines.
	invoices, err := s.rpc.read(ctx, "account.invoice", []any{[]any{"type", "=", "out"}}, "party", "number", "state", "invoice_date", "total_amount",
		"amount_to_pay", "currency.code", "payment_lines.date", "payment_lines.credit", "payment_lines.journal.name")
	if err != nil {
		return err
	}
	for _, i := range invoices {
		r := people[text(i["party"])]
		if r == nil {
			continue
		}
		r.invoices = append(r.invoices, tuple(s.name, i["number"], upper(i["state"]), i["invoice_date"], i["total_amount"], inIf(i["total_amount"], i), i["amount_to_pay"], inIf(i["amount_to_pay"], i)))
		for _, p := range list(i, "payment_lines.") {
			r.payments = append(r.payments, tuple(s.name, p["date"], p["credit"], inIf(p["credit"], i), at(p, "journal.", "name"), i["number"]))
		}
	}
	parties, err := s.rpc.read(ctx, "party.party", []any{[]any{"active", "in", []bool{true, false}}}, "receivable")
	if err != nil {
		return err
	}
	for _, p := range parties {
		if r := people[text(p["id"])]; r != nil {
			r.balances = append(r.balances, tuple(p["receivable"], "EUR"))
		}
	}
	return nil
}

func upper(v any) string { return strings.ToUpper(text(v)) }

// inIf is the currency of an amount, where there is one.
func inIf(amount any, r row) string {
	if amount == nil {
		return ""
	}
	return text(at(r, "currency.", "code"))
}
