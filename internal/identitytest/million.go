package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// A size is what resolving so many records cost, and how good it was.
type size struct {
	figures
	run
}

// grow makes up sets as testdata/identity/gen_c360.py does, each some three
// times as large as the last, and resolves them.
func (d folder) grow(binary, dir string, people int, chart string) error {
	fmt.Printf("%9s %9s  %7s %7s  %8s  %12s %9s  %9s %7s %10s\n",
		"records", "people", "seconds", "of CPU", "peak MB", "pairs", "a record", "precision", "recall", "per 10,000")
	var all []size
	for _, share := range []int{100, 33, 10, 3, 1} {
		s, err := d.madeUp(binary, dir, people/share)
		if err != nil {
			return err
		}
		fmt.Printf("%9d %9d  %7.1f %7.1f  %8d  %12d %9.1f  %9.4f %7.4f %10.1f\n",
			s.Records, s.Entities, s.took.Seconds(), s.cpu.Seconds(), s.peak>>20, s.compared, float64(s.compared)/float64(s.Records),
			s.Pairwise.Precision, s.Pairwise.Recall, s.Merges.Per10k)
		all = append(all, s)
	}
	if chart == "" {
		return nil
	}
	return os.WriteFile(chart, draw(all), 0o644)
}

// madeUp makes a set up, resolves and scores it.
func (d folder) madeUp(binary, dir string, people int) (size, error) {
	cmd := exec.Command("python3", d.here("gen_c360.py"), "--people", strconv.Itoa(people), "--seed", "11", "--scale-only", "--out", dir, "--prefix", "made")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return size{}, fmt.Errorf("gen_c360.py: %w", err)
	}
	f, r, err := d.try(binary, dir, set{name: "made", mapping: "c360_dev.yaml"}, filepath.Join(dir, "made"))
	return size{f, r}, err
}
