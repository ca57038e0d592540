package main

import (
	"slices"
	"strings"
	"time"
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

// postalForm is an address without case, and without how words are spaced.
func postalForm(address string) string {
	return strings.Join(strings.Fields(strings.ToLower(address)), " ")
}

// compareMoments orders times as the gateway writes them; none comes first.
func compareMoments(a, b string) int {
	x, _ := time.Parse(time.RFC3339, a)
	y, _ := time.Parse(time.RFC3339, b)
	return x.Compare(y)
}
