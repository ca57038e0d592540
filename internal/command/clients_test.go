package command

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestClientsThatDefer lets Apollo Client, urql and graphql-sse ask the demo
// with @defer, as `make test-defer` does.
func TestClientsThatDefer(t *testing.T) {
	if os.Getenv("C360_CLIENTS") == "" {
		t.Skip("C360_CLIENTS is not set: `make test` sets it where npm is installed")
	}
	cmd := exec.Command(filepath.Join("..", "..", ".ci", "test-defer"))
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
}
