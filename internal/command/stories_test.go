package command

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"customer360/connectors"
	"customer360/idgraph"
)

var update = flag.Bool("update", false, "write the answers of the stories anew")

// TestStories runs testdata/stories: a sentence, who asks and why, the query,
// and the answer of the whole server over the demo. Read them first.
func TestStories(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "stories", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	faults := &switchable{}
	gateway := startDemo(t, faults.before)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			story, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			faults.down = setting(story, "down")
			defer func() { faults.down = "" }()
			a := gateway.ask(t, setting(story, "role"), setting(story, "purpose"), section(story, "query.graphql"), nil)
			got := readable(t, a)
			if *update {
				put(story, "answer.json", got)
				if err := os.WriteFile(file, txtar.Format(story), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if want := section(story, "answer.json"); got != want {
				t.Errorf("%s\ngot:\n%s\nwant:\n%s", strings.TrimSpace(string(story.Comment)), got, want)
			}
		})
	}
}

// switchable refuses calls to one source.
type switchable struct{ down string }

func (s *switchable) before(_ context.Context, source idgraph.Source, _ string) error {
	if string(source) == s.down {
		return connectors.ErrUnavailable
	}
	return nil
}

var latency = regexp.MustCompile(`"latencyMs": \d+`)

// readable is the answer as a person would write it down, without what
// differs from run to run.
func readable(t *testing.T, a answer) string {
	t.Helper()
	whole := map[string]any{"data": a.Data}
	if a.Errors != nil {
		whole["errors"] = a.Errors
	}
	if privacy, ok := a.Extensions["privacy"].(map[string]any); ok {
		whole["withheld"] = privacy["fields"]
	}
	text, err := json.MarshalIndent(whole, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return latency.ReplaceAllString(string(text), `"latencyMs": 0`) + "\n"
}

// setting reads "key: value" out of a story's "asks" section.
func setting(a *txtar.Archive, key string) string {
	for line := range strings.Lines(section(a, "asks")) {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == key {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

func section(a *txtar.Archive, name string) string {
	for _, f := range a.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

func put(a *txtar.Archive, name, text string) {
	for i := range a.Files {
		if a.Files[i].Name == name {
			a.Files[i].Data = []byte(text)
			return
		}
	}
	a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(text)})
}
