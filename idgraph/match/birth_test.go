package match

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestBirthDates(t *testing.T) {
	for in, want := range map[string]string{
		"1984-05-06": "1984-05-06", " 1984-05-06 ": "1984-05-06", "19840506": "1984-05-06", "1984/05/06": "1984-05-06", "1984-05-06T00:00:00Z": "1984-05-06",
		"1984-05-06 00:00:00": "1984-05-06", "2000-02-29": "2000-02-29",
		"": "", "1900-01-01": "", "19700101": "", "0001-01-01": "", "9999-12-31": "", "00000000": "", "1984-00-00": "", "1984-05-00": "", "1850-13-01": "",
		"1984-02-30": "1984-02-30", "19840230": "1984-02-30", "2001-02-29": "2001-02-29", "1984-13-01": "1984-13-01",
		"06.05.1984": "", "840506": "", "1850-05-06": "0000-05-06", "2184-05-06": "0000-05-06", "unknown": "",
	} {
		if got := birthDate(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestBirthSlips(t *testing.T) {
	for _, c := range []struct {
		name, a, b string
		want       bool
	}{
		{"day and month swapped", "1984-05-06", "1984-06-05", true},
		{"one digit replaced", "1984-05-06", "1987-05-06", true},
		{"two neighbours swapped", "1984-05-16", "1948-05-16", true},
		{"neighbours on both sides of a hyphen", "1984-12-06", "1984-10-26", true},
		{"two digits replaced", "1984-05-06", "1975-05-06", false},
		{"another day and month of one year", "1984-05-06", "1984-11-23", false},
		{"equal dates are no slip", "1984-05-06", "1984-05-06", false},
		{"a missing date is no slip", "1984-05-06", "", false},
		{"two slips at once", "1984-05-06", "1985-06-05", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if birthSlip(c.a, c.b) != c.want || birthSlip(c.b, c.a) != c.want {
				t.Errorf("%s and %s: got %v and %v, want %v", c.a, c.b, birthSlip(c.a, c.b), birthSlip(c.b, c.a), c.want)
			}
		})
	}
}

func TestBirthDatesCompared(t *testing.T) {
	for _, c := range []struct{ name, a, b, want string }{
		{"equal", "1984-05-06", "1984-05-06", "exact"},
		{"day and month swapped", "1984-05-06", "1984-06-05", "swapped"},
		{"one digit replaced", "1984-05-06", "1985-05-06", "slip"},
		{"the year alone is the same", "1984-05-06", "1984-11-23", "different"},
		{"the day alone is the same", "1984-05-06", "1951-05-06", "different"},
		{"a year that nobody is born in, the same day", "1850-05-06", "1984-05-06", "slip"},
		{"a year that nobody is born in, another day", "1850-05-06", "1984-05-07", "different"},
		{"one missing", "1984-05-06", "", "missing"},
		{"both missing", "", "", "missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := birthDate(c.a), birthDate(c.b)
			if got, back := levelNames[compareBirths(a, b)], levelNames[compareBirths(b, a)]; got != c.want || back != c.want {
				t.Errorf("%s and %s: got %s and %s, want %s", c.a, c.b, got, back, c.want)
			}
		})
	}
}

func TestADayThatTheCalendarDoesNotHaveIsASlip(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want level
	}{
		{"1984-13-01", "1984-01-13", levelSwapped},
		{"1984-02-30", "1984-02-20", levelSlipped},
		{"1984-50-06", "1984-05-06", levelSlipped},
		{"1984-50-06", "1984-50-06", levelExact},
		{"1984-50-06", "1971-08-21", levelMissing},
		{"1984-02-29", "1971-08-21", levelDifferent},
		{"1900-02-29", "1971-08-21", levelMissing},
	} {
		if got := compareBirths(c.a, c.b); got != c.want || compareBirths(c.b, c.a) != c.want {
			t.Errorf("%s and %s: %s, want %s", c.a, c.b, levelNames[got], levelNames[c.want])
		}
	}
}

func TestNoDayIsOneThatTheCalendarDoesNotHave(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := fmt.Sprintf("%04d-%02d-%02d", rapid.IntRange(1875, 2030).Draw(t, "year"), rapid.IntRange(1, 99).Draw(t, "month"), rapid.IntRange(1, 99).Draw(t, "day"))
		if _, err := time.Parse(time.DateOnly, s); noDay(s) != (err != nil) {
			t.Fatalf("%s: %v", s, noDay(s))
		}
	})
}

func TestADateOfBirthStaysAsItIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringMatching(`(18|19|20)[0-9]{2}[-/.]?[01][0-9][-/.]?[0-3][0-9](T00:00)?`)).Draw(t, "date")
		if once := birthDate(s); birthDate(once) != once {
			t.Fatalf("%q became %q, then %q", s, once, birthDate(once))
		}
	})
}
