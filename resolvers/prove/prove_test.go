package prove

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"customer360/idgraph"
	"customer360/idgraph/consent"
	"customer360/idgraph/policy"
)

// operations is how many the proof tries: C360_PROVE_OPERATIONS, else few.
func operations(t *testing.T) int {
	t.Helper()
	if text := os.Getenv("C360_PROVE_OPERATIONS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			t.Fatalf("C360_PROVE_OPERATIONS: %q is no number of operations", text)
		}
		return n
	}
	if testing.Short() {
		return 300
	}
	return 3000
}

// policies are the built-in one, and one that uses PARTIAL where that does not.
func policies(t *testing.T) map[string]*policy.Policy {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "idgraph", "policy", "default.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	more := strings.ReplaceAll(string(text), "{identity: SHOWN, contact: SHOWN, demographic: PARTIAL, financial: PARTIAL, transaction: SHOWN, support: SHOWN",
		"{identity: PARTIAL, contact: PARTIAL, demographic: SHOWN, financial: PARTIAL, transaction: TOKEN, support: PARTIAL")
	// Purposes are narrower than their roles here, so that the gate between the two counts.
	more = strings.ReplaceAll(more, "categories: [identity, contact, financial, transaction]", "categories: [identity, financial]")
	partial, err := policy.Parse([]byte(more))
	if err != nil || more == string(text) {
		t.Fatalf("the second policy is none: %v", err)
	}
	return map[string]*policy.Policy{"the built-in policy": policy.Default(), another: partial}
}

const another = "another policy: more PARTIAL, narrower purposes"

const seed = 20261122

func newProof(t *testing.T, pol *policy.Policy, seed uint64, without string) *Proof {
	t.Helper()
	p, err := New(context.Background(), t.TempDir(), pol, seed, without)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func (pair Pair) String() string {
	a, b := fmt.Sprintf("%+v", pair.A), fmt.Sprintf("%+v", pair.B)
	from := 0
	for from < min(len(a), len(b)) && a[from] == b[from] {
		from++
	}
	from = max(0, from-300)
	return fmt.Sprintf("the two worlds differ in %s\n%s as %q for %q\nvariables %v\nfaults %v ledger unreadable %v audit not writable %v\nA: …%.900s\nB: …%.900s",
		pair.Differs, pair.Operation.query, pair.Operation.role, pair.Operation.purpose, pair.Operation.variables, pair.Operation.faults,
		pair.Operation.noLedger, pair.Operation.noAudit, a[from:], b[from:])
}

// TestTwoWorlds is the proof: random operations over the whole schema, each in
// two worlds that differ only in what the caller may not see.
func TestTwoWorlds(t *testing.T) {
	n := operations(t)
	begun := time.Now()
	var all Coverage
	share := max(1, n/2)
	t.Run("worlds", func(t *testing.T) {
		for name, pol := range policies(t) {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				p := newProof(t, pol, seed, "")
				check(t, share, func(rt *rapid.T) {
					o := question(caller(p.ground).Draw(rt, "caller"), p.schema, p.pool).Draw(rt, "operation")
					pair := p.Try(o, rapid.Uint64().Draw(rt, "world"))
					all.Count(p, pair)
					if pair.Differs != "" {
						rt.Fatal(pair)
					}
				})
			})
		}
	})
	fmt.Printf("\nseed %d: %d operations in two worlds each, %.0f%% answering data, %.0f%% selecting a cell that differs, %.1f s\n",
		seed, all.Pairs, 100*float64(all.Answered)/float64(all.Pairs), 100*float64(all.Telling)/float64(all.Pairs), time.Since(begun).Seconds())
	if t.Failed() {
		return
	}
	fmt.Println("leaks: 0")
	if all.Answered*100 < all.Pairs*60 || all.Telling*2 < all.Pairs {
		t.Errorf("of %d operations %d answered data and %d could have told: a proof that asks nothing proves nothing", all.Pairs, all.Answered, all.Telling)
	}
	all.Print(os.Stdout)
	if n >= 20_000 {
		for _, hole := range all.Holes(newProof(t, policy.Default(), seed, "").schema, 20) {
			t.Errorf("covered less than 20 times: %s", hole)
		}
	}
}

