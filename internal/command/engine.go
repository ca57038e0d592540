package command

import (
	"context"

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
	out := &resolved{of: make([]int, len(records))}
	normal := make([]idgraph.Record, len(records))
	for i, r := range records {
		if i%4096 == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			stages.at("normalising", i, len(records))
		}
		normal[i] = match.NormaliseRecord(r, region)
		if !usable(normal[i]) {
			out.unusable++
		}
		at[r.Ref] = i
	}
	stages.at("normalising", len(records), len(records))
	stages.at("resolving", 0, len(records))
	res := match.Resolve(normal)
	stages.at("resolving", len(records), len(records))
	stages.end()
	out.customers = len(res.Clusters)
	for customer, refs := range res.Clusters {
		for _, ref := range refs {
			out.of[at[ref]] = customer
		}
	}
	for _, l := range res.Links {
		out.links = append(out.links, link{at[l.A], at[l.B], l.Rule})
	}
	return out, nil
}

// usable says whether a record has anything that may tell who it is, besides
// its own number.
func usable(r idgraph.Record) bool {
	for _, id := range r.Identifiers {
		if id.Type != idgraph.Reference(r.Ref.Source) {
			return true
		}
	}
	return r.GivenName+r.FamilyName+r.BirthDate+r.Street+r.City+r.Postcode != ""
}
