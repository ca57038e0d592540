package main

import (
	"context"
	"fmt"
	"strings"
)

// A customer is what the gateway answers, every field that a tryton source can give.
type customer struct {
	ID                      string
	Name, Language, Company *string
	Emails                  []struct{ Address, Source string }
	Phones                  []struct{ Number, Source string }
	Addresses               []postal
	Provenance              []provenance
	Deals                   nodes[deal]
	Invoices                nodes[invoice]
	Payments                nodes[payment]
	Orders                  nodes[order]
	Summary                 struct{ BalanceDue []amount }
	Consents                []consent
	Identity                struct{ Records []struct{ Source, ID string } }
}

type (
	nodes[T any] struct {
		Nodes     []T
		Truncated bool
		PageInfo  struct{ HasNextPage bool }
	}
	amount     struct{ Amount, Currency string }
	postal     struct{ Street, City, Postcode, Region, Country, Source *string }
	provenance struct {
		Field, Source, AsOf string
		Rivals              []string
	}
	deal struct {
		Source, Number, Title, Stage, OpenedAt *string
		Amount                                 *amount
	}
	invoice struct {
		Source, Number, Status, IssuedAt *string
		Total, AmountDue                 *amount
	}
	payment struct {
		Source, PaidAt, Method, InvoiceNumber *string
		Amount                                *amount
	}
	order struct {
		Source, Number, Status, PlacedAt *string
		Total                            *amount
		Items                            []struct {
			Name, Sku, Quantity *string
			UnitPrice           *amount
		}
	}
	consent struct{ Purpose, Given, State, Since, Notice, HeldBy *string }
)

const customerFields = `
  id name language company
  emails {address source} phones {number source}
  addresses {street city postcode region country source}
  provenance {field source asOf rivals}
  deals(first: 50) {nodes {source number title stage amount {amount currency} openedAt} truncated pageInfo {hasNextPage}}
  invoices(first: 50) {nodes {source number status issuedAt total {amount currency} amountDue {amount currency}} truncated pageInfo {hasNextPage}}
  payments(first: 50) {nodes {source paidAt amount {amount currency} method invoiceNumber} truncated pageInfo {hasNextPage}}
  orders(first: 50) {nodes {source number status placedAt total {amount currency} items {name sku quantity unitPrice {amount currency}}} truncated pageInfo {hasNextPage}}
  summary {balanceDue {amount currency}}
  consents {purpose given state since notice heldBy}
  identity {records {source id}}`

// everybody reads all customers, page by page.
func (g *gateway) everybody(ctx context.Context) ([]customer, error) {
	var all []customer
	for after := (*string)(nil); ; {
		var data struct {
			Customers struct {
				Nodes    []customer
				PageInfo struct {
					HasNextPage bool
					EndCursor   *string
				}
			}
		}
		wrong, err := g.ask(ctx, `query ($after: String) {customers(first: 20, after: $after) {nodes {`+customerFields+`} pageInfo {hasNextPage endCursor}}}`, row{"after": after}, &data)
		if err != nil || len(wrong) > 0 {
			return nil, fmt.Errorf("all customers: %v %w", wrong, err)
		}
		all = append(all, data.Customers.Nodes...)
		if !data.Customers.PageInfo.HasNextPage {
			return all, nil
		}
		after = data.Customers.PageInfo.EndCursor
	}
}

// one reads one customer.
func (g *gateway) one(ctx context.Context, id string) (customer, []gqlError, error) {
	var data struct{ Customer *customer }
	wrong, err := g.ask(ctx, `query ($id: ID!) {customer(id: $id) {`+customerFields+`}}`, row{"id": id}, &data)
	if err != nil {
		return customer{}, wrong, err
	}
	if data.Customer == nil {
		return customer{}, wrong, fmt.Errorf("there is no such customer any more")
	}
	return *data.Customer, wrong, nil
}

// s is a field that may be null.
func s(v *string) string {
	if v == nil {
		return ""
	}
	return strings.TrimSpace(*v)
}

func (a *amount) value() string {
	if a == nil {
		return ""
	}
	return a.Amount
}

func (a *amount) currency() string {
	if a == nil {
		return ""
	}
	return a.Currency
}

func (d deal) tuple() string {
	return tuple(s(d.Source), s(d.Number), s(d.Title), s(d.Stage), d.Amount.value(), d.Amount.currency(), s(d.OpenedAt))
}

func (i invoice) tuple() string {
	return tuple(s(i.Source), s(i.Number), s(i.Status), s(i.IssuedAt), i.Total.value(), i.Total.currency(), i.AmountDue.value(), i.AmountDue.currency())
}

func (p payment) tuple() string {
	return tuple(s(p.Source), s(p.PaidAt), p.Amount.value(), p.Amount.currency(), s(p.Method), s(p.InvoiceNumber))
}

func (o order) tuple() string {
	var items []string
	for _, i := range o.Items {
		items = append(items, tuple(s(i.Name), s(i.Sku), s(i.Quantity), i.UnitPrice.value(), i.UnitPrice.currency()))
	}
	return tuple(s(o.Source), s(o.Number), s(o.Status), s(o.PlacedAt), o.Total.value(), o.Total.currency(), strings.Join(items, "|"))
}
