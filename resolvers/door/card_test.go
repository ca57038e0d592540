package door_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/audit"
	"customer360/resolvers/door"
)

// card is what an agent's console shows of one customer: 60 fields.
const card = `query Card($id: ID!) {
  customer(id: $id) {
    id name givenName familyName birthDate birthDecade language company
    emails { address source }
    phones { number source }
    addresses { street city postcode region country source }
    deals(first: 3) { nodes { number title stage amount { amount currency } amountBand openedAt } }
    invoices(first: 3) { nodes { number status issuedAt total { amount currency } amountDue { amount currency } amountBand } }
    payments(first: 3) { nodes { paidAt amount { amount currency } method invoiceNumber } }
    orders(first: 3) { nodes { number status placedAt total { amount currency } items { name quantity unitPrice { amount currency } } } }
    tickets(first: 3) { nodes { number subject status priority openedAt updatedAt } }
    summary { lifetimeValue { amount currency } balanceDue { amount currency } openTickets lastContactAt complete }
  }
}`

// cardSources are a CRM, an ERP, a shop and a helpdesk that answer at once:
// what they say stands ready, whatever is asked.
func cardSources() []*stub {
	crm, erp := &fake{name: "crm", about: connectors.About{Kind: "stub", Role: connectors.CRM}, rows: map[connectors.Kind]map[string][]connectors.Row{}}, &fake{name: "erp", about: connectors.About{Kind: "stub", Role: connectors.ERP}, rows: map[connectors.Kind]map[string][]connectors.Row{}}
	shop, desk := &fake{name: "shop", about: connectors.About{Kind: "stub", Role: connectors.Commerce}, rows: map[connectors.Kind]map[string][]connectors.Row{}}, &fake{name: "desk", about: connectors.About{Kind: "stub", Role: connectors.Helpdesk}, rows: map[connectors.Kind]map[string][]connectors.Row{}}
	born := connectors.Date("1984-05-06")
	crm.put("1", "1", connectors.Profile{
		UpdatedAt: day(3), Name: text("Maria Kowalska"), GivenName: text("Maria"), FamilyName: text("Kowalska"), BirthDate: &born, Language: text("pl"), Company: text("Nord GmbH"),
		Emails: []connectors.EmailAddress{{Address: text("maria@example.com"), Source: "crm"}}, Phones: []connectors.PhoneNumber{{Number: text("+4930123456"), Source: "crm"}},
	})
	shop.put("7", "7", connectors.Profile{
		UpdatedAt: day(9), Name: text("M. Kowalska"), Emails: []connectors.EmailAddress{{Address: text("m.kowalska@example.com"), Source: "shop"}},
		Addresses: []connectors.PostalAddress{{Street: text("Lange Str. 5"), City: text("Berlin"), Postcode: text("10115"), Region: text("BE"), Country: text("DE"), Source: "shop"}},
	})
	for i := range 3 {
		id := fmt.Sprint(i + 1)
		stage, istatus, ostatus, tstatus, priority, n := connectors.DealStages[i], connectors.InvoiceStatuses[2], connectors.OrderStatuses[5], connectors.TicketStatuses[i], connectors.TicketPriorities[i], connectors.Decimal{}
		crm.put("1", id, connectors.Deal{Number: text("D-" + id), Title: text("Renewal"), Stage: &stage, Amount: money("1200.00", "EUR"), OpenedAt: day(10 + i)})
		erp.put("C-1", id, connectors.Invoice{Number: text("R-" + id), Status: &istatus, IssuedAt: day(20 + i), Total: money("99.90", "EUR"), AmountDue: money("9.90", "EUR")})
		erp.put("C-1", id, connectors.Payment{PaidAt: day(5 + i), Amount: money("90.00", "EUR"), Method: text("card"), InvoiceNumber: text("R-" + id)})
		shop.put("7", id, connectors.Order{Number: text("O-" + id), Status: &ostatus, PlacedAt: day(20 + i), Total: money("99.90", "EUR"), Items: []connectors.OrderItem{{Name: text("Lamp"), Sku: text("L-1"), Quantity: &n, UnitPrice: money("49.95", "EUR")}}})
		desk.put("u9", id, connectors.Ticket{Number: text("T-" + id), Subject: text("It flickers"), Status: &tstatus, Priority: &priority, OpenedAt: day(7 + i), UpdatedAt: day(1 + i)})
	}
	erp.put("C-1", "EUR", connectors.Balance{BalanceDue: money("29.70", "EUR")})
	return []*stub{stubOf(crm), stubOf(erp), stubOf(shop), stubOf(desk)}
}

