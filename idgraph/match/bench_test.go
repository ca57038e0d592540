package match

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"customer360/idgraph"
)

// customers makes up records as a shop has them: British people, most with an
// e-mail address and a phone, some with a card, a slip in one out of ten.
func customers(n int) []idgraph.Record {
	r := rand.New(rand.NewPCG(7, 11))
	given := strings.Fields("James Mary Robert Patricia John Jennifer Michael Linda Siobhán Zoë Anne-Marie Bob Liz Oliver Renée Chloë Mohammed Kate William Peggy")
	family := strings.Fields("Smith Johnson O'Brien Müller García Núñez Barden Fenerley Torwick MacLeod Whitaker Hollowstone Corsen Kelley Lawton Brontë Stratford Marden")
	streets, kinds := strings.Fields("High Station Church Park Victoria Green Manor Kings Springfield Wellington"), strings.Fields("Street St Road Rd Avenue Ave Lane Drive Close Court")
	cities := strings.Fields("London Leeds Bristol Manchester Glasgow Cardiff York Omaha Tampa Austin")
	pick := func(of []string) string { return of[r.IntN(len(of))] }
	out := make([]idgraph.Record, n)
	for i := range out {
		g, f := pick(given), pick(family)+pick([]string{"", "", "son", "ley", "by"})
		if r.IntN(10) == 0 {
			f = f[1:] + f[:1]
		}
		phone := fmt.Sprintf("7%d%08d", 1+r.IntN(2), r.IntN(100_000_000))
		out[i] = idgraph.Record{
			Ref: idgraph.Ref{Source: "shop", ID: fmt.Sprint(i)}, GivenName: g, FamilyName: f, Country: "GB",
			BirthDate: fmt.Sprintf("%04d-%02d-%02d", 1935+r.IntN(70), 1+r.IntN(12), 1+r.IntN(28)),
			Street:    fmt.Sprintf("%d %s %s", 1+r.IntN(180), pick(streets), pick(kinds)), City: pick(cities), Postcode: fmt.Sprintf("LS%d %dAP", 1+r.IntN(9), 1+r.IntN(9)),
			Identifiers: []idgraph.Identifier{
				{Type: idgraph.Email, Value: fmt.Sprintf("%s.%s%d@%s", strings.ToLower(g), f, r.IntN(10_000), pick([]string{"gmail.com", "mail.example.com", "acme.example.com"}))},
				{Type: idgraph.Phone, Value: pick([]string{"0", "+44", "+44 ", "(0)"}) + phone},
			},
		}
		if r.IntN(2) == 0 {
			out[i].Identifiers = append(out[i].Identifiers, idgraph.Identifier{Type: idgraph.LoyaltyID, Value: fmt.Sprintf("L%09d", r.IntN(1_000_000_000))})
		}
	}
	return out
}

// BenchmarkNormalise is what a record costs until it can be compared: its
// identifiers, names, date of birth and address.
func BenchmarkNormalise(b *testing.B) {
	records := customers(100_000)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		r := NormaliseRecord(records[i%len(records)], "GB")
		p, a := personOf(r.GivenName, r.FamilyName, r.BirthDate), addressOf(r)
		if len(p.family) == 0 || a.number == "" || len(r.Identifiers) < 2 {
			b.Fatalf("record %d: %+v %+v %d identifiers", i, p, a, len(r.Identifiers))
		}
		i++
	}
}
