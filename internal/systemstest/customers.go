package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A customer is what the gateway answers, every field that one of the systems can give.
type customer struct {
	ID                      string
	Name, Language, Company *string
	GivenName, FamilyName   *string
	Emails                  []struct{ Address, Source string }
	Phones                  []struct{ Number, Source string }
	Addresses               []postal
	Provenance              []provenance
	Deals                   nodes[deal]
	Invoices                nodes[invoice]
	Payments                nodes[payment]
	Orders                  nodes[order]
	Tickets                 nodes[ticket]
	Summary                 summary
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
	ticket struct {
		Source, Number, Subject, Status, Priority, OpenedAt, UpdatedAt *string
		Messages                                                       []written
	}
	written struct{ Author, SentAt, Text *string }
	summary struct {
		LifetimeValue, AverageOrder, BalanceDue []amount
		OpenTickets                             *int
		LastContactAt                           *string
		Complete                                bool
	}
	consent struct{ Purpose, Given, State, Since, Notice, HeldBy *string }
)

const summaryFields = `lifetimeValue {amount currency} averageOrder {amount currency} balanceDue {amount currency} openTickets lastContactAt complete`

const customerFields = `
  id name givenName familyName language company
  emails {address source} phones {number source}
  addresses {street city postcode region country source}
  provenance {field source asOf rivals}
  deals(first: 100) {nodes {source number title stage amount {amount currency} openedAt} truncated pageInfo {hasNextPage}}
  invoices(first: 100) {nodes {source number status issuedAt total {amount currency} amountDue {amount currency}} truncated pageInfo {hasNextPage}}
  payments(first: 100) {nodes {source paidAt amount {amount currency} method invoiceNumber} truncated pageInfo {hasNextPage}}
  orders(first: 100) {nodes {source number status placedAt total {amount currency} items {name sku quantity unitPrice {amount currency}}} truncated pageInfo {hasNextPage}}
  tickets(first: 100) {nodes {source number subject status priority openedAt updatedAt} truncated pageInfo {hasNextPage}}
  summary {` + summaryFields + `}
  consents {purpose given state since notice heldBy}
  identity {records {source id}}`

// withMessages are those fields, and some messages of each ticket, which cost
// the helpdesk searches that follow those for tickets.
func withMessages(each int) string {
	return strings.Replace(customerFields, " updatedAt} truncated", fmt.Sprintf(" updatedAt messages(first: %d) {author sentAt text}} truncated", each), 1)
}

// pageOf is how many customers are read at once where that is not what is
// measured.
const pageOf = 10

// everybody reads all customers with their messages, page by page. A page that came without a
// source's answer in time is asked for again, and that is told.
func (g *gateway) everybody(ctx context.Context) ([]customer, error) {
	var all []customer
	again := 0
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
		wrong, err := g.ask(ctx, `query ($first: Int!, $after: String) {customers(first: $first, after: $after) {nodes {`+withMessages(100)+`} pageInfo {hasNextPage endCursor}}}`, row{"first": pageOf, "after": after}, &data)
		late := len(wrong) > 0 && !slices.ContainsFunc(wrong, func(e gqlError) bool {
			return e.Extensions.Code != "SOURCE_TIMEOUT" && e.Extensions.Code != "SOURCE_RATE_LIMITED"
		})
		if err == nil && late && again < 30 {
			again++
			time.Sleep(time.Second) // what was given up goes on at the system
			continue
		}
		if err != nil || len(wrong) > 0 {
			return nil, fmt.Errorf("all customers: %v: %w", wrong, orNone(err))
		}
		all = append(all, data.Customers.Nodes...)
		if !data.Customers.PageInfo.HasNextPage {
			if again > 0 {
				fmt.Printf("      %d pages of %d customers were asked for again: a system was late\n", again, pageOf)
			}
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

func (t ticket) tuple() string {
	messages := tuples(t.Messages, func(m written) string { return tuple(s(m.SentAt), s(m.Author), s(m.Text)) })
	slices.Sort(messages) // those of one second stand in any order
	return tuple(t.head(), strings.Join(messages, "|"))
}

// head is a ticket without its messages.
func (t ticket) head() string {
	return tuple(s(t.Source), s(t.Number), s(t.Subject), s(t.Status), s(t.Priority), s(t.OpenedAt), s(t.UpdatedAt))
}
