package requesttracker

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/goccy/go-yaml"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/internal/keys"
)

// TestHelpdesk reads a helpdesk of 25 people, and holds it against
// testdata/systems/people.jsonl.
func TestHelpdesk(t *testing.T) {
	rec := newTape(t, "helpdesk")
	var said []string
	var mu sync.Mutex
	c := opened(t, config(), connectors.Setup{
		Source: "helpdesk", Role: connectors.Helpdesk, Transport: rec,
		Before: func(_ context.Context, call string) error {
			mu.Lock()
			defer mu.Unlock()
			said = append(said, call)
			return nil
		},
	})
	everybody, err := c.Changes(t.Context(), "", 500)
	if err != nil || everybody.More || everybody.Total != 27 || len(everybody.Profiles) != 25 {
		t.Fatalf("%d of %d persons, more: %t, %v", len(everybody.Profiles), everybody.Total, everybody.More, err)
	}
	wrote, names := written(t, 25)
	var refs []idgraph.Ref
	mails, logins := map[idgraph.Ref]string{}, map[idgraph.Ref]string{}
	for _, p := range everybody.Profiles {
		refs = append(refs, p.Owner)
		mails[p.Owner], logins[p.Owner] = *p.Emails[0].Address, p.LookupKey
		if *p.Name != names[mails[p.Owner]] {
			t.Errorf("%s has another name", p.Owner)
		}
	}
	asker := &connectors.Asker{Connector: c, Timeout: time.Minute}
	ask := func(refs ...idgraph.Ref) (connectors.Answers[connectors.Ticket], connectors.Tally) {
		q := connectors.Query{Refs: refs, Fields: connectors.Fields("subject"), Limit: 10}
		return connectors.Ask(t.Context(), asker, connectors.KindTicket, q, c.Tickets)
	}

	t.Run("the tickets of twenty at once are those of one by one, and what people wrote", func(t *testing.T) {
		said = nil
		got, tally := ask(refs[:20]...)
		if tally.Err != nil || tally.Calls != 4 || len(said) != 4 {
			t.Fatalf("%d calls, %d announced, %v", tally.Calls, len(said), tally.Err)
		}
		for _, call := range said {
			if !strings.HasSuffix(call, ", 5 requestors") {
				t.Errorf("a call said %q", call)
			}
		}
		n := 0
		for _, ref := range refs[:20] {
			one, tally := ask(ref)
			if tally.Err != nil || !reflect.DeepEqual(one[ref], got[ref]) {
				t.Errorf("%s: %d tickets among others, %d alone, %v", ref, len(got[ref].Rows), len(one[ref].Rows), tally.Err)
			}
			var subjects []string
			for _, row := range got[ref].Rows {
				subjects = append(subjects, *row.Subject)
			}
			if n += len(subjects); !slices.Equal(subjects, wrote[mails[ref]]) {
				t.Errorf("%s: %d tickets, wrote %d", ref, len(subjects), len(wrote[mails[ref]]))
			}
		}
		if n < 20 {
			t.Errorf("%d tickets of 20 people", n)
		}
	})
	t.Run("pages and limits make no difference", func(t *testing.T) {
		q := connectors.Query{Refs: refs[:5], Fields: connectors.Fields("number"), Limit: 2}
		for _, q.Order = range []connectors.Ordering{connectors.ByID, connectors.NewestFirst} {
			c.rest.rows = pageRows
			want, err := c.Tickets(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			c.rest.rows = 2
			got, err := c.Tickets(t.Context(), q)
			if err != nil || !reflect.DeepEqual(numbers(got), numbers(want)) {
				t.Errorf("in order %d: %v, want %v, %v", q.Order, numbers(got), numbers(want), err)
			}
		}
		c.rest.rows = pageRows
	})
	t.Run("twenty profiles are one search by their logins", func(t *testing.T) {
		said = nil
		calls := rec.calls
		q := connectors.Query{Refs: refs[:20], Keys: logins, Fields: connectors.Fields("name"), Limit: 1}
		got, tally := connectors.Ask(t.Context(), asker, connectors.KindProfile, q, c.Profiles)
		if tally.Err != nil || len(got) != 20 || tally.Calls != 1 || rec.calls-calls != 1 {
			t.Errorf("%d profiles by %d calls, counted %d, %v", len(got), rec.calls-calls, tally.Calls, tally.Err)
		}
		if len(said) != 1 || said[0] != "POST users id,Name,RealName id, 20 logins" {
			t.Errorf("announced %q", said)
		}
		for _, ref := range refs[:20] {
			if rows := got[ref].Rows; len(rows) != 1 || *rows[0].Name != names[mails[ref]] || rows[0].Emails != nil {
				t.Errorf("%s: %d profiles, or another's, or more of it than was asked for", ref, len(rows))
			}
		}
	})
	t.Run("many are found by one search", func(t *testing.T) {
		var ids []idgraph.Identifier
		for _, ref := range refs {
			ids = append(ids, idgraph.Identifier{Type: idgraph.Email, Value: strings.ToLower(mails[ref])})
		}
		said = nil
		found, err := c.Find(t.Context(), ids)
		for i, ref := range refs {
			if !slices.Equal(found[ids[i]], []idgraph.Ref{ref}) {
				t.Errorf("%s: %v", ref, found[ids[i]])
			}
		}
		if err != nil || len(said) != 1 || said[0] != "POST users id,Name,EmailAddress id, 25 addresses" {
			t.Errorf("%q, %v", said, err)
		}
	})
}

func numbers(got connectors.Answers[connectors.Ticket]) map[idgraph.Ref]string {
	out := map[idgraph.Ref]string{}
	for ref, res := range got {
		for _, row := range res.Rows {
			out[ref] += *row.Number + " "
		}
		out[ref] += strconv.FormatBool(res.More)
	}
	return out
}

// written are the subjects and names of the first n people of the helpdesk, by
// their addresses as they stand there.
func written(t *testing.T, n int) (subjects map[string][]string, names map[string]string) {
	t.Helper()
	f, err := os.Open("../../testdata/systems/people.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	subjects, names = map[string][]string{}, map[string]string{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var person struct {
			Records []struct {
				System  string   `json:"system"`
				Email   string   `json:"email"`
				Given   string   `json:"first_name"`
				Family  string   `json:"last_name"`
				Tickets []string `json:"tickets"`
			} `json:"records"`
		}
		if err := json.Unmarshal(lines.Bytes(), &person); err != nil {
			t.Fatal(err)
		}
		for _, r := range person.Records {
			if r.System == "helpdesk" && n > 0 {
				mail := strings.TrimSpace(r.Email)
				subjects[mail], names[mail] = append(subjects[mail], r.Tickets...), r.Given+" "+r.Family
				n--
			}
		}
	}
	return subjects, names
}

