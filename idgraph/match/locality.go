package match

import (
	"strings"
)

// behindKind parts a street's name from the locality that was written behind its
// kind: "overpass rd san ramon". Kinds that stand before the name part nothing.
func behindKind(t []token) (name, locality []token) {
	if len(t) < 3 || leadingKind(t) {
		return t, nil
	}
	if englishKinds[t[0].text] && numeric(t[1].text) { // "Street 128 Phnom Penh"
		return t[:2], t[2:]
	}
	at := 0
	for i := 1; i < len(t)-1; i++ {
		if at > 0 && i > at+2 {
			break
		}
		if englishKinds[t[i].text] && (at > 0 || !englishKinds[t[i-1].text] || i > 1) {
			at = i
		}
	}
	if at == 0 || englishKinds[t[len(t)-1].text] && len(t)-1 <= at+2 {
		return t, nil
	}
	at++
	if len(t[at].text) <= 2 && directions[t[at].text] || at == len(t)-1 && directions[t[at].text] {
		at++
	}
	if at == len(t) || within[t[at].text] && t[at].text != "la" && t[at].text != "las" || digit(t[at].text[0]) {
		return t, nil
	}
	return t[:at], t[at:]
}

// leadingKind says that a name begins with the kind of street that stands before
// names: "rue", "avenida", "ul".
func leadingKind(t []token) bool {
	kind := streetWords[t[0].text]
	return kind != "" && !digit(kind[0]) && !englishKinds[t[0].text] && !directions[t[0].text] || (kind == "ave" || kind == "blvd") && !numeric(t[1].text)
}

// englishKinds stand behind the name of a street; the words as they are written.
var englishKinds = wordSet("st street rd road ave avenue ln lane dr drive cl close ct court cres crescent tce terrace pde parade hwy highway pkwy parkway cct circuit cir circle way trl trail pl place sq square blvd boulevard")

var directions = wordSet("n s e w ne nw se sw north south east west northeast northwest southeast southwest")

// localityOf is a city out of the words behind a street; "" for what is part of
// a house.
func (a *address) localityOf(t []token) string {
	if n := len(t); n > 1 && len(t[n-1].text) > 2 {
		if c := countryNames[t[n-1].text]; c != "" {
			t = t[:n-1]
			if a.country == "" {
				a.country = c
			}
		}
	}
	if len(t) == 0 || len(t) > 3 {
		return ""
	}
	words := make([]string, len(t))
	for i, x := range t {
		if notPlaces[x.text] || len(x.text) < 2 || strings.ContainsAny(x.text, "0123456789/") {
			return ""
		}
		words[i] = x.text
	}
	return cityOf(strings.Join(words, " "))
}

// notPlaces are words behind a street that tell of the house.
var notPlaces = wordSet(`house cottage farm building bldg tower mall centre center plaza hospital school annex annexe mews rear back front upper lower near opp opposite
	behind next apartments penthouse basement attic hinterhaus vorderhaus hof rechts links mitte eg og dg parterre bajo izquierda izq derecha dcha esquina interior suite unit flat apt tv th mf`)

// counties are regions that stand between a city and the postcode or country.
var counties = wordSet(`bedfordshire berkshire buckinghamshire cambridgeshire cheshire cornwall cumbria derbyshire devon dorset essex gloucestershire hampshire herefordshire
	hertfordshire kent lancashire leicestershire lincolnshire norfolk northamptonshire northumberland nottinghamshire oxfordshire rutland shropshire somerset staffordshire
	suffolk surrey sussex eastsussex westsussex warwickshire westmidlands wiltshire worcestershire yorkshire northyorkshire southyorkshire westyorkshire eastyorkshire
	merseyside greatermanchester tyneandwear countydurham middlesex isleofwight aberdeenshire fife ayrshire lanarkshire midlothian westlothian gwynedd powys dyfed clwyd gwent
	countyantrim countydown countyarmagh countytyrone cocork codublin cogalway cokerry comayo countycork countydublin countygalway countykerry countymayo
	maharashtra karnataka tamilnadu kerala telangana andhrapradesh gujarat rajasthan uttarpradesh westbengal punjab haryana bihar odisha madhyapradesh
	bayern hessen sachsen thuringen niedersachsen badenwurttemberg rheinlandpfalz nordrheinwestfalen`)

// place answers which segment before the end holds the city, -1 where none does.
func (l *line) place(segments []string) int {
	for i := len(segments) - 1; i >= 0; i-- {
		s := segments[i]
		if i > 0 && counties[strings.Join(fold(s), "")] && !strings.ContainsAny(segments[i-1], "0123456789#") {
			if l.region == "" {
				l.region = s
			}
			continue
		}
		if s == "" || strings.IndexByte("0123456789#", s[0]) >= 0 {
			return -1
		}
		if i == 0 {
			for _, w := range fold(s) {
				if streetWords[w] != "" && w != "san" && w != "santa" && w != "st" || strings.ContainsAny(w, "0123456789") {
					return -1
				}
			}
		}
		return i
	}
	return -1
}
