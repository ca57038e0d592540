package door

import (
	"reflect"
	"testing"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/policy"
)

func text(s string) *string { return &s }

func TestPartialShapes(t *testing.T) {
	for _, tc := range []struct{ shape, value, want string }{
		{"email", "maria@example.com", "m*****@"},
		{"email", " Maria@example.com ", "M*****@"},
		{"email", "ädel@example.com", "ä*****@"},
		{"email", "ab@example.com", "*****@"}, // two letters would tell half of it
		{"email", "a@example.com", "*****@"},
		{"email", "maria", ""},
		{"email", "@example.com", ""},
		{"email", "maria@", ""},
		{"email", "maria@home@example.com", ""},
		{"email", "", ""},
		{"phone", "+49 30 1234567", "*****67"},
		{"phone", "030/12 34 56-7", "*****67"},
		{"phone", "123456", ""}, // six digits would be told for a third
		{"phone", "call me", ""},
		{"name", "Maria Kowalska", "M. K."},
		{"name", "maria  von der Kowalska", "M. K."},
		{"name", "Kowalska, Maria", "K. M."},
		{"name", "Maria", "M."},
		{"name", "ćwik", "Ć."},
		{"name", "(Maria) 3", "M. *."},
		{"name", "   ", ""},
		{"postcode", "10115", "10*****"},
		{"postcode", "sw1a 1aa", "SW*****"},
		{"postcode", "101", ""},
		{"nothing that is listed", "10115", ""},
	} {
		if got := partial(tc.shape, tc.value); got != tc.want {
			t.Errorf("%s of %q is %q, want %q", tc.shape, tc.value, got, tc.want)
		}
	}
}

// ruled compiles the rule of one record kind under outcomes by category.
func ruled(t *testing.T, k connectors.Kind, by map[policy.Category]policy.Outcome) (*rule, *outcomes) {
	t.Helper()
	d := &Door{}
	r := &d.rules[number(k)]
	if err := compile(r, recordTypes[number(k)].goType, rowType(k)); err != nil {
		t.Fatal(err)
	}
	d.classify(r)
	if err := r.layPaths(); err != nil {
		t.Fatal(err)
	}
	o := &outcomes{}
	for i, c := range d.classes {
		if o[i] = by[c]; o[i] == "" {
			o[i] = by[c.Root()]
		}
	}
	return r, o
}

func profileOf() connectors.Profile {
	at, born, decade := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), connectors.Date("1984-05-06"), 1700
	return connectors.Profile{
		Record: connectors.NewRecord(idgraph.Ref{Source: "crm", ID: "1"}, "1"), UpdatedAt: &at, Name: text("Maria Kowalska"), GivenName: text("Maria"), FamilyName: text("Kowalska"),
		Emails:    []connectors.EmailAddress{{Address: text("maria@example.com"), Source: "crm"}, {Address: text("m@example.org"), Source: "crm"}},
		Phones:    []connectors.PhoneNumber{{Number: text("+4930123456"), Source: "crm"}},
		Addresses: []connectors.PostalAddress{{Street: text("Lange Str. 5"), City: text("Berlin"), Postcode: text("10115"), Country: text("DE"), Source: "crm"}},
		BirthDate: &born, BirthDecade: &decade, Language: text("pl"), Company: text("Nord GmbH"),
	}
}

