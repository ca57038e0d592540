package door

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"

	"github.com/99designs/gqlgen/graphql"

	"customer360/idgraph/audit"
	"customer360/idgraph/policy"
)

// audit writes down who read what, and why. Where anything sensitive was shown
// it waits until the entry cannot be lost; an answer that cannot be accounted
// for must not leave.
func (op *Operation) audit(ctx context.Context, r *Report) error {
	if len(op.order) == 0 && op.lookups == 0 {
		return nil
	}
	e := audit.Entry{
		At: op.begun, Who: op.caller.Name, Role: string(op.caller.Role), Purpose: string(op.purpose),
		Policy: r.Privacy.Policy, Lookup: op.lookups > 0,
	}
	if graphql.HasOperationContext(ctx) {
		oc := graphql.GetOperationContext(ctx)
		sum := sha256.Sum256([]byte(oc.RawQuery))
		e.Digest = hex.EncodeToString(sum[:])
		e.Operation = oc.OperationName
	}
	for _, s := range op.order {
		e.Subjects = append(e.Subjects, s.customer.ID)
	}
	durable := false
	shown := op.shown()
	for _, coordinate := range sortedKeys(shown) {
		for _, outcome := range policy.Outcomes {
			n := shown[coordinate][outcome]
			if n == 0 {
				continue
			}
			e.Fields = append(e.Fields, audit.Field{Coordinate: coordinate, Outcome: string(outcome), Count: n})
			if op.door.columns[coordinate].level != Personal && policy.AtMost(policy.Partial, outcome) {
				durable = true
			}
		}
	}
	for _, s := range r.Sources {
		e.Calls += s.Calls
	}
	if err := op.door.Audit.Record(ctx, e, durable); err != nil {
		return fmt.Errorf("write the audit entry: %w", err)
	}
	return nil
}

// decisionKey names everything that the decisions of this operation depend on
// besides the customers: who asks as what, why, under which policy.
func (op *Operation) decisionKey() string {
	h := sha256.New()
	for _, part := range []string{string(op.caller.Role), string(op.purpose), op.door.Policy.Digest, fmt.Sprint(op.door.Policy.Held(op.caller)), fmt.Sprint(op.door.Policy.Scopes(op.caller))} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12])
}
