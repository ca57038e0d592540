package sqlstore

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"customer360/idgraph"
	"customer360/idgraph/match"
)

// A builtEdge is an edge on its way into the store.
type builtEdge struct {
	match.Edge
	decided uint8
	since   int64 // 0: now
}

func (e *builtEdge) vouches() bool {
	return e.decided == same || e.Strong && e.decided != apart
}

func (e *builtEdge) reason() idgraph.Rule {
	if e.decided == same {
		return idgraph.Confirmed
	}
	return e.Rule
}

// weighAll makes the edges, with what people decided, and says whose they are.
func (c *construction) weighAll() error {
	joined := c.inOrder()
	found := len(c.edges)
	for refs := range c.verdicts.byPair { // whom nothing speaks for but a person
		x, okX := c.place(refs[0])
		y, okY := c.place(refs[1])
		if !okX || !okY || x == y || joined[[2]int32{x, y}] || c.verdicts.about(refs[0], refs[1]) != same {
			continue
		}
		e := c.rules.Compare(c.res.Records[x], c.res.Records[y], c.mark)
		e.A, e.B, e.Rule, e.Strong = x, y, "", false
		c.edges = append(c.edges, builtEdge{Edge: e, decided: same})
	}
	if len(c.edges) > found {
		slices.SortFunc(c.edges, func(x, y builtEdge) int { return comparePairs(c.pair(&x), c.pair(&y)) })
	}
	if err := c.compareEdges(); err != nil {
		return err
	}
	return c.decidedNow()
}

// inOrder puts the edges that were found in order of the records' numbers, and
// answers which of them a person has decided to join.
func (c *construction) inOrder() (joined map[[2]int32]bool) {
	found := c.res.Edges
	var runs []int32 // where the edges of each first record begin
	for i := range found {
		if i == 0 || found[i].A != found[i-1].A {
			runs = append(runs, int32(i))
		}
	}
	slices.SortFunc(runs, func(x, y int32) int { return cmp.Compare(c.at[found[x].A], c.at[found[y].A]) })
	c.edges, joined = make([]builtEdge, 0, len(found)), map[[2]int32]bool{}
	for _, from := range runs {
		begin := len(c.edges)
		for i := int(from); i < len(found) && found[i].A == found[from].A; i++ {
			b := builtEdge{Edge: found[i]}
			if len(c.verdicts.all) > 0 {
				if b.decided = uint8(c.verdicts.about(c.res.Records[b.A].Ref, c.res.Records[b.B].Ref)); b.decided == same {
					joined[[2]int32{b.A, b.B}] = true
				}
			}
			c.edges = append(c.edges, b)
		}
		if run := c.edges[begin:]; len(run) > 1 {
			slices.SortFunc(run, func(x, y builtEdge) int { return cmp.Compare(c.at[x.B], c.at[y.B]) })
		}
	}
	c.res.Edges = nil
	return joined
}

// pair is an edge's, by the records' numbers.
func (c *construction) pair(e *builtEdge) pair { return pair{c.at[e.A], c.at[e.B]} }

// placeOf says whose an edge is, or what its question is worth.
func (c *construction) placeOf(e *builtEdge) (idgraph.CustomerID, int64) {
	return placeOf(&edge{weight: int64(e.Weight), decided: int(e.decided)}, c.home(e.A), c.home(e.B))
}

func (c *construction) mark(key uint64) match.Mark { return c.res.Marks[key] }

func (c *construction) home(place int32) home {
	g := c.res.Of[place]
	return home{c.whose[g], len(c.res.Groups[g])}
}

// place finds a record.
func (c *construction) place(ref idgraph.Ref) (int32, bool) {
	i, ok := slices.BinarySearchFunc(c.res.Records, ref, func(f *match.Features, ref idgraph.Ref) int { return compareRefs(f.Ref, ref) })
	return int32(i), ok
}

// compareEdges holds the edges against those that there are: what stays keeps
// its date, and what links no longer, or only now, is told.
func (c *construction) compareEdges() error {
	const all = `SELECT ` + edgeColumns + ` FROM edges ORDER BY a, b`
	i := 0
	return c.each(all, nil, func(scan func(...any) error) error {
		var was edge
		if err := was.scan(scan); err != nil {
			return err
		}
		for i < len(c.edges) && comparePairs(c.pair(&c.edges[i]), was.pair) < 0 {
			i++
		}
		if i == len(c.edges) || c.pair(&c.edges[i]) != was.pair {
			if was.links() {
				c.unlinked(&was)
			}
			return nil
		}
		now := &c.edges[i]
		now.since = was.since
		customer, _ := c.placeOf(now)
		links := customer != 0 && now.vouches()
		switch {
		case was.links() && !links:
			c.unlinked(&was)
		case !was.links() && links:
			c.stirred[customer] = true
			c.events = append(c.events, event{kind: idgraph.Linked, customer: customer, a: was.pair[0], b: was.pair[1], rule: now.reason()})
		}
		return nil
	})
}

// decidedNow tells of decisions that the graph has not followed before.
func (c *construction) decidedNow() error {
	pending, err := c.pending()
	if err != nil || len(pending) == 0 {
		return err
	}
	for _, v := range pending {
		x, okX := c.place(v.a)
		y, okY := c.place(v.b)
		if !okX || !okY {
			continue
		}
		e := event{kind: idgraph.Decided, customer: c.home(x).customer, a: c.at[x], b: c.at[y], cause: fmt.Sprint("decision ", v.seq)}
		if other := c.home(y).customer; other != e.customer {
			e.other = other
		}
		c.events = append(c.events, e)
	}
	return c.exec(updateFollowed, []byte(strconv.FormatInt(pending[len(pending)-1].seq, 10)))
}
