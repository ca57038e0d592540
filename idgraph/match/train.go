package match

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strconv"

	"customer360/idgraph"
)

// fewestPairs is how many pairs of one person each at least one kind of block
// must have, that weights can be learnt from it.
const fewestPairs = 100

// A TooFewError says that a set has hardly anybody in it twice.
type TooFewError struct{ Records, Pairs int }

func (e *TooFewError) Error() string {
	return fmt.Sprintf("too few pairs to learn from: no kind of block among the %d records has more than %d pairs that look like one person, and it takes %d; the shipped weights are made for this", e.Records, e.Pairs, fewestPairs)
}

// A Training is what was learnt from a set of records.
type Training struct {
	Weights *Weights
	Records int
	Pairs   int64 // compared

	learnt [fields][levels]learnt
	sieves []sieved
}

// Learnt is what is known of a level: how often two records of one person, and
// of two people, compare so. Both are zero where the weight is the shipped one.
type learnt struct{ m, u float64 }

// Sieved is what a sieve gave.
type sieved struct {
	name  string
	pairs int     // compared
	share float64 // of these, one person's
}

// Train learns what the levels are worth from records that nobody has told
// apart. The outcome depends on the set alone; of the options, it takes the
// region, the number of workers, and Progress, whose stages are "read" and
// "learn". It answers a TooFewError where there is nothing to learn from.
func Train(ctx context.Context, records iter.Seq[idgraph.Record], o Options) (*Training, error) {
	t := &trainer{building: newBuilding(ctx, Options{Region: o.Region, Workers: o.Workers, Progress: o.Progress, Hash: fixedHash[[]byte]})}
	for _, stage := range []func() error{func() error { return t.prepare(records) }, t.count, t.block, t.sieve, t.learn} {
		if err := stage(); err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return t.out, nil
}

// A trainer is one Train under way.
type trainer struct {
	*building
	counted []counted
	out     *Training
}

// fixedHash makes keys that are the same in every process: what is chosen by
// them is the same too. (FNV-1a, mixed; nothing of it is kept.)
func fixedHash[T string | []byte](kind string, text T) uint64 {
	h := uint64(14695981039346656037)
	for _, s := range [...]string{kind, "\x00", string(text)} {
		for i := range len(s) {
			h = (h ^ uint64(s[i])) * 1099511628211
		}
	}
	return mixed(h)
}

// mixed spreads a number over all bits.
func mixed(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// sieve compares the pairs that each sieve lets through.
func (t *trainer) sieve() error {
	t.entries = blocks{}
	pools, pairs := t.pools(), 0
	for _, p := range pools {
		pairs += p.chosen()
	}
	comparers := t.comparers(func(k uint64) Mark { return t.res.Marks[k] })
	done := 0
	t.Progress("learn", 0, pairs)
	for _, p := range pools {
		c := counted{pool: p, patterns: t.patterns(p, comparers)}
		done += p.chosen()
		t.Progress("learn", done, pairs)
		if t.ctx.Err() != nil {
			return nil
		}
		t.counted = append(t.counted, c)
	}
	return nil
}

// Counted is how the pairs of a pool compare.
type counted struct {
	pool     *pool
	patterns []pattern
}

// A pattern is how pairs compare, and how many do.
type pattern struct {
	levels [fields]level
	likely bool // the shipped weights and the guards take them for one person
	plain  bool // they do so beyond doubt, by what the pairs don't have in common alone
	n      float64
}

// patterns compares the pairs of a pool.
func (t *trainer) patterns(p *pool, comparers []*comparer) []pattern {
	const stretch = 4096
	n := p.chosen()
	counts := make([]map[uint64]int, len(comparers))
	t.inParallel((n+stretch-1)/stretch, "", func(w, i int) {
		if counts[w] == nil {
			counts[w] = map[uint64]int{}
		}
		for k := i * stretch; k < min(n, (i+1)*stretch); k++ {
			x, y := p.pair(k)
			counts[w][comparers[w].pattern(t.res.Records[x], t.res.Records[y], p.own)]++
		}
	})
	all := map[uint64]int{}
	for _, c := range counts {
		for code, n := range c {
			all[code] += n
		}
	}
	out := make([]pattern, 0, len(all))
	for _, code := range slices.Sorted(maps.Keys(all)) {
		out = append(out, decoded(code, all[code]))
	}
	return out
}

// bitsOfLevel is how many bits of a pattern's code a level takes.
const bitsOfLevel = 5

func (c *comparer) pattern(a, b *Features, own []field) (code uint64) {
	x := c.compare(a, b)
	for f, l := range x.level {
		code |= uint64(l) << (bitsOfLevel * f)
	}
	if x.sum >= c.weights.review && !c.conflict(a, b, &x) {
		code |= 1 << 63
		for _, f := range own {
			x.sum -= x.bits[f]
		}
		if x.sum >= c.weights.auto && x.named() {
			code |= 1 << 62
		}
	}
	return code
}

func decoded(code uint64, n int) pattern {
	p := pattern{likely: code>>63&1 == 1, plain: code>>62&1 == 1, n: float64(n)}
	for f := range p.levels {
		p.levels[f] = level(code >> (bitsOfLevel * f) & (1<<bitsOfLevel - 1))
	}
	return p
}

// digest names a set: the same records in any order have the same one.
func (t *trainer) digest() string {
	h := sha256.New()
	for _, f := range t.res.Records {
		for _, s := range [...]string{string(f.Ref.Source), f.Ref.ID, f.given.text, f.family.text, f.generation, f.birth, f.home.text} {
			_, _ = io.WriteString(h, strconv.Itoa(len(s))+":"+s)
		}
		for _, id := range f.ids {
			_, _ = io.WriteString(h, strconv.Itoa(len(id.Value))+":"+id.Value+string(id.Type)+"\n")
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}

// order is the levels of a field that have weights, as the shipped ones rise;
// by gives the order of those that weigh the same there.
func order(f field, prior cents, by func(l level) float64) []level {
	out := levelsOf(f)
	slices.SortFunc(out, func(x, y level) int {
		return cmp.Or(cmp.Compare(Shipped().absolute(f, x, prior), Shipped().absolute(f, y, prior)), cmp.Compare(by(x), by(y)), cmp.Compare(x, y))
	})
	return out
}

// levelsOf are the levels that a field has.
func levelsOf(f field) (out []level) {
	for l := levelMissing + 1; l < levels; l++ {
		if has(f, l) {
			out = append(out, l)
		}
	}
	return out
}

// has says whether a field has a level.
func has(f field, l level) bool { return Shipped().has[f]&(1<<l) != 0 }

// absolute is what a level weighs, whatever it is told above.
func (w *Weights) absolute(f field, l level, prior cents) cents {
	if unique(f, l) {
		return w.of[f][l] - prior
	}
	return w.of[f][l]
}
