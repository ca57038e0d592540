package consent

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// day is a moment of so many days ago.
func day(ago int) time.Time { return now.AddDate(0, 0, -ago) }

func granted(p Purpose, ago int) Event {
	return Event{Purpose: p, State: Granted, At: day(ago), Notice: "form@1"}
}

func TestFold(t *testing.T) {
	for _, tc := range []struct {
		about  string
		events []Event
		allows bool
		state  State
	}{
		{"nothing was ever said", nil, false, ""},
		{"asked for", []Event{{State: Requested, At: day(1)}}, false, Requested},
		{"granted", []Event{granted("", 1)}, true, Granted},
		{"denied", []Event{{State: Denied, At: day(1)}}, false, Denied},
		{"withdrawn after a grant", []Event{granted("", 9), {State: Withdrawn, At: day(1)}}, false, Withdrawn},
		{"granted again after a withdrawal", []Event{granted("", 9), {State: Withdrawn, At: day(5)}, granted("", 1)}, true, Granted},
		{"a withdrawal that arrives late still counts by when it happened", []Event{granted("", 1), {State: Withdrawn, At: day(5)}}, true, Granted},
		{"a tie goes to the stricter", []Event{{State: Denied, At: day(1)}, granted("", 1)}, false, Denied},
		{"a grant and a withdrawal at one moment", []Event{{State: Withdrawn, At: day(1)}, granted("", 1)}, false, Withdrawn},
		{"a grant without a notice is a request", []Event{{State: Granted, At: day(1)}}, false, Requested},
		{"a notice that is retired", []Event{{State: Granted, At: day(1), Notice: "retired@1"}}, false, Requested},
		{"valid until tomorrow", []Event{{State: Granted, At: day(9), Notice: "form@1", ValidUntil: day(-1)}}, true, Granted},
		{"valid until now is over now", []Event{{State: Granted, At: day(9), Notice: "form@1", ValidUntil: now}}, false, Expired},
		{"ran out", []Event{{State: Granted, At: day(9), Notice: "form@1", ValidUntil: day(1)}}, false, Expired},
		{"said by the source to have run out", []Event{granted("", 9), {State: Expired, At: day(1)}}, false, Expired},
		{"a state that nobody knows", []Event{granted("", 9), {State: "PERHAPS", At: day(1)}}, false, "PERHAPS"},
	} {
		const p Purpose = "marketing.email"
		for i := range tc.events {
			tc.events[i].Purpose, tc.events[i].Seq = p, int64(i+1)
		}
		s := Fold(tc.events, now, func(notice string) bool { return notice != "retired@1" })
		if got := s.Allows(p); got != tc.allows {
			t.Errorf("%s: allows %v", tc.about, got)
		}
		if state, _, ok := s.Status(p); state != tc.state || ok != (tc.state != "") {
			t.Errorf("%s: %q", tc.about, state)
		}
	}
}

func TestParents(t *testing.T) {
	deny := func(p Purpose, ago int) Event { return Event{Purpose: p, State: Denied, At: day(ago)} }
	for _, tc := range []struct {
		about  string
		events []Event
		allows bool
	}{
		{"a grant of the parent covers the child", []Event{granted("marketing", 1)}, true},
		{"but not one that is denied itself", []Event{granted("marketing", 1), deny("marketing.email", 9)}, false},
		{"nor one whose own last word is no grant", []Event{granted("marketing", 1), {Purpose: "marketing.email", State: Requested, At: day(9)}}, false},
		{"a denial of the parent denies the child, whenever it was granted", []Event{deny("marketing", 9), granted("marketing.email", 1)}, false},
		{"a parent withdrawn denies the child", []Event{{Purpose: "marketing", State: Withdrawn, At: day(9)}, granted("marketing.email", 1)}, false},
		{"a parent that was only asked for says nothing", []Event{{Purpose: "marketing", State: Requested, At: day(1)}, granted("marketing.email", 9)}, true},
		{"a parent's grant that ran out says nothing", []Event{{Purpose: "marketing", State: Expired, At: day(1)}, granted("marketing.email", 9)}, true},
		{"a parent in a state that nobody knows denies", []Event{{Purpose: "marketing", State: "PERHAPS", At: day(1)}, granted("marketing.email", 9)}, false},
		{"a sister's grant is no grant", []Event{granted("marketing.sms", 1)}, false},
		{"a child's grant is none of the parent's", []Event{granted("marketing.email.weekly", 1)}, false},
		{"everything can be denied", []Event{granted("marketing.email", 1), deny("", 9)}, false},
		{"and nothing is granted by granting everything", []Event{granted("", 1)}, false},
	} {
		if got := Fold(tc.events, now, nil).Allows("marketing.email"); got != tc.allows {
			t.Errorf("%s: %v", tc.about, got)
		}
	}
}

