package match

import (
	"strings"

	"customer360/idgraph"
)

type address struct{ number, unit, street, city, postcode, region, country string }

var streetWords = map[string]string{"street": "st", "road": "rd", "avenue": "ave", "lane": "ln", "drive": "dr", "close": "cl", "court": "ct", "place": "pl", "strasse": "str", "crescent": "cres", "circuit": "cct"}

func addressOf(r idgraph.Record) address {
	a := address{city: strings.Join(fold(r.City), " "), postcode: bareCode(r.Postcode), country: r.Country}
	var words []string
	for _, w := range fold(r.Street) {
		if a.number == "" && w[0] >= '0' && w[0] <= '9' {
			a.number = w
			continue
		}
		if s, ok := streetWords[w]; ok {
			w = s
		}
		words = append(words, w)
	}
	a.street = strings.Join(words, " ")
	return a
}

func bareCode(s string) string {
	return strings.ToUpper(strings.Join(fold(s), ""))
}
