package policy

import (
	"bytes"
	"slices"
	"sync"
	"testing"

	"github.com/goccy/go-yaml"

	"customer360/idgraph/consent"
)

// stretched is a policy that uses what the default one has no use for: TOKEN,
// PARTIAL contacts, a ceiling for a dotted category, every basis.
const stretched = `
version: 1
purposes:
  support.case: {basis: CONTRACT, categories: [identity, contact, demographic, financial, transaction, support], needs: {financial: sharing.support}}
  billing.collect: {basis: LEGITIMATE_INTEREST, categories: [identity, contact, financial]}
  sales.pipeline: {basis: PUBLIC_TASK, categories: [identity, contact, transaction]}
  marketing.email: {basis: CONSENT, categories: [identity, contact, transaction], needs: {transaction: marketing.profiling}}
  marketing.sms: {basis: CONSENT, categories: [contact]}
  marketing.profiling: {basis: CONSENT, categories: [behaviour, transaction]}
  analytics.product: {basis: LEGITIMATE_INTEREST, categories: [transaction]}
  sharing.support: {basis: CONSENT, categories: [support]}
  sharing.advertising: {basis: CONSENT, categories: []}
  fraud.check: {basis: VITAL_INTEREST, categories: [identity, special]}
  legal.request: {basis: LEGAL_OBLIGATION, categories: [identity, contact]}
roles:
  clerk:
    purposes: [support.case, billing.collect, marketing.email]
    ceilings: {identity: PARTIAL, contact: SHOWN, contact.email: PARTIAL, demographic: TOKEN, financial: PARTIAL, transaction: SHOWN, support: WITHHELD, behaviour: WITHHELD, special: WITHHELD}
  chief:
    purposes: [support.case, sales.pipeline, fraud.check, legal.request, marketing.sms]
    ceilings: {identity: SHOWN, contact: PARTIAL, contact.email: TOKEN, demographic: PARTIAL, financial: TOKEN, transaction: PARTIAL, support: SHOWN, behaviour: SHOWN, special: SHOWN}
  machine: {strictest: true}
`

// policies are decided over their whole space once, for all tests.
var policies = map[string]func() *decided{
	"the default policy": sync.OnceValue(func() *decided { return decideAll(Default()) }),
	"a stretched policy": sync.OnceValue(func() *decided {
		p, err := Parse([]byte(stretched))
		if err != nil {
			panic(err)
		}
		return decideAll(p)
	}),
}

// A decided space holds the outcome of every point.
type decided struct {
	*space
	outcomes []Outcome
	worse    [][]change // by subject: the subjects that deny more
}

// A change is one thing taken away, or one denial more.
type change struct {
	what string
	to   int
}

func decideAll(p *Policy) *decided {
	d := &decided{space: newSpace(p)}
	d.outcomes, d.worse = make([]Outcome, d.size()), d.denials()
	standings := map[[2]int]Subject{}
	d.each(func(at point) { d.outcomes[d.index(at)] = p.Decide(d.question(at, standings)).Outcome })
	return d
}

func (d *decided) of(at point) Outcome { return d.outcomes[d.index(at)] }

// denials lists, for each state of a customer, the states that deny more.
func (s *space) denials() [][]change {
	out := make([][]change, len(s.subjects))
	for i, st := range s.subjects {
		add := func(what string, with func(*state)) {
			worse := st
			with(&worse)
			out[i] = append(out[i], change{what, slices.Index(s.subjects, worse)})
		}
		add("an unreadable ledger", func(w *state) { *w = state{unreadable: true} })
		if st.unreadable {
			continue
		}
		add("an objection", func(w *state) { w.objected = true })
		add("a restriction", func(w *state) { w.restricted = true })
		for _, denial := range []consent.State{consent.Denied, consent.Withdrawn} {
			add("consent "+string(denial), func(w *state) { w.own = denial })
			add("a parent's consent "+string(denial), func(w *state) { w.parent = denial })
		}
		add("the consent beside it denied", func(w *state) { w.beside = consent.Denied })
		if st.own == consent.Granted {
			add("a grant that ran out", func(w *state) { w.own = consent.Expired })
			add("a grant without its notice", func(w *state) { w.own = consent.Requested })
			if st.parent != consent.Granted {
				add("a grant taken away", func(w *state) { w.own = "" })
			}
		}
	}
	return out
}

