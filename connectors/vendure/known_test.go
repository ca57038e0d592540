package vendure

import (
	"time"

	"customer360/connectors"
	"customer360/connectors/connectortest"
	"customer360/idgraph"
	"customer360/idgraph/consent"
)

// known is what testdata/people.jsonl and additions.mjs make of a shop, read
// off its own lists: not through the connector.
func known() connectortest.Records {
	zoe, wei, aoife, soren := who("4101"), who("4102"), who("4103"), who("4104")
	allowed := func(of idgraph.Ref, moment string, state consent.State) connectors.Consent {
		return connectors.Consent{Owner: of, Purpose: "marketing.email", State: state, At: *at(moment), Notice: "checkout@2024"}
	}
	mug, shirt, beans := item("Mug", "mug", "12.90"), item("T-shirt", "t-shirt", "24.90"), item("Coffee beans 1 kg", "coffee-beans-1-kg", "19.90")
	grinder, poster := item("Grinder", "grinder", "89.50"), item("Poster", "poster", "15.00")
	return connectortest.Records{
		Profiles: []connectors.Profile{
			{ // with a second address, which moved no updatedAt
				Record: connectors.NewRecord(zoe, "4101"), UpdatedAt: at("2026-11-22T07:45:43.773Z"), Name: p("Zoë de la Cruz"), GivenName: p("Zoë"), FamilyName: p("de la Cruz"),
				Company: p("Umbra Optics"), Emails: writes("zoe.cruz@example.org"), Phones: phone("+49 (0) 171 3920001"),
				Addresses: []connectors.PostalAddress{
					{Street: p("12 Lindenstraße"), City: p("Köln"), Postcode: p("50667"), Country: p("DE"), Source: here},
					{Street: p("7 Harbour Street, Floor 3"), City: p("Boston"), Postcode: p("02110"), Region: p("Massachusetts"), Country: p("US"), Source: here},
				},
				Identifiers: number("4101"),
			},
			{
				Record: connectors.NewRecord(wei, "4102"), UpdatedAt: at("2026-11-22T07:46:01.004Z"), Name: p("Wei Tanaka"), GivenName: p("Wei"), FamilyName: p("Tanaka"),
				Emails: writes("wtanaka@post.example"), Phones: phone("07700 900002"),
				Addresses:   []connectors.PostalAddress{{Street: p("4 Mill Lane"), City: p("Leeds"), Postcode: p("LS1 4AP"), Country: p("GB"), Source: here}},
				Identifiers: number("4102"),
			},
			{
				Record: connectors.NewRecord(aoife, "4103"), UpdatedAt: at("2026-11-22T07:46:11.209Z"), Name: p("Aoife O’Brien"), GivenName: p("Aoife"), FamilyName: p("O’Brien"),
				Emails: writes("a_obrien@corp.example"), Identifiers: number("4103"),
			},
			{
				Record: connectors.NewRecord(soren, "4104"), UpdatedAt: at("2026-11-22T07:46:11.503Z"), Name: p("Søren Ødegård"), GivenName: p("Søren"), FamilyName: p("Ødegård"),
				Company: p("Umbra Optics"), Emails: writes("soeren.oedegaard@mail.example"), Phones: phone("(617) 555-0104"),
				Addresses:   []connectors.PostalAddress{{Street: p("9 Oak Avenue"), City: p("Boston"), Postcode: p("02110"), Country: p("US"), Source: here}},
				Identifiers: number("4104"),
			},
		},
		Orders: []connectors.Order{
			bought(zoe, "11", "222E32GENYK1GL39", "DONE", "2026-11-22T07:45:48.089Z", "303.50", grinder("3"), poster("2")),
			bought(zoe, "12", "PSFXTAXND7917KU6", "SHIPPED", "2026-11-22T07:45:52.292Z", "363.20", shirt("3"), grinder("3"), poster("1")),
			bought(zoe, "13", "J2ADAUAGL851381P", "CONFIRMED", "2026-11-22T07:45:56.959Z", "107.60", mug("1"), beans("3"), poster("2")),
			bought(zoe, "14", "SVHW7QAA5Z1UAQ7S", "CONFIRMED", "2026-11-22T07:46:00.620Z", "68.60", mug("3"), shirt("1")),
			bought(wei, "15", "F2Q6TFRRQKETYSCN", "CONFIRMED", "2026-11-22T07:46:06.143Z", "143.30", mug("3"), shirt("4")), // beside a draft
			bought(wei, "16", "CSXRUT8RVHZS58DL", "CONFIRMED", "2026-11-22T07:46:10.758Z", "284.50", mug("2"), shirt("3"), grinder("2")),
			// Cancelled: nothing of it is left but the parcel's price.
			bought(soren, "17", "N687285EKA68H476", "CANCELLED", "2026-11-22T07:46:16.367Z", "5.00", mug("0"), shirt("0"), poster("0")),
			bought(soren, "18", "ADNWCCL2P7FTLWM5", "DRAFT", "", "233.80", shirt("2"), grinder("2")),                              // waits for its payment
			bought(soren, "19", "Y3LPA562F8LBV9M6", "CONFIRMED", "2026-11-22T07:46:24.598Z", "303.50", poster("2"), grinder("3")), // the shop lists the grinder first, by chance
		},
		Consents: []connectors.Consent{
			allowed(zoe, "2026-11-22T07:45:43.773Z", consent.Granted),
			allowed(wei, "2026-11-22T07:46:01.004Z", consent.Denied),
			allowed(aoife, "2026-11-22T07:46:11.209Z", consent.Granted),
			allowed(soren, "2026-11-22T07:46:11.503Z", consent.Denied),
		},
	}
}

const here = idgraph.Source("shop")

func who(id string) idgraph.Ref { return idgraph.Ref{Source: here, ID: id} }

func writes(address string) []connectors.EmailAddress {
	return []connectors.EmailAddress{{Address: &address, Source: here}}
}

func phone(number string) []connectors.PhoneNumber {
	return []connectors.PhoneNumber{{Number: &number, Source: here}}
}

func number(id string) []idgraph.Identifier {
	return []idgraph.Identifier{{Type: idgraph.Reference(here), Value: id}}
}

func bought(of idgraph.Ref, id, code, status, placed, total string, items ...connectors.OrderItem) connectors.Order {
	o := connectors.Order{Record: connectors.NewRecord(of, id), Number: p(code), Status: p(connectors.OrderStatus(status)), Total: eur(total), Items: items}
	if placed != "" {
		o.PlacedAt = at(placed)
	}
	return o
}

// item is a line of an order, but for how many.
func item(name, sku, price string) func(quantity string) connectors.OrderItem {
	return func(quantity string) connectors.OrderItem {
		return connectors.OrderItem{Name: p(name), Sku: p(sku), Quantity: p(dec(quantity)), UnitPrice: eur(price)}
	}
}

func p[T any](v T) *T { return &v }

func at(moment string) *time.Time {
	t, err := time.Parse(time.RFC3339Nano, moment)
	if err != nil {
		panic(err)
	}
	return &t
}

func dec(s string) connectors.Decimal {
	d, err := connectors.ParseDecimal(s)
	if err != nil {
		panic(err)
	}
	return d
}

func eur(amount string) *connectors.Money {
	return &connectors.Money{Amount: dec(amount), Currency: "EUR"}
}
