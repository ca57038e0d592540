package match

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"customer360/idgraph"
)

// An address is taken apart and in one manner of writing: lower case without
// marks, the kinds of streets as one short word each. What is unknown is "".
type address struct {
	number   string // of the house: "12", "12a"
	unit     string // flat, floor or door: "3b"
	street   string // "high st", "haupt st", "pobox"
	city     string
	postcode string // without blanks, in upper case
	region   string // code of a state where it is known, else its name
	country  string // ISO 3166 code
}

// addressOf takes a record's address apart. A whole address in its street is
// taken apart as far as that is safe.
func addressOf(r idgraph.Record) address {
	a := address{country: countryOf(r.Country), region: regionOf(r.Region), postcode: postcode(r.Postcode)}
	street, city := r.Street, r.City
	if a.postcode == "" && (strings.IndexByte(city, ',') >= 0 || strings.ContainsAny(city, "0123456789")) {
		if l := readLine("-, " + city); l.city != "" {
			a.add(l)
			city = l.city
		}
	}
	if city == "" && a.postcode == "" && street != "" {
		l := readLine(street)
		a.add(l)
		street, city = l.street, l.city
	}
	a.city = cityOf(city)
	a.readStreet(street, r.HouseNumber)
	return a
}

// add takes what a line says and the record does not.
func (a *address) add(l line) {
	if a.postcode == "" {
		a.postcode = postcode(l.postcode)
	}
	if a.region == "" {
		a.region = regionOf(l.region)
	}
	if a.country == "" {
		a.country = l.country
	}
}

// postcode is in capitals without blanks; the four digits that Americans may
// add and the country's letter before it are left out.
func postcode(s string) string {
	var space [16]byte
	b := space[:0]
	for _, c := range s {
		switch {
		case 'a' <= c && c <= 'z':
			b = append(b, byte(c)-'a'+'A')
		case 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-':
			b = append(b, byte(c))
		case c >= utf8.RuneSelf && (unicode.IsLetter(c) || unicode.IsDigit(c)):
			for _, d := range strings.ToUpper(strings.Join(fold(strings.ToUpper(string(c))), "")) {
				if unicode.IsLetter(d) || unicode.IsDigit(d) {
					b = utf8.AppendRune(b, d)
				}
			}
		}
	}
	code := string(b)
	if before, after, ok := strings.Cut(code, "-"); ok {
		switch {
		case len(before) == 5 && len(after) == 4 && digitsOnly(before) && digitsOnly(after):
			code = before
		case len(before) <= 3 && len(after) >= 4 && letters(before) && after[0] <= '9':
			code = after
		}
		code = strings.ReplaceAll(code, "-", "")
	}
	if len(code) == 9 && digitsOnly(code) {
		code = code[:5]
	}
	if noPostcode[code] || monotone(code) && code[0] >= 'A' || strings.Trim(code, "0") == "" || strings.Trim(code, "9") == "" {
		return ""
	}
	return code
}

var noPostcode = wordSet("NA NONE NULL UNKNOWN UNBEKANNT XX XXX 12345678 123456 1234567890 TBD TEST")

func letters(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool { return !unicode.IsLetter(c) })
}

// cityOf is a city's name as its country writes it, without the number of a
// district.
func cityOf(s string) string {
	if s == "" {
		return ""
	}
	parts := fold(s)
	for n := len(parts); n > 1 && (digitsOnly(parts[n-1]) || parts[n-1] == "cedex"); n-- {
		parts = parts[:n-1]
	}
	for i, p := range parts {
		switch p {
		case "saint", "sainte", "sankt":
			p = "st"
		case "mount":
			p = "mt"
		}
		parts[i] = key(p)
	}
	name := strings.Join(parts, " ")
	if own, ok := ownNames[name]; ok {
		name = own
	}
	if noAddress[strings.ReplaceAll(name, " ", "")] || len(name) > 2 && monotone(name) {
		return ""
	}
	return name
}

// noAddress lists what stands in address fields that had to be filled.
var noAddress = wordSet(`na none null nil nan unknown notknown notprovided notavailable noaddress nofixedabode nofixedaddress nfa undefined tbd tba test testing
	dummy x xx xxx xxxx asdf homeless same sameasabove unbekannt keine keineangabe ohnefestenwohnsitz inconnu inconnue sansdomicilefixe nonrenseigne desconocido sinnumero
	sindomicilio sindireccion desconhecido semendereco sconosciuto nieznany brak onbekend okand ukendt ukjent tuntematon neznamy address adresse street city town`)