// TestTakingAwayNeverRaises holds every point of the space against the points
// that differ from it by one thing taken away, or by one denial more.
func TestTakingAwayNeverRaises(t *testing.T) {
	for name, all := range policies {
		d := all()
		nobody, none := slices.Index(d.roles, "nobody"), slices.Index(d.purposes, "")
		compared := 0
		hold := func(at, less point, what string) {
			compared++
			if got, had := d.of(less), d.of(at); got != had && !AtMost(got, had) {
				t.Errorf("%s: %s raises %s to %s: %s", name, what, had, got, d.describe(at))
			}
		}
		d.each(func(at point) {
			less := at
			less.role = nobody
			hold(at, less, "taking away the role")
			less = at
			less.purpose = none
			hold(at, less, "declaring no purpose")
			less = at
			less.link = slices.Index(d.links, Probable)
			hold(at, less, "a link in doubt")
			less = at
			less.surface = slices.Index(d.surfaces, List)
			hold(at, less, "a list")
			if d.tokens[at.token] == names || !d.policy.roles[d.roles[at.role]].Strictest {
				less = at
				less.token = slices.Index(d.tokens, empty)
				hold(at, less, "taking the purpose out of the token")
			}
			for _, w := range d.worse[at.subject] {
				less = at
				less.subject = w.to
				hold(at, less, w.what)
			}
		})
		t.Logf("%s: %d states, %d comparisons", name, d.size(), compared)
	}
}

func (d *decided) describe(at point) string {
	return string(d.roles[at.role]) + " " + string(d.purposes[at.purpose]) + " " + string(d.categories[at.category])
}

func TestWhateverIsMissingOrUnknownIsWithheld(t *testing.T) {
	for name, all := range policies {
		d, n := all(), 0
		p := d.policy
		d.each(func(at point) {
			_, purpose := p.Purpose(d.purposes[at.purpose])
			category := slices.Contains(Categories, d.categories[at.category].Root())
			rule, role := p.Purpose(d.purposes[at.purpose])
			needsLedger := role && rule.Basis != LegalObligation && rule.Basis != VitalInterest
			if purpose && category && p.HasRole(d.roles[at.role]) && d.links[at.link] == Verified && !(needsLedger && d.subjects[at.subject].unreadable) {
				return
			}
			n++
			if o := d.of(at); !AtMost(o, Withheld) {
				t.Errorf("%s: %s is %s", name, d.describe(at), o)
			}
		})
		t.Logf("%s: %d states with something missing or unknown", name, n)
	}
	if d := (*Policy)(nil).Decide(Question{}); d.Outcome != Withheld || d.Reason != PolicyUnavailable {
		t.Errorf("without a policy: %+v", d)
	}
}

// TestOrderChangesNothing decides with the gates in every order, and with a
// policy file whose rows stand the other way round.
func TestOrderChangesNothing(t *testing.T) {
	file := map[string][]byte{"the default policy": defaultFile, "a stretched policy": []byte(stretched)}
	for name, all := range policies {
		turned, err := Parse(reversed(t, file[name]))
		if err != nil {
			t.Fatalf("%s, reversed: %v", name, err)
		}
		d, standings, i := all(), map[[2]int]Subject{}, 0
		orders := permutations(Gates)
		d.each(func(at point) {
			if d.surfaces[at.surface] != Single {
				return
			}
			q := d.question(at, standings)
			if got := turned.Decide(q).Outcome; got != d.of(at) {
				t.Errorf("%s: %s is %s; with the file reversed %s", name, d.describe(at), d.of(at), got)
			}
			i++
			if got := d.policy.DecideWith(orders[i%len(orders)], q).Outcome; got != d.of(at) {
				t.Errorf("%s: %s is %s; with the gates in another order %s", name, d.describe(at), d.of(at), got)
			}
		})
		t.Logf("%s: %d states, %d orders of gates in turn", name, i, len(orders))
	}
}

func reversed(t *testing.T, file []byte) []byte {
	t.Helper()
	var rows yaml.MapSlice
	if err := yaml.NewDecoder(bytes.NewReader(file), yaml.UseOrderedMap()).Decode(&rows); err != nil {
		t.Fatal(err)
	}
	var turn func(v any) any
	turn = func(v any) any {
		switch v := v.(type) {
		case yaml.MapSlice:
			for i := range v {
				v[i].Value = turn(v[i].Value)
			}
			slices.Reverse(v)
			return v
		case []any:
			slices.Reverse(v)
			return v
		}
		return v
	}
	out, err := yaml.Marshal(turn(rows))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func permutations(gates []Gate) [][]Gate {
	if len(gates) == 0 {
		return [][]Gate{nil}
	}
	var out [][]Gate
	for i := range gates {
		rest := slices.Delete(slices.Clone(gates), i, i+1)
		for _, tail := range permutations(rest) {
			out = append(out, append([]Gate{gates[i]}, tail...))
		}
	}
	return out
}

// TestScopesAndNamesDecideNothing: a cell is never shown for who asks or which scopes it holds.
func TestScopesAndNamesDecideNothing(t *testing.T) {
	d, standings := policies["a stretched policy"](), map[[2]int]Subject{}
	d.each(func(at point) {
		q := d.question(at, standings)
		q.Caller.Name, q.Caller.Scopes = "somebody else", []string{"*", "privacy:explain"}
		if got := d.policy.Decide(q).Outcome; got != d.of(at) {
			t.Errorf("%s: %s became %s", d.describe(at), d.of(at), got)
		}
	})
}
