package door

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"customer360/idgraph"
	"customer360/idgraph/audit"
)

// The inputs of the mutations.
type (
	DecideMatchInput struct {
		From, To SourceRecordInput
		Same     bool
		Reason   string
	}
	SplitCustomerInput struct {
		Customer string
		Records  []SourceRecordInput
		Reason   string
	}
	MergeCustomersInput struct {
		Customers []string
		Reason    string
	}
	UndoDecisionInput struct {
		Decisions []string
		Reason    string
	}
)

// Decided is what came of a mutation.
type Decided struct {
	Customers  []*Customer
	Decisions  []MatchDecision
	UserErrors []UserError
}

// The payloads of the mutations.
type (
	DecideMatchPayload    = Decided
	SplitCustomerPayload  = Decided
	MergeCustomersPayload = Decided
	UndoDecisionPayload   = Decided
)

// A UserErrorCode is what kind of mistake an input is.
type UserErrorCode string

// The kinds.
const (
	BadInput UserErrorCode = "BAD_INPUT"
	NotFound UserErrorCode = "NOT_FOUND"
	Conflict UserErrorCode = "CONFLICT"
)

// A UserError names the part of the input that is wrong, and what it should be;
// never its value.
type UserError struct {
	Code    UserErrorCode
	Field   []string
	Message string
}

func (e *UserError) Error() string { return strings.Join(e.Field, ".") + ": " + e.Message }

func wrong(code UserErrorCode, message string, field ...string) *UserError {
	return &UserError{code, append([]string{"input"}, field...), message}
}

const (
	maxReason    = 500  // characters
	maxPairs     = 4096 // decisions at once: two customers of 64 records each
	maxCustomers = 10   // of one merge
)

// A ruling is what a mutation says, once it is known whom it is about.
type ruling struct {
	name      string // "decideMatch"
	reason    string
	about     []*subject // whom it concerns, as they are before
	decisions []idgraph.Decision
	undoes    []int64
}

// DecideMatch says of two records that they are one person, or two.
func (op *Operation) DecideMatch(ctx context.Context, in DecideMatchInput) (*Decided, error) {
	return op.decides(ctx, in.Reason, func(r *ruling) error {
		r.name = "decideMatch"
		a, b := in.From.ref(), in.To.ref()
		if a == b {
			return wrong(BadInput, "is the same record as `from`", "to")
		}
		if err := op.holding(r, []idgraph.Ref{a, b}, []string{"from"}, []string{"to"}); err != nil {
			return err
		}
		r.says(a, b, in.Same)
		return nil
	})
}

// SplitCustomer says of some of a customer's records that they are somebody else.
func (op *Operation) SplitCustomer(ctx context.Context, in SplitCustomerInput) (*Decided, error) {
	return op.decides(ctx, in.Reason, func(r *ruling) error {
		r.name = "splitCustomer"
		found, err := op.named(r, []string{in.Customer}, []string{"customer"})
		if err != nil {
			return err
		}
		all := found[0].customer.Refs
		var leave []idgraph.Ref
		for i, record := range in.Records {
			ref := record.ref()
			switch {
			case !slices.Contains(all, ref):
				return wrong(NotFound, "is no record of this customer", "records", strconv.Itoa(i))
			case slices.Contains(leave, ref):
				return wrong(BadInput, "stands there twice", "records", strconv.Itoa(i))
			}
			leave = append(leave, ref)
		}
		switch {
		case len(leave) == 0:
			return wrong(BadInput, "names no record", "records")
		case len(leave) == len(all):
			return wrong(BadInput, "names all records of the customer: nobody would be left", "records")
		}
		for _, a := range leave {
			for _, b := range all {
				if !slices.Contains(leave, b) {
					r.says(a, b, false)
				}
			}
		}
		return nil
	})
}

// MergeCustomers says of customers that they are one person: of the records
// that are surely theirs. What is in doubt stays so.
func (op *Operation) MergeCustomers(ctx context.Context, in MergeCustomersInput) (*Decided, error) {
	return op.decides(ctx, in.Reason, func(r *ruling) error {
		r.name = "mergeCustomers"
		if n := len(in.Customers); n < 2 || n > maxCustomers {
			return wrong(BadInput, "takes 2 to 10 customers", "customers")
		}
		var fields [][]string
		for i := range in.Customers {
			fields = append(fields, []string{"customers", strconv.Itoa(i)})
		}
		found, err := op.named(r, in.Customers, fields...)
		if err != nil {
			return err
		}
		for i, s := range found {
			if slices.Contains(found[:i], s) {
				return wrong(Conflict, "is a customer that stands before it in the list already", fields[i]...)
			}
			for _, other := range found[:i] {
				for _, a := range s.surely() {
					for _, b := range other.surely() {
						r.says(a, b, true)
					}
				}
			}
		}
		return nil
	})
}

