// Package auth says who calls: it turns the token of a request into a caller.
package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"

	"customer360/idgraph/consent"
	"customer360/idgraph/policy"
)

// A Token is one static token of the configuration. The token itself stands
// nowhere: only its digest.
type Token struct {
	Name     string            `yaml:"name"`     // who holds it; goes into the audit log
	SHA256   string            `yaml:"sha256"`   // hex digest of the token
	Role     policy.Role       `yaml:"role"`     // a role of the policy
	Purposes []consent.Purpose `yaml:"purposes"` // narrows the role's purposes; a service's only ones
	Scopes   []string          `yaml:"scopes"`   // beside the role's
}

// A Keyring knows the callers by their tokens.
type Keyring struct {
	byDigest map[string]policy.Caller
}

// NewKeyring checks the tokens against the policy.
func NewKeyring(tokens []Token, p *policy.Policy) (*Keyring, error) {
	k := &Keyring{byDigest: map[string]policy.Caller{}}
	for i, t := range tokens {
		digest, err := hex.DecodeString(strings.ToLower(t.SHA256))
		switch {
		case t.Name == "":
			return nil, fmt.Errorf("auth.tokens[%d]: a token needs a name", i)
		case err != nil || len(digest) != sha256.Size:
			return nil, fmt.Errorf("auth.tokens[%d] (%s): sha256 is not the hex form of a SHA-256; `customer360 token new` makes one", i, t.Name)
		case !p.HasRole(t.Role):
			return nil, fmt.Errorf("auth.tokens[%d] (%s): the policy has no role %q; it has %v", i, t.Name, t.Role, p.Roles())
		case k.has(digest):
			return nil, fmt.Errorf("auth.tokens[%d] (%s): another entry has the same token", i, t.Name)
		}
		for _, purpose := range t.Purposes {
			if _, ok := p.Purpose(purpose); !ok {
				return nil, fmt.Errorf("auth.tokens[%d] (%s): the purpose %q does not exist", i, t.Name, purpose)
			}
		}
		if err := policy.CheckScopes(t.Scopes); err != nil {
			return nil, fmt.Errorf("auth.tokens[%d] (%s): %w", i, t.Name, err)
		}
		k.byDigest[string(digest)] = policy.Caller{Name: t.Name, Role: t.Role, Purposes: t.Purposes, Scopes: t.Scopes}
	}
	return k, nil
}

func (k *Keyring) has(digest []byte) bool { _, ok := k.byDigest[string(digest)]; return ok }

// Caller answers who sent a request. Digests are compared, so the time that
// takes says nothing about a token.
func (k *Keyring) Caller(r *http.Request) (policy.Caller, bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") || token == "" {
		return policy.Caller{}, false
	}
	sum := sha256.Sum256([]byte(strings.TrimSpace(token)))
	c, ok := k.byDigest[string(sum[:])]
	return c, ok
}

// New makes a token and its digest in hex.
func New() (token, digest string) {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	token = "c360_" + base64.RawURLEncoding.EncodeToString(b[:])
	return token, Digest(token)
}

// Digest is the hex form under which a token stands in the configuration.
func Digest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

type callerKey struct{}

// With puts a caller into a context.
func With(ctx context.Context, c policy.Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// From is the caller of a context.
func From(ctx context.Context) (policy.Caller, bool) {
	c, ok := ctx.Value(callerKey{}).(policy.Caller)
	return c, ok
}
