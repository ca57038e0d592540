package policy

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"customer360/idgraph/consent"
)

// A Basis is why a purpose is lawful.
type Basis string

// The bases.
const (
	ByConsent          Basis = "CONSENT"
	Contract           Basis = "CONTRACT"
	LegalObligation    Basis = "LEGAL_OBLIGATION"
	VitalInterest      Basis = "VITAL_INTEREST"
	PublicTask         Basis = "PUBLIC_TASK"
	LegitimateInterest Basis = "LEGITIMATE_INTEREST"
)

var bases = []Basis{ByConsent, Contract, LegalObligation, VitalInterest, PublicTask, LegitimateInterest}

// Purposes is the closed registry.
var Purposes = []consent.Purpose{
	"support.case", "billing.collect", "sales.pipeline", "marketing.email", "marketing.sms", "marketing.profiling",
	"analytics.product", "sharing.support", "sharing.advertising", "fraud.check", "legal.request",
}

// A PurposeRule is what the policy says about one purpose.
type PurposeRule struct {
	Basis      Basis                        `yaml:"basis"`
	Categories []Category                   `yaml:"categories"`
	Needs      map[Category]consent.Purpose `yaml:"needs"` // a consent needed beside the basis
}

// A RoleRule is what the policy says about one role.
type RoleRule struct {
	Purposes  []consent.Purpose    `yaml:"purposes"`
	Scopes    []string             `yaml:"scopes"`
	Ceilings  map[Category]Outcome `yaml:"ceilings"`
	Strictest bool                 `yaml:"strictest"` // a machine's role: purposes by token, the strictest row that lists them
}

// A Policy says who may see what, for which purpose.
type Policy struct {
	Digest   string // of the file, "sha256:…"
	purposes map[consent.Purpose]PurposeRule
	roles    map[Role]RoleRule
	retired  []string
}

//go:embed default.yaml
var defaultFile []byte

// Default is the built-in policy.
func Default() *Policy {
	p, err := Parse(defaultFile)
	if err != nil {
		panic("the built-in policy: " + err.Error()) // the file is part of the build, and tested
	}
	return p
}

// Parse reads a policy file strictly. Errors name the line, or what is missing.
func Parse(file []byte) (*Policy, error) {
	var f struct {
		Version  int                             `yaml:"version"`
		Purposes map[consent.Purpose]PurposeRule `yaml:"purposes"`
		Roles    map[Role]RoleRule               `yaml:"roles"`
		Retired  []string                        `yaml:"retiredNotices"`
	}
	if err := yaml.NewDecoder(bytes.NewReader(file), yaml.Strict()).Decode(&f); err != nil {
		return nil, fmt.Errorf("read the policy: %w", err)
	}
	if f.Version != 1 {
		return nil, fmt.Errorf("policy: version %d is not known; this build reads version 1", f.Version)
	}
	sum := sha256.Sum256(file)
	p := &Policy{Digest: "sha256:" + hex.EncodeToString(sum[:]), purposes: f.Purposes, roles: f.Roles, retired: f.Retired}
	return p, p.check()
}

