// Package door asks connectors on behalf of callers. It plans an operation from
// its selection, decides what may be shown before anything is fetched, makes
// one batched call per source and record kind, and masks every record where it
// enters: whoever stands above the door never holds a hidden value.
package door

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/audit"
	"customer360/idgraph/consent"
	"customer360/idgraph/policy"
)

// A Sealer turns names into opaque texts that nobody else can make.
type Sealer interface {
	Seal(kind string, parts ...string) string
	Unseal(kind, sealed string) ([]string, error)
}

// An Auditor remembers who read what. With durable it returns when the entry
// cannot be lost any more.
type Auditor interface {
	Record(ctx context.Context, e audit.Entry, durable bool) error
}

// A Finder learns of a customer that the graph doesn't know yet.
type Finder interface {
	Discover(ctx context.Context, id idgraph.Identifier) error
}

// A Config is everything that a door needs.
type Config struct {
	Schema  *ast.Schema
	Graph   idgraph.Reader
	Reviews idgraph.Reviewer // nil: there are no questions, and nothing is remembered
	Decider idgraph.Decider  // nil: nobody can decide
	Ledger  consent.Ledger
	Policy  *policy.Policy
	Sources []*connectors.Asker // in the order of the configuration
	Seal    Sealer
	Audit   Auditor
	Finder  Finder // nil: look-ups that miss stay missed
	// MayLookUp counts a caller's look-ups; nil allows any number.
	MayLookUp func(caller string) bool
	// MayName counts the records that a caller names by key and asks the owners
	// of; nil allows any number.
	MayName func(caller string, records int) bool
	Region  string // ISO 3166 code: the deployment's own country
	Timeout time.Duration
	Log     *slog.Logger
	// Decide is the decision. The proof hands in a wrapped one; everybody else Policy.Decide.
	Decide func(policy.Question) policy.Decision
	Now    func() time.Time
}

// A Door answers the callers of one deployment.
type Door struct {
	Config
	rules   byKind[rule]
	classes []policy.Category
	columns columns
	kin     map[string][]string // what each type of the schema may be spread as
	sources map[idgraph.Source]*source
	order   []*source
	folds   *foldCache
}

// A source is an asker with what the door must know of it at every step.
type source struct {
	*connectors.Asker
	name    idgraph.Source
	about   connectors.About
	answers byKind[bool]
	place   int // in Door.order
	health  health
}

// New checks schema, records and policy against each other and opens a door.
// Errors name the line of the schema.
func New(c Config) (*Door, error) {
	d := &Door{Config: c, kin: kin(c.Schema), sources: map[idgraph.Source]*source{}, folds: newFoldCache()}
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Log == nil {
		d.Log = slog.Default()
	}
	if d.Timeout <= 0 {
		d.Timeout = 5 * time.Second
	}
	for i, rt := range recordTypes {
		if connectors.Kinds[i] != rt.kind || len(connectors.Kinds) != kinds {
			return nil, fmt.Errorf("check the records: the kinds are %v", connectors.Kinds)
		}
		r := &d.rules[i]
		if err := compile(r, rt.goType, rt.name); err != nil {
			return nil, fmt.Errorf("check the records: %w", err)
		}
		d.classify(r)
		if err := r.layPaths(); err != nil {
			return nil, fmt.Errorf("check the records: %w", err)
		}
	}
	if err := d.checkSchema(); err != nil {
		return nil, fmt.Errorf("check the schema: %w", err)
	}
	if len(d.classes) > maxClasses {
		return nil, fmt.Errorf("check the schema: %d categories in use, %d at most", len(d.classes), maxClasses)
	}
	for i, a := range c.Sources {
		s := &source{Asker: a, name: a.Connector.Source(), about: a.Connector.About(), place: i}
		for _, k := range connectors.CanAnswer(a.Connector) {
			*s.answers.of(k) = true
		}
		if d.sources[s.name] != nil {
			return nil, fmt.Errorf("two sources are named %s", s.name)
		}
		d.sources[s.name] = s
		d.order = append(d.order, s)
	}
	return d, nil
}

// classify gives every field of a rule its class.
func (d *Door) classify(r *rule) {
	for i := range r.fields {
		r.fields[i].class = d.classOf(r.fields[i].category)
		if r.fields[i].elem != nil {
			d.classify(r.fields[i].elem)
		}
	}
	if r.rows != "" {
		d.classOf(r.rows)
	}
}

func (d *Door) classOf(c policy.Category) class {
	for i, have := range d.classes {
		if have == c {
			return class(i)
		}
	}
	d.classes = append(d.classes, c)
	return class(len(d.classes) - 1)
}
