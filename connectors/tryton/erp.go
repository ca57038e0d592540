package tryton

import (
	"context"
	"fmt"

	"customer360/connectors"
)

// Orders are sales; their items are the lines that are neither title, subtotal
// nor comment.
func (e erp) Orders(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Order], error) {
	answers, err := children(ctx, e.rpc, q, e.sales(), orderOf)
	if err != nil {
		return nil, e.fail("orders", err)
	}
	return answers, nil
}

// Invoices are those to the customer, credit notes among them; an invoice from
// a party that is a supplier too is none of theirs.
func (e erp) Invoices(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Invoice], error) {
	answers, err := children(ctx, e.rpc, q, e.invoices(), invoiceOf)
	if err != nil {
		return nil, e.fail("invoices", err)
	}
	return answers, nil
}

// Payments are the move lines that were booked against invoices to the customer.
func (e erp) Payments(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Payment], error) {
	answers, err := children(ctx, e.rpc, q, e.payments(), paymentOf)
	if err != nil {
		return nil, e.fail("payments", err)
	}
	return answers, nil
}

// Balances are the receivable amounts of the parties, in the company's own
// currency, 0 included.
func (e erp) Balances(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Balance], error) {
	books, err := e.company(ctx)
	if err != nil {
		return nil, e.fail("balances", err)
	}
	ids, refs := idsOf(q.Refs)
	parties, err := read[party](ctx, e.rpc, search{model: "party.party", where: domain{clause("id", "in", ids)}, fields: []string{"receivable"}})
	if err != nil {
		return nil, e.fail("balances", err)
	}
	answers := make(connectors.Answers[connectors.Balance], len(parties))
	for _, p := range parties {
		owner, asked := refs[p.ID]
		if !asked {
			return nil, e.fail("balances", fmt.Errorf("a party that was not asked for: %w", connectors.ErrBadData))
		}
		due, err := money(p.Receivable, books.currency)
		if err != nil {
			return nil, e.fail("balances", err)
		}
		if due == nil {
			continue
		}
		row := connectors.Balance{Record: connectors.NewRecord(owner, owner.ID+"/"+due.Currency), BalanceDue: due}
		answers[owner] = connectors.Result[connectors.Balance]{Rows: []connectors.Balance{row}}
	}
	return answers, nil
}

func (e erp) sales() shelf[sale] {
	return shelf[sale]{
		model: "sale.sale",
		of: func(parties []int64) domain {
			return domain{clause("party", "in", parties), clause("company", "=", e.cfg.Company)}
		},
		when:   "sale_date",
		always: []string{"party"},
		fields: []column{
			{"number", []string{"number"}},
			{"status", []string{"state"}},
			{"placedAt", []string{"sale_date"}},
			{"total", []string{"total_amount", "currency.code"}},
			{"amountBand", []string{"total_amount", "currency.code"}},
			{"items", []string{"lines.type"}},
			{"items.name", []string{"lines.description", "lines.product.name"}},
			{"items.sku", []string{"lines.product.code"}},
			{"items.quantity", []string{"lines.quantity"}},
			{"items.unitPrice", []string{"lines.unit_price", "currency.code"}},
		},
		key: func(s sale) place { return place{s.ID, s.Party, s.SaleDate} },
	}
}

func orderOf(head connectors.Record, s sale) (connectors.Order, error) {
	var m mapping
	o := connectors.Order{
		Record:   head,
		Number:   text(s.Number),
		Status:   keep(&m, func() (*connectors.OrderStatus, error) { return state(s.State, connectors.OrderStatuses) }),
		PlacedAt: m.time(s.SaleDate),
		Total:    m.money(s.Total, s.Currency),
	}
	for _, l := range s.Lines {
		if l.Type == "line" {
			o.Items = append(o.Items, m.item(l, s.Currency))
		}
	}
	return o, m.err
}

