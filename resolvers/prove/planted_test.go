package prove

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A planted leak is a line of the door as it would be if somebody had made the
// mistake: it stands in the place of the line that is there.
type planted struct {
	name string
	file string // below resolvers/
	was  string // stands once in the file
	is   string
}

// plants are mistakes above or at the mask. keep notes what a source really
// said of a customer; hidden is a number that hangs on all of it.
var plants = []planted{
	{
		"a cursor made out of what is hidden", "door/page.go",
		`string(p.kind), p.source, p.id)`, `string(p.kind), p.source, p.id+strconv.Itoa(hidden(s, p.kind)))`,
	},
	{
		"hasNextPage by what is hidden", "door/page.go",
		`HasPreviousPage: s.After != nil}`, `HasPreviousPage: s.After != nil || len(places) > 0 && hidden(l.subject, places[0].kind)%2 == 1}`,
	},
	{
		"an order by what is hidden", "door/page.go",
		`slices.SortFunc(l.places, place.compare)`, `slices.SortFunc(l.places, place.compare)
	if len(l.places) > 0 && hidden(l.subject, l.places[0].kind)%2 == 1 {
		slices.Reverse(l.places)
	}`,
	},
	{
		"a limit by a time that is not shown", "door/subject.go",
		`name != "" && s.shows(rowType(k), name)`, `name != ""`,
	},
	{
		"the id of a row made out of what is hidden", "door/customer.go",
		`string(r.Owner.Source), r.Owner.ID, r.ID)`, `string(r.Owner.Source), r.Owner.ID, r.ID+strconv.Itoa(hidden(s, k)))`,
	},
	{
		"rivals by what is hidden", "door/golden.go",
		`	for _, name := range golden {
		if p, ok := s.provenance(r.field(name), rows); ok {
`, `	for _, name := range golden {
		if p, ok := s.provenance(r.field(name), rows); ok {
			if hidden(s, connectors.KindProfile)%2 == 1 {
				p.Rivals = append(p.Rivals, "nobody")
			}
`,
	},
	{
		"a summary of what is hidden", "door/summary.go",
		`	if !m.s.shows("CustomerSummary", "lifetimeValue") {
		return nil, nil
	}
	g, err := gather[connectors.Order](ctx, m.s, connectors.KindOrder, 0)
`, `	g, err := gather[connectors.Order](ctx, m.s, connectors.KindOrder, 0)
	if err == nil && hidden(m.s, connectors.KindOrder)%2 == 1 {
		return &sums{"EUR": {n: 1}}, nil
	}
`,
	},
	{
		"a gap in the timeline by what is hidden", "door/customer.go",
		`for _, src := range g.failed {`, `if hidden(s, k)%2 == 1 {
			g.failed = append(g.failed, "nobody")
		}
		for _, src := range g.failed {`,
	},
	{
		"a log line by what is hidden", "door/fetch.go",
		`	r, w := op.door.rules.of(c.kind)`, `	if b, err := json.Marshal(said[c.query.Refs[0]].Rows); err == nil {
		op.door.Log.InfoContext(op.ctx, "answered", "bytes", len(b))
	}
	r, w := op.door.rules.of(c.kind)`,
	},
	{
		"an error by what is hidden", "door/fetch.go",
		`a.failed = res.Err != nil;`, `a.failed = res.Err != nil || hidden(a.subject, c.kind)%7 == 1;`,
	},
	{
		"a field that the mask forgets", "door/mask.go",
		`if f.origin >= 0 || field.IsNil() {`, `if f.origin >= 0 || field.IsNil() || f.name == "number" {`,
	},
	{
		"customers filtered by what is not shown of them", "door/customers.go",
		`if !s.showsIdentity(of("records")) {`, `if false {`,
	},
	{
		"a consent that is given over a probable link", "door/subject.go",
		`if s.link(ref) != policy.Verified {`, `if false {`,
	},
	{
		"a record that is only probably the customer's", "door/fetch.go",
		`link := s.link(ref)`, `link := policy.Verified`,
	},
	{
		"a question about somebody who is not shown", "door/rivals.go",
		`if q.visible() {`, `if len(q.sides) > 1 {`,
	},
	{
		"what became of a record in doubt", "door/events.go",
		`if len(events) < first && !slices.Contains(s.doubtful, e.A) && !slices.Contains(s.doubtful, e.B) {`, `if len(events) < first {`,
	},
	{
		"how records compare, where identity is shown in part", "door/identity.go",
		`if shows("MatchLevel", "level") {`, `if true {`,
	},
	{
		"a coarse value of what is withheld", "door/mask.go",
		`if w&f.path == 0 || o.of(f) != policy.Shown {`, `if w&f.path == 0 {`,
	},
}

