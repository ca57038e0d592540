package requesttracker

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"customer360/connectors"
	"customer360/connectors/connectortest"
	"customer360/idgraph"
	"customer360/internal/keys"
)

// served opens a connector before a server of a test's own.
func served(t *testing.T, serve func(req *http.Request) string) *connector {
	t.Helper()
	t.Setenv("RT_TOKEN", "swordfish")
	return opened(t, config(), connectors.Setup{Source: "helpdesk", Role: connectors.Helpdesk, Transport: connectortest.Trip(func(req *http.Request) (*http.Response, error) {
		return says(200, serve(req)), nil
	})})
}

func TestPagesAreReadToTheEnd(t *testing.T) {
	row := func(id int) string { return fmt.Sprintf(`{"id":"%d","Requestor":[{"type":"user","id":"27"}]}`, id) }
	for name, c := range map[string]struct {
		pages []string
		rows  int
		more  bool
	}{
		"one":                             {[]string{`{"items":[` + row(1) + `],"total":1}`}, 1, false},
		"two, the next on another host":   {[]string{`{"items":[` + row(1) + `],"total":2,"next_page":"http://elsewhere.test/REST/2.0/tickets?page=7"}`, `{"items":[` + row(2) + `],"total":2}`}, 2, false},
		"the total is not known":          {[]string{`{"items":[` + row(1) + `],"total":null,"pages":null}`, `{"items":[` + row(2) + `],"total":null}`, `{"items":[],"total":null}`}, 2, false},
		"a row that moved comes twice":    {[]string{`{"items":[` + row(1) + `,` + row(2) + `],"total":3,"next_page":"x"}`, `{"items":[` + row(2) + `,` + row(3) + `],"total":3}`}, 3, false},
		"no more than the limit is read":  {[]string{`{"items":[` + row(1) + `,` + row(2) + `,` + row(3) + `,` + row(4) + `],"total":9,"next_page":"x"}`}, 3, true},
		"a page that is empty for rights": {[]string{`{"items":[],"total":101,"next_page":"x"}`, `{"items":[` + row(1) + `],"total":101}`}, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			rt := served(t, func(req *http.Request) string {
				asked++
				if req.URL.Host != "rt.test" || req.URL.Query().Get("page") != strconv.Itoa(asked) || asked > len(c.pages) {
					t.Fatalf("call %d to %s", asked, req.URL)
				}
				return c.pages[asked-1]
			})
			ref := idgraph.Ref{Source: "helpdesk", ID: "27"}
			got, err := rt.Tickets(t.Context(), connectors.Query{Refs: []idgraph.Ref{ref}, Fields: connectors.Fields("number"), Limit: 3})
			if err != nil || len(got[ref].Rows) != c.rows || got[ref].More != c.more || asked != len(c.pages) {
				t.Errorf("%d rows, more: %t, by %d calls, %v", len(got[ref].Rows), got[ref].More, asked, err)
			}
		})
	}
}

func TestManyRequestorsGoFiveAtATime(t *testing.T) {
	var sizes []int
	c := served(t, func(req *http.Request) string {
		sizes = append(sizes, strings.Count(req.URL.Query().Get("query"), "Requestor.id"))
		return `{"items":[],"total":0}`
	})
	var refs []idgraph.Ref
	for id := range 12 {
		refs = append(refs, idgraph.Ref{Source: "helpdesk", ID: strconv.Itoa(id + 1)})
	}
	if _, err := c.Tickets(t.Context(), connectors.Query{Refs: refs, Limit: 1}); err != nil || !slices.Equal(sizes, []int{5, 5, 2}) {
		t.Errorf("%v, %v", sizes, err)
	}
}

func TestAStatusThatIsNotKnownSpoilsItsRequestorAlone(t *testing.T) {
	c := served(t, func(*http.Request) string {
		return `{"items":[{"id":1,"Status":"baffled","Requestor":[{"type":"user","id":1}]},{"id":2,"Status":"Stalled","Requestor":[{"type":"user","id":2}]}],"total":2}`
	})
	one, two := idgraph.Ref{Source: "helpdesk", ID: "1"}, idgraph.Ref{Source: "helpdesk", ID: "2"}
	got, err := c.Tickets(t.Context(), connectors.Query{Refs: []idgraph.Ref{one, two}, Fields: connectors.Fields("status"), Limit: 5})
	if err != nil || !errors.Is(got[one].Err, connectors.ErrBadData) || strings.Contains(got[one].Err.Error(), "baffled") {
		t.Errorf("%v, %v", err, got[one].Err)
	}
	if rows := got[two].Rows; len(rows) != 1 || *rows[0].Status != "PENDING" {
		t.Errorf("%d tickets of another", len(rows))
	}
}

