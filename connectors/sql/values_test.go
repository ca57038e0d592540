package sql

import (
	"errors"
	"testing"
	"time"

	"customer360/connectors"
)

func TestMomentsAreReadAsSystemsWriteThem(t *testing.T) {
	for name, c := range map[string]struct {
		cell any
		want string // "" is no value, "bad" is an error
	}{
		"RFC 3339":                   {"2026-10-31T12:30:45Z", "2026-10-31T12:30:45Z"},
		"with an offset":             {"2026-10-31T12:30:45+02:00", "2026-10-31T10:30:45Z"},
		"with fractions":             {"2026-10-31T12:30:45.123456Z", "2026-10-31T12:30:45.123456Z"},
		"as SQLite writes it":        {"2026-10-31 12:30:45", "2026-10-31T12:30:45Z"},
		"as Postgres writes it":      {"2026-10-31 12:30:45.5+02", "2026-10-31T10:30:45.5Z"},
		"without seconds":            {"2026-10-31 12:30", "2026-10-31T12:30:00Z"},
		"a day":                      {"2026-10-31", "2026-10-31T00:00:00Z"},
		"a day, tightly":             {"20261031", "2026-10-31T00:00:00Z"},
		"a German day":               {"31.10.2026", "2026-10-31T00:00:00Z"},
		"padded":                     {" 2026-10-31 ", "2026-10-31T00:00:00Z"},
		"Unix seconds":               {int64(1793449845), "2026-10-31T12:30:45Z"},
		"Unix milliseconds":          {int64(1793449845123), "2026-10-31T12:30:45.123Z"},
		"Unix microseconds":          {int64(1793449845123456), "2026-10-31T12:30:45.123456Z"},
		"before 1970":                {int64(-86400), "1969-12-31T00:00:00Z"},
		"a driver's own":             {time.Date(2026, 10, 31, 12, 0, 0, 0, time.FixedZone("", 3600)), "2026-10-31T11:00:00Z"},
		"NULL":                       {nil, ""},
		"blank":                      {"  ", ""},
		"MySQL's nothing":            {"0000-00-00 00:00:00", ""},
		"a day that is none":         {"2026-02-30", "bad"},
		"an American day":            {"10/31/2026", "bad"},
		"words":                      {"last Tuesday", "bad"},
		"a floating-point number":    {1.5, "bad"},
		"the year 1":                 {time.Time{}, "bad"},
		"a number beyond all time":   {int64(1) << 62, "bad"},
		"a year that JSON cannot be": {"10000-01-01", "bad"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := momentOf(c.cell)
			switch {
			case c.want == "bad":
				if !errors.Is(err, connectors.ErrBadData) {
					t.Errorf("%v, %v", got, err)
				}
			case err != nil:
				t.Error(err)
			case c.want == "":
				if got != nil {
					t.Errorf("%s, want none", got)
				}
			case got == nil || got.Format(time.RFC3339Nano) != c.want || got.Location() != time.UTC:
				t.Errorf("%v, want %s", got, c.want)
			}
		})
	}
}

func TestAmountsAreExact(t *testing.T) {
	for name, c := range map[string]struct {
		cell  any
		scale int
		want  string // "" is no value, "bad" is an error
	}{
		"text keeps its zeros":         {"249.00", 0, "249.00"},
		"text, negative":               {"-0.10", 0, "-0.10"},
		"cents":                        {int64(24900), 2, "249.00"},
		"cents, few":                   {int64(5), 2, "0.05"},
		"cents as text":                {"24900", 2, "249.00"},
		"thousandths":                  {int64(1), 3, "0.001"},
		"a whole number":               {int64(249), 0, "249"},
		"more digits than a float has": {"12345678901234567890.12", 0, "12345678901234567890.12"},
		"padded":                       {" 1.50 ", 0, "1.50"},
		"NULL":                         {nil, 2, ""},
		"blank":                        {"", 0, ""},
		"a floating-point number":      {249.9, 0, "bad"},
		"cents with a point":           {"249.00", 2, "bad"},
		"with thousands":               {"1,249.00", 0, "bad"},
		"a bomb":                       {"1e999999999", 0, "bad"},
		"words":                        {"free", 0, "bad"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := decimalOf(c.cell, c.scale)
			switch {
			case c.want == "bad":
				if !errors.Is(err, connectors.ErrBadData) {
					t.Errorf("%v, %v", got, err)
				}
			case err != nil:
				t.Error(err)
			case c.want == "":
				if got != nil {
					t.Errorf("%s, want none", got)
				}
			case got == nil || got.String() != c.want:
				t.Errorf("%v, want %s", got, c.want)
			}
		})
	}
}

func TestQuantitiesMayBeFloatingPoint(t *testing.T) {
	if got, err := quantityOf(1.5); err != nil || got.String() != "1.5" {
		t.Errorf("%v, %v", got, err)
	}
}

func TestTextIsUTF8(t *testing.T) {
	if _, err := textOf([]byte("M\xfcller")); !errors.Is(err, connectors.ErrBadData) {
		t.Errorf("%v, want %v", err, connectors.ErrBadData)
	}
}

func TestIdsOfAnotherFormAreNeverSent(t *testing.T) {
	for form, ids := range map[idForm]map[string]bool{
		"text":    {"C-1": true, "": true, "a\x00": false, "\xff": false},
		"integer": {"12": true, "-3": true, "012": false, "+12": false, "1.0": false, "": false, "9223372036854775808": false},
		"uuid": {
			"7d527b92-0927-4b2e-8f66-31b5c214cc3f": true, "7D527B92-0927-4B2E-8F66-31B5C214CC3F": false, "7d527b9200927-4b2e-8f66-31b5c214cc3f": false, "7d527b92": false,
		},
	} {
		for id, want := range ids {
			if _, ok := form.bind(id); ok != want {
				t.Errorf("%q as %s: %t", id, form, ok)
			}
		}
	}
}
