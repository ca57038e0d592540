package vendure

import (
	"bytes"
	"flag"
	"io"
	"net/http"
	"os"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Recorded replies are made by running the tests against a shop that holds
// testdata/people.jsonl and testdata/additions.mjs:
//
//	export STATE_DIR=… PORT=18092 VENDURE_URL=http://127.0.0.1:18092 PEOPLE=$PWD/connectors/vendure/testdata/people.jsonl
//	testdata/systems/vendure/up.sh
//	psql -h /tmp/.pg-$(printf %s $STATE_DIR | cksum | cut -d' ' -f1) -U app vendure -c 'ALTER SEQUENCE customer_id_seq RESTART 4101'
//	node testdata/systems/vendure/seed.mjs
//	node connectors/vendure/testdata/additions.mjs testdata/systems/vendure/client.mjs
//
// (the suite looks for ids in errors, where 1 or 4 stand in every status code)
// and a minute after that, so that nothing counts as just changed,
//
//	VENDURE_KEY=$(cat $STATE_DIR/token) go test ./connectors/vendure -run TestTheSuite -record $VENDURE_URL/admin-api
var recordFrom = flag.String("record", "", "record testdata/suite.json from this address")

// An exchange is one call as it went over the wire, without its headers.
type exchange struct {
	Asked jsontext.Value `json:"asked"`
	Date  string         `json:"date"`
	Body  jsontext.Value `json:"body"`
}

// A tape answers calls from a recording, or records them. A call that was made
// before has the same answer again.
type tape struct {
	t      *testing.T
	mu     sync.Mutex
	left   []exchange
	played []exchange
}

const tapeFile = "testdata/suite.json"

// newTape plays the recording. An exchange that no test asks for fails the test
// that opened the tape.
func newTape(t *testing.T) *tape {
	p := &tape{t: t}
	if *recordFrom != "" {
		t.Cleanup(p.save)
		return p
	}
	b, err := os.ReadFile(tapeFile)
	if err == nil {
		err = json.Unmarshal(b, &p.left)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, e := range p.left {
			t.Errorf("nobody asks %s", e.Asked)
		}
	})
	return p
}

func (p *tape) save() {
	b, err := json.Marshal(p.played, json.Deterministic(true), jsontext.WithIndent(" "))
	if err == nil {
		err = os.WriteFile(tapeFile, append(b, '\n'), 0o644)
	}
	if err != nil {
		p.t.Error(err)
	}
}

func (p *tape) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Header.Get("vendure-api-key") == "" || req.Method != http.MethodPost {
		p.t.Error("a call without its key")
	}
	asked, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	call := jsontext.Value(asked)
	if err := call.Canonicalize(); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	e, known := p.find(call)
	if !known {
		if *recordFrom == "" {
			p.t.Errorf("no recorded reply to %s", call)
			return nil, io.ErrUnexpectedEOF
		}
		if e, err = record(req, call); err != nil {
			return nil, err
		}
		p.played = append(p.played, e)
	}
	return &http.Response{StatusCode: 200, Header: http.Header{"Date": {e.Date}}, ContentLength: -1, Body: io.NopCloser(bytes.NewReader(e.Body))}, nil
}

// find finds the exchange that answers a call.
func (p *tape) find(call jsontext.Value) (exchange, bool) {
	for _, e := range p.played {
		if same(e.Asked, call) {
			return e, true
		}
	}
	for i, e := range p.left {
		if same(e.Asked, call) {
			p.left = append(p.left[:i:i], p.left[i+1:]...)
			p.played = append(p.played, e)
			return e, true
		}
	}
	return exchange{}, false
}

func same(recorded, canonical jsontext.Value) bool {
	v := recorded.Clone()
	return v.Canonicalize() == nil && bytes.Equal(v, canonical)
}

func record(req *http.Request, call jsontext.Value) (exchange, error) {
	out, err := http.NewRequestWithContext(req.Context(), http.MethodPost, *recordFrom, bytes.NewReader(call))
	if err != nil {
		return exchange{}, err
	}
	out.Header = req.Header
	resp, err := http.DefaultTransport.RoundTrip(out)
	if err != nil {
		return exchange{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return exchange{Asked: call, Date: resp.Header.Get("Date"), Body: body}, err
}
