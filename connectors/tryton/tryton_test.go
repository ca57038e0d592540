package tryton

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/consent"
	"customer360/internal/keys"
)

// open opens a connector in front of rt.
func open(t *testing.T, role connectors.Role, cfg *Config, rt http.RoundTripper) connectors.Connector {
	t.Helper()
	name := strings.ToLower(string(role))
	cfg.URL, cfg.User, cfg.Password = "http://tryton.test/"+name+"/", "admin", keys.Secret{Env: "TRYTON_PASSWORD"}
	if *recordFrom[name] == "" {
		t.Setenv("TRYTON_PASSWORD", "swordfish")
	}
	c, err := cfg.Open(connectors.Setup{Source: idgraph.Source(name), Role: role, Region: "DE", Transport: rt})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func openCRM(t *testing.T, rt http.RoundTripper) crm {
	return open(t, connectors.CRM, &Config{References: "erp", Consents: []Consent{
		{Purpose: "marketing.email", List: "Newsletter", Notice: "newsletter-form@2024"},
		{Purpose: "marketing.profiling", Category: "Consent / profiling", Notice: "account-form@2024"},
		{Purpose: "sharing.support", Category: "Consent / share_support_history"},
	}}, rt).(crm)
}

func openERP(t *testing.T, rt http.RoundTripper) erp {
	return open(t, connectors.ERP, &Config{}, rt).(erp)
}

func refs(source idgraph.Source, ids ...string) []idgraph.Ref {
	var out []idgraph.Ref
	for _, id := range ids {
		out = append(out, idgraph.Ref{Source: source, ID: id})
	}
	return out
}

// one is the only row of a result.
func one[T connectors.Row](t *testing.T, got connectors.Answers[T], ref idgraph.Ref) T {
	t.Helper()
	if len(got[ref].Rows) != 1 {
		t.Fatalf("%s: %d rows, want 1", ref, len(got[ref].Rows))
	}
	return got[ref].Rows[0]
}

// show writes values that hang on pointers.
func show(parts ...any) string {
	var b strings.Builder
	for _, p := range parts {
		switch v := p.(type) {
		case *string:
			b.WriteString(deref(v))
		case *time.Time:
			if v != nil {
				b.WriteString(v.Format(time.RFC3339))
			}
		case *connectors.Money:
			if v != nil {
				b.WriteString(v.Amount.String() + " " + v.Currency)
			}
		case *connectors.Decimal:
			if v != nil {
				b.WriteString(v.String())
			}
		default:
			fmt.Fprint(&b, v)
		}
		b.WriteByte('|')
	}
	return b.String()
}

func deref[T any](v *T) (zero T) {
	if v != nil {
		return *v
	}
	return zero
}

func TestACRM(t *testing.T) {
	rec := newTape(t, "crm")
	c := openCRM(t, rec)
	victoria := idgraph.Ref{Source: "crm", ID: "6"}

	t.Run("a profile, whole", func(t *testing.T) {
		got, err := c.Profiles(t.Context(), connectors.Query{Refs: refs("crm", "6", "999999", "none of Tryton's"), Fields: wholeProfile, Limit: 1})
		if err != nil || len(got) != 1 {
			t.Fatalf("%d profiles, %v", len(got), err)
		}
		p := one(t, got, victoria)
		a := p.Addresses[0]
		said := show(p.ID, p.Name, p.Company, p.Language, len(p.Emails), p.Emails[0].Address, len(p.Phones), p.Phones[0].Number, a.Street, a.City, a.Postcode, a.Region, a.Country, p.Identifiers)
		if want := "6|Victoria García|Umbra Optics||1|Victoriag91@example.org|1|+1 617 555 0100|107 Station Road|Boston|02110||US|[ref:crm:*** ref:erp:***]|"; said != want {
			t.Errorf("\n%s, want\n%s", said, want)
		}
		if p.Identifiers[1].Value != "C-10003" {
			t.Error("the ERP's number is another one")
		}
	})
	t.Run("e-mail addresses alone", func(t *testing.T) {
		before := len(rec.played)
		got, err := c.Profiles(t.Context(), connectors.Query{Refs: refs("crm", "6"), Fields: connectors.Fields("emails.address"), Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		if p := one(t, got, victoria); len(p.Emails) != 1 || p.Phones != nil || p.Name != nil {
			t.Error("more or less than the address that was asked for")
		}
		for _, e := range rec.played[before:] {
			if strings.Contains(string(e.Result), "617") || strings.Contains(string(e.Result), "Victoria G") {
				t.Errorf("%s brought a value that was not asked for", e.Method)
			}
		}
	})
	t.Run("deals", func(t *testing.T) {
		q := connectors.Query{Refs: refs("crm", "6", "18", "43"), Fields: connectors.Fields("number", "title", "stage", "amount", "openedAt"), Limit: 1, Order: connectors.NewestFirst}
		got, err := c.Deals(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		d := one(t, got, victoria)
		if said, want := show(d.Number, d.Title, *d.Stage, d.Amount, d.OpenedAt), "1|Annual service|LEAD|7713 EUR|2026-06-30T00:00:00Z|"; said != want {
			t.Errorf("%s, want %s", said, want)
		}
		two := got[idgraph.Ref{Source: "crm", ID: "43"}]
		if len(two.Rows) != 1 || !two.More || two.Rows[0].ID != "33" {
			t.Errorf("of two deals want the newer, and More: %d rows, %t", len(two.Rows), two.More)
		}
		q.Order, q.Fields = connectors.ByID, connectors.Fields("number")
		if got, err = c.Deals(t.Context(), q); err != nil {
			t.Fatal(err)
		}
		if two = got[idgraph.Ref{Source: "crm", ID: "43"}]; len(two.Rows) != 1 || !two.More || two.Rows[0].ID != "32" {
			t.Errorf("by id want the first of two, and More: %v", two.More)
		}
		if d := one(t, got, victoria); d.Amount != nil || d.OpenedAt != nil || d.Title != nil {
			t.Error("fields that were not asked for")
		}
	})
	t.Run("find", func(t *testing.T) {
		ids := []idgraph.Identifier{
			{Type: idgraph.Email, Value: "victoriag91@example.org"}, {Type: idgraph.Phone, Value: "+491713920017"},
			{Type: idgraph.Reference("erp"), Value: "C10003"}, {Type: idgraph.Reference("crm"), Value: "21"},
			{Type: idgraph.Email, Value: "nobody@example.org"}, {Type: idgraph.LoyaltyID, Value: "1"},
		}
		got, err := c.Find(t.Context(), ids)
		if err != nil {
			t.Fatal(err)
		}
		want := [][]idgraph.Ref{{victoria}, refs("crm", "21"), {victoria}, refs("crm", "21"), nil, nil}
		for i, id := range ids {
			if !slices.Equal(got[id], want[i]) {
				t.Errorf("identifier %d: %v, want %v", i, got[id], want[i])
			}
		}
	})
	t.Run("changes", func(t *testing.T) { changesOfACRM(t, c) })
}

// changesOfACRM reads everything in pages, and then a round in which nothing
// has changed.
func changesOfACRM(t *testing.T, c crm) {
	var all connectors.Changes
	next, pages := "", 0
	for more := true; more; pages++ {
		page, err := c.Changes(t.Context(), next, 20)
		if err != nil {
			t.Fatal(err)
		}
		all.Profiles, all.Consents, all.Gone = append(all.Profiles, page.Profiles...), append(all.Consents, page.Consents...), append(all.Gone, page.Gone...)
		next, more = page.Next, page.More
		if page.Total != 46 {
			t.Errorf("a total of %d, want 46", page.Total)
		}
	}
	if len(all.Profiles) != 40 || pages != 3 {
		t.Errorf("%d persons on %d pages, want 40 on 3", len(all.Profiles), pages)
	}
	// The company, its sales representative and four employers.
	if want := refs("crm", "1", "2", "5", "10", "12", "35"); !slices.Equal(all.Gone, want) {
		t.Errorf("left out %v, want %v", all.Gone, want)
	}
	said := map[string]bool{}
	for _, k := range all.Consents {
		said[fmt.Sprint(k.Owner.ID, " ", k.Purpose, " ", k.State, " ", k.Notice, " ", k.At.IsZero())] = true
	}
	for _, want := range []string{
		"6 marketing.email WITHDRAWN newsletter-form@2024 false",
		"6 marketing.profiling GRANTED account-form@2024 false",
		"6 sharing.support DENIED  false",
	} {
		if !said[want] {
			t.Errorf("nobody says %s", want)
		}
	}
	for range 2 { // the parties, then the mailing lists
		page, err := c.Changes(t.Context(), next, 20)
		if err != nil || len(page.Profiles)+len(page.Gone) > 0 {
			t.Errorf("%d changes where nothing changed, %v", len(page.Profiles), err)
		}
		next = page.Next
	}
}

func TestAnERP(t *testing.T) {
	e := openERP(t, newTape(t, "erp"))
	buyer := idgraph.Ref{Source: "erp", ID: "9"}

	t.Run("orders with their items", func(t *testing.T) {
		q := connectors.Query{Refs: refs("erp", "9", "4"), Limit: 2, Order: connectors.NewestFirst, Fields: connectors.Fields(
			"number", "status", "placedAt", "total", "items.name", "items.sku", "items.quantity", "items.unitPrice")}
		got, err := e.Orders(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		res := got[buyer]
		if len(res.Rows) != 2 || !res.More || res.Rows[0].PlacedAt.Before(*res.Rows[1].PlacedAt) {
			t.Fatalf("%d of three orders, More %t", len(res.Rows), res.More)
		}
		o := res.Rows[0]
		if said, want := show(o.Number, *o.Status, o.Total, o.PlacedAt, len(o.Items)), "9|DONE|537.80 EUR|2026-11-01T00:00:00Z|2|"; said != want {
			t.Errorf("%s, want %s", said, want)
		}
		i := o.Items[1]
		if said, want := show(i.Name, i.Sku, i.Quantity, i.UnitPrice), "Coffee beans 1 kg||2.0|19.90 EUR|"; said != want {
			t.Errorf("%s, want %s", said, want)
		}
	})
	t.Run("invoices", func(t *testing.T) {
		q := connectors.Query{Refs: refs("erp", "9", "4"), Limit: 10, Fields: connectors.Fields("number", "status", "issuedAt", "total", "amountDue")}
		got, err := e.Invoices(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, i := range slices.Concat(got[buyer].Rows, got[idgraph.Ref{Source: "erp", ID: "4"}].Rows) {
			said = append(said, show(i.Number, *i.Status, i.Total, i.AmountDue, i.IssuedAt))
		}
		want := []string{
			"2026-3|PAID|537.80 EUR|0 EUR|2026-11-01T00:00:00Z|", "2026-4|POSTED|397.80 EUR|387.80 EUR|2025-10-15T00:00:00Z|",
			"2026-5|PAID|249.00 EUR|0 EUR|2025-09-20T00:00:00Z|", "2026-1|PAID|299.00 EUR|0 EUR|2025-12-28T00:00:00Z|", "|DRAFT|180.00 EUR|0 EUR||",
		}
		if !slices.Equal(said, want) {
			t.Errorf("\n%q, want\n%q", said, want)
		}
	})
	t.Run("payments", func(t *testing.T) {
		q := connectors.Query{Refs: refs("erp", "9", "4"), Limit: 2, Order: connectors.NewestFirst, Fields: connectors.Fields("paidAt", "amount", "method", "invoiceNumber")}
		got, err := e.Payments(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if res := got[buyer]; len(res.Rows) != 2 || !res.More {
			t.Errorf("%d of three payments, More %t", len(res.Rows), res.More)
		}
		p := one(t, got, idgraph.Ref{Source: "erp", ID: "4"})
		if said, want := show(p.Amount, p.Method, p.InvoiceNumber, p.PaidAt), "299.00 EUR|Cash|2026-1|2026-11-22T00:00:00Z|"; said != want {
			t.Errorf("%s, want %s", said, want)
		}
	})
	t.Run("balances", func(t *testing.T) {
		got, err := e.Balances(t.Context(), connectors.Query{Refs: refs("erp", "9", "4", "999999"), Limit: 1, Fields: connectors.Fields("balanceDue")})
		if err != nil || len(got) != 2 {
			t.Fatalf("%d balances, %v", len(got), err)
		}
		if said := show(one(t, got, buyer).BalanceDue); said != "387.80 EUR|" {
			t.Error(said)
		}
	})
	t.Run("pages make no difference", func(t *testing.T) {
		everybody := connectors.Query{Fields: connectors.Fields("number", "issuedAt"), Limit: 2}
		for id := range 41 {
			everybody.Refs = append(everybody.Refs, idgraph.Ref{Source: "erp", ID: fmt.Sprint(id + 1)})
		}
		for _, everybody.Order = range []connectors.Ordering{connectors.ByID, connectors.NewestFirst} {
			e.rpc.rows = 1000
			want, err := e.Invoices(t.Context(), everybody)
			if err != nil {
				t.Fatal(err)
			}
			e.rpc.rows = 5
			got, err := e.Invoices(t.Context(), everybody)
			if err != nil || len(got) < 10 || !reflect.DeepEqual(got, want) {
				t.Errorf("in order %d: %d parties in small pages, %d in one, %v", everybody.Order, len(got), len(want), err)
			}
		}
	})
	t.Run("find what was typed with blanks around it", func(t *testing.T) {
		id := idgraph.Identifier{Type: idgraph.Email, Value: "victoriag91@example.org"}
		got, err := e.Find(t.Context(), []idgraph.Identifier{id})
		if err != nil || !slices.Equal(got[id], refs("erp", "3")) {
			t.Errorf("%v, %v", got[id], err)
		}
	})
	t.Run("changes leave out the company itself", func(t *testing.T) {
		page, err := e.Changes(t.Context(), "", 3)
		if err != nil || len(page.Profiles) != 2 || !slices.Equal(page.Gone, refs("erp", "1")) || !page.More || page.Total != 41 {
			t.Errorf("%d persons, without %v, of %d, %v", len(page.Profiles), page.Gone, page.Total, err)
		}
	})
}

func TestFaultsHaveAMeaningAndNoText(t *testing.T) {
	for body, want := range map[string]error{
		`{"id":7,"error":["'nope'",""]}`: connectors.ErrBadData,
		`{"id":7,"error":["UserError",["You are not allowed to access \"Party\".","",null]]}`: connectors.ErrAuth,
		`{"id":7,"error":["server closed the connection for Victoria",""]}`:                   connectors.ErrUnavailable,
		`{"id":7,"error":[{"Victoria":1}]}`:                                                   connectors.ErrBadData,
		`{"id":8,"result":[]}`:                                                                connectors.ErrBadData,
		`{"id":7}`:                                                                            connectors.ErrBadData,
		`{"id":7,"result":[{"id":"Victoria"}]}`:                                               connectors.ErrBadData,
		`{"id":7,"result":[{"id":1`:                                                           connectors.ErrBadData,
		`<html>Victoria</html>`:                                                               connectors.ErrBadData,
	} {
		_, err := decode[[]party]([]byte(body), 7)
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", body, err, want)
		} else if strings.Contains(err.Error(), "Victoria") {
			t.Errorf("%s: the error tells it", body)
		}
	}
}

func TestBadValuesAreBadData(t *testing.T) {
	name, place := "hidden", "on hold"
	for what, err := range map[string]error{
		"a date that is none":        second((&stamp{Class: "date", Year: 2024, Month: 2, Day: 31}).time()),
		"a class that is none":       second((&stamp{Class: "time", Year: 2024, Month: 2, Day: 1}).time()),
		"an amount that is none":     second(money(&number{Class: "Decimal", Decimal: name}, &coded{})),
		"an amount in no currency":   second(money(&number{Class: "Decimal", Decimal: "1"}, nil)),
		"a state that is not known":  second(state(&place, connectors.OrderStatuses)),
		"an amount of another class": second(money(&number{Class: "float", Decimal: "1"}, &coded{})),
	} {
		if !errors.Is(err, connectors.ErrBadData) || strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func second[T any](_ *T, err error) error { return err }

func TestTheLastWordOnAListCounts(t *testing.T) {
	at := func(day int) *stamp { return &stamp{Class: "datetime", Year: 2024, Month: 1, Day: day} }
	list, address := "Newsletter", " A@Example.org "
	p := party{Mechanisms: []mechanism{{Type: "email", Value: &address, Active: true}, {Type: "mobile", Value: &address, Active: true}}}
	in := func(active bool, day int) subscription {
		return subscription{List: &named{&list}, Active: active, Made: at(day)}
	}
	for what, c := range map[string]struct {
		held []subscription
		want consent.State
	}{
		"no subscription":                    {nil, ""},
		"subscribed":                         {[]subscription{in(true, 1)}, consent.Granted},
		"withdrawn after subscribing":        {[]subscription{in(true, 1), in(false, 2)}, consent.Withdrawn},
		"subscribed after withdrawing":       {[]subscription{in(true, 3), in(false, 2)}, consent.Granted},
		"both at once, the withdrawal last":  {[]subscription{in(true, 1), in(false, 1)}, consent.Withdrawn},
		"both at once, the withdrawal first": {[]subscription{in(false, 1), in(true, 1)}, consent.Withdrawn},
	} {
		got, _, err := Consent{List: list}.byList(p, map[string][]subscription{"a@example.org": c.held})
		if got != c.want || err != nil {
			t.Errorf("%s: %s, %v, want %s", what, got, err, c.want)
		}
	}
}

func TestPatternsMatchEverySpelling(t *testing.T) {
	for normal, want := range map[string]string{
		"a_b@example.org":      `%a\_b@example.org%`,
		"jo@gmail.com":         `%j%o%@%`,
		"jo@xn--mnchen-3ya.de": `%jo@%`,
		"100%@corp.example":    `%100\%@corp.example%`,
	} {
		if got := emailPattern(normal); got != want {
			t.Errorf("%s: %s, want %s", normal, got, want)
		}
	}
	if got := phonePattern("+491713920017"); got != "%3%9%2%0%0%1%7%" {
		t.Error(got)
	}
}

func TestAConfigurationThatCannotBeIsRefused(t *testing.T) {
	t.Setenv("TRYTON_PASSWORD", "swordfish")
	good := Config{URL: "http://tryton.test/crm/", User: "u", Password: keys.Secret{Env: "TRYTON_PASSWORD"}}
	for what, c := range map[string]struct {
		role connectors.Role
		with func(*Config)
	}{
		"url: want":           {connectors.CRM, func(c *Config) { c.URL = "tryton.test/crm/" }},
		"url: user and":       {connectors.CRM, func(c *Config) { c.URL = "http://u:swordfish@tryton.test/crm/" }},
		"user: is missing":    {connectors.CRM, func(c *Config) { c.User = "" }},
		"password: ":          {connectors.CRM, func(c *Config) { c.Password = keys.Secret{} }},
		"serves as CRM or":    {connectors.Helpdesk, func(*Config) {}},
		"are for the role":    {connectors.ERP, func(c *Config) { c.Consents = []Consent{{Purpose: "p", List: "l"}} }},
		"consents: entry 1: ": {connectors.CRM, func(c *Config) { c.Consents = []Consent{{Purpose: "p", List: "l", Category: "c"}} }},
	} {
		cfg := good
		c.with(&cfg)
		_, err := cfg.Open(connectors.Setup{Source: "x", Role: c.role})
		if err == nil || !strings.Contains(err.Error(), what) || strings.Contains(err.Error(), "swordfish") {
			t.Errorf("%v, want %q", err, what)
		}
	}
}

func TestBeforeMayRefuseACallAndLearnsNoValue(t *testing.T) {
	t.Setenv("TRYTON_PASSWORD", "swordfish")
	stop := errors.New("not now")
	var told string
	cfg := &Config{URL: "http://tryton.test/crm/", User: "u", Password: keys.Secret{Env: "TRYTON_PASSWORD"}}
	c, err := cfg.Open(connectors.Setup{Source: "crm", Role: connectors.CRM, Before: func(_ context.Context, call string) error { told = call; return stop }})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.(crm).Profiles(t.Context(), connectors.Query{Refs: refs("crm", "6"), Fields: connectors.Fields("name"), Limit: 1})
	if !errors.Is(err, stop) || told != "model.party.party.search_read id name" {
		t.Errorf("%v after %q", err, told)
	}
}
