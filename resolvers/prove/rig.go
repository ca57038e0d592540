package prove

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"customer360/console"
	"customer360/idgraph/policy"
	"customer360/internal/auth"
	"customer360/internal/keys"
	"customer360/internal/server"
	"customer360/resolvers/door"
)

// A Rig is both worlds behind the whole server, in process: the real executor,
// door, policies and store of who is who. Sources, clock, ledger and audit log
// are simulated.
type Rig struct {
	schema   *ast.Schema
	oracle   *oracle
	ring     *keys.Ring
	people   *people
	policies []ruled
	dir      string
}

// A ruled is both worlds under one policy.
type ruled struct {
	name    string
	policy  *policy.Policy
	callers []caller
	sides   [2]*side
	leftOut *string // the name of the gate that is left out of every decision
}

// A side is one world behind its server.
type side struct {
	graph   *graph
	sources []*source
	ledger  *ledger
	audit   *auditor
	finder  *finder
	lookups bool // whether callers may look up now
	// unmasked has every decision of what is asked now say SHOWN: a planted leak.
	unmasked bool
	log      *lines
	http     http.Handler
}

// New builds a rig; its store lies in a folder of its own. Close removes it.
func New(ctx context.Context) (_ *Rig, err error) {
	r := &Rig{schema: server.Schema()}
	r.oracle = newOracle(r.schema)
	if r.dir, err = os.MkdirTemp("", "c360prove"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = r.Close()
		}
	}()
	if r.ring, err = keys.Create(); err != nil {
		return nil, err
	}
	if r.people, err = openPeople(ctx, r.dir, r.ring); err != nil {
		return nil, fmt.Errorf("who is who: %w", err)
	}
	stretched, err := policy.Parse([]byte(stretchedPolicy))
	if err != nil {
		return nil, err
	}
	for _, p := range []ruled{{name: "default policy", policy: policy.Default()}, {name: "stretched policy", policy: stretched}} {
		p.callers, p.leftOut = callersOf(p.policy), new(string)
		for i := range p.sides {
			if p.sides[i], err = r.newSide(p); err != nil {
				return nil, err
			}
		}
		r.policies = append(r.policies, p)
	}
	return r, nil
}

// Close gives everything back.
func (r *Rig) Close() error {
	if r.people != nil {
		_ = r.people.Close()
	}
	return os.RemoveAll(r.dir)
}

// LeaveOut leaves one gate out of every decision from now on; "" none. It does
// so in the function that the door is handed, which no shipped binary wraps.
func (r *Rig) LeaveOut(gate string) {
	for _, p := range r.policies {
		*p.leftOut = gate
	}
}

func (r *Rig) newSide(p ruled) (*side, error) {
	s := &side{graph: &graph{people: r.people}, ledger: &ledger{}, audit: &auditor{}, log: &lines{}, lookups: true}
	c := door.Config{
		Schema: r.schema, Graph: s.graph, Reviews: s.graph, Decider: s.graph, Ledger: s.ledger, Policy: p.policy, Seal: r.ring, Audit: s.audit, Region: "DE", Timeout: time.Minute,
		MayLookUp: func(string) bool { return s.lookups }, MayName: func(string, int) bool { return s.lookups }, Log: slog.New(s.log), Now: func() time.Time { return now },
		Decide: func(q policy.Question) policy.Decision {
			if s.unmasked {
				return policy.Decision{Outcome: policy.Shown}
			}
			if *p.leftOut == "" {
				return p.policy.Decide(q)
			}
			return p.policy.DecideWith(without(*p.leftOut), q)
		},
	}
	for i := range systems {
		src := newSource(i)
		src.asker.Log = c.Log
		s.sources, c.Sources = append(s.sources, src), append(c.Sources, src.asker)
	}
	s.finder = &finder{source: s.sources[0]}
	s.graph.decided = s.sources[0].note
	c.Finder = s.finder
	d, err := door.New(c)
	if err != nil {
		return nil, err
	}
	tokens := make([]auth.Token, len(p.callers))
	for i, c := range p.callers {
		tokens[i] = c.token()
	}
	keyring, err := auth.NewKeyring(tokens, p.policy)
	if err != nil {
		return nil, err
	}
	h := &server.Handler{Door: d, Keyring: keyring, Policy: p.policy, Log: slog.New(s.log), Session: console.Session{}}
	if s.http, err = h.HTTP(); err != nil {
		return nil, err
	}
	return s, nil
}

func without(name string) []policy.Gate {
	return slices.DeleteFunc(slices.Clone(policy.Gates), func(g policy.Gate) bool { return g.Name == name })
}

// A caller is who asks, with what its token says beside its role.
type caller struct{ policy.Caller }

func (c caller) secret() string { return "token of " + c.Name }

func (c caller) token() auth.Token {
	return auth.Token{Name: c.Name, SHA256: auth.Digest(c.secret()), Role: c.Role, Purposes: c.Purposes, Scopes: c.Scopes}
}

// lines are a log, as its lines without their time.
type lines struct {
	mu  sync.Mutex
	all []string
}

func (l *lines) Enabled(context.Context, slog.Level) bool { return true }
func (l *lines) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *lines) WithGroup(string) slog.Handler            { return l }
func (l *lines) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", r.Level, r.Message)
	r.Attrs(func(a slog.Attr) bool {
		fmt.Fprintf(&b, " %s", a)
		return true
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, b.String())
	return nil
}

// take empties the log and answers its lines, sorted.
func (l *lines) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := l.all
	l.all = nil
	slices.Sort(out)
	return out
}

// set gives a side its world, and what goes wrong in it.
func (s *side) set(ctx context.Context, w World, generous []bool, troubles []trouble) {
	for i, src := range s.sources {
		next := scene{world: w, generous: generous[i]}
		src.asker.Timeout = time.Minute // whatever else the machine does
		alone := false
		for _, t := range troubles {
			if t.source != src.name {
				continue
			}
			switch next.troubles = append(next.troubles, t); t.how {
			case "slow":
				src.asker.Timeout = 50 * time.Millisecond
			case "left alone":
				alone = true
			}
		}
		src.leaveAlone(ctx, alone)
		src.mu.Lock()
		src.scene = next
		src.mu.Unlock()
	}
}
