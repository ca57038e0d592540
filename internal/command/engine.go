package command

import (
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
func resolveAll(in *input, region string, weights *match.Weights) (*resolved, error) {
	res, err := match.Resolve(in.ctx, in.records, match.Options{Region: region, Weights: weights, Progress: in.stages.engine("")})
	if err != nil {
		return nil, err
	}
	in.stages.end()
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
