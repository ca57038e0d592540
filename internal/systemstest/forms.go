package main

import (
	"slices"
	"strings"
	"unicode"
)

// The forms in which lists are compared.

func tuples[T any](rows []T, of func(T) string) []string {
	out := make([]string, len(rows))
	for i := range rows {
		out[i] = of(rows[i])
	}
	return out
}

func times[T any](rows []T, of func(T) *string) []*string {
	out := make([]*string, len(rows))
	for i := range rows {
		out[i] = of(rows[i])
	}
	return out
}

// collect gathers a list over all records, in the form of got, each value once.
func collect(records []*record, of func(*record) []string, form func(string) string) []string {
	var out []string
	for _, r := range records {
		for _, v := range of(r) {
			out = append(out, form(v))
		}
	}
	return distinct(out)
}

func distinct(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// subscriber is the end of a phone number, which all its spellings share.
func subscriber(number string) string {
	digits := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, number)
	return digits[max(0, len(digits)-8):]
}
