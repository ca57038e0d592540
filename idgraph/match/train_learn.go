package match

import (
	"math"
	"slices"
)

const (
	worthPooling = 0.02 // what share of a kind's pairs must be one person's at least
	enoughPairs  = 50   // of one person, and of two, to learn a field by
	enoughSeen   = 10   // pairs at a level, to learn it by
	believed     = 20.0 // pairs of one person that the shipped weights stand for
	half         = 0.5  // a pair, that nothing is impossible
	farthest     = 3000 // a weight's distance from zero, at most
)

// learn makes weights of what was counted.
func (t *trainer) learn() error {
	strangers := t.strangers()
	var one [fields][levels]float64 // pairs of one person, of all kinds that leave the field out
	var same [fields]*estimate      // pairs of one value
	var scale [fields]float64
	t.out = &Training{Records: len(t.res.Records)}
	best := 0.0
	for _, c := range t.counted {
		t.out.Pairs += int64(c.pool.chosen())
		if c.pool.blocks == nil {
			continue
		}
		e := split(c.patterns, c.pool.own)
		n := float64(c.pool.chosen())
		t.out.sieves = append(t.out.sieves, sieved{c.pool.name, c.pool.chosen(), e.share})
		if f := c.pool.value; f < fields {
			same[f], scale[f] = &e, float64(c.pool.pairs)/max(n, 1)
		}
		if e.share < worthPooling || e.share*n < enoughPairs {
			continue
		}
		best = max(best, e.share*n)
		for f := range fields {
			if !slices.Contains(c.pool.own, f) {
				for l := range levels {
					one[f][l] += e.one[f][l]
				}
			}
		}
	}
	if best < fewestPairs {
		return &TooFewError{len(t.res.Records), int(best)}
	}
	two := t.twoPeople(strangers, &same, &scale)
	t.out.Weights = t.weigh(&one, &two)
	return nil
}

// strangers counts pairs of anybody, but those that look like one person, and
// half a pair more at each level.
func (t *trainer) strangers() (two [fields][levels]float64) {
	for f := range fields {
		for _, l := range levelsOf(f) {
			two[f][l] = half
		}
	}
	for _, p := range t.counted[0].patterns {
		if p.likely {
			continue
		}
		for f, l := range p.levels {
			if l != levelMissing {
				two[f][l] += p.n
			}
		}
	}
	return two
}

// twoPeople is how many pairs of two people there are at each level, in as many
// pairs as were drawn of anybody. Equal values are too rare to be met by chance:
// they are counted.
func (t *trainer) twoPeople(out [fields][levels]float64, same *[fields]*estimate, scale *[fields]float64) [fields][levels]float64 {
	all := t.counted[0].pool
	if all.pairs == 0 {
		return out
	}
	drawn := float64(all.chosen()) / float64(all.pairs)
	for f := range fields {
		for _, l := range [...]level{levelExact, levelNamed, levelFull} {
			if same[f] != nil && has(f, l) {
				out[f][l] = (same[f].two[f][l] + half) * scale[f] * drawn
			}
		}
	}
	return out
}

// weigh makes weights of pairs of one person and of two people.
func (t *trainer) weigh(one, two *[fields][levels]float64) *Weights {
	w := *Shipped()
	w.Version = "trained-" + t.digest()
	for f := range fields {
		var m1, u2 float64
		var first [levels]float64 // what the shipped weights say of one person's pairs
		var sum float64
		for _, l := range levelsOf(f) {
			m1, u2 = m1+one[f][l], u2+two[f][l]
		}
		if m1 < enoughPairs || u2 < enoughPairs {
			continue
		}
		for _, l := range levelsOf(f) {
			first[l] = two[f][l] * math.Exp2(Shipped().absolute(f, l, t.res.Rules.prior).bits())
			sum += first[l]
		}
		bits, seen := map[level]float64{}, map[level]float64{}
		for _, l := range levelsOf(f) {
			bits[l], seen[l] = Shipped().absolute(f, l, t.res.Rules.prior).bits(), 0
			if guarded(l) {
				seen[l] = math.Inf(1)
				continue
			}
			if one[f][l]+two[f][l] < enoughSeen {
				continue
			}
			m := (one[f][l] + believed*first[l]/sum) / (m1 + believed)
			u := two[f][l] / u2
			t.out.learnt[f][l] = learnt{m, u}
			bits[l], seen[l] = math.Log2(m/u), one[f][l]+1
		}
		t.keepOrder(f, bits, seen)
		for l, b := range bits {
			if !guarded(l) {
				w.of[f][l] = t.told(f, l, b)
			}
		}
	}
	return &w
}

// guarded says that a level's weight is no likelihood but a guard: what several
// people have says little of any two of them, whatever it would weigh.
func guarded(l level) bool { return l == levelShared || l == levelHousehold }

// keepOrder makes weights rise as the shipped ones do: those that don't become
// the mean of their neighbours, weighted by what was seen.
func (t *trainer) keepOrder(f field, bits, seen map[level]float64) {
	type step struct {
		levels     []level
		bits, seen float64
	}
	var steps []step
	for _, l := range order(f, t.res.Rules.prior, func(l level) float64 { return bits[l] }) {
		steps = append(steps, step{[]level{l}, bits[l], seen[l]})
		for n := len(steps); n > 1 && steps[n-2].bits > steps[n-1].bits; n = len(steps) {
			a, b := steps[n-2], steps[n-1]
			both := step{levels: slices.Concat(a.levels, b.levels), seen: a.seen + b.seen}
			switch {
			case math.IsInf(a.seen, 1) || b.seen == 0:
				both.bits = a.bits
			case math.IsInf(b.seen, 1) || a.seen == 0:
				both.bits = b.bits
			default:
				both.bits = (a.bits*a.seen + b.bits*b.seen) / both.seen
			}
			steps = append(steps[:n-2], both)
		}
	}
	for _, s := range steps {
		for _, l := range s.levels {
			bits[l] = s.bits
		}
	}
}

// told is a weight as a file tells it, within its bounds: what agrees speaks for
// one person, what differs against it, and names that agree no less than the
// commonest do.
func (t *trainer) told(f field, l level, bits float64) cents {
	c := min(max(centsOf(bits), -farthest), farthest)
	switch {
	case l == levelDifferent:
		return min(c, 0)
	case f == givenName && l == levelExact:
		c = max(c, Shipped().least[rareGiven])
	case f == familyName && l == levelExact:
		c = max(c, Shipped().least[rareFamily])
	}
	if c = max(c, 0); unique(f, l) {
		c += t.res.Rules.prior
	}
	return c
}
