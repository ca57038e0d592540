package door

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"customer360/connectors"
)

// A divided operation answers in parts: what need not wait leaves first. Its
// customers, decisions and calls are those of the whole, begun at once.
type divided struct {
	asks    []byKind[bool]  // what each part asks of sources
	known   map[string]bool // root fields whose customers are known
	planned chan struct{}   // closed when all are
	held    bool            // whether the answer was held back
}

// Divide says in which parts the operation is answered. It comes before any of
// them is executed.
func (op *Operation) Divide(parts []*graphql.OperationContext) {
	op.parts = &divided{asks: make([]byKind[bool], len(parts)), known: map[string]bool{}, planned: make(chan struct{})}
	for i, oc := range parts {
		for _, dm := range op.door.demands(oc) {
			for j, k := range connectors.Kinds {
				op.parts.asks[i][j] = op.parts.asks[i][j] || dm.asks(k)
			}
		}
	}
	if len(op.demands) == 0 {
		close(op.parts.planned)
	}
}

// Divided says whether the operation is answered in parts.
func (op *Operation) Divided() bool { return op.parts != nil }

// Known says that the customers of the root field that is being answered are
// known, or that there are none.
func (op *Operation) Known(ctx context.Context) { op.know(rootOf(ctx)) }

func (op *Operation) know(root string) {
	if op.parts == nil || op.of(root) == nil {
		return
	}
	op.mu.Lock()
	defer op.mu.Unlock()
	if op.parts.known[root] {
		return
	}
	op.parts.known[root] = true
	if len(op.parts.known) == len(op.demands) {
		close(op.parts.planned)
	}
}

// Outset gives what goes with the first part: the whole privacy report, since
// all decisions are made when every customer is known, and the failures of the
// sources that this part asked. The audit entry of the whole operation is
// written before: it says how many calls are made, as far as they can be foreseen.
// An error means that the answer must not leave.
func (op *Operation) Outset(ctx context.Context) (*Report, error) {
	select {
	case <-op.parts.planned:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	r := &Report{Privacy: op.privacy()}
	op.mu.Lock()
	calls := 0
	for _, c := range op.calls {
		calls += callsFor(c.source, c.kind, len(c.query.Refs))
	}
	op.mu.Unlock()
	err := op.audit(ctx, r, calls)
	if op.parts.held = err != nil; op.parts.held {
		return nil, err
	}
	r.Failures, err = op.PartFailures(ctx, 0)
	return r, err
}

// PartFailures waits for the sources that a part asks, and gives the failures
// that no part before it tells.
func (op *Operation) PartFailures(ctx context.Context, part int) ([]Failure, error) {
	op.mu.Lock()
	calls := slices.Clone(op.calls)
	op.mu.Unlock()
	for _, c := range calls {
		if !op.tells(part, c.kind) {
			continue
		}
		if err := c.wait(ctx); err != nil {
			return nil, err
		}
	}
	if op.tells(part, connectors.KindMessage) {
		if err := op.waitForHops(ctx); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(op.failures(), func(f Failure) bool { return !op.tells(part, f.Kind) }), nil
}

// tells says whether a part is the first that asks sources for a kind.
func (op *Operation) tells(part int, k connectors.Kind) bool {
	return part == slices.IndexFunc(op.parts.asks, func(asks byKind[bool]) bool { return *asks.of(k) })
}