// surely are the records that are surely the customer's.
func (s *subject) surely() []idgraph.Ref {
	return slices.DeleteFunc(slices.Clone(s.customer.Refs), func(ref idgraph.Ref) bool { return slices.Contains(s.doubtful, ref) })
}

// UndoDecision takes decisions back.
func (op *Operation) UndoDecision(ctx context.Context, in UndoDecisionInput) (*Decided, error) {
	return op.decides(ctx, in.Reason, func(r *ruling) error {
		r.name = "undoDecision"
		if n := len(in.Decisions); n == 0 || n > maxPairs {
			return wrong(BadInput, "takes 1 to 4,096 decisions", "decisions")
		}
		var refs []idgraph.Ref
		var fields [][]string
		for i, sealed := range in.Decisions {
			at := []string{"decisions", strconv.Itoa(i)}
			d, ok := op.door.decision(sealed)
			switch {
			case !ok:
				return wrong(BadInput, "is not a decision's id that this API gave", at...)
			case slices.Contains(r.undoes, d.Seq):
				return wrong(BadInput, "stands there twice", at...)
			}
			r.undoes = append(r.undoes, d.Seq)
			for _, ref := range []idgraph.Ref{d.A, d.B} {
				if !slices.Contains(refs, ref) {
					refs, fields = append(refs, ref), append(fields, at)
				}
			}
		}
		return op.holding(r, refs, fields...)
	})
}

// says notes a decision of two records.
func (r *ruling) says(a, b idgraph.Ref, same bool) {
	if b.Less(a) {
		a, b = b, a
	}
	r.decisions = append(r.decisions, idgraph.Decision{A: a, B: b, Same: same, Reason: r.reason})
}

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

// checkReason sees that a reason is a few words that people can read.
func checkReason(reason string) error {
	switch {
	case reason == "":
		return wrong(BadInput, "say why, in a few words", "reason")
	case utf8.RuneCountInString(reason) > maxReason:
		return wrong(BadInput, "takes at most 500 characters", "reason")
	case strings.ContainsFunc(reason, unreadable), !strings.ContainsFunc(reason, unicode.IsGraphic):
		return wrong(BadInput, "holds characters that cannot be read", "reason")
	}
	return nil
}

// unreadable characters are those that control a terminal or turn a line around,
// and what stands where there was none.
func unreadable(c rune) bool {
	turns := c >= '\u202a' && c <= '\u202e' || c >= '\u2066' && c <= '\u2069'
	return unicode.IsControl(c) && c != '\n' && c != '\t' || turns || c == utf8.RuneError
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

// holding knows the customers of records, each of which must be one's whose
// identity is shown. fields are the names of the records in the input.
func (op *Operation) holding(r *ruling, refs []idgraph.Ref, fields ...[]string) error {
	if err := op.names(len(refs)); err != nil {
		return err
	}
	owners, err := op.door.Graph.ByRefs(op.ctx, refs)
	if err != nil {
		return err
	}
	var ids []idgraph.CustomerID
	for _, ref := range refs {
		if id := owners[ref]; id != 0 && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	of, err := op.bystanders(ids)
	if err != nil {
		return err
	}
	for i, ref := range refs {
		s := of[owners[ref]]
		if s == nil || !s.shows("SourceRecord", "id") {
			return wrong(NotFound, "there is no such record that you may see", fields[i]...)
		}
		if !slices.Contains(r.about, s) {
			r.about = append(r.about, s)
		}
	}
	return nil
}

// named knows the customers of sealed ids, in their order.
func (op *Operation) named(r *ruling, sealed []string, fields ...[]string) ([]*subject, error) {
	ids := make([]idgraph.CustomerID, len(sealed))
	for i, s := range sealed {
		id, ok := op.door.CustomerID(s)
		if !ok {
			return nil, wrong(BadInput, "is not a customer's id that this API gave", fields[i]...)
		}
		ids[i] = id
	}
	of, err := op.bystanders(ids)
	if err != nil {
		return nil, err
	}
	out := make([]*subject, len(ids))
	for i, id := range ids {
		s := of[id]
		if s == nil || !s.shows("SourceRecord", "id") {
			return nil, wrong(NotFound, "there is no such customer that you may see", fields[i]...)
		}
		if out[i] = s; !slices.Contains(r.about, s) {
			r.about = append(r.about, s)
		}
	}
	return out, nil
}
