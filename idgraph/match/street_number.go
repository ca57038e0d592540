package match

import (
	"strings"
)

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
