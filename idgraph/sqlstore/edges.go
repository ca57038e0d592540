package sqlstore

import (
	"fmt"
	"slices"

	"customer360/idgraph"
	"customer360/idgraph/match"
)

const (
	edgeColumns = `a, b, rule, rule_version, levels, weight, strong, decided, since, customer, review`
	selectAfter = `SELECT ` + edgeColumns + ` FROM edges WHERE a IN (`
	selectUntil = `SELECT ` + edgeColumns + ` FROM edges WHERE b IN (`
	updateEdge  = `UPDATE edges SET rule = ?, rule_version = ?, levels = ?, weight = ?, strong = ?, decided = ?, customer = ? WHERE a = ? AND b = ?`
	deleteEdge  = `DELETE FROM edges WHERE a = ? AND b = ?`
)

var insertEdges = insert{table: "edges", columns: edgeColumns}

// A pair is two records by number; the first is the one whose ref comes first.
type pair [2]int64

// What a person said of a pair, as edges have it.
const (
	undecided = 0
	same      = 1
	apart     = 2
)

// An edge is one as the store has it.
type edge struct {
	pair
	rule     idgraph.Rule
	version  int64
	levels   []byte
	weight   int64
	strong   bool
	decided  int
	since    int64
	customer idgraph.CustomerID
	review   int64
}

// scan reads edgeColumns.
func (e *edge) scan(scan func(...any) error) error {
	var strong int64
	err := scan(&e.pair[0], &e.pair[1], &e.rule, &e.version, &e.levels, &e.weight, &strong, &e.decided, &e.since, &e.customer, &e.review)
	e.strong = strong == 1
	return err
}

// joins says that the two ends are of one component.
func (e *edge) joins() bool { return e.strong || e.decided == same }

// vouches says that the edge is a reason for its ends to be one customer.
func (e *edge) vouches() bool { return e.decided == same || e.strong && e.decided != apart }

// links says that it is why they are one.
func (e *edge) links() bool { return e.customer != 0 && e.vouches() }

// reason is the rule that a link goes by.
func (e *edge) reason() idgraph.Rule {
	if e.decided == same {
		return idgraph.Confirmed
	}
	return e.rule
}

func pairOf(x, y *row) pair {
	if y.ref.Less(x.ref) {
		x, y = y, x
	}
	return pair{x.rid, y.rid}
}

// edgesOf reads all edges of records.
func (l *learning) edgesOf(rids []int64) (map[pair]*edge, error) {
	found := map[pair]*edge{}
	for _, text := range []string{selectAfter, selectUntil} {
		err := in(rids, func(marks string, args []any) error {
			return l.each(text+marks, args, func(scan func(...any) error) error {
				e := &edge{}
				err := e.scan(scan)
				found[e.pair] = e
				return err
			})
		})
		if err != nil {
			return nil, fmt.Errorf("read edges: %w", err)
		}
	}
	return found, nil
}

// weigh compares all pairs that the news or the decisions may have changed, and
// writes their edges.
func (l *learning) weigh(pending []*verdict) error {
	work, err := l.newsPairs()
	if err != nil {
		return err
	}
	if err := l.stirredPairs(work); err != nil {
		return err
	}
	if err := l.decidedPairs(work, pending); err != nil {
		return err
	}
	return l.write(work)
}

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

// held answers the rows of those records that are held.
func (l *learning) held(refs []idgraph.Ref) (map[idgraph.Ref]*row, error) {
	out := make(map[idgraph.Ref]*row, len(refs))
	for _, r := range l.news {
		out[r.ref] = r
	}
	ids := map[idgraph.Source][]string{}
	for _, ref := range refs {
		if out[ref] == nil && l.db.dialect.holds(ref.ID) && l.db.dialect.holds(string(ref.Source)) {
			ids[ref.Source] = append(ids[ref.Source], ref.ID)
		}
	}
	for source, of := range ids {
		var rids []int64
		err := in(of, func(marks string, args []any) error {
			return l.each(selectKnown+marks, append([]any{string(source)}, args...), func(scan func(...any) error) error {
				var k knownRecord
				var id string
				var stale int64
				err := scan(&k.rid, &id, &k.keyID, &k.fingerprint, &stale)
				rids = append(rids, k.rid)
				return err
			})
		})
		if err != nil {
			return nil, err
		}
		if err := l.have(rids); err != nil {
			return nil, err
		}
		for _, rid := range rids {
			out[l.rows[rid].ref] = l.rows[rid]
		}
	}
	return out, nil
}

// write compares pairs and writes what has become of their edges.
func (l *learning) write(work *pairs) error {
	var added [][]any
	order := make([]pair, 0, len(work.of))
	for p := range work.of {
		order = append(order, p)
	}
	slices.SortFunc(order, comparePairs)
	for _, p := range order {
		was, now := work.have[p], l.edge(p, work.of[p])
		switch {
		case was == nil && now == nil:
		case was == nil:
			added = append(added, []any{p[0], p[1], string(now.rule), now.version, now.levels, now.weight, flag(now.strong), now.decided, stamp(l.now), 0, 0})
			l.touch(p, now.joins())
		case now == nil:
			if err := l.exec(deleteEdge, p[0], p[1]); err != nil {
				return err
			}
			if was.links() {
				l.unlinked(was)
			}
			l.touch(p, was.joins())
		case !was.equal(now):
			customer := was.customer
			if was.vouches() != now.vouches() {
				customer = 0 // until it is placed
			}
			if err := l.exec(updateEdge, string(now.rule), now.version, now.levels, now.weight, flag(now.strong), now.decided, customer, p[0], p[1]); err != nil {
				return err
			}
			if was.links() && !now.vouches() {
				l.unlinked(was)
			}
			l.touch(p, was.joins() || now.joins())
		}
	}
	for rid := range l.news {
		l.seeds[rid] = true
	}
	return l.scope.rows(insertEdges, added)
}

func comparePairs(a, b pair) int { return slices.Compare(a[:], b[:]) }

func (e *edge) equal(o *edge) bool {
	return e.rule == o.rule && e.version == o.version && slices.Equal(e.levels, o.levels) && e.weight == o.weight && e.strong == o.strong && e.decided == o.decided
}

// edge compares a pair; nil is no edge.
func (l *learning) edge(p pair, meet bool) *edge {
	x, y := l.rows[p[0]], l.rows[p[1]]
	if x == nil || y == nil {
		return nil // deleted
	}
	decided := l.verdicts.about(x.ref, y.ref)
	if meet {
		if e, ok := l.rules.Score(x.f, y.f, l.markOf); ok {
			return &edge{pair: p, rule: e.Rule, version: match.RuleVersion, levels: e.Levels[:], weight: int64(e.Weight), strong: e.Strong, decided: decided}
		}
	}
	if decided != same {
		return nil
	}
	e := l.rules.Compare(x.f, y.f, l.markOf)
	return &edge{pair: p, version: match.RuleVersion, levels: e.Levels[:], weight: int64(e.Weight), decided: same}
}

// touch remembers whom a changed edge concerns.
func (l *learning) touch(p pair, joins bool) {
	for _, rid := range p {
		if joins {
			l.seeds[rid] = true
		} else {
			l.near[rid] = true
		}
	}
}

// unlinked tells that a link is gone.
func (l *learning) unlinked(e *edge) {
	l.stirred[e.customer] = true
	l.events = append(l.events, event{kind: idgraph.Unlinked, customer: e.customer, a: e.pair[0], b: e.pair[1], rule: e.reason()})
}
