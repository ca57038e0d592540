package door

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/consent"
	"customer360/idgraph/policy"
)

// A subject is one customer within one operation: what is decided about it,
// and what is under way for it.
type subject struct {
	op        *Operation
	customer  idgraph.Customer
	doubtful  []idgraph.Ref // records that only links in doubt reach
	standing  policy.Subject
	decisions [2][maxClasses]policy.Decision // by the quality of the record's link
	outcomes  [2]outcomes
	demands   []*demand
	needs     byKind[partSet] // wanted so far
	asked     byKind[partSet] // under way or answered
	seats     []seat          // in the calls under way or answered
	followed  bool            // whether messages are under way behind these
	matters   *[]matter       // the questions about this customer; nil before they are read

	profileOnce sync.Once
	profile     profile
}

// A seat is a customer's place in a call.
type seat struct {
	call *call
	at   int // in call.answers
	part int // which part of the kind's rows it answers
}

// wants notes what a root field asks of this customer.
func (s *subject) wants(dm *demand, row connectors.Kind) {
	if !slices.Contains(s.demands, dm) {
		s.demands = append(s.demands, dm)
	}
	if row != "" {
		*s.needs.of(row) |= whole
		return
	}
	for i := range dm.kinds {
		s.needs[i] |= s.op.demand[i].partsOf(&dm.kinds[i], connectors.Kinds[i])
	}
}

// decide reads the ledger once for all new subjects and decides every class.
func (op *Operation) decide(subjects []*subject) {
	if len(subjects) == 0 {
		return
	}
	if err := op.judge(subjects); err != nil {
		op.door.Log.ErrorContext(op.ctx, "the consent ledger cannot be read", "error", err)
	}
}

// judge is decide for subjects that may come to nothing: it logs nothing, since
// how many are looked at hangs on what is not shown of them.
func (op *Operation) judge(subjects []*subject) error {
	standings, err := op.door.standings(op.ctx, subjects)
	for i, s := range subjects {
		if err == nil {
			s.standing = policy.Subject{Known: true, Standing: standings[i]}
		}
		s.decide(policy.Verified)
		if len(s.doubtful) > 0 {
			s.decide(policy.Probable)
		}
	}
	return err
}

func (s *subject) decide(link policy.LinkQuality) {
	for c, category := range s.op.door.classes {
		d := s.op.ask(policy.Question{
			Caller: s.op.caller, Purpose: s.op.purpose, Category: category,
			Subject: s.standing, Link: link, Surface: s.op.surface,
		})
		s.decisions[link][c], s.outcomes[link][c] = d, d.Outcome
	}
}

// ask decides; a decision that panics withholds.
func (op *Operation) ask(q policy.Question) (d policy.Decision) {
	defer func() {
		if p := recover(); p != nil {
			op.door.Log.ErrorContext(op.ctx, "the decision panicked", "category", q.Category, "panic", fmt.Sprintf("%T", p))
			d = policy.Decision{Outcome: policy.Withheld, Reason: policy.PolicyUnavailable, Remedy: policy.Retry}
		}
	}()
	return op.door.Decide(q)
}

// decision is what becomes of a column of the schema for this customer, in
// records that are surely the customer's.
func (s *subject) decision(c *column) policy.Decision {
	d := s.decisions[policy.Verified][c.class]
	fit := policy.Fit(d.Outcome, c.form)
	if d.Outcome = s.outcome(c); d.Outcome != fit {
		return policy.Decision{Outcome: d.Outcome, Reason: policy.RoleCeiling, Remedy: policy.RequestScope}
	}
	return d
}

// outcome is what decision comes to.
func (s *subject) outcome(c *column) policy.Outcome {
	out := policy.Fit(s.outcomes[policy.Verified][c.class], c.form)
	if c.needs > 0 && !s.op.scopes[c.needs-1] {
		out = policy.Meet(out, policy.Withheld)
	}
	return out
}

// shows says whether a field, or with field "" the rows of a type, is shown.
func (s *subject) shows(typeName, field string) bool {
	c := s.op.door.columns.of(typeName, field)
	return c != nil && s.outcome(c) == policy.Shown
}

// allowed narrows what is wanted of a kind to what may be fetched over links of
// a quality, as the record names it; ok says whether a source need be asked at all.
func (s *subject) allowed(k connectors.Kind, link policy.LinkQuality) (fields connectors.FieldSet, ok bool) {
	r, o := s.op.door.rules.of(k), &s.outcomes[link]
	if c := s.op.door.columns.of(r.name, ""); c != nil {
		if policy.Fit(o[c.class], c.form) != policy.Shown {
			return "", false
		}
		ok = true
	}
	var ask wanted
	for i := range r.paths {
		p := &r.paths[i]
		if s.op.demand[number(k)].fields&(1<<i) == 0 {
			continue
		}
		if out := policy.Fit(o[p.class], p.form); out != policy.Shown && out != policy.Partial {
			continue
		}
		ask |= p.ask
		ok = ok || !p.aside
	}
	if !ok {
		return "", false
	}
	return r.names(ask), true
}

// timed says whether the time that a kind's lists go by is shown: only then may
// a source cut, order or narrow by it.
func (s *subject) timed(k connectors.Kind) bool {
	name := timeField(k)
	return name != "" && s.shows(rowType(k), name)
}

// standings folds the ledger for many customers with one read.
func (d *Door) standings(ctx context.Context, subjects []*subject) ([]consent.Standing, error) {
	out := make([]consent.Standing, len(subjects))
	revision, err := d.Ledger.Revision(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the ledger's revision: %w", err)
	}
	now := d.Now()
	var refs []idgraph.Ref
	var missed []int
	for i, s := range subjects {
		if st, ok := d.folds.get(s, revision, d.Policy.Digest, now); ok {
			out[i] = st
			continue
		}
		missed = append(missed, i)
		refs = append(refs, s.customer.Refs...)
	}
	if len(missed) == 0 {
		return out, nil
	}
	events, err := d.Ledger.Of(ctx, refs)
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	for _, i := range missed {
		s := subjects[i]
		var all []consent.Event
		for _, ref := range s.customer.Refs {
			said := events[ref]
			if s.link(ref) != policy.Verified { // it may be somebody else's: it takes away, and gives nothing
				said = consent.Fold(said, now, d.Policy.InForce).Denials()
			}
			all = append(all, said...)
		}
		out[i] = consent.Fold(all, now, d.Policy.InForce)
		d.folds.put(s, revision, d.Policy.Digest, now, all, out[i])
	}
	return out, nil
}
