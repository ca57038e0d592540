package sql

import (
	"os"
	"strings"
	"testing"

	"customer360/connectors"
)

// The configuration that docs/connectors.md shows opens as it stands.
func TestTheReferenceOpens(t *testing.T) {
	b, err := os.ReadFile("../../docs/connectors.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, ok := strings.Cut(string(b), "```yaml\ndriver:")
	text, _, closed := strings.Cut(after, "```")
	if !ok || !closed {
		t.Fatal("there is no configuration in it")
	}
	c := opened(t, decoded(t, Config{}, "driver:"+text), connectors.Setup{Source: "shop", Role: connectors.Commerce})
	defer c.Close()
	if got := connectors.CanAnswer(c); len(got) != 2 {
		t.Errorf("answers %v, want profiles and orders", got)
	}
}
