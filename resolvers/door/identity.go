package door

import (
	"time"

	"customer360/idgraph"
	"customer360/idgraph/consent"
	"customer360/idgraph/policy"
)

// A SourceRecord is a record of one source about one person.
type SourceRecord struct {
	Source idgraph.Source
	ID     *string
	owner  *Customer
}

// Customer is whose record it is; nil where that is not known, or not told.
func (r *SourceRecord) Customer() *Customer { return r.owner }

// An IdentityLink is why two records are one person.
type IdentityLink struct {
	From, To    *SourceRecord
	Rule        *idgraph.Rule
	RuleVersion *int
	Verified    *bool
	Weight      *float64
	Levels      []MatchLevel
	Since       *time.Time
}

// A MatchLevel is how two records compare in one field. It holds no value.
type MatchLevel struct {
	Field, Level *string
	Bits         *float64
}

// A CustomerIdentity says which records are one person, and why.
type CustomerIdentity struct {
	Records     []SourceRecord
	Links       []IdentityLink
	KnownSince  *time.Time
	LastChanged *time.Time

	subject *subject
}

// Identity says which records are this person. It passes the door like
// anything else: a leaf that is withheld is null, and so are records that may
// be about somebody else.
func (c *Customer) Identity() *CustomerIdentity {
	s := c.subject
	if !s.shows("Customer", "identity") {
		return nil
	}
	out := &CustomerIdentity{subject: s}
	if s.shows("CustomerIdentity", "records") {
		out.Records = []SourceRecord{}
		for _, ref := range s.customer.Refs {
			if s.showsRecord(ref) {
				out.Records = append(out.Records, *s.record(ref))
			}
		}
	}
	if s.shows("CustomerIdentity", "links") {
		out.Links = []IdentityLink{}
		for _, l := range s.customer.Links {
			if s.showsRecord(l.A) && s.showsRecord(l.B) && l.Rule.Strength() > 0 {
				out.Links = append(out.Links, linkUp(l, s.shows, s.owner))
			}
		}
	}
	if s.shows("CustomerIdentity", "knownSince") {
		out.KnownSince = &s.customer.Since
	}
	if s.shows("CustomerIdentity", "lastChanged") {
		out.LastChanged = &s.customer.Changed
	}
	return out
}

// owner is this customer, where a record is its own and shown to be.
func (s *subject) owner(ref idgraph.Ref) *subject {
	if s.holds(ref) {
		return s
	}
	return nil
}

// linkUp is a link as it goes up: shows says what of it is shown, and owner
// whose its records are; a record whose owner is not shown is none of its sides.
func linkUp(l idgraph.Link, shows func(typeName, field string) bool, owner func(idgraph.Ref) *subject) IdentityLink {
	out := IdentityLink{}
	if s := owner(l.A); s != nil && shows("IdentityLink", "from") {
		out.From = s.record(l.A)
	}
	if s := owner(l.B); s != nil && shows("IdentityLink", "to") {
		out.To = s.record(l.B)
	}
	if shows("IdentityLink", "rule") && l.Rule.Strength() > 0 {
		out.Rule = &l.Rule
	}
	if shows("IdentityLink", "ruleVersion") {
		out.RuleVersion = &l.RuleVersion
	}
	if shows("IdentityLink", "verified") {
		verified := l.Rule.Verified()
		out.Verified = &verified
	}
	if shows("IdentityLink", "weight") {
		out.Weight = finite(l.Weight)
	}
	if shows("IdentityLink", "levels") && shows("MatchLevel", "") {
		out.Levels = levelsUp(l.Evidence, shows)
	}
	if shows("IdentityLink", "since") {
		out.Since = there(l.Since)
	}
	return out
}

func levelsUp(evidence []idgraph.Evidence, shows func(typeName, field string) bool) []MatchLevel {
	out := make([]MatchLevel, len(evidence))
	for i, e := range evidence {
		if shows("MatchLevel", "field") {
			out[i].Field = &e.Field
		}
		if shows("MatchLevel", "level") {
			out[i].Level = &e.Level
		}
		if shows("MatchLevel", "bits") {
			out[i].Bits = finite(e.Bits)
		}
	}
	return out
}

// showsRecord says whether it is shown that a record is this customer's.
func (s *subject) showsRecord(ref idgraph.Ref) bool {
	c := s.op.door.columns.of("SourceRecord", "")
	return policy.Fit(s.outcomes[s.link(ref)][c.class], c.form) == policy.Shown
}

func (s *subject) record(ref idgraph.Ref) *SourceRecord {
	r := &SourceRecord{Source: ref.Source, owner: &Customer{subject: s}}
	if s.shows("SourceRecord", "id") {
		r.ID = &ref.ID
	}
	return r
}

// A ConsentGiven is whether a purpose is allowed; why not is another question.
type ConsentGiven string

// The two answers.
const (
	ConsentGranted  ConsentGiven = "GRANTED"
	ConsentNotGiven ConsentGiven = "NOT_GIVEN"
)

// A ConsentStatus is what the customer allowed for one purpose.
type ConsentStatus struct {
	Purpose consent.Purpose
	Given   *ConsentGiven
	State   *consent.State
	Since   *time.Time
	Notice  *string
	HeldBy  *string
}

// Consents says for every purpose that asks for consent whether it is given.
func (c *Customer) Consents() []ConsentStatus {
	s := c.subject
	if !s.shows("Customer", "consents") || !s.standing.Known {
		return nil
	}
	out := []ConsentStatus{}
	for _, key := range s.op.door.consentPurposes() {
		out = append(out, s.consent(key))
	}
	return out
}

func (s *subject) consent(key consent.Purpose) ConsentStatus {
	st := ConsentStatus{Purpose: key}
	if s.shows("Consent", "given") {
		given := ConsentNotGiven
		if s.standing.Standing.Allows(key) {
			given = ConsentGranted
		}
		st.Given = &given
	}
	state, event, ok := s.standing.Standing.Status(key)
	if !ok {
		return st
	}
	if s.shows("Consent", "state") {
		st.State = &state
	}
	if s.shows("Consent", "since") {
		st.Since = &event.At
	}
	if s.shows("Consent", "notice") && event.Notice != "" {
		st.Notice = &event.Notice
	}
	if s.shows("Consent", "heldBy") {
		st.HeldBy = &event.HeldBy
	}
	return st
}

// consentPurposes lists the purposes that need a consent, alone or beside another basis.
func (d *Door) consentPurposes() []consent.Purpose {
	var out []consent.Purpose
	for _, key := range policy.Purposes {
		if rule, ok := d.Policy.Purpose(key); ok && rule.Basis == policy.ByConsent {
			out = append(out, key)
		}
	}
	return out
}
