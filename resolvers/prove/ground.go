package prove

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"customer360/idgraph"
	"customer360/idgraph/audit"
	"customer360/idgraph/consent"
	"customer360/idgraph/policy"
	"customer360/idgraph/sqlstore"
	"customer360/internal/keys"
)

// A ground is what both worlds stand on: refs, partition, consent, policy,
// clock and keys. It is built once, in a real store.
type ground struct {
	ring      *keys.Ring
	store     *sqlstore.DB
	policy    *policy.Policy
	ids       []idgraph.CustomerID
	customers map[idgraph.CustomerID]idgraph.Customer
	of        map[idgraph.Ref]idgraph.CustomerID
	doubtful  map[idgraph.Ref]bool
	events    map[idgraph.Ref][]consent.Event
	emails    []string
}

const people = 14

// newGround draws people, links and consents into a store in dir.
func newGround(ctx context.Context, r *rand.Rand, dir string, pol *policy.Policy) (*ground, error) {
	ring, err := keys.Create()
	if err != nil {
		return nil, err
	}
	g := &ground{
		ring: ring, policy: pol, customers: map[idgraph.CustomerID]idgraph.Customer{}, of: map[idgraph.Ref]idgraph.CustomerID{},
		doubtful: map[idgraph.Ref]bool{}, events: map[idgraph.Ref][]consent.Event{},
	}
	if g.store, err = sqlstore.Open(ctx, dir, ring, sqlstore.Options{Region: "DE", Now: func() time.Time { return Clock }}); err != nil {
		return nil, err
	}
	if err := g.learn(ctx, r); err != nil {
		return nil, errors.Join(err, g.store.Close())
	}
	return g, nil
}

func (g *ground) learn(ctx context.Context, r *rand.Rand) error {
	batches := map[idgraph.Source]*idgraph.Batch{}
	for _, s := range sources {
		batches[s.name] = &idgraph.Batch{Source: s.name, Cursor: "done", Full: true}
	}
	for i := range people {
		email := fmt.Sprintf("person.%02d@lookup.example", i)
		g.emails = append(g.emails, email)
		for k, s := range sources {
			if k > 0 && r.IntN(4) == 0 {
				continue
			}
			ref := idgraph.Ref{Source: s.name, ID: fmt.Sprintf("%s%02d", s.name, i)}
			batches[s.name].Records = append(batches[s.name].Records, idgraph.Record{
				Ref: ref, Identifiers: []idgraph.Identifier{{Type: idgraph.Email, Value: email}},
			})
		}
	}
	for _, s := range sources {
		if _, err := g.store.Learn(ctx, *batches[s.name]); err != nil {
			return err
		}
	}
	found, err := g.store.Page(ctx, 0, 1000)
	if err != nil {
		return err
	}
	for n, c := range found {
		if n%5 == 4 && len(c.Refs) > 1 { // the last record hangs on a link of no known rule
			c = doubt(c, c.Refs[len(c.Refs)-1])
			g.doubtful[c.Refs[len(c.Refs)-1]] = true
		}
		g.customers[c.ID], g.ids = c, append(g.ids, c.ID)
		for _, ref := range c.Refs {
			g.of[ref] = c.ID
		}
		g.consents(r, c, n)
	}
	var all []consent.Event
	for _, c := range found {
		for _, ref := range c.Refs {
			all = append(all, g.events[ref]...)
		}
	}
	return g.store.Append(ctx, all)
}

// doubt is a customer of whom one record is linked by nothing that this build knows.
func doubt(c idgraph.Customer, ref idgraph.Ref) idgraph.Customer {
	c.Links = slices.Clone(c.Links)
	for i, l := range c.Links {
		if l.A == ref || l.B == ref {
			c.Links[i].Rule = "RESEMBLANCE"
		}
	}
	return c
}

