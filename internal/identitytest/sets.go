package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A set is records with the truth about them.
type set struct {
	name    string
	mapping string // file in testdata/identity
	traps   bool   // whether it has pairs that must be apart, or together
	bounds  bounds
}

// Bounds are what the figures of a set must hold; zero is none.
type bounds struct {
	precision, recall, f1 float64
	per10k                float64            // false merges, at most
	apart                 map[string]float64 // reason → share of cannot-link pairs that may be together
}

// sets are those that `make identity` knows.
var sets = []set{
	{
		name: "c360_dev", mapping: "c360_dev.yaml", traps: true,
		bounds: bounds{precision: .997, recall: .88, per10k: 10, apart: apart(0, .10)},
	},
	{name: "fake1000", mapping: "fake1000.yaml", bounds: bounds{precision: .995, recall: .45}},
	{name: "senzing_demo", mapping: "senzing_demo.yaml", bounds: bounds{precision: 1, recall: .8}},
	{name: "febrl1", mapping: "febrl.yaml", bounds: bounds{precision: 1}},
	{name: "febrl2", mapping: "febrl.yaml", bounds: bounds{precision: 1}},
	{name: "febrl4", mapping: "febrl.yaml", bounds: bounds{precision: 1, f1: .998}},
}

// apart are the reasons for which pairs of c360_dev must be apart, with the
// share that may be together, and that of parents and children of one name.
func apart(others, parents float64) map[string]float64 {
	out := map[string]float64{"parent_child": parents}
	for _, reason := range []string{"household_email", "household_phone", "household_card", "twins", "role_mailbox", "recycled_phone", "card_typo"} {
		out[reason] = others
	}
	return out
}

// missed says which bounds figures do not hold.
func (b bounds) missed(f figures) (out []string) {
	low := func(name string, got, least float64) {
		if got < least {
			out = append(out, fmt.Sprintf("%s %.4f, bound %.4f", name, got, least))
		}
	}
	low("precision", f.Pairwise.Precision, b.precision)
	low("recall", f.Pairwise.Recall, b.recall)
	low("F1", f.Pairwise.F1, b.f1)
	if b.per10k > 0 && f.Merges.Per10k > b.per10k {
		out = append(out, fmt.Sprintf("false merges per 10,000 records %.1f, bound %.1f", f.Merges.Per10k, b.per10k))
	}
	for reason, share := range b.apart {
		if t := f.CannotLink.Reasons[reason]; t.Pairs == 0 || float64(t.Violated) > share*float64(t.Pairs) {
			out = append(out, fmt.Sprintf("%s: %d of %d pairs are together, bound %.0f %%", reason, t.Violated, t.Pairs, 100*share))
		}
	}
	slices.Sort(out)
	return out
}

// A folder is where the sets are.
type folder struct {
	root  string // of the repository
	other string // where sets are that may not be kept here; "" is nowhere
}

// folderAt looks for the other sets where C360_IDENTITY says, else beside the repository.
func folderAt(root string) folder {
	d := folder{root: root, other: os.Getenv("C360_IDENTITY")}
	if d.other == "" {
		d.other = filepath.Join(root, "..", "shared", "identity", "data")
	}
	return d
}

func (d folder) here(name string) string { return filepath.Join(d.root, "testdata", "identity", name) }

// find answers the path of a set's file without its ending, false where the set is not there.
func (d folder) find(s set) (string, bool) {
	for _, path := range []string{d.here(s.name), filepath.Join(d.other, s.name)} {
		if _, err := os.Stat(path + ".csv"); err == nil {
			return path, true
		}
	}
	return "", false
}

// try resolves a set with the command, as anybody would, and scores it.
func (d folder) try(binary, dir string, s set, path string) (figures, run, error) {
	out := filepath.Join(dir, s.name+"_clusters.csv")
	r, err := resolve(binary, path+".csv", d.here(s.mapping), out)
	if err != nil {
		return figures{}, r, err
	}
	clusterOf, err := readMap(out, "record_id", "cluster_id")
	if err != nil {
		return figures{}, r, err
	}
	entityOf, err := readMap(path+"_truth.csv", "record_id", "entity_id")
	if err != nil {
		return figures{}, r, err
	}
	f := score(clusterOf, entityOf)
	if s.traps {
		if f.CannotLink, err = ask(path+"_cannot_link.csv", clusterOf, false); err == nil {
			f.MustLink, err = ask(path+"_must_link.csv", clusterOf, true)
		}
	}
	return f, r, err
}

// table prints the figures of every set, and how they stand to the bounds.
func (d folder) table(binary, dir string) error {
	fmt.Printf("%-13s %8s %8s %8s  %9s %7s %7s  %6s  %10s %6s\n", "set", "records", "people", "found", "precision", "recall", "F1", "merges", "per 10,000", "s")
	missed := 0
	var traps *figures
	for _, s := range sets {
		path, ok := d.find(s)
		if !ok {
			fmt.Printf("%-13s is not here: C360_IDENTITY names the folder of sets that may not be kept in this repository\n", s.name)
			continue
		}
		f, r, err := d.try(binary, dir, s, path)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		fmt.Printf("%-13s %8d %8d %8d  %9.4f %7.4f %7.4f  %6d  %10.1f %6.1f\n", s.name, f.Records, f.Entities, f.Predicted,
			f.Pairwise.Precision, f.Pairwise.Recall, f.Pairwise.F1, f.Merges.Count, f.Merges.Per10k, r.took.Seconds())
		for _, m := range s.bounds.missed(f) {
			fmt.Printf("              missed: %s\n", m)
			missed++
		}
		if s.traps {
			traps = &f
		}
	}
	if traps != nil {
		traps.CannotLink.print("\nc360_dev: pairs that must stay apart", "together")
		traps.MustLink.print("\nc360_dev: pairs that are one person", "apart")
	}
	if err := d.cases(dir); err != nil {
		return err
	}
	if missed > 0 {
		return fmt.Errorf("%d bounds are missed", missed)
	}
	return nil
}

func (a *asked) print(title, wrong string) {
	fmt.Println(title)
	var reasons []string
	for r := range a.Reasons {
		reasons = append(reasons, r)
	}
	slices.SortFunc(reasons, strings.Compare)
	for _, r := range reasons {
		t := a.Reasons[r]
		fmt.Printf("  %-16s %5d of %5d %s\n", r, t.Violated, t.Pairs, wrong)
	}
}
