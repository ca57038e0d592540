package requesttracker

import (
	"bytes"
	"cmp"
	"flag"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Recorded replies are made by running the tests against seeded systems:
//
//	RT_TOKEN=… go test ./connectors/requesttracker -run Helpdesk -record-helpdesk http://127.0.0.1:8083
//
// with the first 25 people of testdata/systems/people.jsonl in it. The suite's
// come, with -run Suite -record-suite, from one that seed.py has filled from
// testdata/people.jsonl here and testdata/additions.py and letters.pl have added to, a minute
// before, so that nothing counts as just changed.
var recordFrom = map[string]*string{
	"helpdesk": flag.String("record-helpdesk", "", "record testdata/helpdesk.json from this address"),
	"suite":    flag.String("record-suite", "", "record testdata/suite.json from this address"),
}

// base is where the tests' server is; recorded addresses are made to be there.
const base = "http://rt.test"

// An exchange is one call as it went over the wire, without the token.
type exchange struct {
	Call   string         `json:"call"`
	Sent   jsontext.Value `json:"sent,omitzero"`
	Date   string         `json:"date"`
	Status int            `json:"status"`
	Body   jsontext.Value `json:"body"`
}

// A tape answers calls from a recording, or records them. A call that was made
// before has the same answer again.
type tape struct {
	t      *testing.T
	file   string
	from   string // records from there, where not empty
	mu     sync.Mutex
	left   []exchange
	played []exchange
	calls  int // all of them, repeated ones too
}

// newTape plays testdata/NAME.json. An exchange that no test asks for fails the
// test that opened the tape.
func newTape(t *testing.T, name string) *tape {
	p := &tape{t: t, file: "testdata/" + name + ".json", from: *recordFrom[name]}
	if p.from != "" {
		t.Cleanup(p.save)
		return p
	}
	t.Setenv("RT_TOKEN", "swordfish")
	b, err := os.ReadFile(p.file)
	if err == nil {
		err = json.Unmarshal(b, &p.left)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, e := range p.left {
			t.Errorf("nobody asks %s %s", e.Call, e.Sent)
		}
	})
	return p
}

func (p *tape) save() {
	slices.SortStableFunc(p.played, func(a, b exchange) int {
		return cmp.Or(cmp.Compare(a.Call, b.Call), bytes.Compare(a.Sent, b.Sent))
	})
	b, err := json.Marshal(p.played, json.Deterministic(true), jsontext.WithIndent(" "))
	if err == nil {
		err = os.WriteFile(p.file, append(b, '\n'), 0o644)
	}
	if err != nil {
		p.t.Error(err)
	}
}

func (p *tape) RoundTrip(req *http.Request) (*http.Response, error) {
	// Whatever is tested: six would bring the helpdesk down.
	if n := strings.Count(req.URL.Query().Get("query"), "Requestor.id"); n > 5 {
		p.t.Errorf("a query with %d requestors left", n)
	}
	if !strings.HasPrefix(req.URL.String(), base+"/REST/2.0/") || !strings.HasPrefix(req.Header.Get("Authorization"), "token ") {
		p.t.Errorf("a call to %s, or without a token", req.URL.Host)
	}
	sent, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	e := exchange{Call: req.Method + " " + strings.TrimPrefix(req.URL.String(), base)}
	if len(sent) > 0 {
		e.Sent = sent
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	same := func(o exchange) bool { return o.Call == e.Call && canonical(o.Sent) == canonical(e.Sent) }
	switch i, j := slices.IndexFunc(p.played, same), slices.IndexFunc(p.left, same); {
	case i >= 0:
		e = p.played[i]
	case p.from != "":
		if err := p.record(req, &e); err != nil {
			return nil, err
		}
		p.played = append(p.played, e)
	case j >= 0:
		e = p.left[j]
		p.left, p.played = slices.Delete(p.left, j, j+1), append(p.played, e)
	default:
		p.t.Errorf("no recorded reply to %s %s", e.Call, e.Sent)
		return nil, io.ErrUnexpectedEOF
	}
	return says(e.Status, string(e.Body), "Date", e.Date), nil
}

func canonical(v jsontext.Value) string {
	v = v.Clone()
	_ = v.Canonicalize()
	return string(v)
}

func (p *tape) record(req *http.Request, e *exchange) error {
	out, err := http.NewRequestWithContext(req.Context(), req.Method, strings.Replace(req.URL.String(), base, p.from, 1), bytes.NewReader(e.Sent))
	if err != nil {
		return err
	}
	out.Header = req.Header
	resp, err := http.DefaultTransport.RoundTrip(out)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	e.Status, e.Date, e.Body = resp.StatusCode, resp.Header.Get("Date"), bytes.ReplaceAll(body, []byte(p.from), []byte(base))
	return err
}

// says is an answer.
func says(status int, body string, header ...string) *http.Response {
	head := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		head.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: head, ContentLength: -1, Body: io.NopCloser(strings.NewReader(body))}
}
