package demo

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"customer360/idgraph"
)

// A person as they really are. How each system spells them is spelling.go.
type person struct {
	given    given
	family   string
	country  string
	email    string
	other    string // a second mailbox
	phone    phone
	home     address
	former   address // where some systems still believe them to live; zero for most
	born     string  // YYYY-MM-DD
	company  string
	card     string // of the loyalty programme
	currency string
	showcase bool
	meets    bool // shares a value with somebody: both are in most systems

	at      map[idgraph.Source]bool
	records map[idgraph.Source][]string // ids, the first being the one that things hang on
	debitor string                      // the number of the ERP that others write down
	shopID  int
}

type address struct{ street, city, postcode, region, country string }

// everybody draws the people: first the one to show, then the rest, then what
// families have in common.
func everybody(l *lists, d *dice) []*person {
	people := []*person{katherine()}
	taken := map[string]bool{people[0].email: true, people[0].other: true}
	for n := 2; n <= People; n++ {
		people = append(people, somebody(l, d, n, taken))
	}
	households(d, people)
	for _, p := range people {
		p.at = whereabouts(d, p)
		p.records = map[idgraph.Source][]string{}
	}
	return people
}

func katherine() *person {
	return &person{
		showcase: true, currency: "EUR",
		given: given{Name: "Katherine", Also: []string{"Kate"}}, family: "Müller", country: "DE",
		email: ShowcaseEmail, other: "k.mueller@post.example", phone: fictional("DE", 3123),
		home: address{"Lindenstraße 12", "Köln", "50674", "Nordrhein-Westfalen", "DE"},
		born: "1984-05-17", company: "Northwind Bakery", card: ShowcaseCard,
	}
}

func somebody(l *lists, d *dice, n int, taken map[string]bool) *person {
	country := []string{"DE", "GB", "US", "FR", "AU"}[d.weighted(44, 22, 14, 14, 6)]
	here := slices.DeleteFunc(slices.Clone(l.Given), func(g given) bool { return !strings.Contains(g.In, country) })
	p := &person{
		given: pick(d, here), family: pick(d, l.Family[country]), country: country,
		phone: fictional(country, n), home: somewhere(l, d, country),
		born:     fmt.Sprintf("%d-%02d-%02d", 1946+d.below(60), 1+d.below(12), 1+d.below(28)),
		currency: map[string]string{"GB": "GBP", "US": "USD", "AU": "USD"}[country],
	}
	if p.currency == "" || d.percent(15) {
		p.currency = "EUR"
	}
	if d.percent(12) {
		p.former = somewhere(l, d, country)
	}
	if d.percent(22) {
		p.company = pick(d, l.Companies)
	}
	if d.percent(50) {
		p.card = "LC" + strconv.Itoa(10_000_000+d.below(80_000)*1000+n)
	}
	p.email = mailbox(l, d, p, taken)
	p.other = mailbox(l, d, p, taken)
	return p
}

func somewhere(l *lists, d *dice, country string) address {
	c := pick(d, l.Cities[country])
	street, number := pick(d, l.Streets[country]), strconv.Itoa(1+d.below(140))
	if country == "DE" {
		street += " " + number
	} else {
		street = number + " " + street
	}
	return address{street, c.Name, pick(d, c.Postcodes), c.Region, country}
}

// mailbox is an address that nobody else has.
func mailbox(l *lists, d *dice, p *person, taken map[string]bool) string {
	first, last := slug(p.given.Name), slug(p.family)
	for {
		local := []string{first + "." + last, first[:1] + last, first + last[:1], last + "." + first, first + p.born[2:4]}[d.weighted(38, 22, 16, 20, 4)]
		if d.percent(45) || len(local) < 5 {
			local += strconv.Itoa(1 + d.below(9999))
		}
		address := local + "@" + l.Domains[min(d.below(len(l.Domains)), d.below(len(l.Domains)))]
		if !taken[address] {
			taken[address] = true
			return address
		}
	}
}

// households makes neighbours in the list families: they share a home and a
// name, some a mailbox, some a telephone. Who shares something to be found by
// has another first letter: an initial in some system must not fit both.
func households(d *dice, people []*person) {
	for i := 10; i+1 < len(people); i += 12 {
		a, b := people[i], people[i+1]
		b.family, b.home, b.country, b.currency = a.family, a.home, a.country, a.currency
		b.phone = fictional(b.country, i+2) // in the same country now
		switch (i / 12) % 5 {
		case 0, 1:
			if !alike(a, b) {
				b.email, a.meets, b.meets = a.email, true, true
			}
		case 2:
			if !alike(a, b) {
				b.phone, a.meets, b.meets = a.phone, true, true
			}
		case 3: // mother and daughter, father and son of one name
			b.given, b.born = a.given, strconv.Itoa(year(a.born)+26)+a.born[4:]
		}
	}
}

// alike says that two first names, in any of their forms, begin the same.
func alike(a, b *person) bool {
	forms := func(g given) string {
		s := ""
		for _, n := range append([]string{g.Name}, g.Also...) {
			s += slug(n)[:1]
		}
		return s
	}
	return strings.ContainsAny(forms(a.given), forms(b.given))
}

func year(day string) int {
	y, _ := strconv.Atoi(day[:4])
	return y
}

// whereabouts says which systems know the person.
func whereabouts(d *dice, p *person) map[idgraph.Source]bool {
	n := []int{4, 3, 2, 1}[d.weighted(45, 20, 18, 17)]
	switch {
	case p.showcase:
		n = 4
	case p.meets:
		n = max(n, 3)
	}
	at := map[idgraph.Source]bool{}
	for _, s := range shuffled(d, systems)[:n] {
		at[s] = true
	}
	return at
}

// known are the people of one system, in an order of its own; the showcase
// comes first in each.
func known(d *dice, people []*person, s idgraph.Source) []*person {
	var out []*person
	for _, p := range people[1:] {
		if p.at[s] {
			out = append(out, p)
		}
	}
	return append([]*person{people[0]}, shuffled(d, out)...)
}
