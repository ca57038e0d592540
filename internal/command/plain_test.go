package command

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"
	_ "github.com/mattn/go-sqlite3" // the demo's systems are read as they are
	"github.com/rogpeppe/go-internal/testscript"

	"customer360/idgraph"
	"customer360/idgraph/match"
	"customer360/internal/demo"
)

// TestSearchPlain lets every role ask for everything, goes astray in every way
// it can think of, and then searches the gateway's folder and its log for the
// e-mails, phones and names of the demo: there must be none. The same search
// over the demo's own databases must find them, or it could not find anything.
func TestSearchPlain(t *testing.T) {
	gateway := startDemo(t, nil)
	values, err := personalValues(filepath.Join(gateway.dir, "demo"))
	if err != nil {
		t.Fatal(err)
	}
	stir(t, gateway, values)
	gateway.stop()

	plain := newSearch(values, false)
	for _, db := range files(t, filepath.Join(gateway.dir, "demo")) {
		plain.read(t, db)
	}
	found, of := plain.count()
	fmt.Printf("\nin the demo's own databases: %d of %d values found (%.1f %%)\n", found, of, 100*float64(found)/float64(of))
	if found*100 < of*99 {
		t.Errorf("the search finds %d of %d values where they are: it is no search", found, of)
	}

	hidden := newSearch(values, true)
	searched := 0
	for _, f := range files(t, gateway.dir) {
		if strings.HasPrefix(f, filepath.Join(gateway.dir, "demo")) {
			continue
		}
		hidden.read(t, f)
		searched++
	}
	hidden.search([]byte(gateway.logs.String()))
	found, of = hidden.count()
	fmt.Printf("in %d files of the gateway's folder and %d bytes of debug log: %d of %d values, each plain, upper, lower, hex and base64\n", searched, len(gateway.logs.String()), found, of)
	for v := range hidden.seen {
		t.Errorf("a value of %d bytes that begins with %q rests in plain", len(v), v[:2])
	}
	if searched < 2 || len(gateway.logs.String()) == 0 {
		t.Errorf("searched %d files and %d bytes of log: there was nothing to search", searched, len(gateway.logs.String()))
	}
}

// TestMain runs the tests, and then searches the debug log of them all, as
// they talked to every gateway that they started, for anything personal. To
// scripts, the test binary is the command itself.
func TestMain(m *testing.M) {
	testscript.Main(searched{m}, map[string]func(){"customer360": func() {
		os.Exit(Run(os.Args[1:], demoFiles(), ""))
	}})
}

type searched struct{ tests *testing.M }

func (s searched) Run() int {
	code := s.tests.Run()
	if err := searchEveryLog(); err != nil {
		fmt.Println(err)
		code = max(code, 1)
	}
	return code
}

func searchEveryLog() error {
	log := everyLog.String()
	if log == "" {
		return nil
	}
	dir, err := os.MkdirTemp("", "c360")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := demo.Ensure(context.Background(), demoFiles(), dir, nil); err != nil {
		return err
	}
	values, err := personalValues(dir)
	if err != nil {
		return err
	}
	s := newSearch(values, true)
	s.search([]byte(log))
	if found, _ := s.count(); found > 0 {
		return fmt.Errorf("%d personal values stand in the log of this test run", found)
	}
	fmt.Printf("in %d bytes of debug log of this whole test run: none of %d personal values\n", len(log), len(values))
	return nil
}

// personalValues reads every e-mail, phone and name of 7 bytes or more out of
// the demo's systems, as they stand there and as they are normalised.
func personalValues(dir string) (map[string]bool, error) {
	out := map[string]bool{}
	for _, q := range []struct{ db, text string }{
		{"crm", "select email_address from contacts union select email_secondary from contacts union select mobile from contacts union select first_name from contacts union select last_name from contacts"},
		{"erp", "select mail from debitor union select telefon from debitor union select name1 from debitor union select name2 from debitor"},
		{"shop", "select email from customers union select telephone from customers union select firstname from customers union select lastname from customers"},
		{"helpdesk", "select email from requesters union select phone from requesters union select full_name from requesters"},
	} {
		db, err := sqlx.Open("sqlite3", "file:"+filepath.Join(dir, q.db+".db")+"?mode=ro")
		if err != nil {
			return nil, err
		}
		var texts []sql.NullString
		if err := db.Select(&texts, q.text); err != nil {
			return nil, err
		}
		_ = db.Close()
		for _, v := range texts {
			if text := strings.TrimSpace(v.String); len(text) >= 7 {
				out[text] = true
			}
		}
	}
	if len(out) < 3000 {
		return nil, fmt.Errorf("%d personal values in the demo: the queries above miss them", len(out))
	}
	return out, nil
}

