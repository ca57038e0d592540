package match

import (
	"context"
	"iter"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"customer360/idgraph"
)

// Options are how a whole set is resolved. The zero value works.
type Options struct {
	Region    string    // the country of phone numbers without a code
	Weights   *Weights  // nil are the shipped ones
	Snapshot  *Snapshot // nil: taken of the records
	Hash      Hash      // nil: one of this process alone
	Decisions []Decision
	Workers   int // 0: as many as there are processors
	// Progress is told how far each stage has come, by one goroutine at a time;
	// total is 0 where it isn't known. Stages are "read", "compare" and "cluster".
	Progress func(stage string, done, total int)
	// Each is told every record as it was normalised, and its features, by many
	// goroutines at once and in no order; n counts the records as they came in.
	Each func(n int, rec idgraph.Record, f *Features) error
}

// A Resolution says which records are one person each, and why.
type Resolution struct {
	Rules    *Rules
	Records  []*Features     // in order of their refs; of a ref that came twice, the last
	Groups   [][]int32       // places in Records, rising; in order of their first
	Of       []int32         // by place in Records: the group
	Edges    []Edge          // by places in Records, in order
	Frozen   []int32         // groups that reached a limit
	Marks    map[uint64]Mark // by key: the identifiers that are more than one person's
	Skipped  []SkippedBlock  // blocks over their cap, largest first
	Compared int64           // pairs
	Empty    int             // records that nothing can be told by
}

// A SkippedBlock is one in which nobody was compared.
type SkippedBlock struct {
	Kind    string // an identifier's type, or "" for combinations
	Records int
}

// Resolve clusters a whole set in memory. The outcome depends on the set, the
// weights, the snapshot and the decisions, not on the order.
func Resolve(ctx context.Context, records iter.Seq[idgraph.Record], o Options) (*Resolution, error) {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Weights == nil {
		o.Weights = Shipped()
	}
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
	first := o.Snapshot
	if first == nil {
		first = NoSnapshot()
	}
	b := &building{Options: o, ctx: ctx, res: &Resolution{Rules: NewRules(o.Weights, first, o.Hash)}}
	for _, stage := range []func() error{func() error { return b.prepare(records) }, b.count, b.block, b.compareAll, b.clusterAll} {
		if err := stage(); err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return b.res, nil
}

// A building is one Resolve under way.
type building struct {
	Options
	ctx     context.Context
	res     *Resolution
	entries [parts][]entry
	skipped map[uint64]bool
}

// chunk is how many records one worker prepares at a time.
const chunk = 512

// prepare normalises all records and makes their features.
func (b *building) prepare(records iter.Seq[idgraph.Record]) error {
	type work struct {
		at   int
		recs []idgraph.Record
	}
	ctx, stop := context.WithCancelCause(b.ctx)
	defer stop(nil)
	todo := make(chan work, 2*b.Workers)
	var mu sync.Mutex
	var all [][]*Features
	var done int
	var group sync.WaitGroup
	for range b.Workers {
		group.Go(func() {
			for w := range todo {
				out := make([]*Features, len(w.recs))
				for i, rec := range w.recs {
					rec = NormaliseRecord(rec, b.Region)
					out[i] = b.res.Rules.Features(rec)
					if b.Each != nil {
						if err := b.Each(w.at+i, rec, out[i]); err != nil {
							stop(err)
							return
						}
					}
				}
				mu.Lock()
				for len(all) <= w.at/chunk {
					all = append(all, nil)
				}
				all[w.at/chunk] = out
				done += len(out)
				b.Progress("read", done, 0)
				mu.Unlock()
			}
		})
	}
	n, batch := 0, make([]idgraph.Record, 0, chunk)
	send := func() bool {
		select {
		case todo <- work{n - len(batch), batch}:
			batch = make([]idgraph.Record, 0, chunk)
			return true
		case <-ctx.Done():
			return false
		}
	}
	for rec := range records {
		batch, n = append(batch, rec), n+1
		if len(batch) == chunk && !send() {
			break
		}
	}
	if len(batch) > 0 {
		send()
	}
	close(todo)
	group.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	list := slices.Concat(all...)
	slices.SortStableFunc(list, compareFeatures)
	b.res.Records = lastOfEach(list)
	for _, f := range b.res.Records {
		if f.Empty() {
			b.res.Empty++
		}
	}
	return nil
}

// lastOfEach keeps the last of records with one ref.
func lastOfEach(list []*Features) []*Features {
	out := list[:0]
	for i, f := range list {
		if i+1 < len(list) && list[i+1].Ref == f.Ref {
			continue
		}
		out = append(out, f)
	}
	return out
}

// count takes a snapshot of the records, where none was given.
func (b *building) count() error {
	if b.Snapshot != nil {
		return nil
	}
	b.res.Rules.recount(SnapshotOf(b.res.Records, 1))
	return nil
}

// SnapshotOf counts records.
func SnapshotOf(records []*Features, version int) *Snapshot {
	s := &Snapshot{Version: version, Records: len(records), Counts: map[uint64]int{}}
	names := [2]map[*name]int{{}, {}}
	cities := map[string]int{}
	for _, f := range records {
		names[rareGiven][f.given]++
		names[rareFamily][f.family]++
		cities[f.home.city]++
	}
	for kind, counts := range names {
		for n, count := range counts {
			if n != noName {
				s.Counts[valueKey(rare(kind), n.text)] += count
			}
		}
	}
	for city, count := range cities {
		if city != "" {
			s.Counts[valueKey(rareCity, city)] = count
		}
	}
	for k, n := range s.Counts {
		if n < commonFrom {
			delete(s.Counts, k)
		}
	}
	return s
}

// recount makes rules that nobody compares by yet go by another snapshot.
func (r *Rules) recount(s *Snapshot) {
	r.snapshot, r.prior = s, s.prior()
	for kind := range r.names {
		for _, n := range r.names[kind].of {
			n.rare, n.count = s.rarity(rare(kind), n.text), s.count(rare(kind), n.text)
		}
	}
}

// inParallel calls for every number below n, by several goroutines.
func (b *building) inParallel(n int, stage string, call func(worker, i int)) {
	var next, done atomic.Int64
	var mu sync.Mutex
	var group sync.WaitGroup
	for w := range b.Workers {
		group.Go(func() {
			for b.ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				call(w, i)
				if stage != "" {
					mu.Lock()
					b.Progress(stage, int(done.Add(1)), n)
					mu.Unlock()
				}
			}
		})
	}
	group.Wait()
}