// served opens a connector before a server of a test's own.
func served(t *testing.T, serve func(req *http.Request) string) *connector {
	t.Helper()
	t.Setenv("RT_TOKEN", "swordfish")
	return opened(t, config(), connectors.Setup{Source: "helpdesk", Role: connectors.Helpdesk, Transport: trip(func(req *http.Request) (*http.Response, error) {
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

// TestLogins goes through what may have become of the logins that were learnt.
func TestLogins(t *testing.T) {
	ref := func(id int) idgraph.Ref { return idgraph.Ref{Source: "helpdesk", ID: strconv.Itoa(id)} }
	user := func(id int, login string) string {
		return fmt.Sprintf(`{"id":"%d","Name":"%s","RealName":"User %d"}`, id, login, id)
	}
	q := connectors.Query{
		Refs: []idgraph.Ref{ref(1), ref(2), ref(3)}, Keys: map[idgraph.Ref]string{ref(1): "one", ref(2): "two", ref(3): "three"},
		Fields: connectors.Fields("name"), Limit: 1,
	}
	for name, c := range map[string]struct {
		found string
		alone []string // who is fetched by id
		err   error
	}{
		"all are as they were":            {user(1, "one") + "," + user(2, "TWO") + "," + user(3, "three"), nil, nil},
		"one has another by now":          {user(1, "one") + "," + user(3, "three"), []string{"2"}, nil},
		"one's is another user's by now":  {user(1, "one") + "," + user(2, "three") + "," + user(9, "two"), []string{"3"}, nil},
		"the server ignores the search":   {user(1, "one") + "," + user(2, "two") + "," + user(3, "three") + "," + user(9, "nine"), nil, connectors.ErrBadData},
		"nobody has any of them any more": {"", []string{"1", "2", "3"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var alone []string
			rt := served(t, func(req *http.Request) string {
				if id, one := strings.CutPrefix(req.URL.Path, "/REST/2.0/user/"); one {
					alone = append(alone, id)
					return `{"id":` + id + `,"Name":"renamed","Privileged":0,"RealName":"User ` + id + `"}`
				}
				return `{"items":[` + c.found + `],"total":null}`
			})
			got, err := rt.Profiles(t.Context(), q)
			if !errors.Is(err, c.err) || !slices.Equal(alone, c.alone) {
				t.Errorf("%v, and fetched alone: %v, want %v", err, alone, c.alone)
			}
			if c.err != nil {
				return
			}
			for _, ref := range q.Refs {
				if rows := got[ref].Rows; len(rows) != 1 || *rows[0].Name != "User "+ref.ID {
					t.Errorf("%s: %d profiles, or another's", ref, len(rows))
				}
			}
		})
	}
}

func TestFewLoginsThatAreNotKnownAreFetchedOneByOne(t *testing.T) {
	fetched := 0
	answer := func(req *http.Request) string {
		return `{"id":` + strings.TrimPrefix(req.URL.Path, "/REST/2.0/user/") + `,"Privileged":0,"RealName":"User"}`
	}
	c := served(t, func(req *http.Request) string { fetched++; return answer(req) })
	q := connectors.Query{Fields: connectors.Fields("name"), Limit: 1}
	for id := range 12 {
		q.Refs = append(q.Refs, idgraph.Ref{Source: "helpdesk", ID: strconv.Itoa(id + 1)})
	}
	got, err := c.Profiles(t.Context(), q)
	if err != nil || fetched != mostAlone {
		t.Errorf("%d fetched, %v", fetched, err)
	}
	for i, ref := range q.Refs {
		if res := got[ref]; i < mostAlone && len(res.Rows) != 1 || i >= mostAlone && !errors.Is(res.Err, connectors.ErrUnavailable) {
			t.Errorf("%s: %d profiles, %v", ref, len(res.Rows), res.Err)
		}
	}
	fetched = 0
	c = served(t, func(*http.Request) string { fetched++; return `{"Privileged":0,"RealName":"User"}` })
	got, err = c.Profiles(t.Context(), q)
	if err != nil || fetched != 1 {
		t.Errorf("%d fetched after a refusal, %v", fetched, err)
	}
	for _, ref := range q.Refs {
		if !errors.Is(got[ref].Err, connectors.ErrAuth) { // all that a user without AdminUsers is told of others
			t.Errorf("%s: %v", ref, got[ref].Err)
		}
	}
}

func TestWhoBecameOneOfTheStaffIsNoCustomer(t *testing.T) {
	c := served(t, func(req *http.Request) string {
		switch {
		case strings.HasSuffix(req.URL.Path, "/members"):
			return `{"items":[{"type":"user","id":1}],"total":1}`
		case strings.Contains(req.URL.Path, "group"):
			return `{"items":[{"id":4,"Name":"Privileged","Domain":"SystemInternal"}],"total":1}`
		}
		return `{"items":[{"id":1,"Name":"one"},{"id":2,"Name":"two"}],"total":2}`
	})
	if _, err := c.staffed(t.Context()); err != nil {
		t.Fatal(err)
	}
	one, two := idgraph.Ref{Source: "helpdesk", ID: "1"}, idgraph.Ref{Source: "helpdesk", ID: "2"}
	got, err := c.Profiles(t.Context(), connectors.Query{Refs: []idgraph.Ref{one, two}, Keys: map[idgraph.Ref]string{one: "one", two: "two"}, Limit: 1})
	if err != nil || len(got[one].Rows) != 0 || len(got[two].Rows) != 1 {
		t.Errorf("%d and %d profiles, %v", len(got[one].Rows), len(got[two].Rows), err)
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