// A stub answers at once with what a fake would say.
type stub struct {
	*fake
	profiles connectors.Answers[connectors.Profile]
	deals    connectors.Answers[connectors.Deal]
	invoices connectors.Answers[connectors.Invoice]
	payments connectors.Answers[connectors.Payment]
	orders   connectors.Answers[connectors.Order]
	tickets  connectors.Answers[connectors.Ticket]
	balances connectors.Answers[connectors.Balance]
}

func stubOf(f *fake) *stub {
	return &stub{
		f, ready[connectors.Profile](f, connectors.KindProfile), ready[connectors.Deal](f, connectors.KindDeal), ready[connectors.Invoice](f, connectors.KindInvoice),
		ready[connectors.Payment](f, connectors.KindPayment), ready[connectors.Order](f, connectors.KindOrder), ready[connectors.Ticket](f, connectors.KindTicket), ready[connectors.Balance](f, connectors.KindBalance),
	}
}

func ready[T connectors.Row](f *fake, kind connectors.Kind) connectors.Answers[T] {
	var refs []idgraph.Ref
	for id := range f.rows[kind] {
		refs = append(refs, idgraph.Ref{Source: f.name, ID: id})
	}
	out, err := listOf[T](context.Background(), f, kind, connectors.Query{Refs: refs, Limit: 3, Order: connectors.NewestFirst})
	if err != nil {
		panic(err)
	}
	return out
}

func (s *stub) Profiles(context.Context, connectors.Query) (connectors.Answers[connectors.Profile], error) {
	return s.profiles, nil
}

func (s *stub) Deals(context.Context, connectors.Query) (connectors.Answers[connectors.Deal], error) {
	return s.deals, nil
}

func (s *stub) Invoices(context.Context, connectors.Query) (connectors.Answers[connectors.Invoice], error) {
	return s.invoices, nil
}

func (s *stub) Payments(context.Context, connectors.Query) (connectors.Answers[connectors.Payment], error) {
	return s.payments, nil
}

func (s *stub) Orders(context.Context, connectors.Query) (connectors.Answers[connectors.Order], error) {
	return s.orders, nil
}

func (s *stub) Tickets(context.Context, connectors.Query) (connectors.Answers[connectors.Ticket], error) {
	return s.tickets, nil
}

func (s *stub) Balances(context.Context, connectors.Query) (connectors.Answers[connectors.Balance], error) {
	return s.balances, nil
}

// nobody takes no audit entries down.
type nobody struct{}

func (nobody) Record(context.Context, audit.Entry, bool) error { return nil }

// cardRig is a door over the stubs, with Maria behind it.
func cardRig(tb testing.TB) (*rig, *ast.QueryDocument, map[string]any) {
	r := open(tb, func(c *door.Config) {
		c.Audit = nobody{}
		for _, s := range cardSources() {
			c.Sources = append(c.Sources, &connectors.Asker{Connector: s})
		}
	})
	refs := []idgraph.Ref{{Source: "crm", ID: "1"}, {Source: "desk", ID: "u9"}, {Source: "erp", ID: "C-1"}, {Source: "shop", ID: "7"}}
	r.people.customers[1] = idgraph.Customer{ID: 1, Since: now, Refs: refs, Links: []idgraph.Link{
		{A: refs[0], B: refs[1], Rule: idgraph.SameEmail}, {A: refs[0], B: refs[2], Rule: idgraph.CrossReference}, {A: refs[0], B: refs[3], Rule: idgraph.SameEmail},
	}}
	doc, errs := gqlparser.LoadQueryWithRules(r.config.Schema, card, rules.NewDefaultRules())
	if errs != nil {
		tb.Fatal(errs)
	}
	return r, doc, map[string]any{"id": r.door.SealCustomer(1)}
}