// consents draws what a customer allowed, denied, withdrew, objected to; some
// are restricted. Records in doubt say nothing.
func (g *ground) consents(r *rand.Rand, c idgraph.Customer, n int) {
	ref := c.Refs[0]
	for _, p := range []consent.Purpose{"marketing.email", "marketing.profiling", "marketing.sms", "sharing.support", "sharing.advertising"} {
		state := pick(r, consent.Granted, consent.Granted, consent.Denied, consent.Withdrawn, "")
		if state == "" {
			continue
		}
		e := consent.Event{Ref: ref, Purpose: p, State: state, At: Clock.Add(-time.Duration(1+r.IntN(1000)) * time.Hour), RecordedAt: Clock, HeldBy: "crm", Method: "form", Notice: "form@1"}
		if r.IntN(6) == 0 {
			e.ValidUntil = Clock.Add(-time.Minute)
		}
		g.events[ref] = append(g.events[ref], e)
	}
	if r.IntN(3) == 0 {
		g.events[ref] = append(g.events[ref], consent.Event{Ref: ref, Purpose: pick(r, consent.Purpose("sales.pipeline"), "analytics.product", "fraud.check"), State: consent.Objected, At: Clock.Add(-time.Hour), RecordedAt: Clock, HeldBy: "crm"})
	}
	if n%6 == 5 {
		g.events[ref] = append(g.events[ref], consent.Event{Ref: ref, State: consent.Restricted, At: Clock.Add(-time.Hour), RecordedAt: Clock, HeldBy: "crm"})
	}
}

// see is what a caller gets of a category in a record, by the policy alone.
func (g *ground) see(caller policy.Caller, purpose consent.Purpose) func(cell) oracle {
	memo := map[idgraph.Ref]map[policy.Category]policy.Outcome{}
	return func(c cell) oracle {
		if memo[c.owner] == nil {
			memo[c.owner] = map[policy.Category]policy.Outcome{}
		}
		var all []consent.Event
		customer := g.customers[g.of[c.owner]]
		for _, ref := range customer.Refs {
			all = append(all, g.events[ref]...)
		}
		q := policy.Question{
			Caller: caller, Purpose: purpose, Surface: policy.Single, Link: policy.Verified,
			Subject: policy.Subject{Known: true, Standing: consent.Fold(all, Clock, g.policy.InForce)},
		}
		if g.doubtful[c.owner] {
			q.Link = policy.Probable
		}
		return func(category policy.Category) policy.Outcome {
			if o, ok := memo[c.owner][category]; ok {
				return o
			}
			q.Category = category
			memo[c.owner][category] = g.policy.Decide(q).Outcome
			return memo[c.owner][category]
		}
	}
}

// A reader is the store, with the doubts of the ground.
type reader struct{ *ground }

func (r reader) Customers(ctx context.Context, ids []idgraph.CustomerID) (map[idgraph.CustomerID]idgraph.Customer, error) {
	found, err := r.store.Customers(ctx, ids)
	for id, c := range found {
		if known, ok := r.customers[c.ID]; ok {
			c.Links = known.Links
			found[id] = c
		}
	}
	return found, err
}

func (r reader) Page(ctx context.Context, after idgraph.CustomerID, limit int) ([]idgraph.Customer, error) {
	return r.store.Page(ctx, after, limit)
}

func (r reader) ByIdentifier(ctx context.Context, id idgraph.Identifier) ([]idgraph.CustomerID, error) {
	return r.store.ByIdentifier(ctx, id)
}

func (r reader) ByRef(ctx context.Context, ref idgraph.Ref) (idgraph.CustomerID, error) {
	return r.store.ByRef(ctx, ref)
}

func (r reader) Sources(ctx context.Context) (map[idgraph.Source]idgraph.SyncState, error) {
	return r.store.Sources(ctx)
}

// A ledger is the store's, unless it is to be unreadable.
type ledger struct {
	consent.Ledger
	broken bool
}

func (l *ledger) Revision(ctx context.Context) (int64, error) {
	if l.broken {
		return 0, errors.New("the ledger cannot be read")
	}
	return l.Ledger.Revision(ctx)
}

// A retold ledger says other things beside those of the one below.
type retold struct {
	consent.Ledger
	more map[idgraph.Ref][]consent.Event
}

func (l retold) Of(ctx context.Context, refs []idgraph.Ref) (map[idgraph.Ref][]consent.Event, error) {
	found, err := l.Ledger.Of(ctx, refs)
	if err != nil {
		return nil, err
	}
	for _, ref := range refs {
		if more := l.more[ref]; len(more) > 0 {
			found[ref] = append(slices.Clone(found[ref]), more...)
		}
	}
	return found, nil
}

// An auditor takes entries, unless it is not to be writable.
type auditor struct{ broken bool }

func (a *auditor) Record(context.Context, audit.Entry, bool) error {
	if a.broken {
		return audit.ErrNotWritable
	}
	return nil
}