// stir asks everything as everybody, and much that is wrong.
func stir(t *testing.T, gateway *running, values map[string]bool) {
	t.Helper()
	for _, who := range []struct{ role, purpose string }{
		{"support-agent", "support.case"},
		{"support-lead", "support.case"},
		{"billing", "billing.collect"},
		{"sales", "sales.pipeline"},
		{"marketing", "marketing.email"},
		{"analyst", "analytics.product"},
		{"privacy-officer", "legal.request"},
		{"service", "fraud.check"},
		{"operator", ""},
	} {
		gateway.ask(t, who.role, who.purpose, everybody, nil)
		gateway.ask(t, who.role, who.purpose, `{ customers(first: 30) { nodes { ...Timeline } } }`+history, nil)
	}
	n := 0
	for v := range values {
		if n++; n > 25 { // of the 30 look-ups that a caller has in a minute
			break
		}
		for _, role := range []string{"support-agent", "marketing"} {
			by := map[string]any{"email": v}
			if !strings.Contains(v, "@") {
				by = map[string]any{"phone": v}
			}
			gateway.ask(t, role, map[string]string{"support-agent": "support.case", "marketing": "marketing.email"}[role],
				`query Find($by: LookupBy!) { lookup(by: $by) { name } }`, map[string]any{"by": by})
			gateway.ask(t, role, v, `{ customer(id: "`+strings.ReplaceAll(v, `"`, "")+`") { name } }`, nil)
			gateway.ask(t, role, "support.case", `query Q($first: Int!) { customers(first: $first) { nodes { name } } }`, map[string]any{"first": v})
			gateway.ask(t, role, "support.case", `{ `+v+` }`, nil)
		}
	}
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A search looks for many values at once: by their first seven bytes, then whole.
type search struct {
	forms map[[7]byte][]form
	of    int
	seen  map[string]bool
}

type form struct{ text, value string }

// newSearch prepares the values, with every disguise where disguised.
func newSearch(values map[string]bool, disguised bool) *search {
	s := &search{forms: map[[7]byte][]form{}, of: len(values), seen: map[string]bool{}}
	for v := range values {
		texts := []string{v}
		if disguised {
			texts = disguises(v)
		}
		for _, text := range texts {
			if len(text) >= 7 {
				key := [7]byte([]byte(text[:7]))
				s.forms[key] = append(s.forms[key], form{text, v})
			}
		}
	}
	return s
}

// disguises are the ways in which a value might stand in a file.
func disguises(v string) []string {
	out := []string{v, strings.ToUpper(v), strings.ToLower(v)}
	for _, typ := range []idgraph.IdentifierType{idgraph.Email, idgraph.Phone} {
		if id, ok := match.Normalise(idgraph.Identifier{Type: typ, Value: v}, "DE"); ok {
			out = append(out, id.Value)
		}
	}
	for _, plain := range out[:len(out):len(out)] {
		out = append(out, hex.EncodeToString([]byte(plain)), strings.ToUpper(hex.EncodeToString([]byte(plain))))
		for shift := range 3 { // wherever it begins within a longer text
			encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, shift), plain...))
			from, to := (shift*8+5)/6, len(encoded)
			if (shift+len(plain))%3 != 0 {
				to--
			}
			if to-from >= 7 {
				out = append(out, encoded[from:to], strings.NewReplacer("+", "-", "/", "_").Replace(encoded[from:to]))
			}
		}
	}
	return out
}

func (s *search) read(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s.search(text)
}

func (s *search) search(text []byte) {
	for i := 0; i+7 <= len(text); i++ {
		for _, f := range s.forms[[7]byte(text[i:i+7])] {
			if !s.seen[f.value] && bytes.HasPrefix(text[i:], []byte(f.text)) {
				s.seen[f.value] = true
			}
		}
	}
}

func (s *search) count() (found, of int) { return len(s.seen), s.of }
