package match

import (
	"strconv"

	"github.com/nyaruka/phonenumbers"
)

// A plan is as much of a country's numbering plan as it takes to read most of
// its numbers without the library: numbers of these lengths are possible ones,
// and nothing is taken from them but the trunk code.
type plan struct {
	region, code string
	first        byte // the least first digit
	least, most  int  // digits behind the country's code
	trunk        bool // a 0 is dialled inside the country
	zeros        bool // 00 is dialled to call abroad
}

var plans = []plan{
	{"GB", "44", '1', 10, 10, true, true},
	{"US", "1", '2', 10, 10, false, false},
	{"CA", "1", '2', 10, 10, false, false},
	{"DE", "49", '1', 10, 11, true, true},
	{"FR", "33", '1', 9, 9, true, true},
	{"NL", "31", '1', 9, 9, true, true},
	{"BE", "32", '1', 8, 9, true, true},
	{"CH", "41", '1', 9, 9, true, true},
	{"AT", "43", '1', 10, 11, true, true},
	{"SE", "46", '1', 8, 9, true, true},
	{"AU", "61", '2', 9, 9, true, false},
	{"ES", "34", '6', 9, 9, false, true},
	{"PL", "48", '1', 9, 9, false, true},
	{"PT", "351", '2', 9, 9, false, true},
}

// quickPhone answers what readPhone answers, for numbers that a plan covers; ok
// is false for the rest.
func quickPhone(s, region string) (e164 string, ok bool) {
	var space [20]byte
	b := append(space[:0], '+')
	abroad := false
	for i := range len(s) {
		switch c := s[i]; {
		case digit(c):
			if len(b) == cap(b) {
				return "", false
			}
			b = append(b, c)
		case c == '+' && i == 0:
			abroad = true
		case c == ' ', c == '(', (c == '-' || c == '.' || c == ')') && i > 0:
		default:
			return "", false
		}
	}
	digits := string(b[1:])
	if len(digits) < 8 || placeholderPhone(digits) {
		return "", false
	}
	for i := range plans {
		if p := &plans[i]; !abroad && p.zeros && p.region == region && digits[:2] == "00" {
			abroad, digits = true, digits[2:]
		}
	}
	for i := range plans {
		p := &plans[i]
		switch {
		case abroad:
			if n := len(p.code); digits[:n] == p.code && p.holds(digits[n:]) {
				return "+" + digits, true
			}
		case p.region != region:
		case p.trunk:
			if digits[0] == '0' && p.holds(digits[1:]) {
				return "+" + p.code + digits[1:], true
			}
		case p.holds(digits):
			return p.valid(digits)
		}
	}
	return "", false
}

// holds says that a national number has a usual length and beginning.
func (p *plan) holds(national string) bool {
	return len(national) >= p.least && len(national) <= p.most && national[0] >= p.first
}

// valid asks the library. A number that nobody can have may be one of another
// country that has lost its plus.
func (p *plan) valid(national string) (e164 string, ok bool) {
	n, err := strconv.ParseUint(national, 10, 64)
	if err != nil {
		return "", false
	}
	code, err := strconv.ParseInt(p.code, 10, 32)
	if err != nil {
		return "", false
	}
	country := int32(code)
	if !phonenumbers.IsValidNumber(&phonenumbers.PhoneNumber{CountryCode: &country, NationalNumber: &n}) {
		return "", false
	}
	return "+" + p.code + national, true
}
