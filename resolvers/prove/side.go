package prove

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"customer360/connectors"
	"customer360/console"
	"customer360/idgraph/policy"
	"customer360/internal/auth"
	"customer360/internal/server"
	"customer360/resolvers/door"
)

// A side is the whole server over one of the two worlds.
type side struct {
	sources []*simulated
	ledger  *ledger
	audit   *auditor
	http    http.Handler
	log     *captured
}

// Roles are the callers of the proof: a token each, that is the role's name.
// The service holds every purpose.
func (g *ground) roles() []policy.Role { return g.policy.Roles() }

func (g *ground) caller(role policy.Role) policy.Caller {
	c := policy.Caller{Name: string(role), Role: role}
	if role == "service" {
		c.Purposes = policy.Purposes
	}
	return c
}

// newSide builds a server on the ground. Decide is the policy's, or one with a
// gate left out.
func newSide(g *ground, decide func(policy.Question) policy.Decision) (*side, error) {
	s := &side{ledger: &ledger{Ledger: g.store}, audit: &auditor{}, log: &captured{}}
	now := func() time.Time { return Clock }
	var askers []*connectors.Asker
	for _, src := range sources {
		sim := &simulated{name: src.name, role: src.role, kinds: src.kinds}
		s.sources = append(s.sources, sim)
		askers = append(askers, &connectors.Asker{Connector: sim, Now: now})
	}
	var tokens []auth.Token
	for _, role := range g.roles() {
		tokens = append(tokens, auth.Token{Name: string(role), Role: role, SHA256: auth.Digest(string(role)), Purposes: g.caller(role).Purposes})
	}
	keyring, err := auth.NewKeyring(tokens, g.policy)
	if err != nil {
		return nil, err
	}
	log := slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	d, err := door.New(door.Config{
		Schema: server.Schema(), Graph: reader{g}, Ledger: s.ledger, Policy: g.policy, Sources: askers, Seal: g.ring,
		Audit: s.audit, Region: "DE", Log: log, Decide: decide, Now: now,
	})
	if err != nil {
		return nil, err
	}
	h := &server.Handler{Door: d, Keyring: keyring, Policy: g.policy, Ready: func() error { return nil }, Log: log, Session: console.Session{Endpoint: "/graphql"}}
	s.http, err = h.HTTP()
	return s, err
}

// An outcome is all that a caller or a source can see of one operation.
type outcome struct {
	Status int
	Header string
	Data   string
	Errors []string
	Rest   string
	Calls  []string
	Log    []string
}

// run asks one operation in one world.
func (s *side) run(o operation, w world) outcome {
	for _, sim := range s.sources {
		sim.begin(w, o.faults[sim.name])
	}
	s.ledger.broken, s.audit.broken = o.noLedger, o.noAudit
	s.log.take()
	body, err := json.Marshal(map[string]any{"query": o.query, "variables": o.variables})
	if err != nil {
		panic(err) // made of texts and numbers
	}
	req := httptest.NewRequest(http.MethodPost, "http://localhost/graphql", bytes.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+string(o.role))
	if o.purpose != "" {
		req.Header.Set("X-Purpose", o.purpose)
	}
	rec := httptest.NewRecorder()
	s.http.ServeHTTP(rec, req)
	out := outcome{Status: rec.Code}
	rec.Header().Del("Date")
	var header bytes.Buffer
	_ = rec.Header().Write(&header)
	out.Header = header.String()
	var parts struct {
		Data       json.RawMessage
		Errors     []json.RawMessage
		Extensions json.RawMessage
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &parts); err != nil {
		out.Rest = rec.Body.String()
	} else {
		out.Data, out.Rest = string(parts.Data), string(parts.Extensions)
		for _, e := range parts.Errors {
			out.Errors = append(out.Errors, string(e))
		}
		slices.Sort(out.Errors)
	}
	for _, sim := range s.sources {
		out.Calls = append(out.Calls, sim.heard()...)
	}
	out.Log = s.log.take()
	return out
}

// differs names the first part in which two outcomes differ; "" where they are alike.
func (a outcome) differs(b outcome) string {
	switch {
	case a.Status != b.Status:
		return "status"
	case a.Header != b.Header:
		return "header"
	case a.Data != b.Data:
		return "data"
	case !slices.Equal(a.Errors, b.Errors):
		return "errors"
	case a.Rest != b.Rest:
		return "extensions"
	case !slices.Equal(a.Calls, b.Calls):
		return "source calls"
	case !slices.Equal(a.Log, b.Log):
		return "log"
	}
	return ""
}

// captured is a log to be compared.
type captured struct {
	mu sync.Mutex
	b  strings.Builder
}

func (c *captured) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.b.Write(p)
}

// take empties the log and answers its lines, sorted.
func (c *captured) take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	lines := strings.Split(c.b.String(), "\n")
	c.b.Reset()
	slices.Sort(lines)
	return lines
}
