package match

import "math"

// An estimate splits the pairs of a pool into those of one person and those of
// two people, by how they compare in some fields: expectation maximisation.
type estimate struct {
	share float64                 // of the pairs, one person's
	one   [fields][levels]float64 // pairs of one person
	two   [fields][levels]float64 // pairs of two people
}

const (
	mostRounds = 300
	settled    = 1e-7 // how little the share moves when it is over
	trace      = 0.01 // pairs that each level is given, that none is impossible
	sure       = 0.98 // how much the first guess is believed
)

// split estimates, leaving some fields out. The first guess is what the shipped
// weights and the guards say; where these have no doubt, it stays. What one kind of block has in common makes two
// people more alike than strangers are (a household), so how these compare is
// learnt anew for each kind, and used for nothing else.
func split(patterns []pattern, leave []field) estimate {
	var used [fields]bool
	for f := range used {
		used[f] = true
	}
	for _, f := range leave {
		used[f] = false
	}
	p := make([]float64, len(patterns))
	for i := range patterns {
		p[i] = 1 - sure
		if patterns[i].likely {
			p[i] = sure
		}
	}
	e := counts(patterns, p)
	for range mostRounds {
		before := e.share
		e.judge(patterns, &used, p)
		e = counts(patterns, p)
		if math.Abs(e.share-before) < settled {
			break
		}
	}
	return e
}

// counts adds up pairs, of which shares are one person's.
func counts(patterns []pattern, p []float64) (e estimate) {
	one, all := 0.0, 0.0
	for i := range patterns {
		n := patterns[i].n
		one, all = one+n*p[i], all+n
		for f, l := range patterns[i].levels {
			if l != levelMissing {
				e.one[f][l] += n * p[i]
				e.two[f][l] += n * (1 - p[i])
			}
		}
	}
	if all > 0 {
		e.share = one / all
	}
	return e
}

// judge says what share of the pairs of each pattern are one person's.
func (e *estimate) judge(patterns []pattern, used *[fields]bool, p []float64) {
	var weigh [fields][levels]float64
	for f := range weigh {
		one, two := shares(&e.one[f], &e.two[f])
		for l := range weigh[f] {
			if one[l] > 0 && two[l] > 0 {
				weigh[f][l] = math.Log(one[l] / two[l])
			}
		}
	}
	prior := math.Log(max(e.share, 1e-9) / max(1-e.share, 1e-9))
	for i := range patterns {
		if patterns[i].plain {
			p[i] = 1
			continue
		}
		odds := prior
		for f, l := range patterns[i].levels {
			if used[f] && l != levelMissing {
				odds += weigh[f][l]
			}
		}
		p[i] = 1 / (1 + math.Exp(-odds))
	}
}

// shares are what part of one person's pairs and of two people's each level is,
// of the levels that were seen.
func shares(one, two *[levels]float64) (m, u [levels]float64) {
	var sums [2]float64
	for l := range levels {
		if one[l]+two[l] > 0 {
			m[l], u[l] = one[l]+trace, two[l]+trace
			sums[0], sums[1] = sums[0]+m[l], sums[1]+u[l]
		}
	}
	for l := range levels {
		if m[l] > 0 {
			m[l], u[l] = m[l]/sums[0], u[l]/sums[1]
		}
	}
	return m, u
}
