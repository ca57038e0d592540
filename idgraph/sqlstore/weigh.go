package sqlstore

import (
	"slices"

	"customer360/idgraph"
	"customer360/idgraph/match"
)

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
