package tryton

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"customer360/connectors"
	"customer360/idgraph"
)

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
		if said, want := show(i.Name, i.Sku, i.Quantity, i.UnitPrice), "Coffee beans 1 kg|ESP|2.0|19.90 EUR|"; said != want {
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