func TestMaskOfAProfile(t *testing.T) {
	everything := ^wanted(0)
	shown := map[policy.Category]policy.Outcome{"identity": policy.Shown, "contact": policy.Shown, "demographic": policy.Shown}
	t.Run("shown, it is as it was, but for what is worked out", func(t *testing.T) {
		r, o := ruled(t, connectors.KindProfile, shown)
		got, want := mask([]connectors.Profile{profileOf()}, r, everything, o)[0], profileOf()
		decade := 1980 // whatever the source said
		want.BirthDecade = &decade
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%+v", got)
		}
	})
	t.Run("withheld, nothing is left but whose it is", func(t *testing.T) {
		for _, outcome := range []policy.Outcome{policy.Withheld, policy.Hidden, policy.Token, "", "SURPRISE"} {
			r, o := ruled(t, connectors.KindProfile, map[policy.Category]policy.Outcome{"identity": outcome, "contact": outcome, "demographic": outcome})
			got := mask([]connectors.Profile{profileOf()}, r, everything, o)[0]
			if want := (connectors.Profile{Record: profileOf().Record}); !reflect.DeepEqual(got, want) {
				t.Errorf("%q: %+v", outcome, got)
			}
		}
	})
	t.Run("in part, each field has its shape, lists one entry, dates a decade", func(t *testing.T) {
		r, o := ruled(t, connectors.KindProfile, map[policy.Category]policy.Outcome{"identity": policy.Partial, "contact": policy.Partial, "demographic": policy.Partial})
		got := mask([]connectors.Profile{profileOf()}, r, everything, o)[0]
		decade := 1980
		want := connectors.Profile{
			Record: profileOf().Record, Name: text("M. K."), GivenName: text("M."), FamilyName: text("K."), BirthDecade: &decade,
			Emails: []connectors.EmailAddress{{Address: text("m*****@"), Source: "crm"}}, Phones: []connectors.PhoneNumber{{Number: text("*****56"), Source: "crm"}},
			Addresses: []connectors.PostalAddress{{Postcode: text("10*****"), Source: "crm"}},
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%+v", got)
		}
	})
	t.Run("a dotted category is decided by itself", func(t *testing.T) {
		r, o := ruled(t, connectors.KindProfile, map[policy.Category]policy.Outcome{"contact": policy.Shown, "contact.email": policy.Withheld})
		if got := mask([]connectors.Profile{profileOf()}, r, everything, o)[0]; got.Emails != nil || len(got.Phones) != 1 || got.Name != nil {
			t.Errorf("%+v", got)
		}
	})
	t.Run("what nobody asked for is not worked out", func(t *testing.T) {
		r, o := ruled(t, connectors.KindProfile, shown)
		if got := mask([]connectors.Profile{profileOf()}, r, 0, o)[0]; got.BirthDecade != nil {
			t.Errorf("%+v", got.BirthDecade)
		}
	})
	t.Run("the record itself stays as it is", func(t *testing.T) {
		r, o := ruled(t, connectors.KindProfile, map[policy.Category]policy.Outcome{"identity": policy.Partial, "contact": policy.Partial})
		rows := []connectors.Profile{profileOf()}
		mask(rows, r, everything, o)
		if !reflect.DeepEqual(rows[0], profileOf()) {
			t.Errorf("it became %+v", rows[0])
		}
	})
}

func TestMaskOfAnOrder(t *testing.T) {
	status, band := connectors.OrderStatus("DONE"), connectors.AmountBand("CREDIT")
	total, err := connectors.ParseDecimal("99.90")
	if err != nil {
		t.Fatal(err)
	}
	order := connectors.Order{
		Record: connectors.NewRecord(idgraph.Ref{Source: "shop", ID: "7"}, "3"), Number: text("O-3"), Status: &status,
		Total: &connectors.Money{Amount: total, Currency: "EUR"}, AmountBand: &band,
		Items: []connectors.OrderItem{{Name: text("Lamp"), UnitPrice: &connectors.Money{Amount: total, Currency: "EUR"}}, {Name: text("Bulb")}},
	}
	r, o := ruled(t, connectors.KindOrder, map[policy.Category]policy.Outcome{"transaction": policy.Partial})
	got := mask([]connectors.Order{order}, r, r.want("amountBand", "items.name"), o)[0]
	want := connectors.Order{Record: order.Record, Items: []connectors.OrderItem{{}, {}}}
	under := connectors.Under200
	want.AmountBand = &under
	if !reflect.DeepEqual(got, want) {
		t.Errorf("in part: %+v", got)
	}
}

func TestCoarseAmountsAndDates(t *testing.T) {
	for amount, want := range map[string]connectors.AmountBand{
		"-0.01": "CREDIT", "0": "UNDER_50", "49.99": "UNDER_50", "50": "UNDER_200", "50.00": "UNDER_200", "199.9999": "UNDER_200", "200": "UNDER_1000",
		"999.99": "UNDER_1000", "1000": "UNDER_10000", "9999.99": "UNDER_10000", "10000": "FROM_10000", "1e6": "FROM_10000", "1e40": "FROM_10000",
		"0.000000000000000000001": "UNDER_50", "12345678901234567890.12": "FROM_10000", "1E-30": "UNDER_50", "49.9999999999999999999999": "UNDER_50", "5e1": "UNDER_200",
	} {
		d, err := connectors.ParseDecimal(amount)
		if err != nil {
			t.Fatal(err)
		}
		if got := coarsen(reflect.ValueOf(&connectors.Money{Amount: d})).Interface().(*connectors.AmountBand); *got != want {
			t.Errorf("%s is %s, want %s", amount, *got, want)
		}
	}
	for date, want := range map[connectors.Date]int{"1984-05-06": 1980, "1990-01-01": 1990, "2009-12-31": 2000} {
		if got := coarsen(reflect.ValueOf(&date)).Interface().(*int); *got != want {
			t.Errorf("%s is %d", date, *got)
		}
	}
	for _, date := range []connectors.Date{"", "19", "year"} {
		if got := coarsen(reflect.ValueOf(&date)); got.IsValid() {
			t.Errorf("%q is %v", date, got)
		}
	}
}
