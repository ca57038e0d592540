package match

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A token is a word or number of a street as it was written.
type token struct {
	text  string
	parts bool // a comma or new line stands before it
	hash  bool // a # stands before it
}

// tokens folds a street. Digits keep the stroke or hyphen between them.
func tokens(s string) []token {
	out := make([]token, 0, 6)
	if !plain(s) {
		s = norm.NFKC.String(strings.ToValidUTF8(s, " "))
	}
	var space [48]byte
	word, next := space[:0], token{}
	end := func() {
		if len(word) == 0 {
			return
		}
		next.text = string(word)
		out = append(out, next)
		word, next = word[:0], token{}
	}
	for i, c := range s {
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			word = append(word, byte(c))
		case 'A' <= c && c <= 'Z':
			word = append(word, byte(c)+'a'-'A')
		case c == ',' || c == ';' || c == '\n':
			end()
			next.parts = true
		case c == '#':
			end()
			next.hash = true
		case (c == '/' || c == '-') && between(s, i):
			word = append(word, byte(c))
		case c == '/' && string(word) == "c" && len(s) > i+2 && (s[i+1] == 'o' || s[i+1] == 'O') && parting(rune(s[i+2])):
			word = append(word, '/')
		case parting(c):
			end()
		case c >= utf8.RuneSelf && c < rune(len(foldTable())):
			word = append(word, foldTable()[c]...)
		case c >= utf8.RuneSelf:
			word = append(word, foldRune(c)...)
		}
	}
	end()
	return out
}

