package command

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"customer360/idgraph/match"
	"customer360/internal/table"
)

// TestWhatIsAskedWronglyExitsTwo: what the operator has to mend is told apart
// from what went wrong.
func TestWhatIsAskedWronglyExitsTwo(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, out := put("good.csv", "record_id,city\nr1,Ulm\n"), filepath.Join(dir, "out.csv")
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"a file that is not there":      {[]string{"-records", filepath.Join(dir, "none.csv"), "-out", out}, 2, "no such file"},
		"a folder":                      {[]string{"-records", dir, "-out", out}, 2, "is a folder"},
		"an empty file":                 {[]string{"-records", put("empty.csv", ""), "-out", out}, 2, "is empty"},
		"no record_id":                  {[]string{"-records", put("noid.csv", "id\n1\n"), "-out", out}, 2, "no column is the record_id"},
		"a mapping that is not there":   {[]string{"-records", good, "-mapping", filepath.Join(dir, "m.yaml"), "-out", out}, 2, "no such file"},
		"an unknown key":                {[]string{"-records", good, "-mapping", put("key.yaml", "colums: {}\n"), "-out", out}, 2, "did you mean columns?"},
		"a column that is not there":    {[]string{"-records", good, "-mapping", put("col.yaml", "columns: {town: city}\n"), "-out", out}, 2, "there is no column town"},
		"a folder that is not there":    {[]string{"-records", good, "-out", filepath.Join(dir, "none", "out.csv")}, 2, "no such file"},
		"weights that are a folder":     {[]string{"-records", good, "-out", out, "-weights", dir}, 2, "read the weights: read " + dir + ": is a directory"},
		"a region that is no country":   {[]string{"-records", good, "-out", out, "-region", "UK"}, 2, `-region: "UK" is no country`},
		"a country's name":              {[]string{"-records", good, "-data", filepath.Join(dir, "store"), "-region", "Germany"}, 2, `-region: "Germany" is no country`},
		"one in lower case":             {[]string{"-records", good, "-out", out, "-region", "gb"}, 0, "1 records are 1 customers"},
		"the records as -out":           {[]string{"-records", good, "-out", good}, 2, "is what is read"},
		"-out as -explain":              {[]string{"-records", good, "-out", out, "-explain", out}, 2, "or written already"},
		"an unknown flag":               {[]string{"-records", good, "-out", out, "-verbose"}, 2, "unknown flag"},
		"no -out":                       {[]string{"-records", good}, 2, "-out is missing"},
		"a line that is broken":         {[]string{"-records", put("broken.csv", "record_id,city\nr1\n"), "-out", out}, 1, "line 2: has 1 fields, the header 2"},
		"a file of nothing but columns": {[]string{"-records", put("none.csv2", "record_id,city\n"), "-out", out}, 0, "0 records are 0 customers"},
	} {
		t.Run(name, func(t *testing.T) {
			code, _, said := run(t, append([]string{"identity", "resolve"}, c.args...)...)
			if code != c.code || !strings.Contains(said, c.says) {
				t.Errorf("exit %d, want %d; said %q, want %q", code, c.code, said, c.says)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, "*.tmp")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// TestSkippedBlocksAreCountedByTheirLimit: blocks that many people may stand in
// are smaller than others.
func TestSkippedBlocksAreCountedByTheirLimit(t *testing.T) {
	said := &strings.Builder{}
	summary(said, &input{reader: &table.Reader{}}, &resolved{Resolution: &match.Resolution{Skipped: []match.SkippedBlock{
		{Records: 300, Key: 2}, {Records: 22, Key: 1}, {Records: 14, Key: 3}, {Kind: "email", Records: 31, Key: 4},
	}}})
	for _, want := range []string{
		"1 blocks (combinations of fields) were skipped: they have more than 200 records, the largest 300\n" +
			"2 blocks (combinations of fields) were skipped: they have more than 12 records, the largest 22\n",
		"1 blocks (email) were skipped: they have more than 30 records, the largest 31\n",
	} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("said %q, want %q", said, want)
		}
	}
}

// run runs a command line and answers what it said on standard output and error.
func run(t *testing.T, args ...string) (code int, out, said string) {
	t.Helper()
	dir := t.TempDir()
	var files [2]*os.File
	for i, to := range []**os.File{&os.Stdout, &os.Stderr} {
		f, err := os.Create(filepath.Join(dir, strconv.Itoa(i)))
		if err != nil {
			t.Fatal(err)
		}
		defer func(was *os.File) { *to = was }(*to)
		files[i], *to = f, f
	}
	code = Run(args, demoFiles(), "")
	var texts [2]string
	for i, f := range files {
		_ = f.Close()
		text, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		texts[i] = string(text)
	}
	return code, texts[0], texts[1]
}
