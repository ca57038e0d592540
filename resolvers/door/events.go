package door

import (
	"context"
	"slices"
	"time"

	"customer360/idgraph"
)

// maxPast is the most events that are looked at for one list.
const maxPast = 1000

// An IdentityEvent is one thing that became of a customer, as it goes up.
type IdentityEvent struct {
	At          *time.Time
	Kind        *idgraph.EventKind
	Cause       *string
	Other       *string
	From, To    *SourceRecord
	Rule        *idgraph.Rule
	RuleVersion *int
	Decision    *MatchDecision
}

// A MatchDecision is what a person said of two records, as it goes up.
type MatchDecision struct {
	ID       string
	From, To *SourceRecord
	Same     *bool
	At       *time.Time
	Actor    *string
	Reason   *string
	Undone   *bool
}

// Events are what became of the customer, newest first. What is about a record
// that is only probably the customer's is not told.
func (i *CustomerIdentity) Events(_ context.Context, first int) ([]IdentityEvent, error) {
	if err := CheckFirst(first); err != nil {
		return nil, err
	}
	s := i.subject
	if !s.shows("CustomerIdentity", "events") || s.op.door.Reviews == nil {
		return nil, nil
	}
	var events []idgraph.Event
	for before, seen := int64(0), 0; len(events) < first && seen < maxPast; {
		found, err := s.op.door.Reviews.Events(s.op.ctx, s.customer.ID, before, first)
		if err != nil {
			return nil, err
		}
		for _, e := range found {
			before, seen = e.Seq, seen+1
			if len(events) < first && !slices.Contains(s.doubtful, e.A) && !slices.Contains(s.doubtful, e.B) {
				events = append(events, e)
			}
		}
		if len(found) < first {
			break
		}
	}
	t, err := s.theirs(events)
	if err != nil {
		return nil, err
	}
	out := make([]IdentityEvent, len(events))
	for n, e := range events {
		out[n] = t.event(e)
	}
	return out, nil
}

// A teller tells of records and customers besides one: whose they are now, and
// what of that is shown.
type teller struct {
	*subject
	byRef map[idgraph.Ref]*subject
	byID  map[idgraph.CustomerID]*subject
}

// theirs knows who events are about besides this customer.
func (s *subject) theirs(events []idgraph.Event) (*teller, error) {
	var refs []idgraph.Ref
	var ids []idgraph.CustomerID
	for _, e := range events {
		for _, ref := range []idgraph.Ref{e.A, e.B} {
			if ref.Source != "" && !slices.Contains(s.customer.Refs, ref) && !slices.Contains(refs, ref) {
				refs = append(refs, ref)
			}
		}
		ids = append(ids, e.Customer, e.Other)
	}
	t := &teller{subject: s, byRef: map[idgraph.Ref]*subject{}}
	owners := map[idgraph.Ref]idgraph.CustomerID{}
	if len(refs) > 0 {
		var err error
		if owners, err = s.op.door.Graph.ByRefs(s.op.ctx, refs); err != nil {
			return nil, err
		}
	}
	for _, ref := range refs {
		ids = append(ids, owners[ref])
	}
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(id idgraph.CustomerID) bool { return id == 0 || id == s.customer.ID })
	var err error
	if t.byID, err = s.op.bystanders(ids); err != nil {
		return nil, err
	}
	for _, ref := range refs {
		t.byRef[ref] = t.byID[owners[ref]]
	}
	return t, nil
}

// side is a record of an event; nil where it is gone, or not shown whose it is.
func (t *teller) side(ref idgraph.Ref) *SourceRecord {
	if t.holds(ref) {
		return t.record(ref)
	}
	s := t.byRef[ref]
	if s == nil || !s.holds(ref) {
		return nil
	}
	r := s.record(ref)
	r.owner = nil // nothing was asked of that customer
	return r
}

// other is the id of the other customer of an event, where its identity is shown.
func (t *teller) other(e idgraph.Event) *string {
	id := e.Other
	if id == t.customer.ID {
		id = e.Customer
	}
	s := t.byID[id]
	if id == t.customer.ID || s == nil || !s.shows("Customer", "identity") {
		return nil
	}
	sealed := t.op.door.SealCustomer(id)
	return &sealed
}

func (t *teller) event(e idgraph.Event) IdentityEvent {
	shows := func(field string) bool { return t.shows("IdentityEvent", field) }
	out := IdentityEvent{}
	if shows("at") {
		out.At = &e.At
	}
	if shows("kind") {
		out.Kind = &e.Kind
	}
	if shows("cause") {
		out.Cause = there(e.Cause)
	}
	if shows("kind") && e.Other != 0 {
		out.Other = t.other(e)
	}
	if shows("from") {
		out.From = t.side(e.A)
	}
	if shows("to") {
		out.To = t.side(e.B)
	}
	if shows("rule") && e.Rule.Strength() > 0 {
		out.Rule = &e.Rule
	}
	if shows("ruleVersion") {
		out.RuleVersion = there(e.RuleVersion)
	}
	if shows("decision") && e.Decision != nil {
		d := t.decision(*e.Decision)
		out.Decision = &d
	}
	return out
}

func (t *teller) decision(d idgraph.Decision) MatchDecision {
	shows := func(field string) bool { return t.shows("MatchDecision", field) }
	out := MatchDecision{ID: t.op.door.sealDecision(d)}
	from, to := t.side(d.A), t.side(d.B)
	if shows("from") {
		out.From = from
	}
	if shows("to") {
		out.To = to
	}
	if shows("same") {
		out.Same = &d.Same
	}
	if shows("at") {
		out.At = &d.At
	}
	if shows("actor") {
		out.Actor = &d.Actor
	}
	if shows("reason") && from != nil && to != nil {
		out.Reason = &d.Reason
	}
	if shows("undone") {
		out.Undone = &d.Undone
	}
	return out
}
