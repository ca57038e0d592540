package sql

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"customer360/connectors"
)

// What a cell becomes. A cell comes as the drivers give it: nil, string,
// []byte, int64, float64, bool or time.Time. Blank text is no value. What
// cannot be read is connectors.ErrBadData, and never quoted.

func textOf(cell any) (*string, error) {
	var s string
	switch v := cell.(type) {
	case nil:
		return nil, nil
	case string:
		s = v
	case []byte:
		s = string(v)
	case int64:
		s = strconv.FormatInt(v, 10)
	case bool:
		s = strconv.FormatBool(v)
	case float64:
		s = strconv.FormatFloat(v, 'f', -1, 64)
	case time.Time:
		s = v.UTC().Format(time.RFC3339Nano)
	default:
		return nil, fmt.Errorf("is no text: %w", connectors.ErrBadData)
	}
	if !utf8.ValidString(s) {
		return nil, fmt.Errorf("is not UTF-8: %w", connectors.ErrBadData)
	}
	if strings.TrimSpace(s) == "" {
		return nil, nil
	}
	return &s, nil
}

// layouts are the ways in which systems write moments that can mean one thing
// only. A time without a zone is UTC.
var layouts = []string{
	time.RFC3339Nano, "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999 -0700", "2006-01-02 15:04:05.999999999-07",
	"2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04", "2006-01-02T15:04",
	time.DateOnly, "20060102", "02.01.2006", "02.01.2006 15:04:05", "02.01.2006 15:04",
}

func momentOf(cell any) (*time.Time, error) {
	var at time.Time
	switch v := cell.(type) {
	case time.Time:
		at = v
	case int64:
		at = unix(v)
	default:
		s, err := textOf(cell)
		if _, float := cell.(float64); err != nil || float {
			return nil, fmt.Errorf("is no time: %w", connectors.ErrBadData)
		}
		if s == nil || strings.HasPrefix(*s, "0000-00-00") { // MySQL's way of saying none, carried along in exports
			return nil, nil
		}
		if at, err = parseMoment(strings.TrimSpace(*s)); err != nil {
			return nil, err
		}
	}
	at = at.UTC()
	if at.Year() < 1000 || at.Year() > 9999 {
		return nil, fmt.Errorf("is no time of this calendar: %w", connectors.ErrBadData)
	}
	return &at, nil
}

func parseMoment(s string) (time.Time, error) {
	for _, layout := range layouts {
		if at, err := time.Parse(layout, s); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("is no time: %w", connectors.ErrBadData)
}

// unix reads seconds, milliseconds or microseconds: what is before the year
// 5000 in the coarser unit is taken for that.
func unix(n int64) time.Time {
	const year5000 = 95_617_584_000
	switch abs := max(n, -n); {
	case abs < year5000:
		return time.Unix(n, 0)
	case abs < year5000*1000:
		return time.UnixMilli(n)
	}
	return time.UnixMicro(n)
}

func dateOf(cell any) (*connectors.Date, error) {
	at, err := momentOf(cell)
	if at == nil || err != nil {
		return nil, err
	}
	d := connectors.Date(at.Format(time.DateOnly))
	return &d, nil
}

// number holds decimals to a size: "1e999999999" is a number too, and takes a
// gigabyte to write out.
var number = regexp.MustCompile(`^[+-]?[0-9]{1,30}(\.[0-9]{1,20})?$`)

// decimalOf reads an exact number; scale shifts whole numbers ("cents: 2").
func decimalOf(cell any, scale int) (*connectors.Decimal, error) {
	switch v := cell.(type) {
	case int64:
		return &connectors.Decimal{Decimal: decimal.New(v, -int32(scale))}, nil
	case float64:
		return nil, fmt.Errorf("is a floating-point number, not an exact one (SQLite: read it as printf('%%.2f', …)): %w", connectors.ErrBadData)
	}
	s, err := textOf(cell)
	if s == nil || err != nil {
		return nil, err
	}
	text := strings.TrimSpace(*s)
	if !number.MatchString(text) {
		return nil, fmt.Errorf("is no decimal number: %w", connectors.ErrBadData)
	}
	d, err := connectors.ParseDecimal(text)
	if err != nil || scale == 0 {
		return &d, err
	}
	if d.Exponent() != 0 {
		return nil, fmt.Errorf("is no whole number, as its scale asks for: %w", connectors.ErrBadData)
	}
	return &connectors.Decimal{Decimal: decimal.NewFromBigInt(d.Coefficient(), -int32(scale))}, nil
}

// quantityOf is decimalOf, but for floating-point numbers: a quantity is no
// money, and the shortest text of the number is what was typed in.
func quantityOf(cell any) (*connectors.Decimal, error) {
	if f, float := cell.(float64); float {
		cell = strconv.FormatFloat(f, 'f', -1, 64)
	}
	return decimalOf(cell, 0)
}

func currencyOf(cell any) (string, error) {
	s, err := textOf(cell)
	if err != nil {
		return "", err
	}
	if s == nil || !isCurrency(strings.ToUpper(strings.TrimSpace(*s))) {
		return "", fmt.Errorf("has no ISO 4217 currency: %w", connectors.ErrBadData)
	}
	return strings.ToUpper(strings.TrimSpace(*s)), nil
}

func isCurrency(s string) bool {
	return len(s) == 3 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// mean looks a value up in a map of the configuration; "*" stands for all
// others. Blanks around it do not count: CHAR(2) is filled up with them.
func mean(m map[string]string, value string) (string, bool) {
	if to, ok := m[strings.TrimSpace(value)]; ok {
		return to, true
	}
	to, ok := m["*"]
	return to, ok
}
