package match

import (
	"strings"
	"time"
)

// noBirthDate lists the days that systems fill in by themselves: the first day
// that they know, the last one, and what is quickly typed.
var noBirthDate = wordSet(`
	0001-01-01 1111-11-11 1582-10-15 1600-01-01 1601-01-01 1700-01-01 1753-01-01 1800-01-01 1899-12-30 1899-12-31
	1900-01-01 1900-01-02 1900-12-31 1901-01-01 1904-01-01 1910-10-10 1911-11-11 1960-01-01 1969-12-31 1970-01-01 1970-01-02
	1980-01-01 1990-01-01 1999-09-09 1999-12-31 2000-01-01 2099-12-31 2222-02-22 9999-12-31`)

// birthDate is a day of birth as YYYY-MM-DD; "" for what is none, and for the
// days that systems fill in. A day that the calendar doesn't have is a slip of
// one that it has, and stays. It takes ISO dates, with a time or without, and
// YYYYMMDD. A date in another country's order is for whoever knows the order.
func birthDate(s string) string {
	s = strings.TrimSpace(s)
	if len(s) == 8 && digitsOnly(s) {
		s = s[:4] + "-" + s[4:6] + "-" + s[6:]
	}
	if len(s) > 10 && (s[10] == 'T' || s[10] == ' ') { // midnight, most often
		s = s[:10]
	}
	if len(s) == 10 && (s[4] == '/' && s[7] == '/' || s[4] == '.' && s[7] == '.') {
		s = s[:4] + "-" + s[5:7] + "-" + s[8:]
	}
	_, err := time.Parse(time.DateOnly, s)
	switch {
	case noBirthDate[s]:
		return ""
	case err != nil && (!dateLike(s) || s[:4] < firstYear || s[:4] > lastYear || s[5:7] == "00" || s[8:] == "00"):
		return ""
	case err == nil && (s[:4] < firstYear || s[:4] > lastYear):
		return noYear + s[4:] // a slip in the year; month and day may still tell two people apart
	}
	return s
}

// dateLike says that a text is digits where a date has them.
func dateLike(s string) bool {
	return len(s) == 10 && s[4] == '-' && s[7] == '-' && digitsOnly(s[:4]) && digitsOnly(s[5:7]) && digitsOnly(s[8:])
}

// noDay says that the calendar doesn't have a day of birth.
func noDay(s string) bool {
	switch month, day := s[5:7], s[8:]; {
	case month > "12" || day > "31":
		return true
	case month == "02":
		return day > "29" || day == "29" && !leap(s[:4])
	case day == "31":
		return month == "04" || month == "06" || month == "09" || month == "11"
	}
	return false
}

// leap says that a year between 1875 and 2030 has a 29th of February.
func leap(year string) bool {
	return year == noYear || year != "1900" && (int(year[2]-'0')*10+int(year[3]-'0'))%4 == 0
}

// People were born from firstYear to lastYear, a while beyond this build; noYear
// stands where a year is not known.
const (
	firstYear = "1875"
	lastYear  = "2030"
	noYear    = "0000"
)

// birthSlip says that two dates of birth differ only as one mistake makes them
// differ: day and month swapped, one digit replaced, or two neighbours swapped.
// Equal, missing and other dates are no slip.
func birthSlip(a, b string) bool {
	return birthSwapped(a, b) || birthDigit(a, b) || birthNeighbours(a, b)
}

// birthSwapped says that day and month are swapped.
func birthSwapped(a, b string) bool {
	return dated(a, b) && a[:4] == b[:4] && a[5:7] == b[8:] && a[8:] == b[5:7]
}

// birthDigit says that one digit is another.
func birthDigit(a, b string) bool {
	if !dated(a, b) {
		return false
	}
	differ := 0
	for i := range len(a) {
		if a[i] != b[i] {
			differ++
		}
	}
	return differ == 1
}

// birthNeighbours says that two digits that are typed one after the other are
// swapped.
func birthNeighbours(a, b string) bool {
	if !dated(a, b) {
		return false
	}
	x, y := a[:4]+a[5:7]+a[8:], b[:4]+b[5:7]+b[8:]
	for i := range len(x) - 1 {
		if x[i] != y[i] {
			return x[i] == y[i+1] && x[i+1] == y[i] && x[i+2:] == y[i+2:]
		}
	}
	return false
}

// dated says that both are dates of birth, and not the same.
func dated(a, b string) bool { return len(a) == 10 && len(b) == 10 && a != b }

func digitsOnly(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
