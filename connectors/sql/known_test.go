package sql

import (
	"time"

	"customer360/connectors"
	"customer360/connectors/connectortest"
	"customer360/idgraph"
	"customer360/idgraph/consent"
)

const here = idgraph.Source("warehouse")

// known is what testdata/sqlite.sql and testdata/postgres.sql hold.
func known() connectortest.Records {
	ada, grace, alan, kim := who("1"), who("2"), who("3"), who("10")
	return connectortest.Records{
		Profiles: []connectors.Profile{
			{
				Record: connectors.NewRecord(ada, "1"), UpdatedAt: at("2025-03-01T10:00:00Z"),
				Name: p("Ada Lovelace"), GivenName: p("Ada"), FamilyName: p("Lovelace"),
				Emails: []connectors.EmailAddress{{Address: p(" Ada@Example.com"), Source: here}, {Address: p("ada.l@example.org"), Source: here}, {Address: p("countess@example.net"), Source: here}},
				Phones: []connectors.PhoneNumber{{Number: p("+44 7700 900101"), Source: here}},
				Addresses: []connectors.PostalAddress{{
					Street: p("St James's Square 12"), City: p("London"), Postcode: p("SW1Y 4JH"), Region: p("Greater London"), Country: p("GB"), Source: here,
				}},
				BirthDate: p(connectors.Date("1815-12-10")), Language: p("en"), Company: p("Analytical Engines"),
				Identifiers: []idgraph.Identifier{{Type: idgraph.LoyaltyID, Value: "LC-4711"}, {Type: idgraph.Reference("erp"), Value: "C-10001"}},
			},
			{
				Record: connectors.NewRecord(grace, "2"), UpdatedAt: at("2025-03-02T10:00:00Z"),
				Name: p("Grace Hopper"), GivenName: p("Grace"), FamilyName: p("Hopper"), Language: p("EO"),
				Addresses: []connectors.PostalAddress{{City: p("Arlington"), Source: here}},
			},
			{Record: connectors.NewRecord(alan, "3"), Name: p("Alan"), GivenName: p("Alan")},
			{
				Record: connectors.NewRecord(kim, "10"), UpdatedAt: at("2025-03-02T10:00:00Z"),
				Name: p("Kim Ångström"), GivenName: p("Kim"), FamilyName: p("Ångström"), BirthDate: p(connectors.Date("1990-02-28")), Language: p("de"),
				Emails:      []connectors.EmailAddress{{Address: p("kim@example.com"), Source: here}},
				Phones:      []connectors.PhoneNumber{{Number: p("07700 900102"), Source: here}},
				Identifiers: []idgraph.Identifier{{Type: idgraph.LoyaltyID, Value: "lc-4712"}},
			},
		},
		Deals: []connectors.Deal{
			{Record: connectors.NewRecord(ada, "D-1"), Number: p("OPP-1"), Title: p("Difference engine"), Stage: p(connectors.DealStage("WON")), Amount: eur("17000.00"), OpenedAt: at("2024-01-05T06:00:00Z")},
			{Record: connectors.NewRecord(ada, "D-2"), Number: p("OPP-2"), Title: p("Analytical engine"), Stage: p(connectors.DealStage("OPPORTUNITY")), OpenedAt: at("2025-01-05T08:00:00Z")},
			{Record: connectors.NewRecord(kim, "D-3"), Number: p("OPP-3"), Title: p("Spectrometer"), Stage: p(connectors.DealStage("LEAD")), Amount: eur("0.10"), OpenedAt: at("2025-02-05T08:00:00.5Z")},
		},
		Invoices: []connectors.Invoice{
			{Record: connectors.NewRecord(ada, "7"), Number: p("RE-7"), Status: p(connectors.InvoiceStatus("PAID")), IssuedAt: at("2025-01-10T00:00:00Z"), Total: eur("249.00"), AmountDue: eur("0.00")},
			{Record: connectors.NewRecord(ada, "8"), Number: p("RE-8"), Status: p(connectors.InvoiceStatus("POSTED")), IssuedAt: at("2025-02-10T00:00:00Z"), Total: eur("10.05"), AmountDue: eur("10.05")},
			{Record: connectors.NewRecord(ada, "11"), IssuedAt: at("2025-03-10T00:00:00Z"), Total: amount("0.05", "GBP"), AmountDue: amount("0.05", "GBP")},
			{Record: connectors.NewRecord(grace, "9"), Number: p("RE-9"), Status: p(connectors.InvoiceStatus("POSTED")), IssuedAt: at("2025-02-10T00:00:00Z"), Total: amount("-3.00", "USD"), AmountDue: amount("-3.00", "USD")},
		},
		Payments: []connectors.Payment{
			{Record: connectors.NewRecord(ada, "1"), PaidAt: at("2025-01-20T00:00:00Z"), Amount: eur("200.00"), Method: p("transfer"), InvoiceNumber: p("RE-7")},
			{Record: connectors.NewRecord(ada, "2"), PaidAt: at("2025-01-19T00:00:00Z"), Amount: eur("49.00"), Method: p("card"), InvoiceNumber: p("RE-7")},
		},
		Orders: []connectors.Order{
			{
				Record: connectors.NewRecord(ada, "9"), Number: p("O-9"), Status: p(connectors.OrderStatus("SHIPPED")), PlacedAt: at("2025-05-01T10:00:00Z"), Total: eur("59.80"),
				Items: []connectors.OrderItem{{Name: p("Postage")}, {Name: p("Punch card"), Sku: p("PC-01"), Quantity: exactly("2"), UnitPrice: eur("29.90")}},
			},
			{
				Record: connectors.NewRecord(ada, "100"), Number: p("O-100"), Status: p(connectors.OrderStatus("CONFIRMED")), PlacedAt: at("2025-03-01T10:30:00Z"), Total: eur("24.90"),
				Items: []connectors.OrderItem{{Name: p("Punch card, large"), Sku: p("PC-02"), Quantity: exactly("1.500"), UnitPrice: eur("16.60")}},
			},
			{Record: connectors.NewRecord(ada, "101")},
			{
				Record: connectors.NewRecord(ada, "102"), Number: p("O-102"), Status: p(connectors.OrderStatus("CONFIRMED")), PlacedAt: at("2025-03-01T10:30:00Z"), Total: amount("1.00", "GBP"),
				Items: []connectors.OrderItem{{Name: p("Ribbon"), Sku: p("PC-03"), Quantity: exactly("1"), UnitPrice: amount("1.00", "GBP")}},
			},
			{Record: connectors.NewRecord(grace, "105"), Number: p("O-105"), Status: p(connectors.OrderStatus("CONFIRMED")), PlacedAt: at("2025-03-01T10:30:00Z"), Total: eur("3.00")},
			{
				Record: connectors.NewRecord(kim, "104"), Number: p("O-104"), Status: p(connectors.OrderStatus("SHIPPED")), PlacedAt: at("2025-03-01T10:30:00Z"), Total: eur("12.00"),
				Items: []connectors.OrderItem{{Name: p("Prism"), Sku: p("PC-04"), Quantity: exactly("1"), UnitPrice: eur("12.00")}},
			},
		},
		Tickets: []connectors.Ticket{
			{
				Record: connectors.NewRecord(ada, "1"), Number: p("HD-1"), Subject: p("The engine does not start"), Status: p(connectors.TicketStatus("RESOLVED")),
				Priority: p(connectors.TicketPriority("URGENT")), OpenedAt: at("2024-12-31T00:00:00Z"), UpdatedAt: at("2025-01-02T09:00:00Z"),
			},
			{
				Record: connectors.NewRecord(ada, "2"), Number: p("HD-2"), Subject: p("A question of style"), Status: p(connectors.TicketStatus("NEW")),
				Priority: p(connectors.TicketPriority("NORMAL")), OpenedAt: at("2025-06-01T00:00:00Z"),
			},
			{
				Record: connectors.NewRecord(kim, "3"), Number: p("HD-3"), Subject: p("Please delete my data"), Status: p(connectors.TicketStatus("OPEN")),
				OpenedAt: at("2025-06-02T00:00:00Z"),
			},
		},
		// Notes are no messages; nobody asks for a letter without a ticket.
		Messages: []connectors.Message{
			{Record: connectors.NewRecord(who("1"), "1"), Author: p(connectors.MessageAuthor("CUSTOMER")), SentAt: at("2024-12-31T00:00:00Z"), Text: p("It does not start, whatever I punch.")},
			{Record: connectors.NewRecord(who("1"), "3"), Author: p(connectors.MessageAuthor("AGENT")), SentAt: at("2025-01-02T08:30:00Z"), Text: p("Please turn the crank.")},
			{Record: connectors.NewRecord(who("1"), "4"), Author: p(connectors.MessageAuthor("SYSTEM")), SentAt: at("2025-01-02T09:00:00Z")},
			{Record: connectors.NewRecord(who("1"), "10"), Author: p(connectors.MessageAuthor("CUSTOMER")), Text: p("Thank you!")},
			{Record: connectors.NewRecord(who("3"), "11"), Author: p(connectors.MessageAuthor("CUSTOMER")), SentAt: at("2025-06-02T00:00:00Z"), Text: p("All of it, please.")},
		},
		Balances: []connectors.Balance{
			{Record: connectors.NewRecord(ada, "EUR"), BalanceDue: eur("10.05")},
			{Record: connectors.NewRecord(ada, "GBP"), BalanceDue: amount("0.05", "GBP")},
			{Record: connectors.NewRecord(grace, "USD"), BalanceDue: amount("-3.00", "USD")},
		},
		// The raffle is no purpose of ours, an unknown answer is no grant.
		Consents: []connectors.Consent{
			{Owner: ada, Purpose: "marketing.email", State: consent.Granted, At: *at("2025-01-01T12:00:00Z"), Notice: "newsletter-form@2024"},
			{Owner: ada, Purpose: "marketing.email", State: consent.Withdrawn, At: *at("2025-02-01T12:00:00Z")},
			{Owner: kim, Purpose: "marketing.profiling", State: consent.Requested, At: *at("2025-02-03T12:00:00Z"), Notice: "account-form@2024"},
		},
	}
}

func who(id string) idgraph.Ref { return idgraph.Ref{Source: here, ID: id} }

func p[T any](v T) *T { return &v }

func at(s string) *time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return &t
}

func exactly(s string) *connectors.Decimal {
	d, err := connectors.ParseDecimal(s)
	if err != nil {
		panic(err)
	}
	return &d
}

func amount(digits, currency string) *connectors.Money {
	return &connectors.Money{Amount: *exactly(digits), Currency: currency}
}

func eur(digits string) *connectors.Money { return amount(digits, "EUR") }
