package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A comparison counts the values that were held against each other, by source,
// record kind and field.
type comparison struct {
	said  map[string]*record
	known *graph
	rank  []string // the sources, the best-ranked first
	tally map[column]*tally
	shown int // differences printed
}

// A column is a field of one source's records; the source is "" for what is
// made of all of them.
type column struct{ source, kind, field string }

type tally struct{ compared, filled, differ int }

// compareAll holds every customer against the records that it is made of, and
// every record of the systems against the customers.
func compareAll(r *report, answers []customer, said map[string]*record, known *graph, running fleet) {
	c := &comparison{said: said, known: known, rank: running.names(), tally: map[column]*tally{}}
	seen := map[string]int{}
	var wrong []error
	for _, a := range answers {
		wrong = append(wrong, known.shows(a))
		var records []*record
		for _, ref := range a.Identity.Records {
			seen[ref.Source+"/"+ref.ID]++
			if rec := said[ref.Source+"/"+ref.ID]; rec != nil {
				records = append(records, rec)
			}
		}
		c.customer(a, records)
	}
	r.check("every person of the systems is exactly one customer's, and nobody else is", sameKeys(known, said))
	r.check(fmt.Sprintf("a customer is made of the records that verified links hold together: %d are shown, %d are in doubt and withheld", len(seen), len(said)-len(seen)), errors.Join(wrong...))
	c.print(r)
	all := c.sum(func(column) bool { return true })
	r.check(fmt.Sprintf("the gateway's answers equal what the systems say: %d records of %d customers, %d values, %d differences", len(said), len(answers), all.compared, all.differ),
		wantIf(all.differ == 0, "none"))
	var never []string
	for _, s := range running {
		for _, field := range s.columns {
			if c.sum(func(k column) bool { return k.source == s.name && k.field == field }).filled == 0 {
				never = append(never, s.name+"'s "+field)
			}
		}
	}
	r.check("every field that a system answers has been compared with a value in it", wantIf(never == nil, "one in %s", strings.Join(never, ", ")))
}

// print says what was compared, by source and record kind, and which fields differ.
func (c *comparison) print(r *report) {
	kinds := map[column]bool{}
	for k := range c.tally {
		kinds[column{source: k.source, kind: k.kind}] = true
	}
	order := slices.SortedFunc(maps.Keys(kinds), func(a, b column) int {
		return strings.Compare(a.source+" "+a.kind, b.source+" "+b.kind)
	})
	for _, k := range order {
		t := c.sum(func(col column) bool { return col.source == k.source && col.kind == k.kind })
		source := k.source
		if source == "" {
			source = "all"
		}
		r.note("%-9s %-8s %5d values compared, %5d not empty, %d differ", source, k.kind, t.compared, t.filled, t.differ)
	}
	for k, t := range c.tally {
		if t.differ > 0 {
			r.note("%s %s %s: %d of %d differ", k.source, k.kind, k.field, t.differ, t.compared)
		}
	}
}

func (c *comparison) sum(of func(column) bool) (sum tally) {
	for k, t := range c.tally {
		if of(k) {
			sum.compared, sum.filled, sum.differ = sum.compared+t.compared, sum.filled+t.filled, sum.differ+t.differ
		}
	}
	return sum
}

func sameKeys(known *graph, said map[string]*record) error {
	for key := range known.customer {
		if said[key] == nil {
			return fmt.Errorf("%s is a customer's, and no system knows it", key)
		}
	}
	for key := range said {
		if known.customer[key] == "" {
			return fmt.Errorf("%s is nobody", key)
		}
	}
	return nil
}

// equal holds one value of the gateway against the system's.
func (c *comparison) equal(at column, about, got, want string) {
	t := c.tally[at]
	if t == nil {
		t = &tally{}
		c.tally[at] = t
	}
	t.compared++
	if want != "" {
		t.filled++
	}
	if got == want {
		return
	}
	t.differ++
	if c.shown++; c.shown <= 20 {
		fmt.Printf("      %s: %s %s %s: the gateway says %q, the system %q\n", about, at.source, at.kind, at.field, got, want)
	}
}

