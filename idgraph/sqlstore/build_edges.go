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
	pair
	match.Edge
	decided  uint8
	since    int64 // 0: now
	customer idgraph.CustomerID
	review   int64
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
	c.edges = make([]builtEdge, 0, len(c.res.Edges))
	joined := map[[2]int32]bool{}
	for _, e := range c.res.Edges {
		b := builtEdge{pair: pair{c.at[e.A].rid, c.at[e.B].rid}, Edge: e}
		if len(c.verdicts.all) > 0 {
			if b.decided = uint8(c.verdicts.about(c.res.Records[e.A].Ref, c.res.Records[e.B].Ref)); b.decided == same {
				joined[[2]int32{e.A, e.B}] = true
			}
		}
		c.edges = append(c.edges, b)
	}
	c.res.Edges = nil
	for refs := range c.verdicts.byPair { // whom nothing speaks for but a person
		x, okX := c.place(refs[0])
		y, okY := c.place(refs[1])
		if !okX || !okY || x == y || joined[[2]int32{x, y}] || c.verdicts.about(refs[0], refs[1]) != same {
			continue
		}
		e := c.rules.Compare(c.res.Records[x], c.res.Records[y], c.mark)
		e.A, e.B, e.Rule, e.Strong = x, y, "", false
		c.edges = append(c.edges, builtEdge{pair: pair{c.at[x].rid, c.at[y].rid}, Edge: e, decided: same})
	}
	slices.SortFunc(c.edges, func(x, y builtEdge) int {
		return cmp.Or(cmp.Compare(x.pair[0], y.pair[0]), cmp.Compare(x.pair[1], y.pair[1]))
	})
	for i := range c.edges {
		e := &c.edges[i]
		e.customer, e.review = placeOf(&edge{weight: int64(e.Weight), decided: int(e.decided)}, c.home(e.A), c.home(e.B))
	}
	if err := c.compareEdges(); err != nil {
		return err
	}
	if err := c.decidedNow(); err != nil {
		return err
	}
	c.ready()
	return nil
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
		for i < len(c.edges) && comparePairs(c.edges[i].pair, was.pair) < 0 {
			i++
		}
		if i == len(c.edges) || c.edges[i].pair != was.pair {
			if was.links() {
				c.unlinked(&was)
			}
			return nil
		}
		now := &c.edges[i]
		now.since = was.since
		links := now.customer != 0 && now.vouches()
		switch {
		case was.links() && !links:
			c.unlinked(&was)
		case !was.links() && links:
			c.stirred[now.customer] = true
			c.events = append(c.events, event{kind: idgraph.Linked, customer: now.customer, a: now.pair[0], b: now.pair[1], rule: now.reason()})
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
		e := event{kind: idgraph.Decided, customer: c.home(x).customer, a: c.at[x].rid, b: c.at[y].rid, cause: fmt.Sprint("decision ", v.seq)}
		if other := c.home(y).customer; other != e.customer {
			e.other = other
		}
		c.events = append(c.events, e)
	}
	return c.exec(updateFollowed, []byte(strconv.FormatInt(pending[len(pending)-1].seq, 10)))
}

// ready takes out of the features what is written of them.
func (c *construction) ready() {
	c.kinds = make([]string, len(c.res.Skipped))
	for i, b := range c.res.Skipped {
		for _, e := range c.res.Records[b.One].Entries() {
			if e.Key == b.Key {
				c.kinds[i] = string(e.Type)
			}
		}
	}
	c.sorted = make(chan struct{})
	records := c.res.Records
	go func() {
		defer close(c.sorted)
		c.places = c.placeAll(records)
	}()
}