// check runs a property so many times, from the proof's seed.
func check(t *testing.T, times int, prop func(*rapid.T)) {
	t.Helper()
	setting.Lock()
	for name, value := range map[string]string{"rapid.checks": strconv.Itoa(times), "rapid.seed": strconv.Itoa(seed)} {
		if err := flag.Set(name, value); err != nil {
			setting.Unlock()
			t.Fatal(err)
		}
	}
	setting.Unlock()
	rapid.Check(t, prop)
}

var setting sync.Mutex

// TestWhyIsNotTold varies only why consent is missing: never asked, denied,
// withdrawn, expired, or given under a notice that no longer counts.
func TestWhyIsNotTold(t *testing.T) {
	p := newProof(t, policy.Default(), seed, "")
	reasons, more := rand.New(rand.NewPCG(seed, 3)), map[idgraph.Ref][]consent.Event{}
	for _, c := range p.ground.customers {
		standing := consent.Fold(p.ground.events[c.Refs[0]], Clock, p.ground.policy.InForce)
		for _, purpose := range policy.Purposes {
			if !strings.HasPrefix(string(purpose), "marketing.") && !strings.HasPrefix(string(purpose), "sharing.") || standing.Allows(purpose) {
				continue
			}
			more[c.Refs[0]] = append(more[c.Refs[0]], consent.Event{
				Seq: 1 << 40, Ref: c.Refs[0], Purpose: purpose, State: pick(reasons, consent.Denied, consent.Withdrawn, consent.Requested, consent.Expired),
				At: Clock.Add(-time.Second), RecordedAt: Clock, HeldBy: "shop", Notice: "form@2",
			})
		}
	}
	p.b.ledger.Ledger = retold{p.b.ledger.Ledger, more}
	told := 0
	check(t, max(100, operations(t)/10), func(rt *rapid.T) {
		who := caller(p.ground).Draw(rt, "caller")
		if rapid.IntRange(0, 3).Draw(rt, "by consent") > 0 {
			who.role, who.purpose = "marketing", string(rapid.SampledFrom([]consent.Purpose{"marketing.email", "marketing.sms", "marketing.profiling"}).Draw(rt, "purpose"))
		}
		o := question(who, p.schema, p.pool).Draw(rt, "operation")
		if p.ground.policy.May(p.ground.caller(o.role), "privacy:explain") {
			rt.Skip("may be told why")
		}
		pair := Pair{Operation: o, A: p.a.run(o, p.world), B: p.b.run(o, p.world)}
		if strings.Contains(pair.A.Rest, "CONSENT_NOT_GIVEN") {
			told++
		}
		if pair.Differs = pair.A.differs(pair.B); pair.Differs != "" {
			rt.Fatal(pair)
		}
	})
	fmt.Printf("why consent is missing: leaks 0, in %d operations that missed one\n", told)
	if told == 0 {
		t.Error("no operation missed a consent: nothing was proven")
	}
}

// TestGates leaves out one gate of the decision after another: the proof must
// find each of these leaks within 2,000 operations.
func TestGates(t *testing.T) {
	for _, gate := range policy.Gates {
		t.Run(gate.Name, func(t *testing.T) {
			p := newProof(t, policies(t)[another], seed, gate.Name)
			for i := 1; i <= 2000; i++ {
				who := caller(p.ground).Example(i)
				pair := p.Try(question(who, p.schema, p.pool).Example(i), uint64(i))
				if pair.Differs != "" {
					fmt.Printf("without the gate %q: caught after %d operations, in the %s\n", gate.Name, i, pair.Differs)
					return
				}
			}
			t.Errorf("without the gate %q nothing was found in 2,000 operations: the proof is blind", gate.Name)
		})
	}
	if len(policy.Gates) < 6 || !slices.ContainsFunc(policy.Gates, func(g policy.Gate) bool { return g.Name == "role ceiling" }) {
		t.Error("gates are missing")
	}
}
