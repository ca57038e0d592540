package door

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"

	"github.com/99designs/gqlgen/graphql"

	"customer360/idgraph/audit"
	"customer360/idgraph/policy"
)

// audit writes down who read what, and why, unless it is written already. Where
// anything sensitive was shown it waits until the entry cannot be lost; an
// answer that cannot be accounted for must not leave. Calls are those to sources.
func (op *Operation) audit(ctx context.Context, r *Report, calls int) error {
	op.mu.Lock()
	now := [2]int{len(op.order), op.lookups}
	op.mu.Unlock()
	if now == op.written && len(op.changed) == 0 {
		return nil
	}
	e := op.entry(ctx)
	e.Lookup, e.Calls = now[1] > 0, calls
	for _, s := range op.order {
		e.Subjects = append(e.Subjects, s.customer.ID)
	}
	fields, durable := op.shown()
	e.Fields = slices.Concat(op.changed, fields)
	if err := op.door.Audit.Record(ctx, e, durable || len(op.changed) > 0); err != nil {
		return fmt.Errorf("write the audit entry: %w", err)
	}
	op.written = now
	return nil
}

// entry is one that says who asks what, and why.
func (op *Operation) entry(ctx context.Context) audit.Entry {
	e := audit.Entry{At: op.begun, Who: op.caller.Name, Role: string(op.caller.Role), Purpose: string(op.purpose), Policy: op.door.Policy.Digest}
	if graphql.HasOperationContext(ctx) {
		oc := graphql.GetOperationContext(ctx)
		sum := sha256.Sum256([]byte(oc.RawQuery))
		e.Digest = hex.EncodeToString(sum[:])
		e.Operation = oc.OperationName
	}
	return e
}

// shown counts what became of what was asked, by column and outcome; sensitive
// says whether anything sensitive was shown.
func (op *Operation) shown() (fields []audit.Field, sensitive bool) {
	var asked columnSet
	for _, root := range op.demands {
		for _, dm := range root.all() {
			asked.add(&dm.seen)
		}
	}
	fields = make([]audit.Field, 0, asked.len())
	for c := range asked.of(&op.door.columns) {
		for outcome, n := range op.count(c) {
			if n == 0 {
				continue
			}
			fields = append(fields, audit.Field{Coordinate: c.coordinate, Outcome: string(policy.Outcomes[outcome]), Count: n})
			if c.level != Personal && policy.AtMost(policy.Partial, policy.Outcomes[outcome]) {
				sensitive = true
			}
		}
	}
	return fields, sensitive
}

// count is for how many customers a column had each outcome, in the order of
// policy.Outcomes.
func (op *Operation) count(c *column) (n [5]int) {
	for _, s := range op.order {
		if slices.ContainsFunc(s.demands, func(dm *demand) bool { return dm.seen.has(c) }) {
			n[slices.Index(policy.Outcomes, s.outcome(c))]++
		}
	}
	return n
}

// decisionKey names everything that the decisions of this operation depend on
// besides the customers: who asks as what, why, under which policy.
func (op *Operation) decisionKey() string {
	b := make([]byte, 0, 256)
	part := func(s string) { b = append(strconv.AppendInt(b, int64(len(s)), 10), s...) }
	part(string(op.caller.Role))
	part(string(op.purpose))
	part(op.door.Policy.Digest)
	part(strconv.FormatBool(op.caller.Purposes != nil))
	for _, p := range op.caller.Purposes {
		part(string(p))
	}
	part("scopes")
	for _, s := range op.caller.Scopes {
		part(s)
	}
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}
