package command

import (
	"context"
	"iter"

	"customer360/idgraph"
	"customer360/idgraph/match"
)

// What the engine found among records, which are called by the order in which
// they came.
type resolved struct {
	*match.Resolution
	of []int32 // by row: the customer
}

// resolveAll asks the engine. All records have refs of their own.
func resolveAll(ctx context.Context, records iter.Seq[idgraph.Record], region string, weights *match.Weights, stages *stages) (*resolved, error) {
	res, err := match.Resolve(ctx, records, match.Options{Region: region, Weights: weights, Progress: func(stage string, done, total int) {
		if stage != "read" { // the reader tells of it
			stages.at(stage, "", done, total)
		}
	}})
	if err != nil {
		return nil, err
	}
	stages.end()
	out := &resolved{Resolution: res, of: make([]int32, len(res.Records))}
	for place, customer := range res.Of {
		out.of[res.Came(place)] = customer
	}
	return out, nil
}

// A link is why two records, called by their rows, are one customer.
type link struct {
	a, b int
	match.Edge
	evidence func() []idgraph.Evidence
}

// links yields the links of all customers.
func (r *resolved) links(yield func(link) bool) {
	for _, e := range r.Edges {
		if r.Of[e.A] != r.Of[e.B] {
			continue
		}
		l := link{r.Came(int(e.A)), r.Came(int(e.B)), e, func() []idgraph.Evidence { return r.Rules.Evidence(e, r.Records[e.A], r.Records[e.B]) }}
		if !yield(l) {
			return
		}
	}
}