// check holds the file against the registries: everything named exists, nothing is left out.
func (p *Policy) check() error {
	for _, key := range Purposes {
		if _, ok := p.purposes[key]; !ok {
			return fmt.Errorf("policy: the purpose %s is left out", key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(p.purposes)) {
		rule := p.purposes[key]
		if !slices.Contains(Purposes, key) {
			return fmt.Errorf("policy: purposes: %s does not exist", key)
		}
		if !slices.Contains(bases, rule.Basis) {
			return fmt.Errorf("policy: purposes.%s.basis: %q does not exist", key, rule.Basis)
		}
		for _, c := range slices.Concat(rule.Categories, slices.Sorted(maps.Keys(rule.Needs))) {
			if !slices.Contains(Categories, c) {
				return fmt.Errorf("policy: purposes.%s: the category %q does not exist", key, c)
			}
		}
		for c, need := range rule.Needs {
			if !slices.Contains(Purposes, need) {
				return fmt.Errorf("policy: purposes.%s.needs.%s: the purpose %q does not exist", key, c, need)
			}
		}
	}
	if len(p.roles) == 0 {
		return fmt.Errorf("policy: there are no roles")
	}
	for _, role := range slices.Sorted(maps.Keys(p.roles)) {
		if err := p.checkRole(role, p.roles[role]); err != nil {
			return err
		}
	}
	return nil
}

func (p *Policy) checkRole(role Role, rule RoleRule) error {
	if err := CheckScopes(rule.Scopes); err != nil {
		return fmt.Errorf("policy: roles.%s.scopes: %w", role, err)
	}
	if rule.Strictest {
		if len(rule.Purposes)+len(rule.Ceilings) > 0 {
			return fmt.Errorf("policy: roles.%s: with strictest there are neither purposes nor ceilings", role)
		}
		return nil
	}
	for _, key := range rule.Purposes {
		if !slices.Contains(Purposes, key) {
			return fmt.Errorf("policy: roles.%s.purposes: %q does not exist", role, key)
		}
	}
	for c, o := range rule.Ceilings {
		if !slices.Contains(Categories, c.Root()) {
			return fmt.Errorf("policy: roles.%s.ceilings: the category %q does not exist", role, c)
		}
		switch {
		case !slices.Contains(Outcomes, o):
			return fmt.Errorf("policy: roles.%s.ceilings.%s: the outcome %q does not exist", role, c, o)
		case o == Hidden: // else a caller without the role would be told more than one with it
			return fmt.Errorf("policy: roles.%s.ceilings.%s: HIDDEN is what becomes of erased customers; a ceiling is at least WITHHELD", role, c)
		}
	}
	for _, c := range Categories {
		if _, ok := rule.Ceilings[c]; !ok {
			return fmt.Errorf("policy: roles.%s.ceilings: the category %s is left out", role, c)
		}
	}
	return nil
}

// Purpose is the rule of one purpose.
func (p *Policy) Purpose(key consent.Purpose) (PurposeRule, bool) {
	r, ok := p.purposes[key]
	return r, ok
}

// HasRole says whether the policy knows a role.
func (p *Policy) HasRole(r Role) bool { _, ok := p.roles[r]; return ok }

// Roles lists the roles in order.
func (p *Policy) Roles() []Role { return slices.Sorted(maps.Keys(p.roles)) }

// InForce says whether a consent given under a notice still counts.
func (p *Policy) InForce(notice string) bool { return !slices.Contains(p.retired, notice) }

// Held lists the purposes that a caller may declare: its role's, narrowed to
// its token's where the token names any; a machine's are its token's alone.
func (p *Policy) Held(c Caller) []consent.Purpose {
	var out []consent.Purpose
	for _, key := range Purposes {
		if p.Holds(c, key) {
			out = append(out, key)
		}
	}
	return out
}

// Holds says whether a caller may declare a purpose.
func (p *Policy) Holds(c Caller, key consent.Purpose) bool {
	rule, ok := p.roles[c.Role]
	if !ok {
		return false
	}
	if rule.Strictest {
		return slices.Contains(c.Purposes, key)
	}
	return slices.Contains(rule.Purposes, key) && (c.Purposes == nil || slices.Contains(c.Purposes, key))
}

// Scopes lists what a caller may do: its role's scopes and its token's.
func (p *Policy) Scopes(c Caller) []string {
	all := slices.Concat(p.roles[c.Role].Scopes, c.Scopes)
	slices.Sort(all)
	return slices.Compact(all)
}

// May says whether a caller holds a scope, "lookup:email" by "lookup:*" too.
func (p *Policy) May(c Caller, scope string) bool {
	for _, held := range slices.Concat(p.roles[c.Role].Scopes, c.Scopes) {
		if held == scope {
			return true
		}
		if group, ok := strings.CutSuffix(held, "*"); ok && strings.HasPrefix(scope, group) {
			return true
		}
	}
	return false
}

// ceiling is the most that a role is shown of a category for a purpose.
func (p *Policy) ceiling(c Caller, purpose consent.Purpose, category Category) Outcome {
	rule, ok := p.roles[c.Role]
	switch {
	case !ok:
		return Withheld
	case !rule.Strictest:
		return rule.of(category)
	}
	out, listed := Shown, false
	for _, other := range p.roles {
		if slices.Contains(other.Purposes, purpose) {
			out, listed = Meet(out, other.of(category)), true
		}
	}
	if !listed {
		return Withheld
	}
	return out
}

// of is the ceiling of a category: its own, else its nearest parent's.
func (r RoleRule) of(c Category) Outcome {
	for {
		if o, ok := r.Ceilings[c]; ok {
			return o
		}
		i := strings.LastIndexByte(string(c), '.')
		if i < 0 {
			return Withheld
		}
		c = c[:i]
	}
}
