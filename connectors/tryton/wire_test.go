package tryton

import (
	"errors"
	"strings"
	"testing"

	"customer360/connectors"
	"customer360/idgraph/consent"
)

func TestFaultsHaveAMeaningAndNoText(t *testing.T) {
	for body, want := range map[string]error{
		`{"id":7,"error":["'nope'",""]}`: connectors.ErrBadData,
		`{"id":7,"error":["UserError",["You are not allowed to access \"Party\".","",null]]}`: connectors.ErrAuth,
		`{"id":7,"error":["server closed the connection for Victoria",""]}`:                   connectors.ErrUnavailable,
		`{"id":7,"error":[{"Victoria":1}]}`:                                                   connectors.ErrBadData,
		`{"id":8,"result":[]}`:                                                                connectors.ErrBadData,
		`{"id":7}`:                                                                            connectors.ErrBadData,
		`{"id":7,"result":[{"id":"Victoria"}]}`:                                               connectors.ErrBadData,
		`{"id":7,"result":[{"id":1`:                                                           connectors.ErrBadData,
		`<html>Victoria</html>`:                                                               connectors.ErrBadData,
	} {
		_, err := decode[[]party]([]byte(body), 7)
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", body, err, want)
		} else if strings.Contains(err.Error(), "Victoria") {
			t.Errorf("%s: the error tells it", body)
		}
	}
}

func TestBadValuesAreBadData(t *testing.T) {
	name, place := "hidden", "on hold"
	for what, err := range map[string]error{
		"a date that is none":        second((&stamp{Class: "date", Year: 2024, Month: 2, Day: 31}).time()),
		"a class that is none":       second((&stamp{Class: "time", Year: 2024, Month: 2, Day: 1}).time()),
		"an amount that is none":     second(money(&number{Class: "Decimal", Decimal: name}, &coded{})),
		"an amount in no currency":   second(money(&number{Class: "Decimal", Decimal: "1"}, nil)),
		"a state that is not known":  second(state(&place, connectors.OrderStatuses)),
		"an amount of another class": second(money(&number{Class: "float", Decimal: "1"}, &coded{})),
	} {
		if !errors.Is(err, connectors.ErrBadData) || strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func second[T any](_ *T, err error) error { return err }

func TestTheLastWordOnAListCounts(t *testing.T) {
	at := func(day int) *stamp { return &stamp{Class: "datetime", Year: 2024, Month: 1, Day: day} }
	list, address := "Newsletter", " A@Example.org "
	p := party{Mechanisms: []mechanism{{Type: "email", Value: &address, Active: true}, {Type: "mobile", Value: &address, Active: true}}}
	in := func(active bool, day int) subscription {
		return subscription{List: &named{&list}, Active: active, Made: at(day)}
	}
	for what, c := range map[string]struct {
		held []subscription
		want consent.State
	}{
		"no subscription":                    {nil, ""},
		"subscribed":                         {[]subscription{in(true, 1)}, consent.Granted},
		"withdrawn after subscribing":        {[]subscription{in(true, 1), in(false, 2)}, consent.Withdrawn},
		"subscribed after withdrawing":       {[]subscription{in(true, 3), in(false, 2)}, consent.Granted},
		"both at once, the withdrawal last":  {[]subscription{in(true, 1), in(false, 1)}, consent.Withdrawn},
		"both at once, the withdrawal first": {[]subscription{in(false, 1), in(true, 1)}, consent.Withdrawn},
	} {
		got, _, err := Consent{List: list}.byList(p, map[string][]subscription{"a@example.org": c.held})
		if got != c.want || err != nil {
			t.Errorf("%s: %s, %v, want %s", what, got, err, c.want)
		}
	}
}

func TestPatternsMatchEverySpelling(t *testing.T) {
	for normal, want := range map[string]string{
		"a_b@example.org":      `%a\_b@example.org%`,
		"jo@gmail.com":         `%j%o%@%`,
		"jo@xn--mnchen-3ya.de": `%jo@%`,
		"100%@corp.example":    `%100\%@corp.example%`,
	} {
		if got := emailPattern(normal); got != want {
			t.Errorf("%s: %s, want %s", normal, got, want)
		}
	}
	if got := phonePattern("+491713920017"); got != "%3%9%2%0%0%1%7%" {
		t.Error(got)
	}
}
