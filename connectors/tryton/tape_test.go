package tryton

import (
	"bytes"
	"flag"
	"io"
	"net/http"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Recorded replies are made by running the tests against seeded systems:
//
//	TRYTON_PASSWORD=… go test ./connectors/tryton -record-crm http://127.0.0.1:8080/crm/ -record-erp http://127.0.0.1:8081/erp/
//
// The suite's come from systems that hold testdata/people.jsonl and what the
// systems test adds. Their state is left behind by
//
//	PEOPLE=$PWD/connectors/tryton/testdata/people.jsonl go run ./internal/systemstest -n 4 -state DIR
//
// A minute after that, so that nothing counts as just changed, start them again
// by their up.sh, and record with -record-suite-crm and -record-suite-erp.
var recordFrom = map[string]*string{
	"crm":       flag.String("record-crm", "", "record testdata/crm.json from this address"),
	"erp":       flag.String("record-erp", "", "record testdata/erp.json from this address"),
	"suite-crm": flag.String("record-suite-crm", "", "record testdata/suite-crm.json from this address"),
	"suite-erp": flag.String("record-suite-erp", "", "record testdata/suite-erp.json from this address"),
}

// An exchange is one call as it went over the wire, without its number, the
// password and the session.
type exchange struct {
	Method string         `json:"method"`
	Params jsontext.Value `json:"params"`
	Date   string         `json:"date"`
	Result jsontext.Value `json:"result,omitzero"`
	Error  jsontext.Value `json:"error,omitzero"`
}

// A tape answers calls from a recording, each exchange once, or records them.
type tape struct {
	t      *testing.T
	file   string
	from   string // records from there, where not empty
	again  bool   // a call that was made before has the same answer again
	mu     sync.Mutex
	left   []exchange
	played []exchange
}

// newTape plays testdata/NAME.json. An exchange that no test asks for fails the
// test that opened the tape.
func newTape(t *testing.T, name string) *tape {
	p := &tape{t: t, file: "testdata/" + name + ".json", from: *recordFrom[name]}
	if p.from != "" {
		t.Cleanup(p.save)
		return p
	}
	b, err := os.ReadFile(p.file)
	if err == nil {
		err = json.Unmarshal(b, &p.left)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, e := range p.left {
			t.Errorf("nobody asks %s %s", e.Method, e.Params)
		}
	})
	return p
}

func (p *tape) save() {
	b, err := json.Marshal(p.played, json.Deterministic(true), jsontext.WithIndent(" "))
	if err == nil {
		err = os.WriteFile(p.file, append(b, '\n'), 0o644)
	}
	if err != nil {
		p.t.Error(err)
	}
}

type call struct {
	ID     int64          `json:"id"`
	Method string         `json:"method"`
	Params jsontext.Value `json:"params"`
}

func (p *tape) RoundTrip(req *http.Request) (*http.Response, error) {
	asked, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	var c call
	if err := json.Unmarshal(asked, &c); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	e, known := p.repeat(c)
	switch {
	case known:
	case p.from != "":
		e, err = p.record(req, asked, c)
	default:
		e, err = p.play(c)
	}
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(map[string]any{"id": c.ID, "result": e.Result, "error": e.Error})
	head := http.Header{"Date": {e.Date}}
	return &http.Response{StatusCode: 200, Header: head, ContentLength: -1, Body: io.NopCloser(bytes.NewReader(body))}, err
}

// repeat finds the exchange that has answered the same call before. A login
// that is being recorded is none: what it gave is not on the tape.
func (p *tape) repeat(c call) (exchange, bool) {
	if !p.again || p.from != "" && c.Method == "common.db.login" {
		return exchange{}, false
	}
	for _, e := range p.played {
		if e.Method == c.Method && canonical(call{Method: e.Method, Params: e.Params}) == canonical(c) {
			return e, true
		}
	}
	return exchange{}, false
}

// play finds the exchange that answers a call.
func (p *tape) play(c call) (exchange, error) {
	params := canonical(c)
	for i, e := range p.left {
		if e.Method == c.Method && canonical(call{Method: e.Method, Params: e.Params}) == params {
			p.left = append(p.left[:i:i], p.left[i+1:]...)
			p.played = append(p.played, e)
			return e, nil
		}
	}
	p.t.Errorf("no recorded reply to %s %s", c.Method, c.Params)
	return exchange{}, io.ErrUnexpectedEOF
}

// canonical is a call's parameters in one spelling; a login's are not for the record.
func canonical(c call) string {
	if c.Method == "common.db.login" {
		return `["***"]`
	}
	v := c.Params.Clone()
	if v.Canonicalize() != nil {
		return ""
	}
	return string(v)
}

func (p *tape) record(req *http.Request, asked []byte, c call) (exchange, error) {
	out, err := http.NewRequestWithContext(req.Context(), http.MethodPost, p.from, bytes.NewReader(asked))
	if err != nil {
		return exchange{}, err
	}
	out.Header = req.Header
	resp, err := http.DefaultTransport.RoundTrip(out)
	if err != nil {
		return exchange{}, err
	}
	defer resp.Body.Close()
	e := exchange{Method: c.Method, Params: jsontext.Value(canonical(c)), Date: resp.Header.Get("Date")}
	if err := json.UnmarshalRead(resp.Body, &e); err != nil {
		return e, err
	}
	kept := e
	if c.Method == "common.db.login" {
		kept.Result = jsontext.Value(`[1,"recorded"]`)
		if p.again && slices.ContainsFunc(p.played, func(e exchange) bool { return e.Method == c.Method }) {
			return e, nil
		}
	}
	p.played = append(p.played, kept)
	return e, nil
}
