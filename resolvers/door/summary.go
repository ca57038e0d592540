package door

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"customer360/connectors"
)

// A CustomerSummary is the customer in a few figures, each a method over rows
// that are masked already: what is not shown does not count.
type CustomerSummary struct{ s *subject }

// Summary is the customer in a few figures.
func (c *Customer) Summary() *CustomerSummary { return &CustomerSummary{c.subject} }

// counts are the orders that count towards a customer's value.
var counts = []connectors.OrderStatus{"CONFIRMED", "PROCESSING", "SHIPPED", "DONE"}

// LifetimeValue is what the orders come to, by currency.
func (m *CustomerSummary) LifetimeValue(ctx context.Context) ([]connectors.Money, error) {
	sums, err := m.orders(ctx)
	return sums.totals(), err
}

// AverageOrder is what an order comes to on average, by currency, to the cent.
func (m *CustomerSummary) AverageOrder(ctx context.Context) ([]connectors.Money, error) {
	sums, err := m.orders(ctx)
	if sums == nil {
		return nil, err
	}
	out := sums.totals()
	for i, money := range out {
		n := decimal.NewFromInt(int64((*sums)[money.Currency].n))
		out[i].Amount = connectors.Decimal{Decimal: money.Amount.DivRound(n, 2)}
	}
	return out, err
}

func (m *CustomerSummary) orders(ctx context.Context) (*sums, error) {
	if !m.s.shows("CustomerSummary", "lifetimeValue") {
		return nil, nil
	}
	g, err := gather[connectors.Order](ctx, m.s, connectors.KindOrder, 0)
	if err != nil || g.silent() {
		return nil, err
	}
	out := sums{}
	for _, o := range g.rows {
		if o.Status != nil && slices.Contains(counts, *o.Status) {
			out.add(o.Total)
		}
	}
	return &out, nil
}

// BalanceDue is what the customer owes, by currency, as the books say.
func (m *CustomerSummary) BalanceDue(ctx context.Context) ([]connectors.Money, error) {
	if !m.s.shows("CustomerSummary", "balanceDue") {
		return nil, nil
	}
	g, err := gather[connectors.Balance](ctx, m.s, connectors.KindBalance, 0)
	if err != nil || g.silent() {
		return nil, err
	}
	out := sums{}
	for _, b := range g.rows {
		out.add(b.BalanceDue)
	}
	return out.totals(), nil
}

// OpenTickets is how many tickets are not resolved.
func (m *CustomerSummary) OpenTickets(ctx context.Context) (*int, error) {
	if !m.s.shows("CustomerSummary", "openTickets") {
		return nil, nil
	}
	g, err := gather[connectors.Ticket](ctx, m.s, connectors.KindTicket, 0)
	if err != nil || g.silent() {
		return nil, err
	}
	n := 0
	for _, t := range g.rows {
		if t.Status != nil && *t.Status != "RESOLVED" && *t.Status != "CLOSED" {
			n++
		}
	}
	return &n, nil
}

// LastContactAt is when the customer and the helpdesk last wrote.
func (m *CustomerSummary) LastContactAt(ctx context.Context) (*time.Time, error) {
	if !m.s.shows("CustomerSummary", "lastContactAt") {
		return nil, nil
	}
	g, err := gather[connectors.Ticket](ctx, m.s, connectors.KindTicket, 0)
	if err != nil {
		return nil, err
	}
	var last *time.Time
	for _, t := range g.rows {
		for _, at := range []*time.Time{t.OpenedAt, t.UpdatedAt} {
			if at != nil && (last == nil || at.After(*last)) {
				last = at
			}
		}
	}
	return last, nil
}

// Complete says whether every source that these figures need answered in full.
func (m *CustomerSummary) Complete(ctx context.Context) (bool, error) {
	orders, err := gather[connectors.Order](ctx, m.s, connectors.KindOrder, 0)
	if err != nil {
		return false, err
	}
	tickets, err := gather[connectors.Ticket](ctx, m.s, connectors.KindTicket, 0)
	if err != nil {
		return false, err
	}
	balances, err := gather[connectors.Balance](ctx, m.s, connectors.KindBalance, 0)
	if err != nil {
		return false, err
	}
	failed := len(orders.failed) + len(tickets.failed) + len(balances.failed)
	return failed == 0 && !orders.short && !tickets.short && !balances.more, nil
}

// sums add money up, each currency by itself.
type sums map[string]sum

type sum struct {
	total decimal.Decimal
	n     int
}

func (s sums) add(m *connectors.Money) {
	if m == nil {
		return
	}
	have := s[m.Currency]
	s[m.Currency] = sum{have.total.Add(m.Amount.Decimal), have.n + 1}
}

func (s *sums) totals() []connectors.Money {
	if s == nil {
		return nil
	}
	out := make([]connectors.Money, 0, len(*s))
	for currency, sum := range *s {
		out = append(out, connectors.Money{Amount: connectors.Decimal{Decimal: sum.total}, Currency: currency})
	}
	slices.SortFunc(out, func(a, b connectors.Money) int { return strings.Compare(a.Currency, b.Currency) })
	return out
}
