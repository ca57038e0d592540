package prove

import (
	"context"
	"flag"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// How much is tried: C360_PROVE_OPERATIONS (make prove: 50,000) and
// C360_PROVE_SEED. A change of either tries other operations.
var (
	operations = fromEnv("C360_PROVE_OPERATIONS", 1500)
	seed       = fromEnv("C360_PROVE_SEED", 1)
	full       = operations >= 20_000
)

func fromEnv(name string, or int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
		return n
	}
	return or
}

// chooser lets rapid choose, so that a leak is told by the simplest operation
// that shows it.
type chooser struct{ *rapid.T }

func (c chooser) Below(n int, what string) int {
	if n <= 256 {
		return rapid.IntRange(0, n-1).Draw(c.T, what)
	}
	out := 0 // of rapid's large numbers most are small
	for size := 1; size < n; size *= 2 {
		out *= 2
		if rapid.Bool().Draw(c.T, what) {
			out++
		}
	}
	return out % n
}

// quiet leaves out the thousand choices behind a leak: the leak says it all.
type quiet struct{ *testing.T }

func (q quiet) Logf(format string, args ...any) {
	if q.Helper(); !strings.HasPrefix(format, "[rapid] draw") {
		q.T.Logf(format, args...)
	}
}

func openRig(t *testing.T) *Rig {
	t.Helper()
	r, err := New(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// check tries scenarios under rapid until there are enough operations, and
// shrinks the first that leaks.
func check(t *testing.T, r *Rig, most int, scenario func(*Rig, context.Context, Chooser, *Report) error) *Report {
	t.Helper()
	for name, value := range map[string]string{"rapid.checks": strconv.Itoa(most), "rapid.seed": strconv.Itoa(seed), "rapid.nofailfile": "true"} {
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	report, begun := &Report{Seed: uint64(seed), Coverage: NewCoverage(r.schema)}, time.Now()
	rapid.Check(quiet{t}, func(rt *rapid.T) {
		into := report
		if report.Leak != nil { // rapid is looking for a simpler one
			into = &Report{Coverage: NewCoverage(r.schema)}
		} else if report.Operations >= most {
			return
		}
		if err := scenario(r, t.Context(), chooser{rt}, into); err != nil {
			rt.Fatal(err)
		}
		if into.Leak != nil {
			rt.Fatalf("a leak, %s", into.Leak)
		}
	})
	report.Took = time.Since(begun)
	return report
}

// told writes the figures of a run and sees that they mean something.
func told(t *testing.T, what string, r *Report) {
	t.Helper()
	share := func(n int) float64 { return 100 * float64(n) / float64(r.Operations) }
	t.Logf("%s: seed %d, %d operations in both worlds, %.1f %% answered data, %.1f %% selected a cell that differs, %d leaks, %.1f s",
		what, r.Seed, r.Operations, share(r.Answered), share(r.Differing), 0, r.Took.Seconds())
	if share(r.Answered) < 60 {
		t.Errorf("only %.1f %% of the operations answered data", share(r.Answered))
	}
	if share(r.Differing) < 50 && r.Operations > 1000 {
		t.Errorf("only %.1f %% of the operations selected a cell that differs", share(r.Differing))
	}
	if len(r.Told) > 0 {
		t.Errorf("withheld, and yet told: %v", r.Told)
	}
}

// twoWorlds is the run that TestTwoWorlds and TestCoverage share.
var twoWorlds struct {
	sync.Once
	report *Report
}

func runTwoWorlds(t *testing.T) *Report {
	twoWorlds.Do(func() { twoWorlds.report = check(t, openRig(t), operations, (*Rig).Scenario) })
	if twoWorlds.report == nil {
		t.Fatal("see TestTwoWorlds")
	}
	return twoWorlds.report
}

// TestTwoWorlds: what is hidden has no influence on what a caller gets.
func TestTwoWorlds(t *testing.T) { told(t, "two worlds", runTwoWorlds(t)) }

// TestWhy: nor has why a consent is missing.
func TestWhy(t *testing.T) {
	told(t, "two whys", check(t, openRig(t), max(500, operations/5), (*Rig).Why))
}

// TestGates: with any gate left out, the proof fails.
func TestGates(t *testing.T) {
	gates, err := openRig(t).Gates(t.Context(), uint64(seed), 2000)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range gates {
		if !g.Caught {
			t.Errorf("without the gate %q nothing was noticed in %d operations", g.Gate, g.Operations)
			continue
		}
		t.Logf("without the gate %-22q a leak after %4d operations, %.1f s", g.Gate, g.Operations, g.Took.Seconds())
	}
}

// TestCoverage: every field of the schema was seen with every outcome that it
// can have, every argument given; in a full run twenty times and more.
func TestCoverage(t *testing.T) {
	c := runTwoWorlds(t).Coverage
	if testing.Verbose() {
		c.Print(os.Stdout)
	}
	at, n := c.Gap()
	t.Logf("the rarest: %s, %d times", at, n)
	if full && n < 20 {
		t.Errorf("%s was seen %d times only", at, n)
	}
}
