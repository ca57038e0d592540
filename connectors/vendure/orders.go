package vendure

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/shopspring/decimal"

	"customer360/connectors"
)

var orderColumns = []column{
	{"number", []string{"code"}},
	{"status", []string{"state"}},
	{"placedAt", []string{"orderPlacedAt"}},
	{"total", []string{"totalWithTax", "currencyCode"}},
	{"amountBand", []string{"totalWithTax", "currencyCode"}},
	{"items.name", []string{"lines.id", "lines.productVariant.name"}},
	{"items.sku", []string{"lines.id", "lines.productVariant.sku"}},
	{"items.quantity", []string{"lines.id", "lines.quantity"}},
	{"items.unitPrice", []string{"lines.id", "lines.unitPriceWithTax", "currencyCode"}},
}

// The lists of one customer's orders. Newest first takes two: Vendure sorts by
// the fields of its schema in their order, the id before the time, and leaves
// it to the database where orders without a time stand.
const (
	byID   = `orders(options:{take:$rows,sort:{id:ASC}}){totalItems items{%[1]s}}`
	newest = `placed:orders(options:{take:$rows,sort:{orderPlacedAt:DESC},filter:{orderPlacedAt:{isNull:false}}}){totalItems items{%[1]s}} ` +
		`open:orders(options:{take:$rows,sort:{id:ASC},filter:{orderPlacedAt:{isNull:true}}}){totalItems items{%[1]s}}`
)

// Orders are those that a customer placed or is placing, of many customers in
// one call. Drafts that staff write are left out by Vendure.
func (c *connector) Orders(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Order], error) {
	fields, lists := asks(q.Fields, orderColumns, "id"), byID
	if q.Order == connectors.NewestFirst {
		fields, lists = asks(q.Fields.Plus("placedAt"), orderColumns, "id"), newest
	}
	announced := []string{"id"}
	for _, f := range fields {
		announced = append(announced, "orders."+f)
	}
	rows := min(max(q.Limit, 1), mostRows)
	people, refs, err := c.people(ctx, q, announced, "id "+fmt.Sprintf(lists, selection(fields)), map[string]any{"rows": rows})
	if err != nil {
		return nil, c.fail("orders", err)
	}
	answers := make(connectors.Answers[connectors.Order], len(people))
	for _, p := range people {
		owner := refs[p.ID]
		list, total, err := p.orders(q.Order)
		if err != nil {
			return nil, c.fail("orders", err)
		}
		list = list[:min(rows, len(list))]
		res := connectors.Result[connectors.Order]{More: total > len(list)}
		for _, o := range list {
			row, err := c.orderOf(connectors.NewRecord(owner, o.ID), o)
			if err != nil { // fails its customer alone
				res = connectors.Result[connectors.Order]{Err: c.fail("orders", err)}
				break
			}
			res.Rows = append(res.Rows, row)
		}
		answers[owner] = res
	}
	return answers, nil
}

// orders are those of one customer in the order that was asked for, and how
// many there are.
func (p customer) orders(by connectors.Ordering) (list []order, total int, err error) {
	lists := []*orderList{p.Orders}
	if by == connectors.NewestFirst {
		lists = []*orderList{p.Placed, p.Open}
	}
	for _, l := range lists {
		if l == nil || l.TotalItems < len(l.Items) {
			return nil, 0, fmt.Errorf("a customer without orders to count: %w", connectors.ErrBadData)
		}
		list, total = append(list, l.Items...), total+l.TotalItems
	}
	if by == connectors.NewestFirst {
		slices.SortStableFunc(list, newerFirst)
	}
	seen := map[string]bool{}
	for _, o := range list {
		if o.ID == "" || seen[o.ID] {
			return nil, 0, fmt.Errorf("an order that was told of already: %w", connectors.ErrBadData)
		}
		seen[o.ID] = true
	}
	return list, total, nil
}

func newerFirst(a, b order) int {
	switch {
	case a.OrderPlacedAt != nil && b.OrderPlacedAt == nil:
		return -1
	case a.OrderPlacedAt == nil && b.OrderPlacedAt != nil:
		return 1
	case a.OrderPlacedAt != nil && !a.OrderPlacedAt.Equal(*b.OrderPlacedAt):
		return b.OrderPlacedAt.Compare(*a.OrderPlacedAt)
	}
	return compareIDs(a.ID, b.ID)
}

func (c *connector) orderOf(head connectors.Record, o order) (out connectors.Order, err error) {
	out = connectors.Order{Record: head, Number: text(o.Code), PlacedAt: utc(o.OrderPlacedAt)}
	if out.Status, err = c.statusOf(o.State); err != nil {
		return out, err
	}
	if out.Total, err = money(o.TotalWithTax, o.CurrencyCode, *c.cfg.Digits); err != nil {
		return out, err
	}
	slices.SortFunc(o.Lines, func(a, b line) int { return compareIDs(a.ID, b.ID) })
	for _, l := range o.Lines {
		var item connectors.OrderItem
		if item.UnitPrice, err = money(l.UnitPriceWithTax, o.CurrencyCode, *c.cfg.Digits); err != nil {
			return out, err
		}
		if l.Quantity != nil {
			item.Quantity = &connectors.Decimal{Decimal: decimal.New(*l.Quantity, 0)}
		}
		if l.Variant != nil {
			item.Name, item.Sku = text(l.Variant.Name), text(l.Variant.SKU)
		}
		out.Items = append(out.Items, item)
	}
	return out, nil
}

// statuses are the states of Vendure's default order process.
var statuses = map[string]connectors.OrderStatus{
	"Created": "DRAFT", "Draft": "DRAFT", "AddingItems": "DRAFT", "ArrangingPayment": "DRAFT",
	"PaymentAuthorized": "CONFIRMED", "PaymentSettled": "CONFIRMED",
	"Modifying": "PROCESSING", "ArrangingAdditionalPayment": "PROCESSING",
	"PartiallyShipped": "PROCESSING", "Shipped": "SHIPPED", "PartiallyDelivered": "SHIPPED", "Delivered": "DONE",
	"Cancelled": "CANCELLED",
}

// strays are states that nobody has given a meaning, told of already.
type strays struct{ told sync.Map }

// statusOf is what a state means. For a shop's own state that its configuration
// does not name, the log says once which it is.
func (c *connector) statusOf(state *string) (*connectors.OrderStatus, error) {
	if state == nil {
		return nil, nil
	}
	status, known := c.cfg.States[*state]
	if !known {
		status, known = statuses[*state]
	}
	if known {
		return &status, nil
	}
	if _, told := c.strays.told.LoadOrStore(*state, true); !told {
		log := c.setup.Log
		if log == nil {
			log = slog.Default()
		}
		log.Warn("an order state is not among the configured `states`", "source", c.setup.Source, "state", *state)
	}
	return nil, fmt.Errorf("an order state without a meaning: %w", connectors.ErrBadData)
}
