package command

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestGraphiQLInABrowser drives the real page in Chromium over the demo: the
// example tabs, the pickers, no request off the origin, no error in the browser's console.
func TestGraphiQLInABrowser(t *testing.T) {
	if os.Getenv("C360_BROWSER") == "" {
		t.Skip("C360_BROWSER is not set: `make test` sets it where Chromium and the console's Node packages are installed")
	}
	gateway := startDemo(t, nil)
	shots := os.Getenv("C360_SHOTS")
	if shots == "" {
		shots = t.TempDir()
	}
	cmd := exec.Command("node", "test/graphiql.mjs")
	cmd.Dir = filepath.Join("..", "..", "console")
	cmd.Env = append(os.Environ(), "C360_URL="+gateway.url, "SHOTS="+shots)
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
}
