// Package prove holds the two-worlds proof: that what a caller may not see has
// no influence on anything that the caller gets.
//
// Two worlds share who is who, consent, policy, clock, ids and keys. They differ
// in cells that the caller is not shown under its purpose, and in nothing else.
// Random operations over the whole schema run as that caller in both. Status,
// headers, body, source calls, log lines and audit entries must be equal. What
// differs is worked out here anew, from the schema's @personal and the policy's
// decisions; the door is not asked.
//
// A proof that cannot fail proves nothing: with any gate of the policy left
// out, it must fail within so many operations (see Gates).
package prove

import (
	"context"
	"fmt"
	"time"

	"customer360/idgraph/policy"
)

// A Report is what a run found.
type Report struct {
	Seed       uint64
	Operations int      // tried, each in both worlds
	Answered   int      // that answered data
	Differing  int      // that selected a cell which differs between the worlds
	Told       []string // coordinates that the oracle says are withheld, and that held a value
	Took       time.Duration
	Coverage   *Coverage
	Leak       *Leak // nil: none
}

// A Leak is an operation that told the worlds apart.
type Leak struct {
	Caller    string
	Operation string
	Got       string // what was unequal, in both worlds
}

func (l *Leak) String() string {
	return fmt.Sprintf("as %s:\n%s\n%s", l.Caller, l.Operation, l.Got)
}

// Run tries at least so many operations, with dice of the seed, and stops at
// the first leak.
func (r *Rig) Run(ctx context.Context, seed uint64, operations int) (*Report, error) {
	report := &Report{Seed: seed, Coverage: NewCoverage(r.schema)}
	begun := time.Now()
	for n := uint64(0); report.Operations < operations && report.Leak == nil; n++ {
		if err := r.Scenario(ctx, Dice(seed, n), report); err != nil {
			return report, err
		}
	}
	report.Took = time.Since(begun)
	return report, nil
}

// A GateReport says how long it took to notice that a gate was left out.
type GateReport struct {
	Gate       string
	Operations int
	Caught     bool
	Took       time.Duration
}

// Gates leaves out each gate of the policy in turn and counts the operations
// until that is caught, at most so many.
func (r *Rig) Gates(ctx context.Context, seed uint64, most int) ([]GateReport, error) {
	var out []GateReport
	for _, gate := range policy.Gates {
		r.LeaveOut(gate.Name)
		report, err := r.Run(ctx, seed, most)
		r.LeaveOut("")
		if err != nil {
			return out, fmt.Errorf("without the gate %q: %w", gate.Name, err)
		}
		out = append(out, GateReport{gate.Name, report.Operations, report.Leak != nil, report.Took})
	}
	return out, nil
}
