package tryton

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"customer360/connectors"
	"customer360/idgraph"
)

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
	t.Run("what is deactivated is no address, who is deactivated is a person", func(t *testing.T) {
		got, err := c.Profiles(t.Context(), connectors.Query{Refs: refs("crm", "45", "46"), Fields: wholeProfile, Limit: 1})
		if err != nil || len(got) != 2 {
			t.Fatalf("%d profiles, %v", len(got), err)
		}
		if p := one(t, got, idgraph.Ref{Source: "crm", ID: "46"}); len(p.Emails) != 1 || *p.Emails[0].Address == "moved.away@example.org" {
			t.Errorf("%d addresses, want the active one", len(p.Emails))
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
			{Type: idgraph.Email, Value: "victoriag91@example.org"},
			{Type: idgraph.Phone, Value: "+491713920017"},
			{Type: idgraph.Reference("erp"), Value: "C10003"},
			{Type: idgraph.Reference("crm"), Value: "21"},
			{Type: idgraph.Email, Value: "nobody@example.org"},
			{Type: idgraph.LoyaltyID, Value: "1"},
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
