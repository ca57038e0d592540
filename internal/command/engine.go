package command

import (
	"context"
	"slices"

	"customer360/idgraph"
	"customer360/idgraph/match"
)

// What the engine found in a list of records, which are called by where they
// stand in it.
type resolved struct {
	of        []int // each record's customer, from 0 on
	customers int
	links     []link
	unusable  int // records without any usable field
}

// A link is why two records are one customer.
type link struct {
	a, b int
	rule idgraph.Rule
}

// resolveAll asks the engine.
func resolveAll(ctx context.Context, records []idgraph.Record, region string, stages *stages) (*resolved, error) {
	at := make(map[idgraph.Ref]int, len(records))
	for i, r := range records {
		at[r.Ref] = i
	}
	res, err := match.Resolve(ctx, slices.Values(records), match.Options{Region: region, Progress: stages.at})
	if err != nil {
		return nil, err
	}
	stages.end()
	out := &resolved{of: make([]int, len(records)), customers: len(res.Groups), unusable: res.Empty}
	place := make([]int, len(res.Records))
	for i, f := range res.Records {
		place[i] = at[f.Ref]
		out.of[place[i]] = int(res.Of[i])
	}
	for _, e := range res.Edges {
		if res.Of[e.A] == res.Of[e.B] {
			out.links = append(out.links, link{place[e.A], place[e.B], e.Rule})
		}
	}
	return out, nil
}