func TestObjectionsAndRestrictions(t *testing.T) {
	for _, tc := range []struct {
		about                string
		events               []Event
		objects, restricted  bool
		allowsWhatWasGranted bool
	}{
		{"nothing said", nil, false, false, true},
		{"an objection", []Event{{Purpose: "sales.pipeline", State: Objected, At: day(1)}}, true, false, true},
		{"lifted later", []Event{{Purpose: "sales.pipeline", State: Objected, At: day(9)}, {Purpose: "sales.pipeline", State: Lifted, At: day(1)}}, false, false, true},
		{"lifted at the same moment stays", []Event{{Purpose: "sales.pipeline", State: Lifted, At: day(1)}, {Purpose: "sales.pipeline", State: Objected, At: day(1)}}, true, false, true},
		{"an objection to the parent", []Event{{Purpose: "sales", State: Objected, At: day(1)}}, true, false, true},
		{"lifting the child's leaves the parent's", []Event{{Purpose: "sales", State: Objected, At: day(9)}, {Purpose: "sales.pipeline", State: Lifted, At: day(1)}}, true, false, true},
		{"an objection to everything", []Event{{State: Objected, At: day(1)}}, true, false, true},
		{"another purpose's objection", []Event{{Purpose: "marketing.email", State: Objected, At: day(1)}}, false, false, true},
		{"a restriction", []Event{{State: Restricted, At: day(1)}}, false, true, true},
		{"a restriction lifted", []Event{{State: Restricted, At: day(9)}, {State: Lifted, At: day(1)}}, false, false, true},
		{"a restriction again", []Event{{State: Restricted, At: day(9)}, {State: Lifted, At: day(5)}, {State: Restricted, At: day(1)}}, false, true, true},
		{"lifting one purpose's objection lifts no restriction", []Event{{State: Restricted, At: day(9)}, {Purpose: "sales.pipeline", State: Lifted, At: day(1)}}, false, true, true},
	} {
		s := Fold(append(tc.events, granted("marketing.email", 20)), now, nil)
		if got := s.Objects("sales.pipeline"); got != tc.objects {
			t.Errorf("%s: objects %v", tc.about, got)
		}
		if got := s.Restricted(); got != tc.restricted {
			t.Errorf("%s: restricted %v", tc.about, got)
		}
		if got := s.Allows("marketing.email"); got != tc.allowsWhatWasGranted {
			t.Errorf("%s: the consent became %v", tc.about, got)
		}
	}
}

var somePurposes = []Purpose{"", "marketing", "marketing.email", "marketing.email.weekly", "sharing.support"}

func drawEvents(t *rapid.T) []Event {
	states := []State{Requested, Granted, Denied, Withdrawn, Expired, Objected, Restricted, Lifted, "PERHAPS"}
	n := rapid.IntRange(0, 12).Draw(t, "events")
	out := make([]Event, n)
	for i := range out {
		out[i] = Event{
			Seq: int64(i + 1), Purpose: rapid.SampledFrom(somePurposes).Draw(t, "purpose"), State: rapid.SampledFrom(states).Draw(t, "state"),
			At: day(rapid.IntRange(0, 4).Draw(t, "days ago")), Notice: rapid.SampledFrom([]string{"", "form@1", "retired@1"}).Draw(t, "notice"),
		}
		if rapid.Bool().Draw(t, "ends") {
			out[i].ValidUntil = day(rapid.IntRange(-2, 2).Draw(t, "ended days ago"))
		}
	}
	return out
}

func inForce(notice string) bool { return notice != "retired@1" }

// TestOrderOfEventsChangesNothing: a ledger may be read in any order.
func TestOrderOfEventsChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := drawEvents(t)
		a, b := Fold(events, now, inForce), Fold(rapid.Permutation(slices.Clone(events)).Draw(t, "order"), now, inForce)
		for _, p := range somePurposes {
			sa, ea, _ := a.Status(p)
			sb, eb, _ := b.Status(p)
			if a.Allows(p) != b.Allows(p) || a.Objects(p) != b.Objects(p) || a.Restricted() != b.Restricted() || sa != sb || ea != eb {
				t.Fatalf("%q: %v %v %v %q, in another order %v %v %v %q", p, a.Allows(p), a.Objects(p), a.Restricted(), sa, b.Allows(p), b.Objects(p), b.Restricted(), sb)
			}
		}
	})
}

// TestADenialNeverAllows: whatever the ledger holds, one more denial, objection
// or restriction never allows what was not allowed before.
func TestADenialNeverAllows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := drawEvents(t)
		more := Event{
			Seq: 99, Purpose: rapid.SampledFrom(somePurposes).Draw(t, "denied"), At: day(rapid.IntRange(0, 4).Draw(t, "denied days ago")),
			State: rapid.SampledFrom([]State{Denied, Withdrawn, Objected, Restricted}).Draw(t, "denial"),
		}
		before, after := Fold(events, now, inForce), Fold(append(events, more), now, inForce)
		for _, p := range somePurposes {
			if after.Allows(p) && !before.Allows(p) || before.Objects(p) && !after.Objects(p) || before.Restricted() && !after.Restricted() {
				t.Fatalf("%s of %q opened %q", more.State, more.Purpose, p)
			}
		}
	})
}

// TestNothingIsAllowedWithoutAGrantInForce: whoever is allowed anything has
// granted it, or a parent of it, under a notice in force that has not run out.
func TestNothingIsAllowedWithoutAGrantInForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := drawEvents(t)
		s := Fold(events, now, inForce)
		for _, p := range somePurposes {
			if !s.Allows(p) {
				continue
			}
			if !slices.ContainsFunc(events, func(e Event) bool {
				covers := e.Purpose == p || e.Purpose != "" && len(p) > len(e.Purpose) && p[:len(e.Purpose)+1] == e.Purpose+"."
				return covers && e.State == Granted && e.Notice == "form@1" && (e.ValidUntil.IsZero() || e.ValidUntil.After(now))
			}) {
				t.Fatalf("%q is allowed by %v", p, events)
			}
		}
	})
}
