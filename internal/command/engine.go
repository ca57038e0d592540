package command

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"customer360/idgraph"
	"customer360/idgraph/match"
)

// What the engine found among records, which are called by the order in which
// they came.
type resolved struct {
	*match.Resolution
	row []int32 // by place in the resolution's records
	of  []int32 // by row: the customer
}

// resolveAll asks the engine. All records have refs of their own.
func resolveAll(ctx context.Context, records iter.Seq[idgraph.Record], region string, stages *stages) (*resolved, error) {
	var refs []idgraph.Ref
	noted := func(yield func(idgraph.Record) bool) {
		for rec := range records {
			refs = append(refs, rec.Ref)
			if !yield(rec) {
				return
			}
		}
	}
	res, err := match.Resolve(ctx, noted, match.Options{Region: region, Progress: func(stage string, done, total int) {
		if stage != "read" { // the reader tells of it
			stages.at(stage, "", done, total)
		}
	}})
	if err != nil {
		return nil, err
	}
	stages.end()
	out := &resolved{Resolution: res, row: make([]int32, len(refs)), of: make([]int32, len(refs))}
	for i := range out.row {
		out.row[i] = int32(i)
	}
	slices.SortFunc(out.row, func(a, b int32) int { // as the resolution's are
		return cmp.Or(cmp.Compare(refs[a].Source, refs[b].Source), cmp.Compare(refs[a].ID, refs[b].ID))
	})
	for place, row := range out.row {
		out.of[row] = res.Of[place]
	}
	return out, nil
}

// A link is why two records, called by their rows, are one customer.
type link struct {
	a, b int32
	match.Edge
	evidence func() []idgraph.Evidence
}

// links yields the links of all customers.
func (r *resolved) links(yield func(link) bool) {
	for _, e := range r.Edges {
		if r.Of[e.A] != r.Of[e.B] {
			continue
		}
		l := link{r.row[e.A], r.row[e.B], e, func() []idgraph.Evidence { return r.Rules.Evidence(e, r.Records[e.A], r.Records[e.B]) }}
		if !yield(l) {
			return
		}
	}
}
