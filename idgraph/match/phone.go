package match

import (
	"slices"
	"strconv"
	"strings"

	"github.com/maypok86/otter/v2"
	"github.com/nyaruka/phonenumbers"

	"customer360/idgraph"
)

// Reading a number costs some 10 µs, and the same ones come with every
// reading of a source. What is kept are what was typed and its normal form; no
// number is ever written out of here.
var phones = otter.Must(&otter.Options[idgraph.Identifier, string]{MaximumSize: 50_000})

// phone is the normal form of a number: E.164.
func phone(s, region string) (string, bool) {
	if len(s) > 64 {
		return "", false
	}
	if e164, ok := quickPhone(s, region); ok {
		return e164, true
	}
	key := idgraph.Identifier{Type: idgraph.IdentifierType(region), Value: s}
	e164, ok := phones.GetIfPresent(key)
	if !ok {
		e164 = readPhone(s, region)
		phones.Set(key, e164)
	}
	return e164, e164 != ""
}

// readPhone answers E.164, or "", and where no country is known the digits. It takes numbers that only look possible too:
// the numbering plans that the library knows are never quite up to date.
func readPhone(s, region string) string {
	digits := strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, s)
	if len(digits) < 7 || placeholderPhone(digits) {
		return ""
	}
	here, err := phonenumbers.Parse(s, strings.ToUpper(region))
	if err == nil && phonenumbers.IsValidNumber(here) {
		return e164(here)
	}
	if !strings.HasPrefix(strings.TrimSpace(s), "+") {
		// 0044… is how most of the world dials abroad, 1217… how a country
		// code looks that has lost its plus.
		rest, dialled := strings.CutPrefix(digits, "00")
		abroad, err := phonenumbers.Parse("+"+rest, "")
		if err == nil && (phonenumbers.IsValidNumber(abroad) || dialled && possible(abroad)) {
			return e164(abroad)
		}
	}
	if err == nil && possible(here) {
		return e164(here)
	}
	if bare := strings.TrimLeft(digits, "0"); err == nil && here.GetItalianLeadingZero() && here.GetCountryCode() != italy && here.GetCountryCode() != america {
		// a zero is dialled out of habit where numbers don't begin with one
		if n, err := phonenumbers.Parse(bare, strings.ToUpper(region)); err == nil && (phonenumbers.IsValidNumber(n) || possible(n)) {
			return e164(n)
		}
	}
	switch {
	case region == "" && len(digits) <= 15: // in whichever country: the same digits are the same number
		return strings.TrimLeft(digits, "0")
	case len(digits) <= 15:
		return tooLong(s, digits, phonenumbers.GetCountryCodeForRegion(strings.ToUpper(region)))
	}
	return ""
}

// tooLong is a number with more digits than its country has, as an extension or
// a plan that the library doesn't know yet makes one: nobody can be rung by it,
// but the same digits are still the same line. "" for others: what is too short
// is a number in every town.
func tooLong(s, digits string, code int) string {
	country := strconv.Itoa(code)
	rest, abroad := strings.CutPrefix(digits, "00")
	abroad = abroad || strings.HasPrefix(strings.TrimSpace(s), "+")
	national, here := rest, false
	if abroad {
		national, here = strings.CutPrefix(rest, country)
	}
	number := "+" + country + strings.TrimLeft(national, "0")
	if abroad && !here {
		number = "+" + rest
	}
	n, err := phonenumbers.Parse(number, "")
	if err != nil || n.GetNationalNumber() < 100_000_000 {
		return ""
	}
	switch phonenumbers.IsPossibleNumberWithReason(n) {
	case phonenumbers.TOO_LONG, phonenumbers.INVALID_LENGTH:
		return number
	}
	return ""
}

// Codes of countries: in Italy numbers begin with a zero, in North America
// none is ever dialled.
const (
	italy   = 39
	america = 1
)

// possible asks for a full-length number without leading zeros: with these, it
// was most likely read in the wrong country.
func possible(n *phonenumbers.PhoneNumber) bool {
	return phonenumbers.IsPossibleNumberWithReason(n) == phonenumbers.IS_POSSIBLE && !n.GetItalianLeadingZero() && len(e164(n)) >= 9
}

func e164(n *phonenumbers.PhoneNumber) string { return phonenumbers.Format(n, phonenumbers.E164) }

// placeholderPhone says that the digits are what one types to get past a form:
// one digit over and over (but for a prefix), or a run up or down.
func placeholderPhone(digits string) bool {
	for skip := range 5 { // a trunk or country code may stand before it
		if rest := digits[skip:]; len(rest) >= 6 && monotone(rest) {
			return true
		}
	}
	return slices.ContainsFunc([]string{"123456789", "1234567890", "12345678", "0123456", "987654321", "9876543210"}, func(run string) bool {
		return strings.HasSuffix(digits, run) && len(digits)-len(run) <= 4
	})
}

// mobile says that a number in its normal form is of a mobile phone for certain.
func mobile(e164 string) bool {
	n, err := phonenumbers.Parse(e164, "")
	return err == nil && phonenumbers.GetNumberType(n) == phonenumbers.MOBILE
}
