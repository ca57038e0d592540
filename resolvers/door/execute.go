package door

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"customer360/idgraph"
	"customer360/idgraph/audit"
)

// decides is what all mutations have in common. What is wrong with the input
// stands in the payload. Nothing is decided before the audit log has, for good,
// who is about to decide.
func (op *Operation) decides(ctx context.Context, reason string, rule func(*ruling) error) (*Decided, error) {
	if op.door.Decider == nil || !op.door.Policy.May(op.caller, "identity:decide") || !op.couldShow(op.door.columns.of("SourceRecord", "id")) {
		return nil, fmt.Errorf("deciding needs the scope identity:decide, and a purpose for which you are shown identities: %w", ErrForbidden)
	}
	r := &ruling{reason: strings.TrimSpace(reason)}
	err := checkReason(r.reason)
	if err == nil {
		err = rule(r)
	}
	if n := len(r.decisions); err == nil && n > maxPairs {
		err = wrong(Conflict, fmt.Sprintf("these are %d pairs of records, and %d may be decided at once: take fewer", n, maxPairs))
	}
	if err == nil {
		err = op.execute(ctx, r)
	}
	if user := (*UserError)(nil); errors.As(err, &user) {
		return &Decided{UserErrors: []UserError{*user}}, nil
	}
	if err != nil {
		return nil, err
	}
	return op.outcomeOf(ctx, r)
}

// execute writes down what is about to be decided, and decides.
func (op *Operation) execute(ctx context.Context, r *ruling) error {
	e := op.entry(ctx)
	for _, s := range r.about {
		e.Subjects = append(e.Subjects, s.customer.ID)
	}
	slices.Sort(e.Subjects)
	said := audit.Field{Coordinate: "Mutation." + r.name, Outcome: "BEGUN", Count: len(r.decisions) + len(r.undoes)}
	e.Fields = []audit.Field{said}
	if err := op.door.Audit.Record(ctx, e, true); err != nil {
		return fmt.Errorf("the audit log cannot be written: %w: %w", ErrInternal, err)
	}
	var err error
	if r.undoes != nil {
		_, err = op.door.Decider.Undo(op.ctx, r.undoes, op.caller.Name, r.reason)
	} else {
		for i := range r.decisions {
			r.decisions[i].Actor, r.decisions[i].At = op.caller.Name, op.door.Now().UTC()
		}
		_, err = op.door.Decider.Decide(op.ctx, r.decisions)
	}
	switch {
	case errors.Is(err, idgraph.ErrUnknownDecision):
		return wrong(Conflict, "one of these doesn't stand any more: look again", "decisions")
	case errors.Is(err, idgraph.ErrUnknownRecord):
		return wrong(Conflict, "one of these records is gone: look again")
	case err != nil:
		return err
	}
	said.Outcome = "DONE"
	op.changed = append(op.changed, said)
	return nil
}

// outcomeOf are the customers whom a ruling concerned, as they are now.
func (op *Operation) outcomeOf(ctx context.Context, r *ruling) (*Decided, error) {
	var refs []idgraph.Ref
	for _, s := range r.about {
		refs = append(refs, s.customer.Refs...)
	}
	owners, err := op.door.Graph.ByRefs(op.ctx, refs)
	if err != nil {
		return nil, err
	}
	var ids []idgraph.CustomerID
	for _, ref := range refs {
		if id := owners[ref]; id != 0 && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	op.mu.Lock()
	op.subjects = map[idgraph.CustomerID]*subject{} // what was known of them before is over
	op.mu.Unlock()
	handles, err := op.Customers(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := &Decided{Customers: []*Customer{}, UserErrors: []UserError{}}
	for _, c := range handles {
		if c != nil {
			out.Customers = append(out.Customers, c)
		}
	}
	if r.undoes != nil {
		return out, nil
	}
	out.Decisions = []MatchDecision{}
	for _, d := range r.decisions {
		if s := op.subjects[owners[d.A]]; s != nil && s.shows("MatchDecision", "") {
			t := &teller{subject: s, byRef: map[idgraph.Ref]*subject{d.B: op.subjects[owners[d.B]]}}
			out.Decisions = append(out.Decisions, t.decision(d))
		}
	}
	return out, nil
}
