package policy

import (
	"testing"
	"time"

	"customer360/idgraph/consent"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// says is the standing of a customer about whom these events are known.
func says(events ...consent.Event) Subject {
	for i := range events {
		events[i].Seq = int64(i + 1)
		if events[i].At.IsZero() {
			events[i].At = now.AddDate(0, 0, -100+i)
		}
		if events[i].Notice == "" {
			events[i].Notice = "form@1"
		}
	}
	return Subject{Known: true, Standing: consent.Fold(events, now, nil)}
}

func event(p consent.Purpose, s consent.State) consent.Event {
	return consent.Event{Purpose: p, State: s}
}

// TestReasonsAndRemedies: each reason to lower disclosure has its own name, so
// that a caller knows what would help, and never why a consent is missing.
func TestReasonsAndRemedies(t *testing.T) {
	agent, marketing, sales := Caller{Role: "support-agent"}, Caller{Role: "marketing"}, Caller{Role: "sales"}
	for _, tc := range []struct {
		about string
		q     Question
		want  Decision
	}{
		{"an agent on a case", Question{Caller: agent, Purpose: "support.case", Category: "contact.email", Subject: says()}, Decision{Outcome: Shown}},
		{"no purpose", Question{Caller: agent, Category: "contact", Subject: says()}, Decision{Withheld, NoPurpose, DeclarePurpose}},
		{"an unknown purpose", Question{Caller: agent, Purpose: "curiosity", Category: "contact", Subject: says()}, Decision{Withheld, NoPurpose, DeclarePurpose}},
		{"a parent is no purpose", Question{Caller: marketing, Purpose: "marketing", Category: "contact", Subject: says(event("marketing", consent.Granted))}, Decision{Withheld, NoPurpose, DeclarePurpose}},
		{"a purpose that the role lacks", Question{Caller: agent, Purpose: "legal.request", Category: "contact", Subject: says()}, Decision{Withheld, PurposeNotHeld, RequestScope}},
		{"a purpose that the token leaves out", Question{Caller: Caller{Role: "marketing", Purposes: []consent.Purpose{"marketing.sms"}}, Purpose: "marketing.email", Category: "contact", Subject: says(event("marketing.email", consent.Granted))}, Decision{Withheld, PurposeNotHeld, RequestScope}},
		{"a category that the purpose may not read", Question{Caller: marketing, Purpose: "marketing.email", Category: "support", Subject: says(event("marketing.email", consent.Granted))}, Decision{Withheld, PurposeNotForField, NoRemedy}},
		{"a role's ceiling", Question{Caller: agent, Purpose: "support.case", Category: "financial", Subject: says()}, Decision{Withheld, RoleCeiling, NoRemedy}},
		{"a lower ceiling than WITHHELD leaves a part", Question{Caller: agent, Purpose: "support.case", Category: "demographic", Subject: says()}, Decision{Partial, RoleCeiling, NoRemedy}},
		{"a link in doubt", Question{Caller: agent, Purpose: "support.case", Category: "contact", Subject: says(), Link: Probable}, Decision{Withheld, LinkUnverified, VerifyLink}},
		{"consent never asked for", Question{Caller: marketing, Purpose: "marketing.email", Category: "contact", Subject: says()}, Decision{Withheld, ConsentNotGiven, AskConsent}},
		{"consent denied", Question{Caller: marketing, Purpose: "marketing.email", Category: "contact", Subject: says(event("marketing.email", consent.Denied))}, Decision{Withheld, ConsentNotGiven, AskConsent}},
		{"consent withdrawn", Question{Caller: marketing, Purpose: "marketing.email", Category: "contact", Subject: says(event("marketing.email", consent.Granted), event("marketing.email", consent.Withdrawn))}, Decision{Withheld, ConsentNotGiven, AskConsent}},
		{"consent run out", Question{Caller: marketing, Purpose: "marketing.email", Category: "contact", Subject: says(consent.Event{Purpose: "marketing.email", State: consent.Granted, ValidUntil: now})}, Decision{Withheld, ConsentNotGiven, AskConsent}},
		{"consent given", Question{Caller: marketing, Purpose: "marketing.email", Category: "contact", Subject: says(event("marketing.email", consent.Granted))}, Decision{Outcome: Shown}},
		{"consent for all of marketing", Question{Caller: marketing, Purpose: "marketing.email", Category: "contact", Subject: says(event("marketing", consent.Granted))}, Decision{Outcome: Shown}},
		{"a consent for something else", Question{Caller: marketing, Purpose: "marketing.email", Category: "contact", Subject: says(event("marketing.sms", consent.Granted))}, Decision{Withheld, ConsentNotGiven, AskConsent}},
		{"a consent that is needed beside the basis", Question{Caller: sales, Purpose: "sales.pipeline", Category: "support", Subject: says()}, Decision{Withheld, ConsentNotGiven, AskConsent}},
		{"and given", Question{Caller: sales, Purpose: "sales.pipeline", Category: "support", Subject: says(event("sharing.support", consent.Granted))}, Decision{Outcome: Shown}},
		{"an objection to a legitimate interest", Question{Caller: sales, Purpose: "sales.pipeline", Category: "contact", Subject: says(event("sales.pipeline", consent.Objected))}, Decision{Withheld, ObjectedTo, NoRemedy}},
		{"an objection to everything", Question{Caller: sales, Purpose: "sales.pipeline", Category: "contact", Subject: says(event("", consent.Objected))}, Decision{Withheld, ObjectedTo, NoRemedy}},
		{"an objection does not bind a contract", Question{Caller: agent, Purpose: "support.case", Category: "contact", Subject: says(event("support.case", consent.Objected))}, Decision{Outcome: Shown}},
		{"a restriction binds a contract", Question{Caller: agent, Purpose: "support.case", Category: "contact", Subject: says(event("", consent.Restricted))}, Decision{Withheld, IsRestricted, NoRemedy}},
		{"but no legal obligation", Question{Caller: Caller{Role: "privacy-officer"}, Purpose: "legal.request", Category: "special", Subject: says(event("", consent.Restricted))}, Decision{Outcome: Shown}},
		{"an unreadable ledger", Question{Caller: agent, Purpose: "support.case", Category: "contact"}, Decision{Withheld, ConsentUnavailable, Retry}},
		{"an unreadable ledger does not bind a legal obligation", Question{Caller: Caller{Role: "privacy-officer"}, Purpose: "legal.request", Category: "contact"}, Decision{Outcome: Shown}},
		{"an unknown role", Question{Caller: Caller{Role: "intern"}, Purpose: "support.case", Category: "contact", Subject: says()}, Decision{Withheld, PurposeNotHeld, RequestScope}},
		{"an operator", Question{Caller: Caller{Role: "operator"}, Purpose: "support.case", Category: "contact", Subject: says()}, Decision{Withheld, PurposeNotHeld, RequestScope}},
	} {
		if tc.about != "a link in doubt" {
			tc.q.Link = Verified
		}
		if got := Default().Decide(tc.q); got != tc.want {
			t.Errorf("%s: %+v, want %+v", tc.about, got, tc.want)
		}
	}
}

func TestAGateLeftOutIsMissed(t *testing.T) {
	q := Question{Caller: Caller{Role: "support-agent"}, Purpose: "support.case", Category: "contact", Subject: says(), Link: Probable}
	if d := Default().DecideWith(nil, q); d.Outcome != Shown {
		t.Errorf("without any gate: %+v", d)
	}
}
