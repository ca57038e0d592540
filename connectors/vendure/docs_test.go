package vendure

import (
	"os"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"customer360/connectors"
)

// The configuration that docs/connectors.md shows opens as it stands.
func TestTheReferenceOpens(t *testing.T) {
	b, err := os.ReadFile("../../docs/connectors.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(b), "## The vendure kind\n")
	_, after, _ := strings.Cut(section, "```yaml\n")
	text, _, closed := strings.Cut(after, "```")
	if !closed {
		t.Fatal("there is no configuration in it")
	}
	var sources []struct {
		Name, Kind, Role string
		Settings         Config
	}
	if err := yaml.UnmarshalWithOptions([]byte(text), &sources, yaml.Strict()); err != nil || len(sources) != 1 {
		t.Fatalf("%d sources, %v", len(sources), err)
	}
	s := sources[0]
	t.Setenv(s.Settings.Key.Env, "swordfish")
	if _, err := s.Settings.Open(connectors.Setup{Source: here, Role: connectors.Role(s.Role)}); err != nil || s.Kind != "vendure" {
		t.Errorf("%s: %v", s.Kind, err)
	}
}
