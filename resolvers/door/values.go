package door

import (
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"customer360/connectors"
)

// The shapes that PARTIAL takes: a finite list, none of which says more than
// CONSENT.md §3 allows. What does not parse is withheld ("").

// partial is the shown part of a value.
func partial(shape, value string) string {
	switch shape {
	case "email":
		return partialEmail(value)
	case "phone":
		return partialPhone(value)
	case "name":
		return partialName(value)
	case "postcode":
		return partialPostcode(value)
	}
	return ""
}

func partialEmail(v string) string {
	local, domain, ok := strings.Cut(strings.TrimSpace(v), "@")
	if !ok || local == "" || domain == "" || strings.Contains(domain, "@") {
		return ""
	}
	if utf8.RuneCountInString(local) < 3 {
		return "*****@"
	}
	first, _ := utf8.DecodeRuneInString(local)
	return string(first) + "*****@"
}

func partialPhone(v string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, v)
	if len(digits) < 7 {
		return ""
	}
	return "*****" + digits[len(digits)-2:]
}

func partialName(v string) string {
	words := strings.FieldsFunc(v, func(r rune) bool { return unicode.IsSpace(r) || r == ',' })
	switch len(words) {
	case 0:
		return ""
	case 1:
		return initial(words[0])
	}
	return initial(words[0]) + " " + initial(words[len(words)-1])
}

func initial(word string) string {
	for _, r := range word {
		if unicode.IsLetter(r) {
			return string(unicode.ToUpper(r)) + "."
		}
	}
	return "*."
}

func partialPostcode(v string) string {
	v = strings.TrimSpace(v)
	if utf8.RuneCountInString(v) < 4 {
		return ""
	}
	runes := []rune(v)
	return strings.ToUpper(string(runes[:2])) + "*****"
}

// bands are what coarse amounts point at; nobody changes them.
var bands = func() map[connectors.AmountBand]*connectors.AmountBand {
	out := map[connectors.AmountBand]*connectors.AmountBand{}
	for _, b := range connectors.AmountBands {
		out[b] = &b
	}
	return out
}()

// coarsen works a coarse value out of its origin; the zero Value where there is none.
func coarsen(origin reflect.Value) reflect.Value {
	if origin.IsNil() {
		return reflect.Value{}
	}
	switch v := origin.Interface().(type) {
	case *connectors.Money:
		return reflect.ValueOf(bands[connectors.BandOf(*v)])
	case *connectors.Date:
		if len(*v) < 4 {
			return reflect.Value{}
		}
		year, err := strconv.Atoi(string((*v)[:4]))
		if err != nil {
			return reflect.Value{}
		}
		decade := year - year%10
		return reflect.ValueOf(&decade)
	}
	return reflect.Value{}
}
