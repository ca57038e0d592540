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
