//go:build planted

package prove

import "testing"

// TestUntilALeak is the proof that a planted leak must fail.
func TestUntilALeak(t *testing.T) {
	report, err := openRig(t).Run(t.Context(), uint64(seed), 2000)
	if err != nil {
		t.Fatal(err)
	}
	if report.Leak != nil {
		t.Fatalf("a leak after %d operations, %s", report.Operations, report.Leak)
	}
}
