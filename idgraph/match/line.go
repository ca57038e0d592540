package match

import (
	"regexp"
	"strings"
)

// A line is a whole address that was written into one field, as far as it could
// be taken apart.
type line struct{ street, city, region, postcode, country string }

// What an address may end in. A postcode before the city is believed behind a
// comma only, or behind a house number: else it may be the house number.
var (
	stateAndCode     = regexp.MustCompile(`(?i)^(.*?)[\s.]*\b([a-z]{2,3})\.?\s+(\d{5}(?:-?\d{4})?|\d{4})$`)
	britishCode      = regexp.MustCompile(`(?i)^(.*?)\s*\b([a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2})$`)
	canadianCode     = regexp.MustCompile(`(?i)^(.*?)(?:[\s.]*\b([a-z]{2}))?\s+([a-z]\d[a-z][\s-]?\d[a-z]\d)$`)
	onlyCode         = regexp.MustCompile(`(?i)^(?:[a-z]{1,2}-)?(\d{4,6}(?:-\d{3,4})?|\d{3}\s\d{2}|\d{2}-\d{3})$`)
	codeAndCity      = regexp.MustCompile(`(?i)^(?:[a-z]{1,3}-\s?)?(\d{5}-\d{3}|\d{4}-\d{3}|\d{2}-\d{3}|\d{3}\s\d{2}|\d{4}\s?[a-z]{2}\b|\d{4,6})\s+(\pL.*)$`)
	houseAndCode     = regexp.MustCompile(`^(.*\pL.*\d+\s?[a-zA-Z]?)\s+(\d{2}-\d{3}|\d{5})\s+(\pL.*)$`)
	cityAndCode      = regexp.MustCompile(`^(\pL[^\d]*?)\s+(\d{4,6})$`)
	provinceAtTheEnd = regexp.MustCompile(`^(.*\S)\s+\(?([A-Z]{2})\)?$`)
	regionAtTheEnd   = regexp.MustCompile(`(?i)^(.*\S)\s+([a-z]{2,3})$`)
)

// readLine takes an address in one line apart from its end. What is left of it
// is the street.
func readLine(s string) line {
	segments := strings.FieldsFunc(s, func(c rune) bool { return c == ',' || c == '\n' || c == ';' })
	for i := range segments {
		segments[i] = strings.TrimSpace(segments[i])
	}
	l := line{}
	for i := len(segments) - 1; i > 0 && i >= len(segments)-2; i-- { // behind the postcode or before it
		name := strings.Join(fold(segments[i]), "")
		if c := countryNames[name]; c != "" && (len(name) > 2 || name == "uk" || name == "us") && (i == len(segments)-1 || i > 1) { // CA is a state, too
			l.country = c
			segments = append(segments[:i:i], segments[i+1:]...)
			break
		}
	}
	if len(segments) == 0 {
		return l
	}
	l.end(segments)
	return l
}

// end reads the segments from the last one on.
func (l *line) end(segments []string) {
	n := len(segments)
	last, alone := segments[n-1], n == 1
	rest, found := last, true
	switch m := stateAndCode.FindStringSubmatch(last); {
	case m != nil && isState(m[2]):
		rest, l.region, l.postcode = m[1], m[2], m[3]
	case reads(britishCode, last, &m):
		rest, l.postcode = m[1], m[2]
	case reads(canadianCode, last, &m):
		rest, l.region, l.postcode = m[1], m[2], m[3]
	case alone && reads(houseAndCode, last, &m):
		l.street, l.postcode, l.city = m[1], m[2], m[3]
		return
	case !alone && reads(codeAndCity, last, &m):
		rest, l.postcode = m[2], m[1]
		if p := provinceAtTheEnd.FindStringSubmatch(rest); p != nil && len(l.postcode) == 5 {
			rest, l.region = p[1], p[2]
		}
	case !alone && reads(onlyCode, last, &m):
		rest, l.postcode = "", m[1]
	case !alone && reads(cityAndCode, last, &m):
		rest, l.postcode = m[1], m[2]
	case n > 2 && isState(last), n == 2 && isState(last) && strings.HasPrefix(segments[0], "-"):
		rest, l.region = "", last
	default:
		found = false
	}
	switch {
	case found && alone:
		l.street, l.city = afterKind(rest)
	case found && rest == "":
		l.before(segments[:n-1])
	case found:
		l.city, l.street = rest, strings.Join(segments[:n-1], ", ")
	case n == 2 && !strings.ContainsAny(last, "0123456789#") && strings.ContainsAny(segments[0], "0123456789-"):
		l.city, l.street = last, segments[0]
	default:
		l.street = strings.Join(segments, ", ")
	}
}

// before reads the segments before a postcode or state: the street and, where it
// stands alone, the city.
func (l *line) before(segments []string) {
	if n := len(segments); n > 1 && l.region == "" && isState(segments[n-1]) {
		l.region, segments = segments[n-1], segments[:n-1]
	}
	at := l.place(segments)
	if at < 0 {
		l.street = strings.Join(segments, ", ")
		return
	}
	l.city, l.street = cityAndState(segments[at], &l.region), strings.Join(segments[:at], ", ")
}

func reads(re *regexp.Regexp, s string, m *[]string) bool {
	*m = re.FindStringSubmatch(s)
	return *m != nil
}

// isState says that a word is the code or name of a state that postcodes stand behind.
func isState(s string) bool { return states[strings.Join(fold(s), "")] != "" }

// cityAndState parts a state from the end of a city; "" where there is only the state.
func cityAndState(s string, region *string) string {
	if *region != "" {
		return s
	}
	if isState(s) {
		*region = s
		return ""
	}
	if m := regionAtTheEnd.FindStringSubmatch(s); m != nil && isState(m[2]) {
		*region = m[2]
		return m[1]
	}
	return s
}

// afterKind parts "123 Main Street Las Vegas" behind its last kind of street,
// where up to three words follow.
func afterKind(s string) (street, city string) {
	w := strings.Fields(s)
	for i := len(w) - 1; i > 1; i-- {
		kind := streetWords[strings.Join(fold(w[i]), "")]
		if kind == "" || !kinds[kind] || i+1 < len(w)-3 {
			continue
		}
		at := i + 1
		if at < len(w) && len(w[at]) <= 2 && streetWords[strings.ToLower(w[at])] != "" { // NW
			at++
		}
		if at < len(w) {
			return strings.Join(w[:at], " "), strings.Join(w[at:], " ")
		}
	}
	return s, ""
}

// kinds are the English kinds of streets, which stand behind the name.
var kinds = wordSet("st rd ave ln dr cl ct blvd cres tce pde hwy pkwy cct cir way trl")
