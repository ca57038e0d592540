// Package match decides which records are one person: it makes values
// comparable (Normalise), says whose identifiers are (Marks) and clusters
// (Resolve). Its functions are pure. A false merge shows one person's data to
// another, a missed merge only shows less: where evidence is ambiguous, records
// stay apart.
package match

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"customer360/idgraph"
)

// RuleVersion rises whenever a change here may give another normal form or
// another partition. A store that was written under another version is read
// anew from its sources.
const RuleVersion = 5

// Normalise makes an identifier comparable: equal normal forms are the same
// mailbox, line or number. It answers false for what is none, and for values
// that people type where they have none. The region (an ISO 3166 code) is for
// phone numbers without a country code.
func Normalise(id idgraph.Identifier, region string) (idgraph.Identifier, bool) {
	value, ok := "", false
	switch {
	case id.Type == idgraph.Email:
		value, ok = email(id.Value)
	case id.Type == idgraph.Phone:
		value, ok = phone(id.Value, region)
	case id.Type.IsNationalID():
		value, ok = national(id.Value)
	default:
		value, ok = number(id.Value)
	}
	return idgraph.Identifier{Type: id.Type, Value: value}, ok
}

// NormaliseRecord answers the record as it is compared and kept: identifiers
// normalised, each once, in order; a birth date that is none left out. A number
// is read in the country of the record, else in the region.
func NormaliseRecord(r idgraph.Record, region string) idgraph.Record {
	if c := countryOf(r.Country); c != "" {
		region = c
	}
	ids := make([]idgraph.Identifier, 0, len(r.Identifiers))
	for _, id := range r.Identifiers {
		if n, ok := Normalise(id, region); ok {
			ids = append(ids, n)
		}
	}
	slices.SortFunc(ids, compareIdentifiers)
	r.Identifiers = slices.Compact(ids)
	r.BirthDate = birthDate(r.BirthDate)
	return r
}

func compareIdentifiers(a, b idgraph.Identifier) int {
	if c := strings.Compare(string(a.Type), string(b.Type)); c != 0 {
		return c
	}
	return strings.Compare(a.Value, b.Value)
}

// number is the normal form of a card's or customer's number: letters and
// digits in upper case. Separators are how people write it.
func number(s string) (string, bool) {
	s = norm.NFKC.String(strings.Map(func(c rune) rune {
		switch {
		case unicode.IsLetter(c), unicode.IsDigit(c):
			return unicode.ToUpper(c)
		case unicode.IsSpace(c), unicode.In(c, unicode.Pd, unicode.Cf), strings.ContainsRune("-_./#:", c):
			return -1
		}
		return c
	}, norm.NFKC.String(s)))
	if s == "" || len(s) > 128 || monotone(s) || slices.Contains(noNumber, s) {
		return "", false
	}
	return s, true
}

// noNumber lists what stands in number fields that had to be filled.
var noNumber = []string{
	"NA", "N/A", "NONE", "NULL", "NIL", "NAN", "UNKNOWN", "TEST", "TBD", "DUMMY", "UNDEFINED", "KEINE", "KEINER", "AUCUN", "NINGUNO",
	"12345", "123456", "1234567", "12345678", "123456789", "1234567890", "0123456789", "987654321", "9876543210",
}

// national is the normal form of a number that a state gave: as of any number,
// of at least five characters.
func national(s string) (string, bool) {
	s, ok := number(s)
	if !ok || len(s) < 5 || slices.Contains(noNational, s) {
		return "", false
	}
	return s, true
}

// noNational lists numbers out of advertisements and forms, and those that no
// state gives.
var noNational = []string{
	"078051120", "219099999", "987654320", "123121234", "999999990", "123456780", "QQ123456C", "AB123456C", "00000000T", "12345678Z", "X0000000T", "AA000000A",
	"FOREIGN", "REFUSED", "EXPIRED", "PASSPORT", "NOTAVAILABLE", "NOTPROVIDED", "NOPASSPORT",
}

// monotone says that a value of four or more letters or digits repeats one of
// them ("0000000", "xxxx").
func monotone(s string) bool {
	return len(s) >= 4 && strings.Trim(s, s[:1]) == ""
}
