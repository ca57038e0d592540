package door

import (
	"context"
	"slices"

	"customer360/idgraph"
	"customer360/idgraph/policy"
)

// link is how sure it is that a record is about this customer.
func (s *subject) link(ref idgraph.Ref) policy.LinkQuality {
	if slices.Contains(s.doubtful, ref) {
		return policy.Probable
	}
	return policy.Verified
}

// doubtful lists the records that are only probably the customer's.
//
// Links whose rules vouch for them hold a customer's records together in parts.
// The customer is the largest part; of equally large ones, the one with the
// first record by source and id. It is the part that would keep the customer's
// id if the others left, so that nobody's data changes customers with a probable
// link that comes or goes. What the other parts hold is in doubt.
func doubtful(c idgraph.Customer) []idgraph.Ref {
	if len(c.Refs) < 2 {
		return nil
	}
	of := groups(c)
	size, best := make([]int, len(of)), 0
	for _, first := range of {
		size[first]++
	}
	for first, n := range size {
		if n > size[best] {
			best = first
		}
	}
	if size[best] == len(of) {
		return nil
	}
	var out []idgraph.Ref
	for i, ref := range c.Refs {
		if of[i] != best {
			out = append(out, ref)
		}
	}
	return out
}

// groups tells the parts of a customer apart: for the place of each record, the
// place of the first of its part.
func groups(c idgraph.Customer) []int {
	of := make([]int, len(c.Refs))
	for i := range of {
		of[i] = i
	}
	for _, l := range c.Links {
		a, b := slices.Index(c.Refs, l.A), slices.Index(c.Refs, l.B)
		if a < 0 || b < 0 || of[a] == of[b] || !l.Rule.Verified() {
			continue
		}
		low, high := min(of[a], of[b]), max(of[a], of[b])
		for i := range of {
			if of[i] == high {
				of[i] = low
			}
		}
	}
	return of
}

// surely leaves out the customers who hold none of the records but in doubt:
// that a record is somebody's is not told over a probable link.
func (op *Operation) surely(ctx context.Context, ids []idgraph.CustomerID, held func() ([]idgraph.Ref, error)) ([]idgraph.CustomerID, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	known, err := op.door.Graph.Customers(ctx, ids)
	if err != nil {
		return nil, err
	}
	var refs []idgraph.Ref
	var out []idgraph.CustomerID
	for _, id := range ids {
		c, there := known[id]
		if !there {
			continue
		}
		doubtful := doubtful(c)
		if len(doubtful) > 0 && refs == nil {
			if refs, err = held(); err != nil {
				return nil, err
			}
		}
		if len(doubtful) == 0 || slices.ContainsFunc(c.Refs, func(ref idgraph.Ref) bool { return slices.Contains(refs, ref) && !slices.Contains(doubtful, ref) }) {
			out = append(out, id)
		}
	}
	return out, nil
}
