package policy

import (
	"fmt"
	"slices"
	"strings"

	"customer360/internal/strict"
)

// Scopes are all that a role or a token may hold beside purposes. A group ends in
// *: "lookup:*".
var Scopes = []string{
	"lookup:email", "lookup:phone", "lookup:loyalty", "lookup:record", "consent:write", "identity:review", "identity:decide",
	"break-glass", "privacy:explain", "audit:read", "schema:read", "source:sync", "policy:read", "metrics:read",
}

// CheckScopes says which of some scopes does not exist, and which is nearest.
func CheckScopes(held []string) error {
	for _, scope := range held {
		group, isGroup := strings.CutSuffix(scope, "*")
		if !slices.ContainsFunc(Scopes, func(s string) bool { return s == scope || isGroup && strings.HasPrefix(s, group) }) {
			return fmt.Errorf("the scope %q does not exist%s", scope, strict.Nearest(scope, Scopes))
		}
	}
	return nil
}
