package demo

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const base36 = "0123456789abcdefghijklmnopqrstuvwxyz"

// helpdesk is whoever has ever written in.
func helpdesk(l *lists, d *dice, people []*person) tables {
	t := tables{}
	here := known(d, people, "helpdesk")
	for _, p := range here {
		id := "req_" + d.letters(base36, 10)
		p.records["helpdesk"] = []string{id}
		w := spell(d, p, "helpdesk")
		var shopID any
		if p.at["shop"] && (p.showcase || d.percent(35)) {
			shopID = p.shopID
		}
		t.add("requesters", id, "end_user", strings.TrimSpace(w.given+" "+w.family), text(w.email), text(w.phone), text(locale(p.country, "-")[:2]),
			shopID, changed(d, p).Format(time.RFC3339))
	}
	for i := range 30 {
		firm := pick(d, l.Companies) + " " + strconv.Itoa(i+1)
		t.add("requesters", "org_"+d.letters(base36, 10), "organization", firm, "service@"+slug(firm)+".example", nil, nil, nil, changed(d, nil).Format(time.RFC3339))
	}
	writeTickets(t, l, newDice("tickets"), here)
	return t
}

type ticket struct {
	owner            *person
	subject, status  string
	priority         int
	created, updated time.Time
}

func writeTickets(t tables, l *lists, d *dice, here []*person) {
	drawn := katherinesTickets(here[0])
	for len(drawn) < Tickets {
		drawn = append(drawn, drawTicket(l, d, here[1+d.few(len(here)-1)]))
	}
	slices.SortStableFunc(drawn, func(a, b ticket) int { return cmp.Compare(a.created.Unix(), b.created.Unix()) })
	for i, v := range drawn {
		t.add("tickets", 20001+i, v.owner.records["helpdesk"][0], v.subject, v.status, v.priority, v.created.Format(time.RFC3339), v.updated.Format(time.RFC3339))
	}
	writeMessages(t, l.Letters, newDice("messages"), drawn)
}

func katherinesTickets(p *person) []ticket {
	at := func(s string) time.Time { at, _ := time.Parse(time.DateTime, s); return at }
	return []ticket{
		{p, "Boots are too small, exchange?", "closed", 3, at("2025-11-30 10:04:11"), at("2025-12-09 08:31:50")},
		{p, "Zip of the tent is stuck", "solved", 3, at("2026-05-19 16:22:05"), at("2026-05-21 09:12:44")},
		{p, "Where is my order?", "open", 2, at("2026-10-28 08:47:30"), at("2026-10-29 14:05:18")},
	}
}

func drawTicket(l *lists, d *dice, p *person) ticket {
	v := ticket{owner: p, subject: pick(d, l.Subjects), priority: 1 + d.weighted(5, 18, 62, 15), created: d.between(today.AddDate(-3, 0, 0), today)}
	weights := []int{0, 2, 2, 16, 80} // new, open, waiting, solved, closed
	if today.Sub(v.created) < 14*24*time.Hour {
		weights = []int{24, 30, 16, 24, 6}
	}
	v.status = []string{"new", "open", "waiting", "solved", "closed"}[d.weighted(weights...)]
	if v.updated = v.created; v.status != "new" {
		v.updated = d.between(v.created, v.created.Add(9*24*time.Hour))
	}
	if v.updated.After(today) {
		v.updated = today
	}
	return v
}
