package table

import (
	"errors"
	"strings"
	"time"
)

// usualDates are the formats of birth dates that nobody needs to name: those
// in which day and month cannot be mistaken for one another.
var usualDates = []string{
	time.DateOnly, "20060102", "2006/1/2", "2006.1.2", "2.1.2006", "2006-1-2", "2 Jan 2006", "2 January 2006", "2-Jan-2006",
	"Jan 2 2006", "Jan 2, 2006", "January 2, 2006", time.RFC3339, time.DateTime, "2006-01-02T15:04:05", "2006-01-02 15:04",
}

var (
	// words are how a format may be written for people: DD/MM/YYYY.
	words = strings.NewReplacer("YYYY", "2006", "YY", "06", "MMMM", "January", "MMM", "Jan", "MM", "01", "M", "1", "DD", "02", "D", "2")
	// lenient lets a day or month between separators have one digit or two.
	lenient = strings.NewReplacer("01", "1", "02", "2")
)

// layouts are Go's words for formats such as DD/MM/YYYY; Go's own may stand
// there too.
func layouts(formats []string) ([]string, error) {
	out := make([]string, 0, len(formats))
	for _, f := range formats {
		layout := f
		if strings.Contains(f, "Y") {
			layout = words.Replace(f)
		}
		if strings.ContainsAny(layout, "/-. ,") {
			layout = lenient.Replace(layout)
		}
		probe := time.Date(1987, time.November, 23, 0, 0, 0, 0, time.UTC)
		if day, err := time.Parse(layout, probe.Format(layout)); err != nil || day.Month() != probe.Month() || day.Day() != probe.Day() || day.Year() != probe.Year() {
			return nil, errors.New("a format names year, month and day, as in DD/MM/YYYY")
		}
		out = append(out, layout)
	}
	return out, nil
}

// day reads a birth date by the first layout that fits. A year of two digits
// is never one to come.
func day(s string, layouts []string, today time.Time) (string, bool) {
	if len(layouts) == 0 {
		layouts = usualDates
	}
	for _, layout := range layouts {
		t, err := time.Parse(layout, s)
		if err != nil {
			continue
		}
		if layout == time.DateOnly {
			return s, true
		}
		if t.After(today) && !strings.Contains(layout, "2006") {
			t = t.AddDate(-100, 0, 0)
		}
		return t.Format(time.DateOnly), true
	}
	return "", false
}
