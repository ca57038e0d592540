package sqlstore

import (
	"slices"

	"customer360/idgraph"
)

// A pair is two records by number; the first is the one whose ref comes first.
type pair [2]int64

func pairOf(x, y *row) pair {
	if y.ref.Less(x.ref) {
		x, y = y, x
	}
	return pair{x.rid, y.rid}
}

func comparePairs(a, b pair) int { return slices.Compare(a[:], b[:]) }

// Pairs are what is to be compared, and the edges that there are of them.
type pairs struct {
	of   map[pair]bool // true: they share a block that is compared
	have map[pair]*edge
}

// newsPairs are those of news with all who share a block with them, or have, and
// of the deleted with whom they had an edge with.
func (l *learning) newsPairs() (*pairs, error) {
	rids := make([]int64, 0, len(l.news)+len(l.gone))
	candidates := map[int64][]int64{}
	var load []int64
	for rid, r := range l.news {
		rids = append(rids, rid)
		seen := map[int64]bool{rid: true}
		for _, key := range r.f.Keys() {
			if b := l.blocks[key]; !b.crowded {
				for _, other := range b.members {
					if !seen[other] {
						seen[other] = true
						candidates[rid] = append(candidates[rid], other)
					}
				}
			}
		}
		load = append(load, candidates[rid]...)
	}
	for _, r := range l.gone {
		rids = append(rids, r.rid)
	}
	slices.Sort(rids)
	if err := l.have(load); err != nil {
		return nil, err
	}
	have, err := l.edgesOf(rids)
	if err != nil {
		return nil, err
	}
	work := &pairs{of: make(map[pair]bool, len(load)), have: have}
	for rid, others := range candidates {
		for _, other := range others {
			work.of[pairOf(l.rows[rid], l.rows[other])] = true
		}
	}
	for p := range have {
		if !work.of[p] {
			work.of[p] = false
		}
	}
	return work, nil
}

// stirredPairs adds those who have come to share a block, or do no longer, since
// it crossed its cap, and those who share an identifier that is marked otherwise.
func (l *learning) stirredPairs(work *pairs) error {
	var rids []int64
	for _, b := range l.blocks {
		if b.crowded != b.was || b.toggled {
			rids = append(rids, b.members...)
		}
	}
	if len(rids) == 0 {
		return nil
	}
	slices.Sort(rids)
	rids = slices.Compact(rids)
	if err := l.have(rids); err != nil {
		return err
	}
	have, err := l.edgesOf(rids)
	if err != nil {
		return err
	}
	ask := map[pair]bool{}
	add := func(x, y int64) {
		p := pairOf(l.rows[x], l.rows[y])
		if _, known := work.of[p]; !known {
			ask[p] = true
			if e := have[p]; e != nil {
				work.have[p] = e
			}
		}
	}
	for _, b := range l.blocks {
		if b.crowded && b.was {
			continue
		}
		old := make(map[int64]bool, len(b.members)) // the pairs of news are known
		for _, rid := range b.members {
			old[rid] = l.news[rid] == nil
		}
		if b.toggled || b.was && !b.crowded {
			members := slices.DeleteFunc(slices.Clone(b.members), func(rid int64) bool { return !old[rid] })
			for i, x := range members {
				l.seeds[x] = l.seeds[x] || b.toggled
				for _, y := range members[i+1:] {
					add(x, y)
				}
			}
		} else if b.crowded {
			for p := range have {
				if old[p[0]] && old[p[1]] {
					add(p[0], p[1])
				}
			}
		}
	}
	return l.whoMeet(work, ask)
}

// whoMeet adds pairs, with whether they share a block that is compared.
func (l *learning) whoMeet(work *pairs, ask map[pair]bool) error {
	var keys []uint64
	var rows []*row
	for p := range ask {
		x, y := l.rows[p[0]], l.rows[p[1]]
		rows = append(rows, x)
		keys = appendCommon(keys, x.f.Keys(), y.f.Keys())
	}
	if err := l.crowdsOf(keys); err != nil {
		return err
	}
	for p := range ask {
		work.of[p] = false
		for _, key := range appendCommon(nil, l.rows[p[0]].f.Keys(), l.rows[p[1]].f.Keys()) {
			if !l.crowds[key] {
				work.of[p] = true
				break
			}
		}
	}
	return l.marksOfRows(rows)
}

// appendCommon appends what two rising lists share.
func appendCommon(to, x, y []uint64) []uint64 {
	for i, j := 0, 0; i < len(x) && j < len(y); {
		switch {
		case x[i] < y[j]:
			i++
		case x[i] > y[j]:
			j++
		default:
			to, i, j = append(to, x[i]), i+1, j+1
		}
	}
	return to
}

// decidedPairs adds those of whom a person has just decided, and those of news
// of whom one has before.
func (l *learning) decidedPairs(work *pairs, pending []*verdict) error {
	var refs []idgraph.Ref
	for _, v := range pending {
		refs = append(refs, v.a, v.b)
	}
	for _, r := range l.news {
		for _, v := range l.verdicts.of(r.ref) {
			refs = append(refs, v.a, v.b)
		}
	}
	if len(refs) == 0 {
		return nil
	}
	held, err := l.held(refs)
	if err != nil {
		return err
	}
	ask := map[pair]bool{}
	var rids []int64
	for i := 0; i < len(refs); i += 2 {
		x, y := held[refs[i]], held[refs[i+1]]
		if x == nil || y == nil {
			continue
		}
		p := pairOf(x, y)
		if _, known := work.of[p]; !known {
			ask[p] = true
			rids = append(rids, x.rid, y.rid)
		}
		l.seeds[x.rid], l.seeds[y.rid] = true, true
	}
	if len(ask) == 0 {
		return nil
	}
	slices.Sort(rids)
	have, err := l.edgesOf(slices.Compact(rids))
	if err != nil {
		return err
	}
	for p := range ask {
		if e := have[p]; e != nil {
			work.have[p] = e
		}
	}
	return l.whoMeet(work, ask)
}
