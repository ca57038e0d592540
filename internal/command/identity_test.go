package command

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"customer360/internal/demo"
)

// TestIdentityOfAStore reads the demo's shop into a store of its own, counts it,
// and verifies it before and after somebody has been at it.
func TestIdentityOfAStore(t *testing.T) {
	dir := t.TempDir()
	if err := demo.Ensure(t.Context(), demoFiles(), filepath.Join(dir, "demo"), nil); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "demo", "customer360.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "customer360.yaml")
	data := filepath.Join(dir, "data")
	text = bytes.ReplaceAll(text, []byte("${DEMO}"), []byte(filepath.Join(dir, "demo")))
	text = append([]byte(fmt.Sprintf("data: %s\nkeys: {file: %s}\n", data, filepath.Join(dir, "keys.json"))), text...)
	if err := os.WriteFile(config, text, 0o600); err != nil {
		t.Fatal(err)
	}
	say := func(want int, contains string, args ...string) string {
		t.Helper()
		code, out, said := run(t, args...)
		if code != want || !strings.Contains(out+said, contains) {
			t.Fatalf("%v: exit %d, want %d; it says %q %q, want %q", args, code, want, out, said, contains)
		}
		return out
	}
	say(0, "", "keys", "new", filepath.Join(dir, "keys.json"))
	say(2, "no store", "identity", "stats", "-data", filepath.Join(dir, "none"))
	say(0, "4 sources", "identity", "sync", "-config", config)
	counted := say(0, "records", "identity", "stats", "-config", config)
	for _, want := range []string{"of crm", "customers", "by SAME_EMAIL", "questions about pairs"} {
		if !strings.Contains(counted, want) {
			t.Errorf("no %q in\n%s", want, counted)
		}
	}
	say(0, "everything holds", "identity", "verify", "-config", config)
	if said := rekeys(t, config); !strings.Contains(said, "everything is under key") || !strings.Contains(said, "has a new key") {
		t.Errorf("the rekey says %q", said)
	}
	if again := say(0, "records", "identity", "stats", "-config", config); again != counted {
		t.Errorf("after the rekey there are\n%s\nbefore\n%s", again, counted)
	}
	say(0, "everything holds", "identity", "verify", "-config", config)
	say(2, "written under other keys", "identity", "stats", "-data", data, "-config", elsewhere(t, config, dir, say))
	graph, err := sqlx.Open("sqlite3", filepath.Join(data, "graph.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer graph.Close()
	if _, err := graph.Exec(`DELETE FROM edges WHERE a % 40 = 0`); err != nil {
		t.Fatal(err)
	}
	say(1, "identity rebuild makes links and customers anew", "identity", "verify", "-config", config)
	say(0, "0 records learnt", "identity", "rebuild", "-config", config)
	say(0, "everything holds", "identity", "verify", "-config", config)
	if _, err := graph.Exec(`UPDATE records SET customer = customer + 1 WHERE rid = 1`); err != nil {
		t.Fatal(err)
	}
	say(1, "a customer counts its records: not so for customer", "identity", "verify", "-config", config)
}

// rekeys moves a store to a new key in three runs, and answers what they say.
func rekeys(t *testing.T, config string) (all string) {
	t.Helper()
	for _, flag := range []string{"-add-key", "-drop-old=false", "-drop-old"} {
		code, out, said := run(t, "identity", "rekey", "-config", config, flag)
		if code != 0 {
			t.Fatalf("rekey %s: exit %d, %s", flag, code, said)
		}
		all += out + said
	}
	return all
}

// elsewhere is the configuration with other keys.
func elsewhere(t *testing.T, config, dir string, say func(want int, contains string, args ...string) string) string {
	t.Helper()
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	say(0, "", "keys", "new", filepath.Join(dir, "others.json"))
	text = bytes.ReplaceAll(text, []byte("keys.json"), []byte("others.json"))
	other := filepath.Join(dir, "other.yaml")
	if err := os.WriteFile(other, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return other
}