func plain(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// between says that the character at i stands between two digits.
func between(s string, i int) bool {
	return i > 0 && i+1 < len(s) && digit(s[i-1]) && digit(s[i+1])
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// readStreet takes house number, unit and street out of what a source calls
// street. A house number that the source holds by itself is believed.
func (a *address) readStreet(street, number string) {
	t := tokens(street)
	if a.number = houseNumber(number); a.number == "" && number != "" {
		if n := tokens(number); len(n) > 0 {
			a.number, a.unit = splitNumber(joined(n), false)
		}
	}
	t = withoutCareOf(t)
	if a.box(t) {
		return
	}
	t = a.takeUnits(splitGlued(t))
	if a.number != "" {
		t = withoutNumber(t, a.number)
	} else {
		t = a.takeNumber(t)
	}
	t, locality := behindKind(t)
	if a.city == "" && len(locality) > 0 {
		a.city = a.localityOf(locality)
	}
	if s := streetName(t); !noAddress[strings.ReplaceAll(s, " ", "")] {
		a.street = s
	}
}

func joined(t []token) string {
	var b strings.Builder
	for _, x := range t {
		b.WriteString(x.text)
	}
	return b.String()
}

// withoutCareOf drops whose letter box it is.
func withoutCareOf(t []token) []token {
	for i := range t {
		if t[i].text != "c/o" {
			continue
		}
		end := i + 1
		for end < len(t) && !t[end].parts {
			end++
		}
		return append(t[:i:i], t[end:]...)
	}
	return t
}

// box takes a post office box.
func (a *address) box(t []token) bool {
	for i := range t {
		n := 0
		switch {
		case boxes[t[i].text]:
			n = 1
		case i+1 < len(t) && boxes[t[i].text+t[i+1].text]:
			n = 2
		case i+2 < len(t) && boxes[t[i].text+t[i+1].text+t[i+2].text]:
			n = 3
		case i == 0 && len(t) > 1 && (t[i].text == "box" || t[i].text == "bp" || t[i].text == "cp"):
			n = 1
		}
		if n == 0 {
			continue
		}
		rest := t[i+n:]
		for len(rest) > 0 && (numberWords[rest[0].text] || rest[0].text == "de" || rest[0].text == "correos") {
			rest = rest[1:]
		}
		number := ""
		for len(rest) > 0 && !(rest[0].parts && number != "") && digit(rest[0].text[0]) {
			number += rest[0].text
			rest = rest[1:]
		}
		if number == "" {
			continue
		}
		a.street, a.number = "pobox", number
		return true
	}
	return false
}

// splitGlued parts a word from the number that it was written together with.
func splitGlued(t []token) []token {
	for i := 0; i < len(t); i++ {
		s := t[i].text
		if digit(s[0]) || !digit(s[len(s)-1]) && (len(s) < 2 || !digit(s[len(s)-2])) {
			continue
		}
		at := strings.IndexFunc(s, unicode.IsDigit)
		if at < 0 {
			continue
		}
		if w := s[:at]; unitWords[w] || numberWords[w] || strings.HasSuffix(w, "str") || strings.HasSuffix(w, "strasse") || strings.HasSuffix(w, "weg") {
			rest := append([]token{{text: w, parts: t[i].parts}, {text: s[at:]}}, t[i+1:]...)
			t = append(t[:i:i], rest...)
		}
	}
	return t
}

// takeUnits takes flats, floors and doors out, and answers the rest.
func (a *address) takeUnits(t []token) []token {
	rest, parts := t[:0:0], false
	for i := 0; i < len(t); i++ {
		x := t[i]
		parts = parts || x.parts
		switch {
		case x.hash && len(rest) > 0 && (numeric(rest[0].text) || len(rest) > 2 && numeric(rest[len(rest)-1].text)): // a number without a word
			a.unit += x.text
		case unitWords[x.text] && (x.text != "d" || numbersBehind(rest)) && i+1 < len(t) && (digit(t[i+1].text[0]) || len(t[i+1].text) == 1) && (i+2 < len(t) || len(rest) > 0):
			a.unit += t[i+1].text
			i++
			if n := i + 1; n < len(t) && len(t[n].text) == 1 && !t[n].parts && (n+1 == len(t) || t[n+1].parts) { // "piso 3 b"
				a.unit += t[n].text
				i++
			}
		case floorWords[x.text] && len(rest) > 2 && digit(rest[len(rest)-1].text[0]):
			a.unit += strings.TrimRight(rest[len(rest)-1].text, "abcdefghijklmnopqrstuvwxyz")
			rest = rest[:len(rest)-1]
		default:
			x.parts, parts = parts, false
			rest = append(rest, x)
		}
	}
	return rest
}

// withoutNumber drops the number that is known already.
func withoutNumber(t []token, number string) []token {
	for i, x := range t {
		if houseNumber(x.text) == number {
			return append(t[:i:i], t[i+1:]...)
		}
	}
	return t
}

// takeNumber finds the house number, before or after the street's name, and
// answers the tokens of the name.
func (a *address) takeNumber(t []token) []token {
	segments := segmentsOf(t)
	for i, s := range segments {
		if len(s) > 1 && numberWords[s[0].text] && digit(s[1].text[0]) {
			s = s[1:]
		}
		if len(segments) > 1 && numeric(s[0].text) && (len(s) == 1 || len(s) == 2 && suffix(s[1].text)) { // between commas
			if i == 0 {
				for _, other := range segments[1:] { // "#01-11, HillV2, 4 Hillview Rise"
					if name, ok := a.leading(other); ok {
						a.unit = joined(s) + a.unit
						return name
					}
				}
			}
			a.setNumber(joined(s), i == 0)
			if i == 0 {
				return segments[1]
			}
			a.behind(segments[i+1:])
			return segments[i-1]
		}
		if name, ok := a.leading(s); ok {
			return name
		}
		if name, ok := a.trailing(s); ok {
			a.behind(segments[i+1:])
			return name
		}
	}
	for _, s := range segments { // no number: the one that says that it is a street
		for _, x := range s {
			if streetWords[x.text] != "" {
				return s
			}
		}
	}
	if len(segments) > 0 {
		return segments[0]
	}
	return nil
}

func segmentsOf(t []token) [][]token {
	var out [][]token
	start := 0
	for i := range t {
		if i > start && t[i].parts {
			out, start = append(out, t[start:i]), i
		}
	}
	if start < len(t) {
		out = append(out, t[start:])
	}
	return out
}

// leading reads "12a High St", "5/12 Foo Rd", "12 bis rue Foo".
func (a *address) leading(s []token) (name []token, ok bool) {
	if len(s) < 2 || !numeric(s[0].text) || numeric(s[1].text) && len(s) < 3 {
		return nil, false
	}
	last := s[len(s)-1].text
	if (s[1].text == "de" || months[s[1].text]) && numeric(last) && len(s) > 3 { // a street named after a day
		return nil, false
	}
	number, rest := s[0].text, s[1:]
	if numeric(rest[0].text) && len(rest) > 1 { // "3 12 High St"
		a.unit += number
		number, rest = rest[0].text, rest[1:]
	}
	if len(rest) > 1 && suffix(rest[0].text) && (len(rest) > 2 || len(rest[0].text) > 1) {
		number, rest = number+rest[0].text, rest[1:]
	}
	a.setNumber(number, true)
	return rest, true
}

// trailing reads "Hauptstr. 12 a", "ul. Długa 5/12", "Calle 50 No. 12".
func (a *address) trailing(s []token) (name []token, ok bool) {
	at := -1
	for i := 1; i < len(s); i++ {
		if !numeric(s[i].text) || i == 1 && streetWords[s[0].text] != "" && numbersBehind(s[2:]) {
			continue
		}
		at = i
		if i+1 == len(s) || numeric(s[i+1].text) || suffix(s[i+1].text) && (i+2 == len(s) || numeric(s[i+2].text)) {
			break
		}
	}
	if at < 0 {
		return nil, false
	}
	if !streetNamed(s[:at]) && streetNamed(s[at+1:]) { // "Adventura Apartments 638 Downey St"
		return a.leading(s[at:])
	}
	number, rest := s[at].text, s[at+1:]
	if len(rest) > 0 && suffix(rest[0].text) && digit(number[len(number)-1]) {
		number, rest = number+rest[0].text, rest[1:]
	}
	a.setNumber(number, false)
	a.behind([][]token{rest})
	if at > 1 && numberWords[s[at-1].text] {
		at--
	}
	return s[:at], true
}

// streetNamed says that words are a name with an English kind of street behind it.
func streetNamed(s []token) bool {
	for i, x := range s {
		if i > 0 && englishKinds[x.text] {
			return true
		}
		if kind := streetWords[x.text]; i == 0 && kind != "" && !directions[x.text] {
			return len(s) > 1 && englishKinds[s[len(s)-1].text]
		}
	}
	return false
}

func numbersBehind(s []token) bool {
	for _, x := range s {
		if numeric(x.text) {
			return true
		}
	}
	return false
}

// behind takes what follows the number as the unit: numbers and short words.
func (a *address) behind(segments [][]token) {
	for _, s := range segments {
		for _, x := range s {
			if digit(x.text[0]) || len(x.text) <= 2 {
				a.unit += x.text
			}
		}
	}
}

// setNumber keeps a number, and the unit that stands before or behind a stroke.
func (a *address) setNumber(s string, first bool) {
	number, unit := splitNumber(s, first)
	a.number = number
	a.unit += unit
}

// splitNumber parts "5/12", which is a unit and a house before a name, and a
// house and a unit behind it; of "12-14" it answers the first house.
func splitNumber(s string, first bool) (number, unit string) {
	if before, after, ok := strings.Cut(s, "/"); ok {
		if first {
			return houseNumber(after), before
		}
		return houseNumber(before), after
	}
	return houseNumber(s), ""
}

// houseNumber is a number with its letter, "012 A" as "12a"; "" where it is none.
func houseNumber(s string) string {
	s = strings.TrimLeft(strings.ToLower(strings.ReplaceAll(s, " ", "")), "0#")
	if !numeric(s) || strings.Contains(s, "/") {
		return ""
	}
	if from, to, ok := strings.Cut(s, "-"); ok && (len(to) > len(from) || len(to) == len(from) && to > from) {
		return from // a house of several numbers, unlike 37-12 in Queens
	}
	return s
}

// numeric says that a word is a house number: digits with strokes between them
// and a letter or "bis" behind.
func numeric(s string) bool {
	if s == "" || !digit(s[0]) {
		return false
	}
	i := 0
	for i < len(s) && (digit(s[i]) || s[i] == '/' || s[i] == '-') {
		i++
	}
	return i == len(s) || suffix(s[i:])
}

// suffix says that a word stands behind a house number.
func suffix(s string) bool {
	switch s {
	case "bis", "ter", "quater":
		return true
	case "n", "s", "e", "w", "y":
		return false // directions, and
	}
	return len(s) == 1 && s[0] >= 'a' && s[0] <= 'z'
}

// streetName writes each kind of street, direction and ordinal as one word.
func streetName(t []token) string {
	var space [64]byte
	b := space[:0]
	for i, x := range t {
		if i > 0 {
			b = append(b, ' ')
		}
		s := x.text
		if i == 0 && len(t) > 1 && firstWords[s] != "" {
			b = append(b, firstWords[s]...)
		} else if short := streetWords[s]; short != "" {
			b = append(b, short...)
		} else {
			b = appendWord(b, s)
		}
	}
	return string(b)
}

// appendWord parts the kind of street from the name before it: "Hauptstraße" is
// "haupt st".
func appendWord(b []byte, s string) []byte {
	for _, kind := range gluedKinds {
		if stem, ok := strings.CutSuffix(s, kind.is); ok && len(stem) >= 3 {
			return append(append(append(b, key(strings.TrimSuffix(stem, "-"))...), ' '), kind.becomes...)
		}
	}
	return append(b, key(s)...)
}
