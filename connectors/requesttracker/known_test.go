package requesttracker

import (
	"time"

	"customer360/connectors"
	"customer360/connectors/connectortest"
	"customer360/idgraph"
)

// known is what testdata/people.jsonl, additions.py and letters.pl make of a
// Request Tracker, read off its own screens: not through the connector.
func known() connectortest.Records {
	const here = idgraph.Source("helpdesk")
	who := func(id string) idgraph.Ref { return idgraph.Ref{Source: here, ID: id} }
	zoe, wei, aoife, soren := who("27"), who("41"), who("47"), who("53")
	ticket := func(owner idgraph.Ref, id, subject string, status connectors.TicketStatus, priority connectors.TicketPriority, opened, updated string) connectors.Ticket {
		return connectors.Ticket{
			Record: connectors.NewRecord(owner, id), Number: p(id), Subject: p(subject), Status: p(status), Priority: p(priority), OpenedAt: at(opened), UpdatedAt: at(updated),
		}
	}
	message := func(ticket, id string, author connectors.MessageAuthor, sent, said string) connectors.Message {
		m := connectors.Message{Record: connectors.NewRecord(who(ticket), id), Author: p(author), SentAt: at(sent), Text: p(said)}
		if said == "" {
			m.Text = nil
		}
		return m
	}
	return connectortest.Records{
		Profiles: []connectors.Profile{
			{
				Record: connectors.NewRecord(zoe, "27"), LookupKey: "Zoe.Cruz@Example.org", UpdatedAt: at("2026-11-22T07:42:03Z"), Name: p("Zoë de la Cruz"), Language: p("pt-BR"), Company: p("Umbra Optics"),
				Emails:    []connectors.EmailAddress{{Address: p("Zoe.Cruz@Example.org"), Source: here}},
				Phones:    []connectors.PhoneNumber{{Number: p("+49 (0) 171 3920001"), Source: here}, {Number: p("0221 555 0101"), Source: here}, {Number: p("0221 555 0102"), Source: here}},
				Addresses: []connectors.PostalAddress{{Street: p("12 Lindenstraße\nHinterhaus"), City: p("Köln"), Postcode: p("50667"), Region: p("NW"), Country: p("DE"), Source: here}},
			},
			{
				Record: connectors.NewRecord(wei, "41"), LookupKey: "WTANAKA@POST.EXAMPLE", UpdatedAt: at("2026-11-22T07:42:13Z"), Name: p("Wei Tanaka"),
				Emails: []connectors.EmailAddress{{Address: p("WTANAKA@POST.EXAMPLE"), Source: here}},
				Phones: []connectors.PhoneNumber{{Number: p("07700 900002"), Source: here}},
			},
			{ // disabled, and a person all the same
				Record: connectors.NewRecord(aoife, "47"), LookupKey: "a_obrien@corp.example", UpdatedAt: at("2026-11-22T07:42:04Z"), Name: p("Aoife O’Brien"),
				Emails: []connectors.EmailAddress{{Address: p("a_obrien@corp.example"), Source: here}},
			},
			{
				Record: connectors.NewRecord(soren, "53"), LookupKey: "soeren+orders@mail.example", UpdatedAt: at("2026-11-22T07:41:58Z"), Name: p("Søren Ødegård"),
				Emails:    []connectors.EmailAddress{{Address: p("soeren+orders@mail.example"), Source: here}},
				Addresses: []connectors.PostalAddress{{Street: p("9 Oak Avenue"), City: p("Boston"), Postcode: p("02110"), Country: p("US"), Source: here}},
			},
		},
		Messages: []connectors.Message{
			message("1", "34", "AGENT", "2026-11-22T07:41:00Z", "Hello,\n\nthe grinder hums. Please help.\n\nZoë de la Cruz"),
			message("1", "96", "AGENT", "2026-11-22T10:24:55Z", "Which floor, please?"),
			message("1", "97", "CUSTOMER", "2026-11-22T10:24:57Z", "Hinterhaus, second floor."),
			message("1", "99", "AGENT", "2026-11-22T10:24:59Z", "Thank you.\n\nWe’ll be there & look.\nBye"), // HTML alone
			message("1", "100", "CUSTOMER", "2026-11-22T10:25:00Z", ""),                                      // a file alone
			message("2", "40", "AGENT", "2026-11-22T07:41:03Z", "Hello,\n\ninvoice went astray. Please help.\n\nZoë de la Cruz"),
			message("3", "46", "AGENT", "2026-11-22T07:41:06Z", "Hello,\n\nplease call me back. Please help.\n\nZoë de la Cruz"),
			message("4", "53", "AGENT", "2026-11-22T07:41:11Z", "Hello,\n\nforgotten password. Please help.\n\nWei Tanaka"),
			message("5", "60", "AGENT", "2026-11-22T07:41:15Z", "Hello,\n\nwrong colour. Please help.\n\nAoife O’Brien"),
			message("6", "81", "AGENT", "2026-11-22T07:42:10Z", "Well?"),
			message("6", "101", "SYSTEM", "2026-11-22T10:25:01Z", "We are closed until Monday."),
		},
		// "The team asks" is a group's, and so nobody's own.
		Tickets: []connectors.Ticket{
			ticket(zoe, "1", "The grinder hums", "RESOLVED", "HIGH", "2026-11-22T07:41:00Z", "2026-11-22T10:25:00Z"),
			ticket(zoe, "2", "Invoice went astray", "PENDING", "NORMAL", "2026-11-22T07:41:02Z", "2026-11-22T07:42:08Z"),
			ticket(zoe, "3", "Please call me back", "NEW", "LOW", "2026-11-22T07:41:06Z", "2026-11-22T07:41:07Z"),
			ticket(zoe, "6", "We both wonder", "OPEN", "LOW", "2026-11-22T07:42:10Z", "2026-11-22T10:25:01Z"),
			ticket(wei, "4", "Forgotten password", "CLOSED", "LOW", "2026-11-22T07:41:11Z", "2026-11-22T07:42:09Z"),
			ticket(wei, "6", "We both wonder", "OPEN", "LOW", "2026-11-22T07:42:10Z", "2026-11-22T10:25:01Z"),
			ticket(aoife, "5", "Wrong colour", "NEW", "LOW", "2026-11-22T07:41:15Z", "2026-11-22T07:50:37Z"),
		},
	}
}

func p[T any](v T) *T { return &v }

func at(s string) *time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return &t
}