// BenchmarkCard60 is what the door and its decisions cost for one card of 60
// fields: from opening the door over the plan of the selection, the decisions,
// one call per source and record kind (ten, over four sources that answer at
// once) and the masks to the value of every field, and to the report and the
// audit entry. Beside it stand, not counted: parsing (cached in a server) and
// writing the answer, which is the executor's. Nothing that was decided or
// planned is remembered from one card to the next; the fold of the ledger is.
func BenchmarkCard60(b *testing.B) {
	r, doc, vars := cardRig(b)
	id := r.door.SealCustomer(1)
	root := graphql.CollectedField{Field: doc.Operations[0].SelectionSet[0].(*ast.Field)}
	b.ReportAllocs()
	for b.Loop() {
		fields, err := readCard(r.door, doc, vars, root, id)
		if err != nil || fields != cardFields {
			b.Fatal(fields, err)
		}
	}
	b.ReportMetric(60, "fields")
}

// TestCard60 sees that the card is one of 60 fields, and that the benchmark reads them.
func TestCard60(t *testing.T) {
	r, doc, vars := cardRig(t)
	leaves := 0
	var count func(set ast.SelectionSet)
	count = func(set ast.SelectionSet) {
		for _, sel := range set {
			if f := sel.(*ast.Field); len(f.SelectionSet) == 0 {
				leaves++
			} else {
				count(f.SelectionSet)
			}
		}
	}
	count(doc.Operations[0].SelectionSet)
	if leaves != 60 {
		t.Errorf("the card has %d fields", leaves)
	}
	root := graphql.CollectedField{Field: doc.Operations[0].SelectionSet[0].(*ast.Field)}
	if fields, err := readCard(r.door, doc, vars, root, vars["id"].(string)); fields != cardFields || err != nil {
		t.Errorf("%d values, want %d: %v", fields, cardFields, err)
	}
	a := r.ask(officer, card, "id", vars["id"]).fine()
	a.is("customer.orders.nodes.2.items.0.unitPrice.amount", `"49.95"`)
	a.is("customer.summary.balanceDue.0.amount", `"29.70"`)
}

// cardFields is how many values the card shows.
const cardFields = 132

// readCard opens the door, reads every value of the card, and closes it. It
// answers how many there are.
func readCard(d *door.Door, doc *ast.QueryDocument, vars map[string]any, root graphql.CollectedField, id string) (n int, err error) {
	oc := &graphql.OperationContext{Doc: doc, Operation: doc.Operations[0], Variables: vars}
	ctx := graphql.WithOperationContext(context.Background(), oc)
	ctx, op := d.Begin(ctx, officer.caller, officer.purpose)
	ctx = graphql.WithRootFieldContext(ctx, &graphql.RootFieldContext{Field: root})
	key, _ := d.CustomerID(id)
	found, err := op.Customers(ctx, []idgraph.CustomerID{key})
	if err != nil {
		return 0, err
	}
	if n, err = readCustomer(ctx, found[0]); err != nil {
		return n, err
	}
	_, err = op.Finish(ctx)
	return n, err
}

