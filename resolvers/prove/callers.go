package prove

import (
	"customer360/idgraph/consent"
	"customer360/idgraph/policy"
)

// stretchedPolicy uses what the default policy has no use for: contacts under
// PARTIAL, TOKEN, ceilings for dotted categories, a consent beside a contract.
const stretchedPolicy = `
version: 1
purposes:
  support.case: {basis: CONTRACT, categories: [identity, contact, demographic, financial, transaction, support], needs: {financial: sharing.support}}
  billing.collect: {basis: LEGITIMATE_INTEREST, categories: [identity, contact, financial, transaction]}
  sales.pipeline: {basis: PUBLIC_TASK, categories: [identity, contact, transaction, support]}
  marketing.email: {basis: CONSENT, categories: [identity, contact, demographic, transaction], needs: {transaction: marketing.profiling}}
  marketing.sms: {basis: CONSENT, categories: [contact]}
  marketing.profiling: {basis: CONSENT, categories: [demographic, behaviour, transaction]}
  analytics.product: {basis: LEGITIMATE_INTEREST, categories: [transaction, demographic, financial]}
  sharing.support: {basis: CONSENT, categories: [support]}
  sharing.advertising: {basis: CONSENT, categories: []}
  fraud.check: {basis: VITAL_INTEREST, categories: [identity, contact, financial, transaction]}
  legal.request: {basis: LEGAL_OBLIGATION, categories: [identity, contact, demographic, financial, transaction, support]}
roles:
  clerk:
    purposes: [support.case, billing.collect, marketing.email, marketing.sms]
    scopes: ["lookup:*", "identity:review", "identity:decide", "schema:read"]
    ceilings: {identity: PARTIAL, contact: SHOWN, contact.email: PARTIAL, demographic: PARTIAL, financial: PARTIAL, transaction: SHOWN, support: PARTIAL, behaviour: WITHHELD, special: WITHHELD}
  chief:
    purposes: [support.case, sales.pipeline, fraud.check, marketing.email]
    scopes: ["lookup:email", "identity:review", "identity:decide", "schema:read", "privacy:explain"]
    ceilings: {identity: SHOWN, contact: PARTIAL, contact.phone: SHOWN, demographic: SHOWN, financial: SHOWN, transaction: PARTIAL, support: SHOWN, behaviour: SHOWN, special: SHOWN}
  glimpse:
    purposes: [support.case, sales.pipeline, legal.request, analytics.product]
    ceilings: {identity: PARTIAL, contact: PARTIAL, demographic: PARTIAL, financial: PARTIAL, transaction: PARTIAL, support: PARTIAL, behaviour: PARTIAL, special: PARTIAL}
  tokens:
    purposes: [support.case, legal.request]
    ceilings: {identity: TOKEN, contact: SHOWN, contact.address: TOKEN, demographic: TOKEN, financial: SHOWN, transaction: TOKEN, support: TOKEN, behaviour: TOKEN, special: TOKEN}
  everything:
    purposes: [legal.request]
    scopes: ["lookup:*", "identity:review", "identity:decide", "privacy:explain", "schema:read"]
    ceilings: {identity: SHOWN, contact: SHOWN, demographic: SHOWN, financial: SHOWN, transaction: SHOWN, support: SHOWN, behaviour: SHOWN, special: SHOWN}
  machine: {strictest: true}
`

// callersOf are a policy's callers: one for each role, and tokens that narrow
// or widen what their role holds.
func callersOf(p *policy.Policy) []caller {
	var out []caller
	for _, role := range p.Roles() {
		out = append(out, caller{policy.Caller{Name: string(role), Role: role}})
	}
	add := func(name string, role policy.Role, purposes []consent.Purpose, scopes ...string) {
		if p.HasRole(role) {
			out = append(out, caller{policy.Caller{Name: name, Role: role, Purposes: purposes, Scopes: scopes}})
		}
	}
	add("machine for cases", "service", []consent.Purpose{"support.case", "marketing.email"})
	add("machine for bills", "service", []consent.Purpose{"billing.collect", "sales.pipeline"}, "lookup:email")
	add("machine that nobody vouches for", "service", []consent.Purpose{"fraud.check", "legal.request"}, "schema:read")
	add("text messages", "marketing", []consent.Purpose{"marketing.sms"})
	add("marketing that looks up", "marketing", nil, "lookup:email", "lookup:record")
	add("sales that explains", "sales", nil, "privacy:explain")
	add("sales that decides", "sales", nil, "identity:review", "identity:decide")
	add("marketing that reviews", "marketing", nil, "identity:review", "lookup:record")
	add("an agent without purposes", "support-agent", []consent.Purpose{})
	add("machine for cases", "machine", []consent.Purpose{"support.case"}, "schema:read")
	add("machine for mails", "machine", []consent.Purpose{"marketing.email", "sales.pipeline"})
	return out
}

// all is the caller of a policy that sees everything, and its purpose.
func (p *ruled) all() asking {
	for _, c := range p.callers {
		if c.Name == "privacy-officer" || c.Name == "everything" {
			return asking{c.Caller, "legal.request", p.policy}
		}
	}
	panic("prove: the policy has nobody who sees everything")
}

// A declaring is how a purpose is declared: in the header, in the extensions of
// the request, or in both.
type declaring struct {
	headers   []string
	extension any // nil: none
}

// declare picks one of the ways to declare a purpose; of none there are many.
func declare(c Chooser, purpose consent.Purpose) declaring {
	if purpose != "" {
		p := string(purpose)
		return one(c, "declared", declaring{headers: []string{p}}, declaring{extension: p}, declaring{[]string{p}, p})
	}
	return one(c, "declared", declaring{}, declaring{headers: []string{"curiosity"}}, declaring{headers: []string{"marketing"}},
		declaring{[]string{"support.case"}, "billing.collect"}, declaring{headers: []string{"support.case", "legal.request"}},
		declaring{extension: 7.0}, declaring{[]string{"support.case"}, nil}.disagreeing(), declaring{headers: []string{""}})
}

// disagreeing is a declaration whose extension says nothing.
func (d declaring) disagreeing() declaring { d.extension = ""; return d }

// drawAsking picks who asks and why: purposes that are held, not held, or none.
func (p *ruled) drawAsking(c Chooser) asking {
	who := p.callers[c.Below(len(p.callers), "caller")].Caller
	held := p.policy.Held(who)
	switch n := c.Below(20, "purpose"); {
	case n < 3 || n < 16 && len(held) == 0:
		return asking{who, policy.Purposes[c.Below(len(policy.Purposes), "any purpose")], p.policy}
	case n < 16:
		return asking{who, held[c.Below(len(held), "held purpose")], p.policy}
	}
	return asking{who, "", p.policy}
}
