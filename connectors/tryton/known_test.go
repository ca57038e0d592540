package tryton

import (
	"time"

	"customer360/connectors"
	"customer360/connectors/connectortest"
	"customer360/idgraph"
	"customer360/idgraph/consent"
)

// knownToTheCRM is what testdata/people.jsonl and the systems test's additions
// make of a CRM, read off its own screens: not through the connector.
func knownToTheCRM() connectortest.Records {
	const here = idgraph.Source("crm")
	zoe, wei, aoife, soren := who(here, "4"), who(here, "5"), who(here, "6"), who(here, "7")
	consents := func(who idgraph.Ref, changed, subscribed string, news, profiling, sharing consent.State) []connectors.Consent {
		return []connectors.Consent{
			{Owner: who, Purpose: "marketing.email", State: news, At: *at(subscribed), Notice: "newsletter-form@2024"},
			{Owner: who, Purpose: "marketing.profiling", State: profiling, At: *at(changed), Notice: "account-form@2024"},
			{Owner: who, Purpose: "sharing.support", State: sharing, At: *at(changed)},
		}
	}
	r := connectortest.Records{
		Profiles: []connectors.Profile{
			{
				Record: connectors.NewRecord(zoe, "4"), UpdatedAt: at("2026-11-22T07:23:59.272825Z"), Name: p("Zoë de la Cruz"), Language: p("pt"), Company: p("Umbra Optics"),
				Emails:      []connectors.EmailAddress{{Address: p(" Zoe.Cruz@Example.org "), Source: here}},
				Phones:      []connectors.PhoneNumber{{Number: p("+49 (0) 171 3920001"), Source: here}},
				Addresses:   []connectors.PostalAddress{{Street: p("12 Lindenstraße"), City: p("Köln"), Postcode: p("50667"), Country: p("DE"), Source: here}},
				Identifiers: []idgraph.Identifier{{Type: idgraph.Reference(here), Value: "K-20004"}, {Type: idgraph.Reference("erp"), Value: "C-10001"}},
			},
			{
				Record: connectors.NewRecord(wei, "5"), UpdatedAt: at("2026-11-22T07:23:59.285441Z"), Name: p("Wei Tanaka"), Language: p("de"),
				Emails:      []connectors.EmailAddress{{Address: p("WTANAKA@POST.EXAMPLE"), Source: here}},
				Phones:      []connectors.PhoneNumber{{Number: p("07700 900002"), Source: here}},
				Addresses:   []connectors.PostalAddress{{Street: p("4 Mill Lane"), City: p("Leeds"), Postcode: p("LS1 4AP"), Country: p("GB"), Source: here}},
				Identifiers: []idgraph.Identifier{{Type: idgraph.Reference(here), Value: "K-20005"}},
			},
			{ // deactivated, and a person all the same
				Record: connectors.NewRecord(aoife, "6"), UpdatedAt: at("2026-11-22T07:23:59.291211Z"), Name: p("Aoife O’Brien"),
				Emails:      []connectors.EmailAddress{{Address: p("a_obrien@corp.example"), Source: here}},
				Identifiers: []idgraph.Identifier{{Type: idgraph.Reference(here), Value: "K-20006"}},
			},
			{ // with another address, deactivated, and a pigeon
				Record: connectors.NewRecord(soren, "7"), UpdatedAt: at("2026-11-22T07:15:46.61193Z"), Name: p("Søren Ødegård"), Company: p("Umbra Optics"),
				Emails:      []connectors.EmailAddress{{Address: p("soeren.oedegaard@mail.example"), Source: here}},
				Phones:      []connectors.PhoneNumber{{Number: p("(617) 555-0104"), Source: here}},
				Addresses:   []connectors.PostalAddress{{Street: p("9 Oak Avenue"), City: p("Boston"), Postcode: p("02110"), Country: p("US"), Source: here}},
				Identifiers: []idgraph.Identifier{{Type: idgraph.Reference(here), Value: "7"}, {Type: idgraph.Reference("erp"), Value: "C-10004"}},
			},
		},
		Deals: []connectors.Deal{
			{Record: connectors.NewRecord(zoe, "1"), Number: p("1"), Title: p("Upgrade"), Stage: p(connectors.DealStage("LEAD")), Amount: eur("3280"), OpenedAt: at("2026-07-22T00:00:00Z")},
			{Record: connectors.NewRecord(zoe, "2"), Number: p("2"), Title: p("Office coffee plan"), Stage: p(connectors.DealStage("LOST")), Amount: eur("4196"), OpenedAt: at("2026-04-19T00:00:00Z")},
			{Record: connectors.NewRecord(wei, "3"), Number: p("3"), Title: p("Office coffee plan"), Stage: p(connectors.DealStage("OPPORTUNITY")), Amount: eur("4533"), OpenedAt: at("2026-08-28T00:00:00Z")},
			{Record: connectors.NewRecord(soren, "4"), Number: p("4"), Title: p("Upgrade"), Stage: p(connectors.DealStage("LEAD")), Amount: eur("1747"), OpenedAt: at("2026-07-03T00:00:00Z")},
		},
	}
	r.Consents = append(r.Consents, consents(zoe, "2026-11-22T07:23:59.272825Z", "2026-11-22T07:15:45.954289Z", consent.Granted, consent.Granted, consent.Denied)...)
	r.Consents = append(r.Consents, consents(wei, "2026-11-22T07:23:59.285441Z", "2026-11-22T07:15:46.455314Z", consent.Withdrawn, consent.Denied, consent.Granted)...)
	r.Consents = append(r.Consents, consents(aoife, "2026-11-22T07:23:59.291211Z", "2026-11-22T07:15:46.58402Z", consent.Granted, consent.Denied, consent.Denied)...)
	r.Consents = append(r.Consents, consents(soren, "2026-11-22T07:15:46.61193Z", "2026-11-22T07:15:46.713588Z", consent.Granted, consent.Granted, consent.Granted)...)
	return r
}

