package door_test

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"customer360/idgraph"
	"customer360/idgraph/audit"
	"customer360/idgraph/consent"
	"customer360/idgraph/storetest"
)

// People are an identity graph in memory.
type people struct {
	customers map[idgraph.CustomerID]idgraph.Customer
	holders   map[idgraph.Identifier][]idgraph.CustomerID
	heldBy    map[idgraph.Identifier][]idgraph.Ref
	sources   map[idgraph.Source]idgraph.SyncState
	err       error
	lookup    lookup
}

// A lookup is what is known of look-up keys, and how often it was read.
type lookup struct {
	keys  map[idgraph.Ref]string
	reads atomic.Int64
	err   error
}

func (p *people) LookupKeys(_ context.Context, s idgraph.Source, refs []idgraph.Ref) (map[idgraph.Ref]string, error) {
	p.lookup.reads.Add(1)
	out := map[idgraph.Ref]string{}
	for _, ref := range refs {
		if key := p.lookup.keys[ref]; key != "" && ref.Source == s {
			out[ref] = key
		}
	}
	return out, p.lookup.err
}

func (p *people) Customers(_ context.Context, ids []idgraph.CustomerID) (map[idgraph.CustomerID]idgraph.Customer, error) {
	out := map[idgraph.CustomerID]idgraph.Customer{}
	for _, id := range ids {
		if c, ok := p.customers[id]; ok {
			out[id] = c
		}
	}
	return out, p.err
}

func (p *people) Page(_ context.Context, after idgraph.CustomerID, limit int) ([]idgraph.Customer, error) {
	var out []idgraph.Customer
	for _, c := range p.customers {
		if c.ID > after && c.RedirectedFrom == 0 {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b idgraph.Customer) int { return cmp.Compare(a.ID, b.ID) })
	return out[:min(limit, len(out))], p.err
}

func (p *people) List(_ context.Context, s idgraph.Selection, limit int) ([]idgraph.Customer, error) {
	all, _ := p.Page(context.Background(), 0, len(p.customers))
	return storetest.Select(all, s, limit), p.err
}

func (p *people) ByIdentifier(_ context.Context, id idgraph.Identifier) ([]idgraph.CustomerID, error) {
	return p.holders[id], p.err
}

func (p *people) HeldBy(_ context.Context, id idgraph.Identifier) ([]idgraph.Ref, error) {
	return p.heldBy[id], p.err
}

func (p *people) ByRef(_ context.Context, ref idgraph.Ref) (idgraph.CustomerID, error) {
	for id, c := range p.customers {
		if c.RedirectedFrom == 0 && slices.Contains(c.Refs, ref) {
			return id, p.err
		}
	}
	return 0, p.err
}

func (p *people) ByRefs(ctx context.Context, refs []idgraph.Ref) (map[idgraph.Ref]idgraph.CustomerID, error) {
	out := map[idgraph.Ref]idgraph.CustomerID{}
	for _, ref := range refs {
		if id, _ := p.ByRef(ctx, ref); id != 0 {
			out[ref] = id
		}
	}
	return out, p.err
}

func (p *people) Sources(context.Context) (map[idgraph.Source]idgraph.SyncState, error) {
	return p.sources, p.err
}

// A book is a consent ledger in memory.
type book struct {
	events map[idgraph.Ref][]consent.Event
	n      int64
	reads  int
	err    error
}

func (b *book) Append(_ context.Context, events []consent.Event) error {
	for _, e := range events {
		b.n++
		e.Seq = b.n
		b.events[e.Ref] = append(b.events[e.Ref], e)
	}
	return nil
}

func (b *book) Of(_ context.Context, refs []idgraph.Ref) (map[idgraph.Ref][]consent.Event, error) {
	b.reads++
	out := map[idgraph.Ref][]consent.Event{}
	for _, r := range refs {
		out[r] = b.events[r]
	}
	return out, b.err
}

func (b *book) Revision(context.Context) (int64, error) { return b.n, b.err }

// A diary takes down the audit entries.
type diary struct {
	mu      sync.Mutex
	entries []audit.Entry
	durable []bool
	err     error
}

func (d *diary) Record(_ context.Context, e audit.Entry, durable bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err == nil {
		d.entries, d.durable = append(d.entries, e), append(d.durable, durable)
	}
	return d.err
}
