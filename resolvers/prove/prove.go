package prove

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"customer360/idgraph"
	"customer360/idgraph/consent"
	"customer360/idgraph/policy"
	"customer360/internal/server"
)

// A Proof holds the ground, the first world and the two sides.
type Proof struct {
	schema *ast.Schema
	ground *ground
	world  world
	a, b   *side
	pool   *pool
	rand   *rand.Rand
}

// New builds a proof over a policy, in a folder of its own; equal seeds give
// equal worlds. Without is the name of a gate to leave out of the door's
// decision, "" for none: the proof must then find the leak.
func New(ctx context.Context, dir string, pol *policy.Policy, seed uint64, without string) (*Proof, error) {
	p := &Proof{schema: server.Schema(), rand: rand.New(rand.NewPCG(seed, 360))}
	var err error
	if p.ground, err = newGround(ctx, p.rand, dir, pol); err != nil {
		return nil, fmt.Errorf("build the ground: %w", err)
	}
	refs := slices.SortedFunc(maps.Keys(p.ground.of), func(x, y idgraph.Ref) int { return strings.Compare(x.String(), y.String()) })
	p.world = newWorld(p.rand, refs)
	decide := pol.Decide
	if without != "" {
		gates := slices.DeleteFunc(slices.Clone(policy.Gates), func(g policy.Gate) bool { return g.Name == without })
		decide = func(q policy.Question) policy.Decision { return pol.DecideWith(gates, q) }
	}
	for _, s := range []**side{&p.a, &p.b} {
		if *s, err = newSide(p.ground, decide); err != nil {
			return nil, err
		}
	}
	if err := p.look(refs); err != nil {
		return nil, err
	}
	return p, nil
}

// Close closes the store.
func (p *Proof) Close() error { return p.ground.store.Close() }

// look fills the pool with every id and many cursors, as the privacy officer sees them.
func (p *Proof) look(refs []idgraph.Ref) error {
	p.pool = &pool{emails: p.ground.emails, refs: refs}
	lists := ""
	for _, l := range []string{"deals", "invoices", "payments", "orders", "tickets"} {
		lists += l + "(first: 100) { edges { cursor node { id } } } "
	}
	around := operation{role: "privacy-officer", purpose: "legal.request", query: "{ customers(first: 100) { edges { cursor node { id " + lists + "timeline(first: 100) { edges { cursor } } } } } }"}
	out := p.a.run(around, p.world)
	p.b.run(around, p.world) // the sides have seen the same, so that sources report the same health
	var data any
	if err := json.Unmarshal([]byte(out.Data), &data); err != nil || len(out.Errors) > 0 {
		return fmt.Errorf("look around: %v %v", err, out.Errors)
	}
	for _, id := range p.ground.ids {
		p.pool.customers = append(p.pool.customers, p.ground.ring.Seal("node", "Customer", fmt.Sprint(int64(id))))
	}
	collect(data, p.pool)
	if len(p.pool.cursors) < 50 || len(p.pool.nodes) < 50 {
		return fmt.Errorf("look around: %d cursors, %d ids", len(p.pool.cursors), len(p.pool.nodes))
	}
	return nil
}

func collect(v any, p *pool) {
	switch x := v.(type) {
	case []any:
		for _, e := range x {
			collect(e, p)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(x)) {
			text, _ := x[key].(string)
			switch {
			case text == "":
				collect(x[key], p)
			case key == "id":
				p.nodes = append(p.nodes, text)
			case key == "cursor":
				p.cursors = append(p.cursors, text)
			}
		}
	}
}

// A Pair is one operation in two worlds.
type Pair struct {
	Operation operation
	Differs   string // the part in which the answers differ, "" for none
	Answered  bool   // with data
	Telling   bool   // it selects a cell that differs between the worlds
	A, B      outcome
	Worlds    map[string]bool // coordinates that differ somewhere
}

// Try runs one operation in the first world and in another that differs only
// in what its caller may not see.
func (p *Proof) Try(o operation, seed uint64) Pair {
	v := &variation{r: rand.New(rand.NewPCG(seed, 61)), schema: p.schema, changed: map[string]bool{}}
	other := v.world(p.world, p.ground.see(p.ground.caller(o.role), consent.Purpose(o.purpose)))
	pair := Pair{Operation: o, A: p.a.run(o, p.world), B: p.b.run(o, other), Worlds: v.changed}
	pair.Differs = pair.A.differs(pair.B)
	pair.Answered = strings.ContainsFunc(pair.A.Data, func(r rune) bool { return r == ':' }) && hasData(pair.A.Data)
	for f := range o.fields {
		if v.changed[f] {
			pair.Telling = true
		}
	}
	return pair
}

// hasData says whether anything but nulls and empty lists stands in an answer.
func hasData(text string) bool {
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return false
	}
	return holds(v)
}

func holds(v any) bool {
	switch x := v.(type) {
	case nil:
		return false
	case []any:
		return slices.ContainsFunc(x, holds)
	case map[string]any:
		for _, e := range x {
			if holds(e) {
				return true
			}
		}
		return false
	}
	return true
}