// knownToTheERP is what they make of an ERP.
func knownToTheERP() connectortest.Records {
	const here = idgraph.Source("erp")
	zoe, wei, soren := who(here, "2"), who(here, "3"), who(here, "4")
	order := func(of idgraph.Ref, id, status, day, total string, items ...connectors.OrderItem) connectors.Order {
		return connectors.Order{
			Record: connectors.NewRecord(of, id), Number: p(id), Status: p(connectors.OrderStatus(status)), PlacedAt: at(day + "T00:00:00Z"), Total: eur(total), Items: items,
		}
	}
	invoice := func(of idgraph.Ref, id, status, day, total, due string) connectors.Invoice {
		return connectors.Invoice{
			Record: connectors.NewRecord(of, id), Number: p("2026-" + id), Status: p(connectors.InvoiceStatus(status)), IssuedAt: at(day + "T00:00:00Z"), Total: eur(total), AmountDue: eur(due),
		}
	}
	payment := func(of idgraph.Ref, id, amount, invoice string) connectors.Payment {
		return connectors.Payment{Record: connectors.NewRecord(of, id), PaidAt: at("2026-11-22T00:00:00Z"), Amount: eur(amount), Method: p("Cash"), InvoiceNumber: p(invoice)}
	}
	balance := func(of idgraph.Ref, due string) connectors.Balance {
		return connectors.Balance{Record: connectors.NewRecord(of, of.ID+"/EUR"), BalanceDue: eur(due)}
	}
	machine, beans := item("Espresso machine", "SKU-1", "249.00"), item("Coffee beans 1 kg", "", "19.90")
	grinder, visit := item("Grinder", "SKU-3", "89.50"), item("Service visit", "", "60.00")
	return connectortest.Records{
		Profiles: []connectors.Profile{
			{
				Record: connectors.NewRecord(zoe, "2"), UpdatedAt: at("2026-11-22T07:20:41.896853Z"), Name: p("Zoe de la Cruz"), Language: p("fr"),
				Emails:      []connectors.EmailAddress{{Address: p("zoe.cruz+orders@example.org"), Source: here}},
				Phones:      []connectors.PhoneNumber{{Number: p("0171 / 3920001"), Source: here}},
				Addresses:   []connectors.PostalAddress{{Street: p("12 Main Street"), City: p("Boston"), Postcode: p("02110"), Region: p("US-X1"), Country: p("US"), Source: here}},
				Identifiers: []idgraph.Identifier{{Type: idgraph.Reference(here), Value: "C-10001"}},
			},
			{
				Record: connectors.NewRecord(wei, "3"), UpdatedAt: at("2026-11-22T07:20:41.980846Z"), Name: p("Wei Tanaka"), Language: p("en"),
				Emails:      []connectors.EmailAddress{{Address: p("wtanaka@post.example"), Source: here}},
				Identifiers: []idgraph.Identifier{{Type: idgraph.Reference(here), Value: "C-10002"}},
			},
			{
				Record: connectors.NewRecord(soren, "4"), UpdatedAt: at("2026-11-22T07:18:30.341968Z"), Name: p("Soren Odegard"),
				Emails:      []connectors.EmailAddress{{Address: p("s.oedegaard@mail.example"), Source: here}},
				Phones:      []connectors.PhoneNumber{{Number: p("617.555.0104"), Source: here}},
				Addresses:   []connectors.PostalAddress{{Street: p("9 Oak Ave"), City: p("Boston"), Postcode: p("02110"), Region: p("US-X1"), Country: p("US"), Source: here}},
				Identifiers: []idgraph.Identifier{{Type: idgraph.Reference(here), Value: "C-10004"}},
			},
		},
		Invoices: []connectors.Invoice{
			invoice(zoe, "1", "PAID", "2026-01-23", "996.00", "0"),
			invoice(zoe, "2", "POSTED", "2026-10-13", "308.30", "308.30"),
			invoice(wei, "3", "POSTED", "2026-07-11", "1325.50", "1305.00"),
			invoice(soren, "4", "POSTED", "2025-08-03", "199.60", "199.60"),
			invoice(soren, "5", "PAID", "2026-06-16", "180.00", "0"),
		},
		Payments: []connectors.Payment{
			payment(zoe, "15", "996.00", "2026-1"),
			payment(wei, "17", "10.25", "2026-3"),
			payment(wei, "21", "10.25", "2026-3"),
			payment(soren, "19", "180.00", "2026-5"),
		},
		Orders: []connectors.Order{
			order(zoe, "1", "DONE", "2026-01-23", "996.00", machine("4.0")),
			order(zoe, "2", "QUOTATION", "2026-07-31", "1214.80", beans("2.0"), grinder("2.0"), machine("4.0")),
			order(zoe, "3", "PROCESSING", "2026-10-13", "308.30", beans("2.0"), grinder("3.0")),
			order(wei, "4", "PROCESSING", "2026-07-11", "1325.50", grinder("1.0"), visit("4.0"), machine("4.0")),
			order(soren, "5", "PROCESSING", "2025-08-03", "199.60", visit("2.0"), beans("4.0")),
			order(soren, "6", "DONE", "2026-06-16", "180.00", visit("3.0")),
		},
		Balances: []connectors.Balance{balance(zoe, "308.30"), balance(wei, "1305.00"), balance(soren, "199.60")},
	}
}

// item is a line of an order, but for how many.
func item(name, sku, price string) func(quantity string) connectors.OrderItem {
	return func(quantity string) connectors.OrderItem {
		n, err := connectors.ParseDecimal(quantity)
		if err != nil {
			panic(err)
		}
		i := connectors.OrderItem{Name: p(name), Quantity: &n, UnitPrice: eur(price)}
		if sku != "" {
			i.Sku = p(sku)
		}
		return i
	}
}

func who(source idgraph.Source, id string) idgraph.Ref {
	return idgraph.Ref{Source: source, ID: id}
}

func p[T any](v T) *T { return &v }

func at(moment string) *time.Time {
	t, err := time.Parse(time.RFC3339Nano, moment)
	if err != nil {
		panic(err)
	}
	return &t
}

func eur(amount string) *connectors.Money {
	d, err := connectors.ParseDecimal(amount)
	if err != nil {
		panic(err)
	}
	return &connectors.Money{Amount: d, Currency: "EUR"}
}
