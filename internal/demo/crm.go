package demo

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// crm is where sales and marketing keep people, and what these allowed.
func crm(l *lists, d *dice, people []*person) tables {
	t := tables{}
	here := known(d, people, "crm")
	for _, p := range here {
		contact(t, d, p, false)
		if !p.showcase && d.percent(3) { // entered twice, by two colleagues
			contact(t, d, p, true)
		}
		permissions(t, d, p)
	}
	for i := range 60 {
		firm := pick(d, l.Companies) + " " + strconv.Itoa(i+1)
		at := changed(d, nil).Format(time.RFC3339)
		t.add("contacts", uuid(d), "company", nil, nil, firm, "info@"+slug(firm)+".example", nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, at, at, 0)
	}
	for range 12 { // merged into another contact long ago
		p := here[1+d.below(len(here)-1)]
		at := changed(d, nil).Format(time.RFC3339)
		t.add("contacts", uuid(d), "person", nil, p.given.Name, p.family, p.email, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, at, at, 1)
	}
	deals(t, l, newDice("deals"), here)
	return t
}

func contact(t tables, d *dice, p *person, again bool) {
	id, w := uuid(d), spell(d, p, "crm")
	p.records["crm"] = append(p.records["crm"], id)
	card, number, born, second := "", "", "", ""
	if p.showcase || d.percent(60) {
		card = written(d, p, p.card)
	}
	if p.at["erp"] && (p.showcase || d.percent(45)) {
		number = written(d, p, p.debitor)
	}
	if p.showcase || d.percent(60) {
		born = p.born
	}
	if !p.showcase && !p.meets && d.percent(8) {
		second = p.other
	}
	if again {
		card, number, born, second, w.phone = "", "", "", "", ""
		w.email = p.email
	}
	at := changed(d, p)
	t.add("contacts", id, "person", nil, text(w.given), text(w.family), text(w.email), text(second), text(w.phone),
		text(born), locale(p.country, "_"), text(p.company), text(w.home.street), text(w.home.city), text(w.home.postcode), text(w.home.region), w.home.country,
		text(card), text(number), at.AddDate(0, 0, -d.below(300)).Format(time.RFC3339), at.Format(time.RFC3339), 0)
}

// written is a number as somebody has typed it in after hearing it.
func written(d *dice, p *person, number string) string {
	if number == "" || p.showcase {
		return number
	}
	switch d.weighted(58, 16, 15, 10, 1) {
	case 1:
		return strings.ToLower(number)
	case 2:
		return strings.ReplaceAll(number, "-", " ")
	case 3:
		return " " + number
	case 4:
		return number[:len(number)-1]
	}
	return number
}

func uuid(d *dice) string {
	const hex = "0123456789abcdef"
	return d.letters(hex, 8) + "-" + d.letters(hex, 4) + "-4" + d.letters(hex, 3) + "-" + d.letters("89ab", 1) + d.letters(hex, 3) + "-" + d.letters(hex, 12)
}

// permissions are what a contact has answered over the years.
func permissions(t tables, d *dice, p *person) {
	say := func(topic, answer string, at time.Time, form string) {
		t.add("permission_log", 1+len(t["permission_log"]), p.records["crm"][0], topic, answer, at.Format(time.RFC3339), text(form))
	}
	if p.showcase {
		at := func(s string) time.Time { at, _ := time.Parse(time.DateTime, s); return at }
		say("newsletter", "yes", at("2025-03-02 17:20:11"), "newsletter-form@2024")
		say("profiling", "yes", at("2025-03-02 17:20:11"), "newsletter-form@2024")
		say("support_sharing", "yes", at("2025-04-14 11:02:37"), "call-script@2025")
		say("profiling", "withdrawn", at("2026-06-14 08:15:00"), "preference-centre@2025")
		return
	}
	for _, topic := range []string{"newsletter", "profiling", "support_sharing", "phone_survey"} {
		if d.percent(25) {
			continue // never asked
		}
		at := d.between(today.AddDate(-3, 0, 0), today.AddDate(0, -2, 0))
		form := []string{"newsletter-form@2024", "registration@2022", "call-script@2025", ""}[d.weighted(50, 26, 20, 4)]
		switch d.weighted(52, 20, 23, 5) {
		case 0:
			say(topic, "yes", at, form)
		case 1:
			say(topic, "no", at, form)
		case 2:
			say(topic, "yes", at, form)
			say(topic, "withdrawn", d.between(at.Add(time.Hour), today), "preference-centre@2025")
		case 3:
			say(topic, "asked", at, form)
		}
	}
}

type deal struct {
	owner        *person
	title, stage string
	cents        int
	at           time.Time
}

func deals(t tables, l *lists, d *dice, here []*person) {
	at := func(s string) time.Time { at, _ := time.Parse(time.DateTime, s); return at }
	drawn := []deal{
		{here[0], "Company bicycle lease", "Closed Won", 489900, at("2026-02-18 13:00:00")},
		{here[0], "Team equipment, spring", "Proposal", 1250000, at("2026-09-21 09:45:00")},
	}
	for len(drawn) < Deals {
		drawn = append(drawn, deal{
			here[1+d.few(len(here)-1)], pick(d, l.Deals), []string{"Prospecting", "Qualification", "Proposal", "Closed Won", "Closed Lost", "Withdrawn"}[d.weighted(18, 16, 14, 28, 18, 6)],
			100 * (50 + d.below(200)*d.below(90)), d.between(today.AddDate(-3, 0, 0), today),
		})
	}
	slices.SortStableFunc(drawn, func(a, b deal) int { return cmp.Compare(a.at.Unix(), b.at.Unix()) })
	for i, v := range drawn {
		amount := text(fmt.Sprintf("%d.%02d", v.cents/100, v.cents%100))
		if v.stage == "Prospecting" && d.percent(40) {
			amount = nil // nobody knows yet
		}
		t.add("opportunities", fmt.Sprintf("OPP-%05d", i+1), v.owner.records["crm"][0], v.title, v.stage, amount, v.owner.currency, v.at.Format(time.RFC3339))
	}
}
