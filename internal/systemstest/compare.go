package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A comparison counts the values that were held against each other, by field.
type comparison struct {
	said                     map[string]*record
	compared, filled, differ map[string]int
	shown                    int // differences printed
}

// compareAll holds every customer against the records that it is made of, and
// every record of the systems against the customers.
func compareAll(r *report, answers []customer, said map[string]*record) {
	c := &comparison{said: said, compared: map[string]int{}, filled: map[string]int{}, differ: map[string]int{}}
	seen := map[string]int{}
	for _, a := range answers {
		var records []*record
		for _, ref := range a.Identity.Records {
			seen[ref.Source+"/"+ref.ID]++
			if rec := said[ref.Source+"/"+ref.ID]; rec != nil {
				records = append(records, rec)
			}
		}
		c.customer(a, records)
	}
	r.check("every person of both systems is exactly one customer's, and nobody else is", sameKeys(seen, said))
	values, differ, empty := 0, 0, []string(nil)
	for _, field := range slices.Sorted(maps.Keys(c.compared)) {
		values, differ = values+c.compared[field], differ+c.differ[field]
		r.note("%-24s %5d compared, %5d with a value, %d differ", field, c.compared[field], c.filled[field], c.differ[field])
		if c.filled[field] == 0 {
			empty = append(empty, field)
		}
	}
	what := fmt.Sprintf("the gateway's answers equal what the systems say: %d records, %d values, %d differences", len(said), values, differ)
	if differ > 0 {
		r.check(what, fmt.Errorf("see above"))
	} else {
		r.check(what, nil)
	}
	if len(empty) > 0 {
		r.check("every field has been compared with a value in it", fmt.Errorf("never one in %v", empty))
	} else {
		r.check("every field has been compared with a value in it", nil)
	}
}

func sameKeys(seen map[string]int, said map[string]*record) error {
	for key, n := range seen {
		if said[key] == nil || n != 1 {
			return fmt.Errorf("%s belongs to %d customers; the system knows it: %t", key, n, said[key] != nil)
		}
	}
	for key := range said {
		if seen[key] == 0 {
			return fmt.Errorf("%s is nobody", key)
		}
	}
	return nil
}

// equal holds one value of the gateway against the system's.
func (c *comparison) equal(about, field, got, want string) {
	c.compared[field]++
	if want != "" {
		c.filled[field]++
	}
	if got == want {
		return
	}
	c.differ[field]++
	if c.shown++; c.shown <= 20 {
		fmt.Printf("      %s: %s: the gateway says %q, the system %q\n", about, field, got, want)
	}
}

func (c *comparison) customer(a customer, records []*record) {
	c.golden(a, records, "name", a.Name, func(r *record) string { return r.name })
	c.golden(a, records, "language", a.Language, func(r *record) string { return r.language })
	c.golden(a, records, "company", a.Company, func(r *record) string { return r.company })
	var emails, phones, addresses []string
	for _, e := range a.Emails {
		emails = append(emails, strings.ToLower(e.Address))
	}
	for _, p := range a.Phones {
		phones = append(phones, subscriber(p.Number))
	}
	for _, p := range a.Addresses {
		addresses = append(addresses, strings.ToLower(tuple(s(p.Street), s(p.City), s(p.Postcode), s(p.Region), s(p.Country))))
	}
	c.set(a, "emails", emails, collect(records, func(r *record) []string { return r.emails }, strings.ToLower))
	c.set(a, "phones", distinct(phones), collect(records, func(r *record) []string { return r.phones }, subscriber))
	c.set(a, "addresses", addresses, collect(records, func(r *record) []string { return r.addresses }, strings.ToLower))
	c.rows(a, "deals", tuples(a.Deals.Nodes, deal.tuple), records, func(r *record) []string { return r.deals })
	c.rows(a, "invoices", tuples(a.Invoices.Nodes, invoice.tuple), records, func(r *record) []string { return r.invoices })
	c.rows(a, "payments", tuples(a.Payments.Nodes, payment.tuple), records, func(r *record) []string { return r.payments })
	c.rows(a, "orders", tuples(a.Orders.Nodes, order.tuple), records, func(r *record) []string { return r.orders })
	c.newestFirst(a)
	c.balance(a, records)
	c.consents(a, records)
}

// golden holds a single value against every record: it is the value of a
// record of the source that provenance names, and sources that say otherwise
// are named as rivals.
func (c *comparison) golden(a customer, records []*record, field string, got *string, of func(*record) string) {
	var p provenance
	if i := slices.IndexFunc(a.Provenance, func(p provenance) bool { return p.Field == field }); i >= 0 {
		p = a.Provenance[i]
	}
	asOf := ""
	for _, r := range records {
		want := of(r)
		switch {
		case want == "":
			c.equal(r.key(), field, "", "")
		case slices.Contains(p.Rivals, r.source) && s(got) != want:
			c.equal(r.key(), field, "a rival", "a rival")
		default:
			c.equal(r.key(), field, s(got), want)
			if r.source == p.Source && (asOf == "" || r.touched == p.AsOf) {
				asOf = r.touched
			}
		}
	}
	c.equal(a.ID, field+" as of", p.AsOf, asOf)
}

