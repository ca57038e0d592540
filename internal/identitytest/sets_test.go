package main

import (
	"encoding/json"
	"math"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestSetsHoldTheirBounds resolves every set that is here with the one default
// configuration, and holds the Go figures against those of score.py.
func TestSetsHoldTheirBounds(t *testing.T) {
	d, dir := folderAt(filepath.Join("..", "..")), t.TempDir()
	binary, err := build(d.root, dir)
	if err != nil {
		t.Fatal(err)
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Log("without python3 the figures are not held against score.py")
	}
	for _, s := range sets {
		path, ok := d.find(s)
		if !ok {
			t.Logf("%s is not here: C360_IDENTITY names the folder of sets that may not be kept in this repository", s.name)
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			f, r, err := d.try(binary, dir, s, path)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("precision %.4f, recall %.4f, F1 %.4f, %.1f false merges per 10,000 records\n%s",
				f.Pairwise.Precision, f.Pairwise.Recall, f.Pairwise.F1, f.Merges.Per10k, r.said)
			for _, m := range s.bounds.missed(f) {
				t.Error(m)
			}
			if python != "" {
				if want := scored(t, python, d, dir, s, path); !reflect.DeepEqual(rounded(t, f), want) {
					t.Errorf("the figures are\n%v, those of score.py\n%v", rounded(t, f), want)
				}
			}
		})
	}
}

// scored asks score.py.
func scored(t *testing.T, python string, d folder, dir string, s set, path string) map[string]any {
	t.Helper()
	args := []string{d.here("score.py"), filepath.Join(dir, s.name+"_clusters.csv"), path + "_truth.csv"}
	if s.traps {
		args = append(args, "--cannot-link", path+"_cannot_link.csv", "--must-link", path+"_must_link.csv")
	}
	text, err := exec.Command(python, args...).Output()
	if err != nil {
		t.Fatalf("score.py: %v", err)
	}
	var f figures
	if err := json.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	return rounded(t, f)
}

// rounded are figures without what differs by the order of a sum.
func rounded(t *testing.T, f figures) map[string]any {
	t.Helper()
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	var round func(v any) any
	round = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for k := range v {
				v[k] = round(v[k])
			}
		case float64:
			return math.Round(v*1e9) / 1e9
		}
		return v
	}
	return round(out).(map[string]any)
}

func TestFigures(t *testing.T) {
	clusters := func(text string) map[string]string {
		out := map[string]string{}
		for i, members := range strings.Fields(text) {
			for _, m := range members {
				out[string(m)] = string(rune('0' + i))
			}
		}
		return out
	}
	f := score(clusters("abc d ef"), clusters("ab cd e f"))
	want := figures{Records: 6, Entities: 4, Predicted: 3}
	want.Pairwise = pairwise{quality{.25, .5, 1.0 / 3}, 1, 3, 1}
	want.Merges = merges{Count: 2, Impure: 2, Entities: 4, Records: 5, Per10k: 2 * 10_000.0 / 6}
	want.Splits.Count, want.Splits.Entities = 1, 1
	want.BCubed = f.BCubed
	if !reflect.DeepEqual(f, want) {
		t.Errorf("got  %+v\nwant %+v", f, want)
	}
	b := bounds{precision: .5, recall: .5, f1: .5, per10k: 10}
	if missed := b.missed(f); len(missed) != 3 {
		t.Errorf("missed %q, want precision, F1 and false merges", missed)
	}
}
