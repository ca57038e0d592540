package ingest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/consent"
	"customer360/idgraph/sqlstore"
)

var (
	noon   = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	notice = "newsletter-form@2024"
)

// A reading is one page about one record, as a test tells it.
type reading struct {
	now     time.Time
	updated time.Time // of the record; zero where the source doesn't say
	claims  []connectors.Consent
}

func claim(state consent.State, at time.Time) connectors.Consent {
	return connectors.Consent{Owner: ref("crm", "1"), Purpose: "marketing.email", State: state, At: at, Notice: notice}
}

// readAll reads the pages one after the other and answers the ledger, as
// "STATE@minutes after noon".
func readAll(t *testing.T, db *sqlstore.DB, readings ...reading) string {
	t.Helper()
	for i, r := range readings {
		s := syncer(db, &system{name: "crm", changes: func(context.Context, string, int) (connectors.Changes, error) {
			p := profile(ref("crm", "1"), "Ada Byron", "ada@example.com")
			if !r.updated.IsZero() {
				p.UpdatedAt = &r.updated
			}
			return connectors.Changes{Next: fmt.Sprint(i), Profiles: []connectors.Profile{p}, Consents: r.claims}, nil
		}})
		s.Now = func() time.Time { return r.now }
		s.Once(ctx)
		if state := stateOf(t, db, "crm"); state.Error != "" {
			t.Fatalf("reading %d: %s", i, state.Error)
		}
	}
	events, err := db.Of(ctx, []idgraph.Ref{ref("crm", "1")})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range events[ref("crm", "1")] {
		if e.HeldBy == "crm" {
			out = append(out, fmt.Sprintf("%s@%d", e.State, int(e.At.Sub(noon).Minutes())))
		}
	}
	return strings.Join(out, " ")
}

func at(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }

func TestConsentsOfASource(t *testing.T) {
	granted, denied := consent.Granted, consent.Denied
	one := func(c connectors.Consent) []connectors.Consent { return []connectors.Consent{c} }
	bare := claim(granted, at(1))
	bare.Notice = ""
	for _, c := range []struct {
		name     string
		readings []reading
		want     string
	}{
		{"a claim is recorded with its own time", []reading{{at(10), at(5), one(claim(granted, at(1)))}}, "GRANTED@1"},
		{"what is said again is no news", []reading{{at(10), at(5), one(claim(granted, at(1)))}, {at(20), at(15), one(claim(granted, at(1)))}}, "GRANTED@1"},
		{"an edit of the record is none either", []reading{{at(10), at(5), one(claim(granted, at(5)))}, {at(20), at(15), one(claim(granted, at(15)))}}, "GRANTED@5"},
		{"a new claim with a time of its own is", []reading{{at(10), at(5), one(claim(granted, at(1)))}, {at(20), at(15), one(claim(granted, at(12)))}}, "GRANTED@1 GRANTED@12"},
		{"another state is", []reading{{at(10), at(5), one(claim(granted, at(5)))}, {at(20), at(15), one(claim(denied, at(15)))}}, "GRANTED@5 DENIED@15"},
		{"a history comes in its order", []reading{{at(10), at(5), []connectors.Consent{claim(denied, at(3)), claim(granted, at(1))}}}, "GRANTED@1 DENIED@3"},
		{
			"a history that is read again is no news",
			[]reading{
				{at(10), at(5), []connectors.Consent{claim(granted, at(1)), claim(denied, at(3))}}, {at(20), at(15), []connectors.Consent{claim(granted, at(1)), claim(denied, at(3))}},
			},
			"GRANTED@1 DENIED@3",
		},
		{"a grant without a notice is a request", []reading{{at(10), at(5), one(bare)}}, "REQUESTED@1"},
		{"a grant that is no longer claimed was taken back when the record changed", []reading{{at(10), at(5), one(claim(granted, at(1)))}, {at(20), at(15), nil}}, "GRANTED@1 WITHDRAWN@15"},
		{"or now, where nobody knows when", []reading{{at(10), at(5), one(claim(granted, at(1)))}, {at(20), time.Time{}, nil}}, "GRANTED@1 WITHDRAWN@20"},
		{"or now, where that would be before the grant", []reading{{at(10), at(5), one(claim(granted, at(8)))}, {at(20), at(6), nil}}, "GRANTED@8 WITHDRAWN@20"},
		{"taken back once", []reading{{at(10), at(5), one(claim(granted, at(1)))}, {at(20), at(15), nil}, {at(30), at(25), nil}}, "GRANTED@1 WITHDRAWN@15"},
		{
			"given again later",
			[]reading{{at(10), at(5), one(claim(granted, at(1)))}, {at(20), at(15), nil}, {at(30), at(25), one(claim(granted, at(25)))}},
			"GRANTED@1 WITHDRAWN@15 GRANTED@25",
		},
		{"a denial that is no longer claimed stays", []reading{{at(10), at(5), one(claim(denied, at(1)))}, {at(20), at(15), nil}}, "DENIED@1"},
		{"a clock that runs a little ahead is believed", []reading{{at(10), at(5), one(claim(granted, at(14)))}}, "GRANTED@14"},
		{"one that runs far ahead is not", []reading{{at(10), at(5), one(claim(granted, at(99)))}}, "GRANTED@10"},
		{"nor each time anew", []reading{{at(10), at(5), one(claim(granted, at(99)))}, {at(20), at(15), one(claim(granted, at(99)))}}, "GRANTED@10"},
		{"a claim without a time is made now", []reading{{at(10), at(5), one(claim(granted, time.Time{}))}}, "GRANTED@10"},
		{
			"a denial that tells an earlier time than the grant holds from now on",
			[]reading{{at(10), at(5), one(claim(granted, at(5)))}, {at(20), at(15), one(claim(denied, at(2)))}},
			"GRANTED@5 DENIED@20",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := readAll(t, store(t), c.readings...); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestAnEditDoesNotUndoAWithdrawalRecordedElsewhere(t *testing.T) {
	db := store(t)
	readAll(t, db, reading{at(10), at(5), []connectors.Consent{claim(consent.Granted, at(5))}})
	err := db.Append(ctx, []consent.Event{{Ref: ref("crm", "1"), Purpose: "marketing.email", State: consent.Withdrawn, At: at(12), HeldBy: "console", Method: "call"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := readAll(t, db, reading{at(20), at(15), []connectors.Consent{claim(consent.Granted, at(15))}}); got != "GRANTED@5" {
		t.Errorf("the source's events: %s", got)
	}
}

func TestConsentsOfStrangersAreLeftOut(t *testing.T) {
	db := store(t)
	stranger := claim(consent.Granted, at(1))
	stranger.Owner = ref("crm", "2")
	readAll(t, db, reading{at(10), at(5), []connectors.Consent{stranger}})
	if events, _ := db.Of(ctx, []idgraph.Ref{stranger.Owner}); len(events) != 0 {
		t.Errorf("events %+v", events)
	}
}
