package prove

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
)

// An operation is one request, and what goes wrong while it is answered.
type operation struct {
	document   *document
	raw        []byte // the body, in place of the document
	declaring  declaring
	token      string
	accept     string
	troubles   []trouble
	generous   []bool // by source
	ledgerDown bool
	auditDown  bool
	findDown   bool
	noLookups  bool
}

// An answer is all that leaves the server, and all that it did.
type answer struct {
	status  int
	headers string
	data    json.RawMessage
	rest    string   // errors, sorted, what came later, sorted, and extensions
	calls   []string // to sources, sorted
	log     []string // sorted
	audit   string
	broken  error // parts that do not fit together
}

// do sends an operation to one side.
func (s *side) do(ctx context.Context, o *operation, w World) answer {
	s.set(ctx, w, o.generous, o.troubles)
	s.ledger.broken, s.audit.broken, s.finder.broken, s.lookups = o.ledgerDown, o.auditDown, o.findDown, !o.noLookups
	body := o.raw
	if body == nil {
		body = o.document.body(o.declaring.extension)
	}
	req := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", bytes.NewReader(body))
	req.Host = "localhost"
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+o.token)
	if o.accept != "" {
		req.Header.Set("Accept", o.accept)
	}
	for _, p := range o.declaring.headers {
		req.Header.Add("X-Purpose", p)
	}
	rec := httptest.NewRecorder()
	s.http.ServeHTTP(rec, req)
	return s.collect(rec)
}

// collect takes down what an operation did, and forgets it.
func (s *side) collect(rec *httptest.ResponseRecorder) answer {
	a := answer{status: rec.Code, log: s.log.take()}
	h := rec.Header().Clone()
	h.Del("Date")
	h.Del("Content-Length")
	a.headers = fmt.Sprint(h)
	for _, src := range s.sources {
		src.mu.Lock()
		a.calls = append(a.calls, src.calls...)
		src.calls = nil
		src.mu.Unlock()
	}
	slices.Sort(a.calls)
	entries, err := json.Marshal(s.audit.entries)
	a.audit, s.audit.entries = string(entries), nil
	if err != nil {
		a.audit = err.Error()
	}
	if err := a.read(payloads(rec)); err != nil {
		a.broken = err
	}
	return a
}

// both sends an operation to both worlds at once.
func (p *ruled) both(ctx context.Context, o *operation, worlds [2]World) [2]answer {
	var out [2]answer
	var wg sync.WaitGroup
	for i, s := range p.sides {
		wg.Go(func() { out[i] = s.do(ctx, o, worlds[i]) })
	}
	wg.Wait()
	return out
}

// unequal says in what two answers differ; "" is in nothing.
func unequal(a, b answer) string {
	var out strings.Builder
	tell := func(what, x, y string) {
		if x != y {
			fmt.Fprintf(&out, "%s differ:\n  %s\n  %s\n", what, around(x, y), around(y, x))
		}
	}
	tell("status codes", fmt.Sprint(a.status), fmt.Sprint(b.status))
	tell("headers", a.headers, b.headers)
	tell("data", string(a.data), string(b.data))
	tell("errors or extensions", a.rest, b.rest)
	tell("source calls", strings.Join(a.calls, "\n  "), strings.Join(b.calls, "\n  "))
	tell("log lines", strings.Join(a.log, "\n  "), strings.Join(b.log, "\n  "))
	tell("audit entries", a.audit, b.audit)
	return out.String()
}

// around is the part of a text where it begins to differ from another.
func around(s, other string) string {
	const room = 300
	if len(s) <= 2*room {
		return s
	}
	at := 0
	for at < min(len(s), len(other)) && s[at] == other[at] {
		at++
	}
	return "…" + s[max(0, at-room):min(len(s), at+room)] + "…"
}
