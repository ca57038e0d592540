package storetest

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"customer360/idgraph"
	"customer360/idgraph/audit"
	"customer360/idgraph/consent"
)

func ledger(t *testing.T, open Opener) {
	day := time.Date(2025, 5, 5, 12, 0, 0, 0, time.UTC)
	event := func(id string, state consent.State, at time.Time) consent.Event {
		return consent.Event{Ref: ref("crm", id), Purpose: "marketing.email", State: state, At: at, HeldBy: "crm", Method: "sync", Notice: "newsletter-form@2024"}
	}
	t.Run("events come back whole, in the order in which they came", func(t *testing.T) {
		s := opened(t, open)
		grant := event("1", consent.Granted, day)
		grant.ValidUntil = day.AddDate(1, 0, 0)
		if err := s.Append(ctx, []consent.Event{grant, event("2", consent.Denied, day)}); err != nil {
			t.Fatal(err)
		}
		if err := s.Append(ctx, []consent.Event{event("1", consent.Withdrawn, day.Add(-time.Hour))}); err != nil {
			t.Fatal(err)
		}
		got, err := s.Of(ctx, []idgraph.Ref{ref("crm", "1"), ref("crm", "3"), ref("shop", "1")})
		if err != nil || len(got) != 1 || len(got[ref("crm", "1")]) != 2 {
			t.Fatalf("got %+v, %v", got, err)
		}
		first, second := got[ref("crm", "1")][0], got[ref("crm", "1")][1]
		if first.RecordedAt.IsZero() || first.Seq >= second.Seq || second.State != consent.Withdrawn {
			t.Errorf("got %+v", got)
		}
		first.Seq, first.RecordedAt = 0, time.Time{}
		if !reflect.DeepEqual(first, grant) {
			t.Errorf("went in %+v, came out %+v", grant, first)
		}
	})
	t.Run("an event that comes again is the same one", func(t *testing.T) {
		s := opened(t, open)
		for range 3 {
			if err := s.Append(ctx, []consent.Event{event("1", consent.Granted, day), event("1", consent.Granted, day)}); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Append(ctx, []consent.Event{event("1", consent.Granted, day.Add(time.Second))}); err != nil {
			t.Fatal(err)
		}
		got, _ := s.Of(ctx, []idgraph.Ref{ref("crm", "1")})
		if len(got[ref("crm", "1")]) != 2 {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("sequence and revision rise without gaps, over a restart too", func(t *testing.T) {
		now := newClock().now
		s := open(t, "one", now)
		want := int64(0)
		for round := range 3 {
			for i := range 4 {
				e := event(fmt.Sprint(round, i), consent.Granted, day)
				if err := s.Append(ctx, []consent.Event{e, e}); err != nil { // one of them is no news
					t.Fatal(err)
				}
				want++
				if rev, err := s.Revision(ctx); rev != want || err != nil {
					t.Fatalf("revision %d, %v; want %d", rev, err, want)
				}
				got, _ := s.Of(ctx, []idgraph.Ref{e.Ref})
				if got[e.Ref][0].Seq != want {
					t.Fatalf("seq %d, want %d", got[e.Ref][0].Seq, want)
				}
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = open(t, "one", now)
		}
		_ = s.Close()
	})
	t.Run("many refs are asked at once", func(t *testing.T) {
		s := opened(t, open)
		var events []consent.Event
		var refs []idgraph.Ref
		for i := range 1200 {
			events = append(events, event(fmt.Sprint(i), consent.Granted, day))
			refs = append(refs, ref("crm", fmt.Sprint(i)))
		}
		if err := s.Append(ctx, events); err != nil {
			t.Fatal(err)
		}
		got, err := s.Of(ctx, refs)
		if err != nil || len(got) != len(refs) {
			t.Errorf("%d of %d, %v", len(got), len(refs), err)
		}
	})
}

func log(t *testing.T, open Opener) {
	t.Run("entries come back whole and numbered", func(t *testing.T) {
		s := opened(t, open)
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		entries := []audit.Entry{
			{
				At: at, Who: "console", Role: "support-agent", Purpose: "support.case", Operation: "Card", Digest: "d", Policy: "p", Subjects: []idgraph.CustomerID{7, 9},
				Fields: []audit.Field{{Coordinate: "Customer.name", Outcome: "SHOWN", Count: 2}}, Calls: 3, Lookup: true,
			},
			{At: at.Add(time.Second), Who: "bot", Role: "service"},
		}
		if err := s.AppendAudit(ctx, entries[:1]); err != nil {
			t.Fatal(err)
		}
		if err := s.AppendAudit(ctx, entries[1:]); err != nil {
			t.Fatal(err)
		}
		got, err := s.Audited(ctx, 0, 10)
		if err != nil || len(got) != 2 {
			t.Fatalf("got %+v, %v", got, err)
		}
		entries[0].Seq, entries[1].Seq = 1, 2
		if !reflect.DeepEqual(got, entries) {
			t.Errorf("went in %+v, came out %+v", entries, got)
		}
		if rest, _ := s.Audited(ctx, 1, 10); !slices.EqualFunc(rest, got[1:], func(a, b audit.Entry) bool { return a.Seq == b.Seq }) {
			t.Errorf("after the first: %+v", rest)
		}
	})
	t.Run("what a caller sent keeps no entry from being written", func(t *testing.T) {
		s := opened(t, open)
		if err := s.AppendAudit(ctx, []audit.Entry{{Who: "console", Purpose: "support\x00.case\xff", Operation: "Ünïcode", Fields: []audit.Field{{Coordinate: "Customer.\x00"}}}}); err != nil {
			t.Fatal(err)
		}
		got, err := s.Audited(ctx, 0, 10)
		if err != nil || len(got) != 1 || got[0].Purpose != "support\uFFFD.case\uFFFD" || got[0].Operation != "Ünïcode" || got[0].Fields[0].Coordinate != "Customer.\x00" {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}