// keeping is what the plants need: the door notes what sources said, before it masks.
const keeping = `package door

import (
	"encoding/json"
	"hash/fnv"
	"sync"

	"customer360/connectors"
)

type keptFor struct {
	s *subject
	k connectors.Kind
}

var kept struct {
	sync.Mutex
	sums map[keptFor]uint32
}

func keep(s *subject, k connectors.Kind, rows any) {
	b, _ := json.Marshal(rows)
	h := fnv.New32a()
	_, _ = h.Write(b)
	kept.Lock()
	defer kept.Unlock()
	if kept.sums == nil || len(kept.sums) > 1000 {
		kept.sums = map[keptFor]uint32{}
	}
	kept.sums[keptFor{s, k}] ^= h.Sum32()
}

func hidden(s *subject, k connectors.Kind) int {
	kept.Lock()
	defer kept.Unlock()
	return int(kept.sums[keptFor{s, k}] >> 8)
}
`

const (
	masks = `res, a := said[ref], &c.answers[i]`
	keeps = `res, a := said[ref], &c.answers[i]
		keep(a.subject, c.kind, res.Rows)`
)

// TestPlantedInTheDoor makes each mistake in turn in a copy of the door (an
// overlay of the build: no file here changes), and sees that the proof fails
// within 2,000 operations. Without a mistake, the same copy passes. Each takes a
// build of the proof: a full run makes all of them, another one alone.
func TestPlantedInTheDoor(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the proof anew")
	}
	plants := plants
	if !full {
		plants = plants[seed%len(plants):][:1]
	}
	t.Run("nothing", func(t *testing.T) {
		if out, err := withPlant(t, planted{file: "door/page.go"}); err != nil {
			t.Fatalf("the door that only notes what was said does not pass: %s", out)
		}
	})
	for _, p := range plants {
		t.Run(p.name, func(t *testing.T) {
			out, err := withPlant(t, p)
			at := regexp.MustCompile(`a leak after (\d+) operations`).FindStringSubmatch(out)
			if err == nil || at == nil {
				t.Fatalf("not noticed: %v\n%.2000s", err, out)
			}
			t.Logf("noticed after %s operations", at[1])
		})
	}
}

// withPlant builds the proof over a door with one line changed, and runs it.
func withPlant(t *testing.T, p planted) (string, error) {
	t.Helper()
	dir := t.TempDir()
	overlay := map[string]string{}
	lay := func(file, text string) {
		path, err := filepath.Abs(filepath.Join("..", file))
		if err != nil {
			t.Fatal(err)
		}
		copied := filepath.Join(dir, fmt.Sprint(len(overlay), ".go"))
		if err := os.WriteFile(copied, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		overlay[path] = copied
	}
	changed := map[string]string{}
	change := func(file, was, is string) {
		text, read := changed[file]
		if !read {
			b, err := os.ReadFile(filepath.Join("..", file))
			if err != nil {
				t.Fatal(err)
			}
			text = string(b)
		}
		if was != "" && strings.Count(text, was) != 1 {
			t.Fatalf("resolvers/%s has %d places like %q: plant it anew", file, strings.Count(text, was), was)
		}
		changed[file] = strings.Replace(text, was, is, 1)
	}
	change("door/fetch.go", masks, keeps)
	if p.was != "" {
		change(p.file, p.was, p.is)
	}
	if strings.Contains(p.is, "json.") {
		change(p.file, "import (\n", "import (\n\t\"encoding/json\"\n")
	}
	for file, text := range changed {
		lay(file, text)
	}
	lay("door/planted.go", keeping)
	list, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	listed := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(listed, list, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-overlay", listed, "-count=1", "-tags", "planted", "-run", "^TestUntilALeak$", "-timeout", "5m", ".")
	out, err := cmd.CombinedOutput()
	return string(out), err
}