func readCustomer(ctx context.Context, c *door.Customer) (n int, err error) {
	v := values{}
	v.one(c.ID() != "")
	name, err := c.Name(ctx)
	v.read(name != nil, err)
	given, err := c.GivenName(ctx)
	v.read(given != nil, err)
	family, err := c.FamilyName(ctx)
	v.read(family != nil, err)
	born, err := c.BirthDate(ctx)
	v.read(born != nil, err)
	decade, err := c.BirthDecade(ctx)
	v.read(decade != nil, err)
	language, err := c.Language(ctx)
	v.read(language != nil, err)
	company, err := c.Company(ctx)
	v.read(company != nil, err)
	emails, err := c.Emails(ctx)
	v.err(err)
	for _, e := range emails {
		v.one(e.Address != nil, e.Source != "")
	}
	phones, err := c.Phones(ctx)
	v.err(err)
	for _, p := range phones {
		v.one(p.Number != nil, p.Source != "")
	}
	addresses, err := c.Addresses(ctx)
	v.err(err)
	for _, a := range addresses {
		v.one(a.Street != nil, a.City != nil, a.Postcode != nil, a.Region != nil, a.Country != nil, a.Source != "")
	}
	v.lists(ctx, c)
	return v.n, v.failed
}

// lists reads the lists and the summary of the card.
func (v *values) lists(ctx context.Context, c *door.Customer) {
	deals, err := c.Deals(ctx, 3, nil, nil, nil, nil)
	v.err(err)
	for _, d := range deals.Nodes() {
		v.one(d.Number != nil, d.Title != nil, d.Stage != nil, d.AmountBand != nil, d.OpenedAt != nil)
		v.money(d.Amount)
	}
	invoices, err := c.Invoices(ctx, 3, nil, nil, nil, nil)
	v.err(err)
	for _, i := range invoices.Nodes() {
		v.one(i.Number != nil, i.Status != nil, i.IssuedAt != nil, i.AmountBand != nil)
		v.money(i.Total)
		v.money(i.AmountDue)
	}
	payments, err := c.Payments(ctx, 3, nil, nil, nil)
	v.err(err)
	for _, p := range payments.Nodes() {
		v.one(p.PaidAt != nil, p.Method != nil, p.InvoiceNumber != nil)
		v.money(p.Amount)
	}
	orders, err := c.Orders(ctx, 3, nil, nil, nil, nil)
	v.err(err)
	for _, o := range orders.Nodes() {
		v.one(o.Number != nil, o.Status != nil, o.PlacedAt != nil)
		v.money(o.Total)
		for _, i := range o.Items {
			v.one(i.Name != nil, i.Quantity != nil)
			v.money(i.UnitPrice)
		}
	}
	tickets, err := c.Tickets(ctx, 3, nil, nil, nil, nil)
	v.err(err)
	for _, k := range tickets.Nodes() {
		v.one(k.Number != nil, k.Subject != nil, k.Status != nil, k.Priority != nil, k.OpenedAt != nil, k.UpdatedAt != nil)
	}
	v.summary(ctx, c.Summary())
}

func (v *values) summary(ctx context.Context, s *door.CustomerSummary) {
	worth, err := s.LifetimeValue(ctx)
	v.err(err)
	for i := range worth {
		v.money(&worth[i])
	}
	due, err := s.BalanceDue(ctx)
	v.err(err)
	for i := range due {
		v.money(&due[i])
	}
	tickets, err := s.OpenTickets(ctx)
	v.read(tickets != nil, err)
	last, err := s.LastContactAt(ctx)
	v.read(last != nil, err)
	complete, err := s.Complete(ctx)
	v.read(complete, err)
}

// values counts what was read.
type values struct {
	n      int
	failed error
}

func (v *values) one(there ...bool) {
	for _, t := range there {
		if t {
			v.n++
		}
	}
}

func (v *values) err(err error) {
	if err != nil {
		v.failed = err
	}
}

func (v *values) read(there bool, err error) {
	v.one(there)
	v.err(err)
}

func (v *values) money(m *connectors.Money) {
	if m != nil {
		v.one(m.Currency != "", !m.Amount.IsNegative())
	}
}
