package demo

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// shop is where people order.
func shop(l *lists, d *dice, people []*person) tables {
	t := tables{}
	here := known(d, people, "shop")
	for i, p := range here {
		p.shopID = 101 + i
		p.records["shop"] = []string{strconv.Itoa(p.shopID)}
		w := spell(d, p, "shop")
		at := changed(d, p)
		t.add("customers", p.shopID, 0, text(w.given), text(w.family), w.email, text(w.phone), text(p.card), locale(p.country, "-"),
			at.AddDate(0, 0, -d.below(200)).Unix(), at.Unix())
		if p.showcase || d.percent(92) {
			t.add("customer_addresses", 1+len(t["customer_addresses"]), p.shopID, 1, w.home.street, w.home.city, w.home.postcode, w.home.region, w.home.country)
		}
		if p.former != (address{}) {
			t.add("customer_addresses", 1+len(t["customer_addresses"]), p.shopID, 0, p.home.street, p.home.city, p.home.postcode, p.home.region, p.home.country)
		}
	}
	for i := range 40 {
		firm := pick(d, l.Companies) + " " + strconv.Itoa(i+1)
		at := changed(d, nil)
		t.add("customers", 9001+i, 1, nil, firm, "orders@"+slug(firm)+".example", nil, nil, "de-DE", at.Unix(), at.Unix())
	}
	orders(t, l, newDice("orders 25"), here) // this throw leaves the README's order its number
	return t
}

func locale(country, dash string) string {
	return map[string]string{"DE": "de", "FR": "fr"}[country] + map[bool]string{true: "en"}[country != "DE" && country != "FR"] + dash + country
}

type order struct {
	owner *person
	at    time.Time
	state string
	lines []line
}

type line struct {
	product
	quantity int
}

func orders(t tables, l *lists, d *dice, here []*person) {
	drawn := katherinesOrders(l, here[0])
	for len(drawn) < Orders {
		drawn = append(drawn, drawOrder(l, d, here[1+d.few(len(here)-1)]))
	}
	slices.SortStableFunc(drawn, func(a, b order) int { return cmp.Compare(a.at.Unix(), b.at.Unix()) })
	for i, o := range drawn {
		id, total := 40001+i, 0
		for _, line := range o.lines {
			total += line.Price * line.quantity
			t.add("order_lines", 1+len(t["order_lines"]), id, line.SKU, line.Name, line.quantity, line.Price, o.owner.currency)
		}
		number := fmt.Sprintf("#%d", 100001+i)
		if o.state == "cart" {
			number = ""
		}
		t.add("orders", id, text(number), o.owner.shopID, o.state, total, o.owner.currency, o.at.Unix())
	}
}

func katherinesOrders(l *lists, p *person) []order {
	at := func(s string) time.Time { at, _ := time.Parse(time.DateTime, s); return at }
	item := func(sku string, n int) line {
		i := slices.IndexFunc(l.Products, func(p product) bool { return p.SKU == sku })
		return line{l.Products[i], n}
	}
	return []order{
		{p, at("2024-06-03 18:12:40"), "completed", []line{item("SHO-6001", 1), item("SHO-6004", 2)}},
		{p, at("2025-04-10 20:01:09"), "completed", []line{item("TNT-3001", 1)}},
		{p, at("2025-11-27 07:55:31"), "returned", []line{item("SHO-6001", 1)}},
		{p, at("2026-05-05 12:40:02"), "completed", []line{item("TNT-3002", 1), item("SLP-4003", 1), item("STV-5001", 1)}},
		{p, at("2026-10-11 21:17:55"), "shipped", []line{item("SHO-6002", 1)}},
	}
}

func drawOrder(l *lists, d *dice, p *person) order {
	o := order{owner: p, at: d.between(today.AddDate(-3, 0, 0), today)}
	for range 1 + d.weighted(48, 28, 16, 8) {
		o.lines = append(o.lines, line{pick(d, l.Products), 1 + d.weighted(78, 15, 7)})
	}
	weights := []int{0, 0, 0, 0, 91, 5, 4} // cart, paid, packed, shipped, completed, cancelled, returned
	if today.Sub(o.at) < 21*24*time.Hour {
		weights = []int{12, 15, 14, 32, 21, 5, 1}
	}
	o.state = []string{"cart", "paid", "packed", "shipped", "completed", "cancelled", "returned"}[d.weighted(weights...)]
	return o
}
