package match

import (
	"context"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"customer360/idgraph"
)

// Options are how a whole set is resolved. The zero value works.
type Options struct {
	Region    string    // the country of phone numbers without a code
	Normal    bool      // the records are normalised already
	Weights   *Weights  // nil are the shipped ones
	Snapshot  *Snapshot // nil: taken of the records
	Version   int       // of the snapshot that is taken; 0 is 1
	Hash      Hash      // nil: one of this process alone
	Decisions []Decision
	Workers   int // 0: as many as there are processors
	// Progress is told how far each stage has come, by one goroutine at a time;
	// total is 0 where it isn't known. Stages are "read", "compare" and "cluster".
	Progress func(stage string, done, total int)
	// Each is told every record as it was normalised, and its features, by many
	// goroutines at once and in no order; n counts the records as they came in.
	Each func(n int, rec idgraph.Record, f *Features) error
	// Blocked is called, by a goroutine of its own beside the comparing, once it is
	// known who stands in which block: records, rules, marks and skipped blocks are
	// in the resolution.
	Blocked func(r *Resolution, all Blocks) error
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
	Key     uint64
	One     int32 // the place of one of them
}

// Came answers the number of a record as it came in, by its place.
func (r *Resolution) Came(place int) int { return int(r.Records[place].came) }

// Resolve clusters a whole set in memory. The outcome depends on the set, the
// weights, the snapshot and the decisions, not on the order.
func Resolve(ctx context.Context, records iter.Seq[idgraph.Record], o Options) (*Resolution, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	b := newBuilding(ctx, o)
	var beside sync.WaitGroup
	defer beside.Wait()
	tell := func() error {
		if all := b.entries; o.Blocked != nil {
			beside.Go(func() {
				if err := o.Blocked(b.res, Blocks{b.res.Records, all}); err != nil {
					stop(err)
				}
			})
		}
		return nil
	}
	for _, stage := range []func() error{func() error { return b.prepare(records) }, b.count, b.block, tell, b.compareAll, b.clusterAll} {
		if err := stage(); err != nil {
			return nil, err
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
	beside.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return b.res, nil
}

// A building is one Resolve under way.
type building struct {
	Options
	ctx     context.Context
	res     *Resolution
	entries blocks
	skipped map[uint64]bool
}

func newBuilding(ctx context.Context, o Options) *building {
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
	return &building{Options: o, ctx: ctx, res: &Resolution{Rules: NewRules(o.Weights, first, o.Hash)}}
}

// chunk is how many records one worker prepares at a time.
const chunk = 512

// A batch is consecutive records, the first of which is the n-th.
type batch struct {
	n       int
	records []idgraph.Record
}

// prepare normalises all records and makes their features.
func (b *building) prepare(records iter.Seq[idgraph.Record]) error {
	ctx, stop := context.WithCancelCause(b.ctx)
	defer stop(nil)
	todo, free := make(chan batch, 2*b.Workers), make(chan []idgraph.Record, 3*b.Workers)
	var mu sync.Mutex
	var all [][]*Features
	var done int
	var group sync.WaitGroup
	for range b.Workers {
		group.Go(func() {
			in := &arena{many: true}
			for w := range todo {
				out, err := b.prepareBatch(w, in)
				if err != nil {
					stop(err)
					return
				}
				mu.Lock()
				for len(all) <= w.n/chunk {
					all = append(all, nil)
				}
				all[w.n/chunk] = out
				done += len(out)
				b.Progress("read", done, 0)
				mu.Unlock()
				select {
				case free <- w.records[:0]:
				default:
				}
			}
		})
	}
	b.handOut(ctx, records, todo, free)
	group.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	b.res.Records = lastOfEach(inOrder(slices.Concat(all...), b.Workers))
	for _, f := range b.res.Records {
		if f.Empty() {
			b.res.Empty++
		}
	}
	return nil
}

// handOut hands all records out, in batches.
func (b *building) handOut(ctx context.Context, records iter.Seq[idgraph.Record], todo chan<- batch, free <-chan []idgraph.Record) {
	defer close(todo)
	next := func() []idgraph.Record {
		select {
		case used := <-free:
			return used
		default:
			return make([]idgraph.Record, 0, chunk)
		}
	}
	n, list := 0, next()
	send := func() bool {
		select {
		case todo <- batch{n - len(list), list}:
			list = next()
			return true
		case <-ctx.Done():
			return false
		}
	}
	for rec := range records {
		list, n = append(list, rec), n+1
		if len(list) == chunk && !send() {
			return
		}
	}
	if len(list) > 0 {
		send()
	}
}

func (b *building) prepareBatch(w batch, in *arena) ([]*Features, error) {
	out := make([]*Features, len(w.records))
	for i, rec := range w.records {
		if !b.Normal {
			rec = NormaliseRecord(rec, b.Region)
		}
		out[i] = b.res.Rules.features(rec, in)
		out[i].came = int32(w.n + i)
		if b.Each != nil {
			if err := b.Each(w.n+i, rec, out[i]); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
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
	b.res.Rules.recount(SnapshotOf(b.res.Records, max(1, b.Version)))
	return nil
}

// SnapshotOf counts records.
func SnapshotOf(records []*Features, version int) *Snapshot {
	s := &Snapshot{Version: version, Records: len(records), Counts: map[uint64]int{}}
	names := [2]map[*name]int{{}, {}}
	cities, mail := map[string]int{}, map[string]int{}
	for _, f := range records {
		names[rareGiven][f.given]++
		names[rareFamily][f.family]++
		cities[f.home.city()]++
		for i := range f.ids {
			if _, domain, ok := strings.Cut(f.ids[i].Value, "@"); ok && f.ids[i].Type == idgraph.Email {
				mail[domain]++
			}
		}
	}
	for kind, counts := range names {
		for n, count := range counts {
			if n != noName {
				s.Counts[valueKey(rare(kind), n.text)] += count
			}
		}
	}
	for domain, count := range mail {
		s.Counts[valueKey(domains, domain)] = count
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
		r.names[kind].each(func(n *name) {
			n.rare, n.count = s.rarity(rare(kind), n.text), s.count(rare(kind), n.text)
		})
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
