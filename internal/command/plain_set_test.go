package command

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestNoValueOfASetIsInAStoreOfIt builds a store of 20,000 records and looks in
// its files for every e-mail address, phone number, name and street of them that
// has seven bytes or more, however it is capitalised.
func TestNoValueOfASetIsInAStoreOfIt(t *testing.T) {
	set := filepath.Join("..", "..", "testdata", "identity", "c360_dev.csv")
	dir := t.TempDir()
	if code, _, said := run(t, "identity", "resolve", "-records", set, "-data", dir); code != 0 {
		t.Fatal(said)
	}
	text, err := os.ReadFile(set)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	const least = 7
	values := map[string][]string{} // by their first bytes
	for i, column := range rows[0] {
		if !slices.Contains([]string{"email", "phone", "first_name", "last_name", "street"}, column) {
			continue
		}
		for _, row := range rows[1:] {
			v := strings.ToLower(row[i])
			if begin := v[:min(least, len(v))]; len(v) >= least && !slices.Contains(values[begin], v) {
				values[begin] = append(values[begin], v)
			}
		}
	}
	find := func(in []byte) (found string) {
		in = bytes.ToLower(in)
		for i := 0; i+least <= len(in); i++ {
			for _, v := range values[string(in[i:i+least])] {
				if bytes.HasPrefix(in[i:], []byte(v)) {
					return v
				}
			}
		}
		return ""
	}
	if len(values) < 10_000 || find(text) == "" {
		t.Fatalf("%d values; nothing would be found", len(values))
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	size := 0
	for _, f := range files {
		in, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if v := find(in); v != "" {
			t.Errorf("%s holds %q", f.Name(), v)
		}
		size += len(in)
	}
	if size < 5<<20 {
		t.Errorf("the store has %d bytes: that is not the whole set", size)
	}
}
