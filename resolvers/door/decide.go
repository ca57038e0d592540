package door

import (
	"context"
	"slices"
	"strconv"

	"customer360/idgraph"
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