// set holds a list of distinct values against the records' own.
func (c *comparison) set(a customer, field string, got, want []string) {
	slices.Sort(got)
	for _, v := range want {
		has := ""
		if slices.Contains(got, v) {
			has = v
		}
		c.equal(a.ID, field, has, v)
		if columns[field] != nil && has != "" {
			for j, part := range strings.Split(v, "|") {
				c.equal(a.ID, column(field, j), part, part)
			}
		}
	}
	for _, v := range got {
		if !slices.Contains(want, v) {
			c.equal(a.ID, field, v, "")
		}
	}
	if len(want) == 0 && len(got) == 0 {
		c.equal(a.ID, field, "", "")
	}
}

// rows holds a list of rows, field by field, against the records' own.
func (c *comparison) rows(a customer, field string, got []string, records []*record, of func(*record) []string) {
	var want []string
	for _, r := range records {
		want = append(want, of(r)...)
	}
	slices.Sort(want)
	got = slices.Sorted(slices.Values(got))
	c.equal(a.ID, field+": how many", strconv.Itoa(len(got)), strconv.Itoa(len(want)))
	for i := range min(len(got), len(want)) {
		g, w := strings.Split(got[i], "|"), strings.Split(want[i], "|")
		for j := range w {
			if j >= len(g) {
				g = append(g, "")
			}
			c.equal(a.ID, column(field, j), g[j], w[j])
		}
	}
}

// columns name what stands where in a tuple.
var columns = map[string][]string{
	"deals":    {"source", "number", "title", "stage", "amount", "currency", "openedAt"},
	"invoices": {"source", "number", "status", "issuedAt", "total", "currency", "amountDue", "currency"},
	"payments": {"source", "paidAt", "amount", "currency", "method", "invoiceNumber"},
	"orders":   {"source", "number", "status", "placedAt", "total", "currency", "items.name", "items.sku", "items.quantity", "items.unitPrice", "items.currency"},
	// What stands for an address: a part that is missing is "".
	"addresses": {"street", "city", "postcode", "region", "country"},
}

// repeats says how many of the last columns begin anew: those of a list in a row.
var repeats = map[string]int{"orders": 5}

// column is the name of what stands at place j of a tuple.
func column(field string, j int) string {
	names := columns[field]
	if over := j - len(names); over >= 0 && repeats[field] > 0 {
		j = len(names) - repeats[field] + over%repeats[field]
	}
	return field + ": " + names[min(j, len(names)-1)]
}

// newestFirst holds the lists against their promise: times fall, and rows
// without one come last.
func (c *comparison) newestFirst(a customer) {
	falls := func(field string, times []*string) {
		ok := slices.IsSortedFunc(times, func(x, y *string) int { return strings.Compare(s(y), s(x)) })
		c.equal(a.ID, field+": order", strconv.FormatBool(ok), "true")
	}
	falls("deals", times(a.Deals.Nodes, func(d deal) *string { return d.OpenedAt }))
	falls("invoices", times(a.Invoices.Nodes, func(i invoice) *string { return i.IssuedAt }))
	falls("payments", times(a.Payments.Nodes, func(p payment) *string { return p.PaidAt }))
	falls("orders", times(a.Orders.Nodes, func(o order) *string { return o.PlacedAt }))
}

func (c *comparison) balance(a customer, records []*record) {
	want, got := 0.0, 0.0
	known := false
	for _, r := range records {
		for _, b := range r.balances {
			known = true
			v, _ := strconv.ParseFloat(strings.TrimSuffix(b, "|EUR"), 64) // cents, to compare alone
			want += v
		}
	}
	for _, m := range a.Summary.BalanceDue {
		v, _ := strconv.ParseFloat(m.Amount, 64)
		got += v
		c.equal(a.ID, "balanceDue: currency", m.Currency, "EUR")
	}
	if known || len(a.Summary.BalanceDue) > 0 {
		c.equal(a.ID, "balanceDue", strconv.FormatFloat(got, 'f', 2, 64), strconv.FormatFloat(want, 'f', 2, 64))
	}
}

// strictness orders states that stand at the same moment.
var strictness = []string{"GRANTED", "WITHDRAWN", "DENIED"}

// consents holds the ledger's standing against what the records say: the
// latest word, of two at once the stricter.
func (c *comparison) consents(a customer, records []*record) {
	for _, purpose := range []string{"marketing.email", "marketing.profiling", "sharing.support"} {
		state, since := "", ""
		for _, r := range records {
			st, at, _ := strings.Cut(r.consents[purpose], "|")
			if st == "" || at < since || at == since && slices.Index(strictness, st) < slices.Index(strictness, state) {
				continue
			}
			state, since = st, at
		}
		var got consent
		if i := slices.IndexFunc(a.Consents, func(k consent) bool { return s(k.Purpose) == purpose }); i >= 0 {
			got = a.Consents[i]
		}
		given, held, notice := "NOT_GIVEN", "", ""
		if state == "GRANTED" {
			given = state
		}
		if state != "" {
			held, notice = "crm", "account-form@2024"
			if purpose == "marketing.email" {
				notice = "newsletter-form@2024"
			}
		}
		c.equal(a.ID, "consents: given", s(got.Given), given)
		c.equal(a.ID, "consents: state", s(got.State), state)
		c.equal(a.ID, "consents: since", s(got.Since), since)
		c.equal(a.ID, "consents: notice", s(got.Notice), notice)
		c.equal(a.ID, "consents: heldBy", s(got.HeldBy), held)
	}
}