func (c *comparison) customer(a customer, records []*record) {
	c.golden(a, records, "name", a.Name, func(r *record) string { return r.name })
	c.golden(a, records, "givenName", a.GivenName, func(r *record) string { return r.given })
	c.golden(a, records, "familyName", a.FamilyName, func(r *record) string { return r.family })
	c.golden(a, records, "language", a.Language, func(r *record) string { return r.language })
	c.golden(a, records, "company", a.Company, func(r *record) string { return r.company })
	var emails, phones, addresses []value
	for _, e := range a.Emails {
		emails = append(emails, value{e.Source, strings.ToLower(e.Address)})
	}
	for _, p := range a.Phones {
		phones = append(phones, value{p.Source, subscriber(p.Number)})
	}
	for _, p := range a.Addresses {
		addresses = append(addresses, value{s(p.Source), postalForm(tuple(s(p.Street), s(p.City), s(p.Postcode), s(p.Region), s(p.Country)))})
	}
	c.set(a, "emails", emails, records, func(r *record) []string { return r.emails }, strings.ToLower)
	c.set(a, "phones", phones, records, func(r *record) []string { return r.phones }, subscriber)
	c.set(a, "addresses", addresses, records, func(r *record) []string { return r.addresses }, postalForm)
	c.rows(a, "DEAL", "deals", tuples(a.Deals.Nodes, deal.tuple), records, func(r *record) []string { return r.deals })
	c.rows(a, "INVOICE", "invoices", tuples(a.Invoices.Nodes, invoice.tuple), records, func(r *record) []string { return r.invoices })
	c.rows(a, "PAYMENT", "payments", tuples(a.Payments.Nodes, payment.tuple), records, func(r *record) []string { return r.payments })
	c.rows(a, "ORDER", "orders", tuples(a.Orders.Nodes, order.tuple), records, func(r *record) []string { return r.orders })
	c.rows(a, "TICKET", "tickets", tuples(a.Tickets.Nodes, ticket.tuple), records, func(r *record) []string { return r.tickets })
	c.newestFirst(a)
	c.summary(a, records)
	c.consents(a, records)
}

// golden holds a single value against every record: it is the value of the
// best-ranked source that has one, as provenance says, and sources that say
// otherwise are named as rivals.
func (c *comparison) golden(a customer, records []*record, field string, got *string, of func(*record) string) {
	var p provenance
	if i := slices.IndexFunc(a.Provenance, func(p provenance) bool { return p.Field == field }); i >= 0 {
		p = a.Provenance[i]
	}
	asOf, best := "", ""
	for _, r := range records {
		at, want := column{r.source, "PROFILE", field}, of(r)
		if want != "" && (best == "" || slices.Index(c.rank, r.source) < slices.Index(c.rank, best)) {
			best = r.source
		}
		switch {
		case want == "":
			c.equal(at, r.key(), "", "")
		case slices.Contains(p.Rivals, r.source) && s(got) != want:
			c.equal(at, r.key(), "a rival", "a rival")
		default:
			c.equal(at, r.key(), s(got), want)
			if r.source == p.Source && (asOf == "" || r.touched == p.AsOf) {
				asOf = r.touched
			}
		}
	}
	c.equal(column{best, "PROFILE", field + ": source"}, a.ID, p.Source, best)
	c.equal(column{best, "PROFILE", field + ": as of"}, a.ID, p.AsOf, asOf)
}

// A value is one of a list, and who is said to hold it.
type value struct{ source, form string }

// set holds a list of distinct values against the records' own: each of theirs
// is in it, and each in it is one of the source's that it names.
func (c *comparison) set(a customer, field string, got []value, records []*record, of func(*record) []string, form func(string) string) {
	for _, r := range records {
		at, all := column{r.source, "PROFILE", field}, of(r)
		for _, v := range all {
			want, has := form(v), ""
			if slices.ContainsFunc(got, func(g value) bool { return g.form == want }) {
				has = want
			}
			c.equal(at, r.key(), has, want)
			for j, part := range strings.Split(want, "|") {
				if columns[field] != nil && has != "" {
					c.equal(column{r.source, "PROFILE", columnOf(field, j)}, r.key(), part, part)
				}
			}
		}
		if len(all) == 0 {
			c.equal(at, r.key(), "", "")
		}
	}
	for i, v := range got {
		held := slices.ContainsFunc(records, func(r *record) bool {
			return r.source == v.source && slices.ContainsFunc(of(r), func(w string) bool { return form(w) == v.form })
		})
		if !held || slices.Contains(got[:i], v) && field != "phones" { // phones are compared by their ends
			c.equal(column{v.source, "PROFILE", field}, a.ID, v.form, "")
		}
	}
}

