package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// summary holds the figures against sums over what the systems say.
func (c *comparison) summary(a customer, records []*record) {
	due, spent, orders := 0, 0, 0 // in cents
	open, last, books, shops, desk := 0, "", false, false, false
	var tickets []string
	for _, r := range records {
		books = books || r.source == "erp"
		shops = shops || r.source == "erp" || r.source == "shop"
		desk = desk || r.source == "helpdesk"
		for _, b := range r.balances {
			amount, _, _ := strings.Cut(b, "|")
			due += coins(amount)
		}
		for _, o := range r.orders {
			f := strings.Split(o, "|")
			if slices.Contains([]string{"CONFIRMED", "PROCESSING", "SHIPPED", "DONE"}, f[2]) {
				spent, orders = spent+coins(f[4]), orders+1
			}
		}
		tickets = append(tickets, r.tickets...)
	}
	for _, t := range distinct(tickets) {
		f := strings.Split(t, "|")
		if f[3] != "RESOLVED" && f[3] != "CLOSED" {
			open++
		}
		last = max(last, f[5], f[6])
	}
	figure := func(kind, field, got, want string) { c.equal(column{"", kind, "summary: " + field}, a.ID, got, want) }
	if books {
		c.equal(column{"erp", "BALANCE", "balanceDue"}, a.ID, money(a.Summary.BalanceDue), euros(due))
	}
	if shops {
		want, average := "", ""
		if orders > 0 {
			want = euros(spent)
			average = euros((2*spent + orders) / (2 * orders)) // to the cent, halves up
		}
		figure("ORDER", "lifetimeValue", money(a.Summary.LifetimeValue), want)
		figure("ORDER", "averageOrder", money(a.Summary.AverageOrder), average)
	}
	if desk {
		got := ""
		if n := a.Summary.OpenTickets; n != nil {
			got = strconv.Itoa(*n)
		}
		figure("TICKET", "openTickets", got, strconv.Itoa(open))
		figure("TICKET", "lastContactAt", s(a.Summary.LastContactAt), last)
	}
	figure("CUSTOMER", "complete", strconv.FormatBool(a.Summary.Complete), "true")
}

// coins reads an amount to the cent.
func coins(amount string) int {
	f, _ := strconv.ParseFloat(amount, 64)
	if f < 0 {
		return int(f*100 - 0.5)
	}
	return int(f*100 + 0.5)
}

func euros(cents int) string { return fmt.Sprintf("%d EUR", cents) }

// money writes amounts by currency, in cents.
func money(amounts []amount) string {
	var all []string
	for _, m := range amounts {
		all = append(all, fmt.Sprintf("%d %s", coins(m.Amount), m.Currency))
	}
	return strings.Join(all, ", ")
}

// strictness orders states that stand at the same moment.
var strictness = []string{"GRANTED", "WITHDRAWN", "DENIED"}

// inDoubt are the records that are only probably those of a customer with these.
func (c *comparison) inDoubt(records []*record) (out []*record) {
	if len(records) == 0 {
		return nil
	}
	for _, key := range c.known.inDoubt(records[0].key()) {
		if r := c.said[key]; r != nil {
			out = append(out, r)
		}
	}
	return out
}

// consents holds the ledger's standing against what the records say: the
// latest word, of two at once the stricter. A record in doubt takes away, and
// gives nothing.
func (c *comparison) consents(a customer, records []*record) {
	for _, purpose := range []string{"marketing.email", "marketing.profiling", "sharing.support"} {
		state, since, notice, held := "", "", "", ""
		for _, r := range slices.Concat(records, c.inDoubt(records)) {
			word := strings.Split(r.consents[purpose]+"||", "|")
			later := compareMoments(word[1], since)
			if word[0] == "" || c.known.doubtful[r.key()] && word[0] == "GRANTED" || later < 0 || later == 0 && slices.Index(strictness, word[0]) < slices.Index(strictness, state) {
				continue
			}
			state, since, notice, held = word[0], word[1], word[2], r.source
		}
		var got consent
		if i := slices.IndexFunc(a.Consents, func(k consent) bool { return s(k.Purpose) == purpose }); i >= 0 {
			got = a.Consents[i]
		}
		given := "NOT_GIVEN"
		if state == "GRANTED" {
			given = state
		}
		at := func(field string) column { return column{held, "CONSENT", "consents: " + field} }
		c.equal(at("given"), a.ID, s(got.Given), given)
		c.equal(at("state"), a.ID, s(got.State), state)
		c.equal(at("since"), a.ID, s(got.Since), since)
		c.equal(at("notice"), a.ID, s(got.Notice), notice)
		c.equal(at("heldBy"), a.ID, s(got.HeldBy), held)
	}
}
