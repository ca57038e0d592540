package command

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs testdata/commands: what a person types, and what comes of it.
// Beside a script's files lies mine.yaml, the shipped weights under another name.
func TestScripts(t *testing.T) {
	weights, err := os.ReadFile(filepath.Join("..", "..", "idgraph", "match", "weights.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	mine := regexp.MustCompile(`(?m)^version: .*`).ReplaceAll(weights, []byte("version: mine"))
	testscript.Run(t, testscript.Params{Dir: filepath.Join("..", "..", "testdata", "commands"), Setup: func(env *testscript.Env) error {
		return os.WriteFile(filepath.Join(env.WorkDir, "mine.yaml"), mine, 0o600)
	}})
}