// item maps a line; one without a description of its own goes by its product's name.
func (m *mapping) item(l line, in *coded) connectors.OrderItem {
	item := connectors.OrderItem{Name: text(l.Description), UnitPrice: m.money(l.UnitPrice, in)}
	if l.Product != nil {
		item.Sku = text(l.Product.Code)
		if item.Name == nil {
			item.Name = text(l.Product.Name)
		}
	}
	if len(l.Quantity) > 0 && l.Quantity.Kind() != 'n' {
		item.Quantity = keep(m, func() (*connectors.Decimal, error) {
			d, err := connectors.ParseDecimal(string(l.Quantity))
			return &d, err
		})
	}
	return item
}

func (e erp) invoices() shelf[invoice] {
	return shelf[invoice]{
		model: "account.invoice",
		of: func(parties []int64) domain {
			return domain{clause("party", "in", parties), clause("type", "=", "out"), clause("company", "=", e.cfg.Company)}
		},
		when:   "invoice_date",
		always: []string{"party"},
		fields: []column{
			{"number", []string{"number"}},
			{"status", []string{"state"}},
			{"issuedAt", []string{"invoice_date"}},
			{"total", []string{"total_amount", "currency.code"}},
			{"amountBand", []string{"total_amount", "currency.code"}},
			{"amountDue", []string{"amount_to_pay", "currency.code"}},
		},
		key: func(i invoice) place { return place{i.ID, i.Party, i.InvoiceDate} },
	}
}

func invoiceOf(head connectors.Record, i invoice) (connectors.Invoice, error) {
	var m mapping
	out := connectors.Invoice{
		Record:    head,
		Number:    text(i.Number),
		Status:    keep(&m, func() (*connectors.InvoiceStatus, error) { return state(i.State, connectors.InvoiceStatuses) }),
		IssuedAt:  m.time(i.InvoiceDate),
		Total:     m.money(i.Total, i.Currency),
		AmountDue: m.money(i.ToPay, i.Currency),
	}
	return out, m.err
}

func (e erp) payments() shelf[payment] {
	amount := []string{"debit", "credit", "currency.code", "amount_second_currency", "second_currency.code"}
	return shelf[payment]{
		model: "account.move.line",
		// The searcher of "invoice_payment" drops what follows the dot and takes
		// the parties' ids for invoices'; the relation behind it does not.
		of: func(parties []int64) domain {
			return clause("invoice_payments", "where", domain{
				clause("party", "in", parties), clause("type", "=", "out"), clause("company", "=", e.cfg.Company),
			})
		},
		when:   "date",
		always: []string{"invoice_payment.party"},
		fields: []column{
			{"paidAt", []string{"date"}},
			{"amount", amount},
			{"amountBand", amount},
			{"method", []string{"journal.name"}},
			{"invoiceNumber", []string{"invoice_payment.number"}},
		},
		key: func(p payment) place {
			if p.Invoice == nil {
				return place{id: p.ID, when: p.Date}
			}
			return place{p.ID, p.Invoice.Party, p.Date}
		},
	}
}

func paymentOf(head connectors.Record, p payment) (connectors.Payment, error) {
	var m mapping
	out := connectors.Payment{
		Record:        head,
		PaidAt:        m.time(p.Date),
		Amount:        keep(&m, p.paid),
		InvoiceNumber: text(p.Invoice.Number),
	}
	if p.Journal != nil {
		out.Method = text(p.Journal.Name)
	}
	return out, m.err
}

// paid is what the customer gave: on an account of what is owed to us, what is
// credited. Where it was paid in another currency than the company's, the line
// says so, with the sign turned round.
func (p payment) paid() (*connectors.Money, error) {
	if p.Second != nil && p.SecondCurrency != nil {
		m, err := money(p.Second, p.SecondCurrency)
		if err == nil {
			m.Amount.Decimal = m.Amount.Neg()
		}
		return m, err
	}
	m, err := money(p.Credit, p.Currency)
	if m == nil || err != nil {
		return nil, err
	}
	debit, err := p.Debit.decimal()
	if debit != nil && err == nil {
		m.Amount.Decimal = m.Amount.Sub(debit.Decimal)
	}
	return m, err
}
