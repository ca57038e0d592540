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
	standing  policy.Subject
	decisions [maxClasses]policy.Decision
	outcomes  outcomes
	demands   []*demand
	needs     map[connectors.Kind]bool // wanted so far
	asked     map[connectors.Kind]bool // under way or answered
	calls     map[connectors.Kind][]*call

	profileOnce sync.Once
	profile     profile
}

func newSubject(op *Operation, c idgraph.Customer) *subject {
	return &subject{
		op: op, customer: c, needs: map[connectors.Kind]bool{},
		asked: map[connectors.Kind]bool{}, calls: map[connectors.Kind][]*call{},
	}
}

// wants notes what a root field asks of this customer.
func (s *subject) wants(dm *demand, row connectors.Kind) {
	if !slices.Contains(s.demands, dm) {
		s.demands = append(s.demands, dm)
	}
	if row != "" {
		s.needs[row] = true
		return
	}
	for kind := range dm.kinds {
		s.needs[kind] = true
	}
}

// decide reads the ledger once for all new subjects and decides every class.
func (op *Operation) decide(subjects []*subject) {
	if len(subjects) == 0 {
		return
	}
	standings, err := op.door.standings(op.ctx, subjects)
	if err != nil {
		op.door.Log.ErrorContext(op.ctx, "the consent ledger cannot be read", "error", err)
	}
	for i, s := range subjects {
		if err == nil {
			s.standing = policy.Subject{Known: true, Standing: standings[i]}
		}
		for c := range op.door.classes {
			s.decisions[c] = op.ask(policy.Question{
				Caller: op.caller, Purpose: op.purpose, Category: op.door.classes[c],
				Subject: s.standing, Link: policy.Verified, Surface: op.surface(),
			})
			s.outcomes[c] = s.decisions[c].Outcome
		}
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

// surface is where this operation shows its values: in a list, if anywhere it is one.
func (op *Operation) surface() policy.Surface {
	if slices.ContainsFunc(op.demands, func(dm *demand) bool { return dm.list }) {
		return policy.List
	}
	return policy.Single
}

// of is the outcome of a column of the schema.
func (s *subject) of(c column) policy.Outcome { return policy.Fit(s.outcomes[c.class], c.form) }

// shows says whether anything of a category's rows or leaves may be shown, by coordinate.
func (s *subject) shows(coordinate string) bool {
	c, ok := s.op.door.columns[coordinate]
	return ok && s.of(c) == policy.Shown
}

// allowed narrows the fields wanted of a kind to those that may be fetched, as
// the record names them; ok says whether the source need be asked at all.
func (s *subject) allowed(kind connectors.Kind) (fields connectors.FieldSet, ok bool) {
	r := s.op.door.rules[kind]
	if r.rows != "" && kind != connectors.KindBalance {
		if !s.shows(r.name) {
			return "", false
		}
		ok = true
	}
	var names []string
	for _, path := range s.op.fields[kind] {
		f, known := r.find(path)
		if !known {
			continue
		}
		if out := s.outcomes.of(f); out != policy.Shown && out != policy.Partial {
			continue
		}
		if path != "updatedAt" {
			ok = true
		}
		if f.origin >= 0 {
			path = r.fields[f.origin].name
		}
		names = append(names, path)
	}
	if !ok {
		return "", false
	}
	return connectors.Fields(names...), true
}

// ordering is how a source may cut: by time only where the time is shown.
func (s *subject) ordering(kind connectors.Kind) (connectors.Ordering, int) {
	limit := s.op.limits[kind]
	if kind == connectors.KindProfile {
		return connectors.ByID, 1
	}
	if name := timeField[kind]; name != "" && limit > 0 && s.shows(rowType(kind)+"."+name) {
		return connectors.NewestFirst, limit
	}
	return connectors.ByID, connectors.MaxRows
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
		if st, ok := d.folds.get(s.customer, revision, d.Policy.Digest, now); ok {
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
		var all []consent.Event
		for _, ref := range subjects[i].customer.Refs {
			all = append(all, events[ref]...)
		}
		out[i] = consent.Fold(all, now, d.Policy.InForce)
		d.folds.put(subjects[i].customer, revision, d.Policy.Digest, now, all, out[i])
	}
	return out, nil
}
