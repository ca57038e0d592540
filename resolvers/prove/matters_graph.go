package prove

import (
	"context"
	"fmt"
	"slices"

	"customer360/idgraph"
)

// Reviews answers this world's queue.
func (g *graph) Reviews(_ context.Context, after string, limit int) ([]idgraph.Review, string, error) {
	all := g.matters.reviews
	from := 0
	for after != "" && from < len(all) && placeOf(all[from]) <= after {
		from++
	}
	to := min(from+limit, len(all))
	if to-from < limit {
		return all[from:to], "", nil
	}
	return all[from:to], placeOf(all[to-1]), nil
}

// Rivals answers this world's questions about a customer.
func (g *graph) Rivals(_ context.Context, id idgraph.CustomerID) ([]idgraph.Review, error) {
	var out []idgraph.Review
	for _, r := range g.matters.reviews {
		if r.Customer == id || r.Other == id {
			out = append(out, r)
		}
	}
	return out, nil
}

// Events answers what became of a customer in this world.
func (g *graph) Events(_ context.Context, id idgraph.CustomerID, before int64, limit int) ([]idgraph.Event, error) {
	var out []idgraph.Event
	for _, e := range g.matters.events[id] {
		if (before == 0 || e.Seq < before) && len(out) < limit {
			out = append(out, e)
		}
	}
	return out, nil
}

// Path answers a shortest way between two records, over links as they are in both worlds.
func (g *graph) Path(_ context.Context, from, to idgraph.Ref) ([]idgraph.Link, error) {
	for _, c := range g.customers {
		if !slices.Contains(c.Refs, from) {
			continue
		}
		ways := map[idgraph.Ref][]idgraph.Link{from: {}}
		for next := []idgraph.Ref{from}; len(next) > 0; next = next[1:] {
			for _, l := range c.Links {
				for _, step := range [2][2]idgraph.Ref{{l.A, l.B}, {l.B, l.A}} {
					if _, known := ways[step[1]]; step[0] == next[0] && !known {
						ways[step[1]] = append(slices.Clone(ways[next[0]]), g.matters.weighed(l))
						next = append(next, step[1])
					}
				}
			}
		}
		return ways[to], nil
	}
	return nil, nil
}

// Compare is asked by nobody here.
func (g *graph) Compare(_ context.Context, a, b idgraph.Ref) (idgraph.Link, error) {
	return idgraph.Link{A: a, B: b}, nil
}

// Decide notes decisions, and changes nobody: who is who stays what both worlds share.
func (g *graph) Decide(_ context.Context, decisions []idgraph.Decision) (idgraph.Change, error) {
	for i := range decisions {
		decisions[i].Seq = int64(1000 + i)
		g.decided(fmt.Sprint("decide ", decisions[i]))
	}
	return idgraph.Change{}, nil
}

// Undo notes what is taken back; every third decision stands no longer.
func (g *graph) Undo(_ context.Context, seqs []int64, actor, reason string) (idgraph.Change, error) {
	for _, seq := range seqs {
		if seq%3 == 0 {
			return idgraph.Change{}, idgraph.ErrUnknownDecision
		}
	}
	g.decided(fmt.Sprint("undo ", seqs, actor, reason))
	return idgraph.Change{}, nil
}
