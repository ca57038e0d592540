package policy

import (
	"slices"
	"strings"

	"customer360/idgraph/consent"
)

// A Category is a kind of personal data; children are dotted ("contact.email").
type Category string

// A Role is what a caller is to the company.
type Role string

// Categories lists the roots.
var Categories = []Category{"identity", "contact", "demographic", "financial", "transaction", "support", "behaviour", "special"}

// Root is the category that a dotted one belongs to.
func (c Category) Root() Category {
	root, _, _ := strings.Cut(string(c), ".")
	return Category(root)
}

// A Caller is who asks.
type Caller struct {
	Name     string
	Role     Role
	Purposes []consent.Purpose // what its token holds; nil: what its role holds
	Scopes   []string          // what its token holds beside its role's
}

// A LinkQuality is how sure it is that a record is about the customer.
type LinkQuality int

// The qualities. The zero value is the doubtful one.
const (
	Probable LinkQuality = iota
	Verified
)

// A Surface is where a value would be shown.
type Surface string

// The surfaces.
const (
	Single Surface = "single"
	List   Surface = "list"
)

// A Subject is the state of the customer that the cell is about.
type Subject struct {
	Known    bool // whether the ledger could be read
	Standing consent.Standing
}

// A Question is everything that a decision depends on: never the value.
type Question struct {
	Caller   Caller
	Purpose  consent.Purpose // as declared; "" for none, or for declarations that disagree
	Category Category
	Subject  Subject
	Link     LinkQuality
	Surface  Surface
}

// A Reason is why a cell is not shown in full.
type Reason string

// A Remedy is what would help.
type Remedy string

// The reasons.
const (
	NoPurpose          Reason = "NO_PURPOSE"
	PurposeNotHeld     Reason = "PURPOSE_NOT_HELD"
	PurposeNotForField Reason = "PURPOSE_NOT_FOR_FIELD"
	ConsentNotGiven    Reason = "CONSENT_NOT_GIVEN"
	ObjectedTo         Reason = "OBJECTED"
	IsRestricted       Reason = "RESTRICTED"
	RoleCeiling        Reason = "ROLE_CEILING"
	LinkUnverified     Reason = "LINK_UNVERIFIED"
	ConsentUnavailable Reason = "CONSENT_UNAVAILABLE"
	PolicyUnavailable  Reason = "POLICY_UNAVAILABLE"
)

// The remedies.
const (
	DeclarePurpose Remedy = "DECLARE_PURPOSE"
	AskConsent     Remedy = "ASK_CONSENT"
	RequestScope   Remedy = "REQUEST_SCOPE"
	VerifyLink     Remedy = "VERIFY_LINK"
	Retry          Remedy = "RETRY"
	NoRemedy       Remedy = "NONE"
)

// A Decision is what becomes of a cell, and why.
type Decision struct {
	Outcome Outcome
	Reason  Reason // "" where SHOWN
	Remedy  Remedy
}

// A Gate is one independent reason to lower disclosure: it gives a ceiling.
type Gate struct {
	Name string
	Ask  func(*Policy, Question) Decision
}

// Gates lists every gate, those that need no customer first: where several
// give the same ceiling, the first is the reason that is told.
var Gates = []Gate{
	{"purpose held", purposeHeld},
	{"purpose for category", purposeForCategory},
	{"role ceiling", roleCeiling},
	{"link quality", linkQuality},
	{"restriction", restriction},
	{"basis", basisHolds},
}

// Decide is the meet of all gates.
func (p *Policy) Decide(q Question) Decision { return p.DecideWith(Gates, q) }

// DecideWith is Decide over a choice of gates. The proof leaves one out to see
// that it is missed; nothing else calls it.
func (p *Policy) DecideWith(gates []Gate, q Question) Decision {
	if p == nil {
		return Decision{Withheld, PolicyUnavailable, Retry}
	}
	out := Decision{Outcome: Shown}
	for _, g := range gates {
		d := g.Ask(p, q)
		if m := Meet(out.Outcome, d.Outcome); m != out.Outcome {
			out = Decision{m, d.Reason, d.Remedy}
		}
	}
	return out
}

var pass = Decision{Outcome: Shown}

func purposeHeld(p *Policy, q Question) Decision {
	if _, ok := p.purposes[q.Purpose]; !ok {
		return Decision{Withheld, NoPurpose, DeclarePurpose}
	}
	if !p.Holds(q.Caller, q.Purpose) {
		return Decision{Withheld, PurposeNotHeld, RequestScope}
	}
	return pass
}

func purposeForCategory(p *Policy, q Question) Decision {
	if !slices.Contains(p.purposes[q.Purpose].Categories, q.Category.Root()) {
		return Decision{Withheld, PurposeNotForField, NoRemedy}
	}
	return pass
}

func roleCeiling(p *Policy, q Question) Decision {
	o := p.ceiling(q.Caller, q.Purpose, q.Category)
	if o == Shown {
		return pass
	}
	return Decision{o, RoleCeiling, NoRemedy}
}

func linkQuality(_ *Policy, q Question) Decision {
	if q.Link != Verified {
		return Decision{Withheld, LinkUnverified, VerifyLink}
	}
	return pass
}

func restriction(p *Policy, q Question) Decision {
	switch p.purposes[q.Purpose].Basis {
	case LegalObligation, VitalInterest:
		return pass
	}
	if q.Subject.Known && q.Subject.Standing.Restricted() {
		return Decision{Withheld, IsRestricted, NoRemedy}
	}
	return pass
}

func basisHolds(p *Policy, q Question) Decision {
	purpose := p.purposes[q.Purpose]
	needs, extra := purpose.Needs[q.Category.Root()]
	switch {
	case purpose.Basis == LegalObligation || purpose.Basis == VitalInterest:
		return pass
	case !q.Subject.Known:
		return Decision{Withheld, ConsentUnavailable, Retry}
	case purpose.Basis == ByConsent && !q.Subject.Standing.Allows(q.Purpose),
		extra && !q.Subject.Standing.Allows(needs):
		return Decision{Withheld, ConsentNotGiven, AskConsent}
	case purpose.Basis == LegitimateInterest && q.Subject.Standing.Objects(q.Purpose):
		return Decision{Withheld, ObjectedTo, NoRemedy}
	}
	return pass
}
