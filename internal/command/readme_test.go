package command

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var fenced = regexp.MustCompile("(?s)```(sh|json)\n(.*?)```")

// TestTheReadmesCurlLinePrintsWhatTheReadmeShows pastes it into a shell.
func TestTheReadmesCurlLinePrintsWhatTheReadmeShows(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := fenced.FindAllStringSubmatch(string(text), 2)
	if len(blocks) != 2 || blocks[0][1] != "sh" || blocks[1][1] != "json" {
		t.Fatal("README.md does not begin with a command and its answer")
	}
	gateway := startDemo(t, nil)
	line := strings.Replace(blocks[0][2], "http://127.0.0.1:4000", gateway.url, 1)
	out, err := exec.Command("sh", "-c", line).Output()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.TrimSpace(string(out)), strings.TrimSpace(blocks[1][2]); got != want {
		t.Errorf("prints\n%s\nthe README shows\n%s", got, want)
	}
	for _, source := range []string{"crm", "erp", "shop", "helpdesk"} {
		if !strings.Contains(string(out), `"source":"`+source+`"`) {
			t.Errorf("no data of %s in it", source)
		}
	}
}