// TestARound goes through what a helpdesk answers after a first reading.
func TestARound(t *testing.T) {
	const staff = `{"items":[{"id":4,"Name":"Privileged","Domain":"SystemInternal","type":"user"}],"total":1}`
	changed, calls := "", 0
	c := served(t, func(req *http.Request) string {
		calls++
		switch v := req.URL.Query(); {
		case strings.Contains(req.URL.Path, "group"):
			return staff
		case v.Get("per_page") == "1":
			return `{"items":[{"id":9,"LastUpdated":"` + changed + `"}],"total":3,"next_page":"x"}`
		default:
			return `{"items":[{"id":9,"LastUpdated":"` + changed + `"},{"id":4,"LastUpdated":"` + changed + `"},{"id":7,"LastUpdated":"2026-01-01T00:00:00Z"}],"total":200,"next_page":"x"}`
		}
	})
	const since = `{"since":"2026-06-01T00:00:00Z","began":"0001-01-01T00:00:00Z","rows":0,"page":0,"total":3}`
	changed = "2026-05-31T23:59:59Z"
	got, err := c.Changes(t.Context(), since, 500)
	if err != nil || len(got.Profiles)+len(got.Gone) != 0 || got.More || calls != 1 {
		t.Errorf("nothing changed: %d persons by %d calls, more: %t, %v", len(got.Profiles), calls, got.More, err)
	}
	changed = "2026-06-01T00:00:00Z"
	got, err = c.Changes(t.Context(), since, 500)
	if err != nil || len(got.Profiles) != 1 || got.Profiles[0].ID != "9" || len(got.Gone) != 1 || got.Gone[0].ID != "4" || got.More {
		t.Errorf("one changed, and one of the staff: %d persons, gone %v, more: %t, %v", len(got.Profiles), got.Gone, got.More, err)
	}
}

func TestAnAddressThatAProviderFolds(t *testing.T) {
	if got, want := mailbox("jo@gmail.com"), (entry{"EmailAddress", "LIKE", "j%o%@"}); got != want {
		t.Errorf("%v, want %v", got, want)
	}
	for address, want := range map[string]bool{"J.O+shop@googlemail.com": true, "oj@gmail.com": false, "": false} {
		if got := fitsAny([]entry{mailbox("jo@gmail.com")}, address); got != want {
			t.Errorf("%q fits: %t", address, got)
		}
	}
}

func TestAConfigurationThatCannotBeIsRefused(t *testing.T) {
	t.Setenv("RT_TOKEN", "swordfish")
	for what, with := range map[string]func(*Config, *connectors.Setup){
		"serves as HELPDESK": func(_ *Config, s *connectors.Setup) { s.Role = connectors.CRM },
		"url: want":          func(c *Config, _ *connectors.Setup) { c.URL = "rt.test" },
		"url: a user":        func(c *Config, _ *connectors.Setup) { c.URL = "http://u:swordfish@rt.test/" },
		"token: ":            func(c *Config, _ *connectors.Setup) { c.Token = keys.Secret{} },
		`statuses: "odd"`:    func(c *Config, _ *connectors.Setup) { c.Statuses = map[string]connectors.TicketStatus{"odd": "ODD"} },
		"priorities: want":   func(c *Config, _ *connectors.Setup) { c.Priorities = map[connectors.TicketPriority]int64{"ODD": 1} },
	} {
		cfg, s := config(), connectors.Setup{Source: "x", Role: connectors.Helpdesk}
		with(cfg, &s)
		if _, err := cfg.Open(s); err == nil || !strings.Contains(err.Error(), what) || strings.Contains(err.Error(), "swordfish") {
			t.Errorf("%v, want %q", err, what)
		}
	}
	for _, url := range []string{"https://rt.test", "https://rt.test/", "https://rt.test/REST/2.0", "https://rt.test/REST/2.0/"} {
		cfg := config()
		if cfg.URL = url; cfg.complete(connectors.Helpdesk) != nil || cfg.URL != "https://rt.test/REST/2.0/" {
			t.Errorf("%s becomes %s", url, cfg.URL)
		}
	}
}

// The configuration that docs/connectors.md shows opens as it stands.
func TestTheReferenceOpens(t *testing.T) {
	b, err := os.ReadFile("../../docs/connectors.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(b), "## The requesttracker kind")
	_, after, _ = strings.Cut(after, "```yaml\n")
	text, _, closed := strings.Cut(after, "```")
	if !closed {
		t.Fatal("there is no configuration in it")
	}
	var cfg Config
	if err := yaml.UnmarshalWithOptions([]byte(text), &cfg, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HELPDESK_TOKEN", "swordfish")
	c := opened(t, &cfg, connectors.Setup{Source: "helpdesk", Role: connectors.Helpdesk})
	if c.cfg.Statuses["waiting for vendor"] != "PENDING" || len(c.cfg.Priorities) != 3 {
		t.Error("it is read otherwise than it stands there")
	}
}

func TestMessagesArePlainText(t *testing.T) {
	for markup, want := range map[string]string{
		"a<br>b<br/>c": "a\nb\nc", "<p>a</p>\n\n<p> b  c </p>": "a\n\nb c", "<div><b>a</b> <i>b</i></div>": "a b", "&lt;b&gt; &amp; c": "<b> & c",
		"<script>alert(1)</script>x<style>p{}</style>": "x", "<ul><li>a<li>b</ul>": "a\nb", "": "", "<img src=x alt=y>": "", "no tags": "no tags",
		"<p>It <b>works</b>.\r\nR<sup>2</sup>\n <i>too</i></p>": "It works. R2 too", "<table><tr><td>a<td>b</tr></table>c": "a b\n\nc",
	} {
		if got := plain(markup); got != want {
			t.Errorf("%q becomes %q, want %q", markup, got, want)
		}
	}
}

func TestPrioritiesBeginAtTheirNumbers(t *testing.T) {
	c := &connector{cfg: *config()}
	for n, want := range map[int64]string{-1: "", 0: "LOW", 49: "LOW", 50: "NORMAL", 99: "NORMAL", 100: "HIGH", 1000: "HIGH"} {
		got := ""
		if name := c.priorityOf(n); name != nil {
			got = string(*name)
		}
		if got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}
