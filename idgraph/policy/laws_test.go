package policy

import (
	"bytes"
	"slices"
	"testing"

	"github.com/goccy/go-yaml"

	"customer360/idgraph/consent"
)

// stretched is a policy that uses what the default one has no use for: TOKEN,
// HIDDEN, PARTIAL contacts and a ceiling for a dotted category.
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
    ceilings: {identity: PARTIAL, contact: SHOWN, contact.email: PARTIAL, demographic: TOKEN, financial: PARTIAL, transaction: SHOWN, support: HIDDEN, behaviour: WITHHELD, special: WITHHELD}
  chief:
    purposes: [support.case, sales.pipeline, fraud.check, legal.request, marketing.sms]
    ceilings: {identity: SHOWN, contact: PARTIAL, contact.email: TOKEN, demographic: PARTIAL, financial: TOKEN, transaction: PARTIAL, support: SHOWN, behaviour: SHOWN, special: SHOWN}
  machine: {strictest: true}
`

func policies(t *testing.T) map[string]*Policy {
	t.Helper()
	p, err := Parse([]byte(stretched))
	if err != nil {
		t.Fatal(err)
	}
	return map[string]*Policy{"the default policy": Default(), "a stretched policy": p}
}

// A decided space holds the outcome of every point.
type decided struct {
	*space
	outcomes map[point]Outcome
}

func decideAll(p *Policy) *decided {
	d := &decided{newSpace(p), map[point]Outcome{}}
	standings := map[[2]int]Subject{}
	d.each(func(at point) { d.outcomes[at] = p.Decide(d.question(at, standings)).Outcome })
	return d
}

// TestTakingAwayNeverRaises holds every point of the space against the points
// that differ from it by one thing taken away, or by one denial more.
func TestTakingAwayNeverRaises(t *testing.T) {
	for name, p := range policies(t) {
		d := decideAll(p)
		compared := 0
		d.each(func(at point) {
			for what, less := range d.lessThan(at) {
				compared++
				if got, had := d.outcomes[less], d.outcomes[at]; !AtMost(got, had) {
					t.Errorf("%s: %s raises %s to %s: %s", name, what, had, got, d.describe(at))
				}
			}
		})
		t.Logf("%s: %d states, %d comparisons", name, d.size(), compared)
	}
}

// lessThan lists the neighbours of a point that hold less, or deny more.
func (d *decided) lessThan(at point) map[string]point {
	out := map[string]point{}
	put := func(what string, change func(*point)) {
		less := at
		change(&less)
		out[what] = less
	}
	put("taking away the role", func(p *point) { p.role = slices.Index(d.roles, "nobody") })
	put("declaring no purpose", func(p *point) { p.purpose = slices.Index(d.purposes, "") })
	put("an unreadable ledger", func(p *point) { p.subject = 0 })
	put("a link in doubt", func(p *point) { p.link = 1 })
	put("a list", func(p *point) { p.surface = 1 })
	if d.tokens[at.token] == names {
		put("taking the purpose out of the token", func(p *point) { p.token = int(empty) })
	}
	if rule := d.policy.roles[d.roles[at.role]]; d.tokens[at.token] == silent && !rule.Strictest {
		put("a token that names fewer purposes than the role", func(p *point) { p.token = int(empty) })
	}
	st := d.subjects[at.subject]
	if st.unreadable {
		return out
	}
	become := func(what string, st state) {
		put(what, func(p *point) { p.subject = slices.Index(d.subjects, st) })
	}
	worse := st
	worse.objected = true
	become("an objection", worse)
	worse = st
	worse.restricted = true
	become("a restriction", worse)
	for _, denial := range []consent.State{consent.Denied, consent.Withdrawn} {
		worse = st
		worse.own = denial
		become("consent "+string(denial), worse)
		worse = st
		worse.parent = denial
		become("a parent's consent "+string(denial), worse)
	}
	worse = st
	worse.beside = consent.Denied
	become("the consent beside it DENIED", worse)
	if st.own == consent.Granted {
		for _, none := range []consent.State{"", consent.Requested, consent.Expired} {
			worse = st
			worse.own = none
			if none != "" || st.parent != consent.Granted {
				become("a grant that is no more: "+string(none), worse)
			}
		}
	}
	return out
}

func (d *decided) describe(at point) string {
	return string(d.roles[at.role]) + " " + string(d.purposes[at.purpose]) + " " + string(d.categories[at.category])
}

func TestWhateverIsMissingOrUnknownIsWithheld(t *testing.T) {
	for name, p := range policies(t) {
		d := decideAll(p)
		n := 0
		d.each(func(at point) {
			_, purpose := p.Purpose(d.purposes[at.purpose])
			category := slices.Contains(Categories, d.categories[at.category].Root())
			rule, role := p.Purpose(d.purposes[at.purpose])
			needsLedger := role && rule.Basis != LegalObligation && rule.Basis != VitalInterest
			if purpose && category && p.HasRole(d.roles[at.role]) && d.links[at.link] == Verified && !(needsLedger && d.subjects[at.subject].unreadable) {
				return
			}
			n++
			if o := d.outcomes[at]; !AtMost(o, Withheld) {
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
	for name, p := range policies(t) {
		turned, err := Parse(reversed(t, file[name]))
		if err != nil {
			t.Fatalf("%s, reversed: %v", name, err)
		}
		d, standings, i := decideAll(p), map[[2]int]Subject{}, 0
		orders := permutations(Gates)
		d.each(func(at point) {
			q := d.question(at, standings)
			if got := turned.Decide(q).Outcome; got != d.outcomes[at] {
				t.Errorf("%s: %s is %s; with the file reversed %s", name, d.describe(at), d.outcomes[at], got)
			}
			i++
			if got := p.DecideWith(orders[i%len(orders)], q).Outcome; got != d.outcomes[at] {
				t.Errorf("%s: %s is %s; with the gates in another order %s", name, d.describe(at), d.outcomes[at], got)
			}
		})
		t.Logf("%s: %d states, %d orders of gates in turn", name, d.size(), len(orders))
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
	p := Default()
	d, standings := newSpace(p), map[[2]int]Subject{}
	d.each(func(at point) {
		q := d.question(at, standings)
		plain := p.Decide(q)
		q.Caller.Name, q.Caller.Scopes = "somebody else", []string{"*", "privacy:explain"}
		if got := p.Decide(q); got != plain {
			t.Errorf("%+v became %+v", plain, got)
		}
	})
}