// rows holds a list of rows, field by field, against the records' own.
func (c *comparison) rows(a customer, kind, field string, got []string, records []*record, of func(*record) []string) {
	for _, source := range c.rank {
		var want []string
		known := false
		for _, r := range records {
			if r.source == source {
				want, known = append(want, of(r)...), true
			}
		}
		var mine []string
		for _, row := range got {
			if strings.HasPrefix(row, source+"|") {
				mine = append(mine, row)
			}
		}
		if !known && len(mine) == 0 {
			continue
		}
		slices.Sort(mine)
		slices.Sort(want)
		if kind == "TICKET" {
			want = slices.Compact(want) // one of two requestors is once the customer's who both are
		}
		if len(want) > 0 || len(mine) > 0 {
			c.equal(column{source, kind, field + ": how many"}, a.ID, strconv.Itoa(len(mine)), strconv.Itoa(len(want)))
		}
		for i := range min(len(mine), len(want)) {
			g, w := strings.Split(mine[i], "|"), strings.Split(want[i], "|")
			for j := range max(len(g), len(w)) {
				name, of := columnOf(field, j), kind
				if strings.Contains(name, "messages.") {
					of = "MESSAGE"
				}
				c.equal(column{source, of, name}, a.ID, part(g, j), part(w, j))
			}
		}
	}
}

// part is what stands at place j, "" behind the end.
func part(of []string, j int) string {
	if j >= len(of) {
		return ""
	}
	return of[j]
}

// columns name what stands where in a tuple.
var columns = map[string][]string{
	"deals":    {"source", "number", "title", "stage", "amount", "currency", "openedAt"},
	"invoices": {"source", "number", "status", "issuedAt", "total", "currency", "amountDue", "currency"},
	"payments": {"source", "paidAt", "amount", "currency", "method", "invoiceNumber"},
	"orders":   {"source", "number", "status", "placedAt", "total", "currency", "items.name", "items.sku", "items.quantity", "items.unitPrice", "items.currency"},
	"tickets":  {"source", "number", "subject", "status", "priority", "openedAt", "updatedAt", "messages.sentAt", "messages.author", "messages.text"},
	// What stands for an address: a part that is missing is "".
	"addresses": {"street", "city", "postcode", "region", "country"},
}

// repeats says how many of the last columns begin anew: those of a list in a row.
var repeats = map[string]int{"orders": 5, "tickets": 3}

// columnOf is the name of what stands at place j of a tuple.
func columnOf(field string, j int) string {
	names := columns[field]
	if names == nil {
		return field
	}
	if over := j - len(names); over >= 0 && repeats[field] > 0 {
		j = len(names) - repeats[field] + over%repeats[field]
	}
	return field + ": " + names[min(j, len(names)-1)]
}

// newestFirst holds the lists against their promise: times fall, and rows
// without one come last.
func (c *comparison) newestFirst(a customer) {
	falls := func(kind string, times []*string) {
		ok := slices.IsSortedFunc(times, func(x, y *string) int { return strings.Compare(s(y), s(x)) })
		c.equal(column{"", kind, "order"}, a.ID, strconv.FormatBool(ok), "true")
	}
	falls("DEAL", times(a.Deals.Nodes, func(d deal) *string { return d.OpenedAt }))
	falls("INVOICE", times(a.Invoices.Nodes, func(i invoice) *string { return i.IssuedAt }))
	falls("PAYMENT", times(a.Payments.Nodes, func(p payment) *string { return p.PaidAt }))
	falls("ORDER", times(a.Orders.Nodes, func(o order) *string { return o.PlacedAt }))
	falls("TICKET", times(a.Tickets.Nodes, func(t ticket) *string { return t.OpenedAt }))
	for _, t := range a.Tickets.Nodes {
		falls("MESSAGE", times(t.Messages, func(m written) *string { return m.SentAt }))
	}
}
