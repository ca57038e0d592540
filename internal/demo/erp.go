package demo

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// erp is the old system in the back office. It is the first that is drawn:
// others write its numbers down.
func erp(l *lists, d *dice, people []*person) tables {
	t := tables{}
	here := known(d, people, "erp")
	for i, p := range here {
		nr := 10001 + i
		p.debitor = fmt.Sprintf("C-%d", nr)
		p.records["erp"] = []string{strconv.Itoa(nr)}
		w := spell(d, p, "erp")
		born := ""
		if d.percent(45) || p.showcase {
			born = p.born[8:] + "." + p.born[5:7] + "." + p.born[:4]
		}
		t.add("debitor", nr, p.debitor, "P", nil, w.family, text(w.given),
			text(w.home.street), text(w.home.postcode), text(w.home.city), map[string]string{"DE": "D", "GB": "GB", "US": "USA", "FR": "F", "AU": "AUS"}[w.home.country],
			text(w.phone), text(w.email), text(born), map[string]string{"DE": "D", "FR": "F"}[p.country]+map[bool]string{true: "E"}[p.country != "DE" && p.country != "FR"],
			changed(d, p).Format(time.DateTime))
	}
	for i := range 80 {
		firm := pick(d, l.Companies) + " " + strconv.Itoa(i+1)
		home := somewhere(l, d, "DE")
		t.add("debitor", 70001+i, fmt.Sprintf("C-%d", 70001+i), "F", nil, firm, nil, home.street, home.postcode, home.city, "D",
			nil, "office@"+slug(firm)+".example", nil, "D", changed(d, nil).Format(time.DateTime))
	}
	invoices(t, l, newDice("invoices"), here)
	return t
}

type invoice struct {
	owner  *person
	at     time.Time
	status string
	cents  int
	open   int
}

// invoices are drawn, put in the order of their days and numbered like that.
func invoices(t tables, l *lists, d *dice, here []*person) {
	drawn := katherinesInvoices(here[0])
	for len(drawn) < Invoices {
		drawn = append(drawn, drawInvoice(l, d, here[1+d.few(len(here)-1)]))
	}
	slices.SortStableFunc(drawn, func(a, b invoice) int { return cmp.Compare(a.at.Unix(), b.at.Unix()) })
	number := map[int]int{}
	for i, v := range drawn {
		nr := ""
		if v.status != "E" {
			number[v.at.Year()]++
			nr = fmt.Sprintf("RE-%d-%05d", v.at.Year(), number[v.at.Year()])
		}
		slip := 500001 + i
		t.add("rechnung", slip, text(nr), v.owner.nr(), v.at.Format("20060102"), v.status, v.cents, v.open, v.owner.currency)
		pay(t, d, v, slip)
	}
}

// nr is the person's number in the ERP.
func (p *person) nr() int {
	n, _ := strconv.Atoi(strings.TrimPrefix(p.debitor, "C-"))
	return n
}

// Katherine has paid all but the last one.
func katherinesInvoices(p *person) []invoice {
	day := func(s string) time.Time { at, _ := time.Parse(time.DateOnly, s); return at }
	return []invoice{
		{p, day("2025-04-11"), "B", 24900, 0},
		{p, day("2025-11-28"), "B", 17990, 0},
		{p, day("2026-05-06"), "B", 46385, 0},
		{p, day("2026-10-12"), "O", 12990, 12990},
	}
}

func drawInvoice(l *lists, d *dice, p *person) invoice {
	v := invoice{owner: p, at: d.between(today.AddDate(-3, 0, 0), today).Truncate(24 * time.Hour)}
	for range 1 + d.below(3) {
		v.cents += pick(d, l.Products).Price * (1 + d.below(2))
	}
	weights := []int{0, 4, 93, 3} // E, O, B, S of old ones
	if today.Sub(v.at) < 30*24*time.Hour {
		weights = []int{8, 57, 33, 2}
	}
	v.status = []string{"E", "O", "B", "S"}[d.weighted(weights...)]
	if v.status == "O" || v.status == "E" {
		v.open = v.cents
	}
	if v.status == "O" && d.percent(20) {
		v.open = v.cents / 2
	}
	return v
}

// pay writes down what has come in for an invoice: some people pay in two parts.
func pay(t tables, d *dice, v invoice, slip int) {
	paid := v.cents - v.open
	if paid <= 0 || v.status == "S" {
		return
	}
	parts := []int{paid}
	if v.status == "B" && !v.owner.showcase && d.percent(5) {
		parts = []int{paid / 3, paid - paid/3}
	}
	at, way := v.at, []string{"UEB", "LAS", "KRE", "PAY"}[d.weighted(45, 25, 20, 10)]
	for _, cents := range parts {
		at = at.AddDate(0, 0, 1+d.below(25))
		if at.After(today) {
			at = today
		}
		t.add("zahlung", 900001+len(t["zahlung"]), v.owner.nr(), slip, at.Format("20060102"), cents, v.owner.currency, way)
	}
}

// changed is when a system last touched its record of a person; the showcase
// is everybody's oldest.
func changed(d *dice, p *person) time.Time {
	if p != nil && p.showcase {
		return time.Date(2023, 11, 2, 9, 30, 0, 0, time.UTC)
	}
	return d.between(today.AddDate(-3, 1, 0), today)
}
