package prove

import (
	"context"
	"slices"

	"customer360/idgraph"
)

// weak are rules that vouch for nothing, among them one that this build does not know.
var weak = []idgraph.Rule{idgraph.NameAndBirthDate, idgraph.NameAndAddress, idgraph.SimilarRecords, "RULE_OF_A_LATER_BUILD"}

// Customers answers like the store, with some records in doubt.
func (p *people) Customers(ctx context.Context, ids []idgraph.CustomerID) (map[idgraph.CustomerID]idgraph.Customer, error) {
	found, err := p.DB.Customers(ctx, ids)
	for id, c := range found {
		found[id] = doubting(c)
	}
	return found, err
}

// Page answers like the store, with some records in doubt.
func (p *people) Page(ctx context.Context, after idgraph.CustomerID, limit int) ([]idgraph.Customer, error) {
	found, err := p.DB.Page(ctx, after, limit)
	for i, c := range found {
		found[i] = doubting(c)
	}
	return found, err
}

// List answers like the store, with some records in doubt.
func (p *people) List(ctx context.Context, s idgraph.Selection, limit int) ([]idgraph.Customer, error) {
	found, err := p.DB.List(ctx, s, limit)
	for i, c := range found {
		found[i] = doubting(c)
	}
	return found, err
}

// doubting has probable links alone join some of a customer's records with the
// others: of one customer in five the last one, of one the first, and of one
// about half of them.
func doubting(c idgraph.Customer) idgraph.Customer {
	apart := 0
	switch n := len(c.Refs); {
	case n < 2:
		return c
	case c.ID%5 == 0:
		apart = n - 1
	case c.ID%5 == 1:
		apart = 1
	case c.ID%5 == 2:
		apart = n / 2
	default:
		return c
	}
	before := func(ref idgraph.Ref) bool { return slices.Index(c.Refs, ref) < apart }
	links := c.Links
	c.Links = nil
	for _, l := range links {
		if before(l.A) == before(l.B) {
			c.Links = append(c.Links, l)
		}
	}
	for _, side := range [][]idgraph.Ref{c.Refs[:apart], c.Refs[apart:]} { // the store may have held them together through the others
		for i := range side[1:] {
			c.Links = append(c.Links, idgraph.Link{A: side[i], B: side[i+1], Rule: idgraph.SameLoyaltyID, RuleVersion: 1, Since: c.Since})
		}
	}
	c.Links = append(c.Links, idgraph.Link{A: c.Refs[apart-1], B: c.Refs[apart], Rule: weak[int(c.ID/5)%len(weak)], RuleVersion: 2, Since: c.Since})
	return c
}

// inDoubt says whether a record is only probably a customer's, by CONSENT.md §3
// and not by the door's code: it is of none of the largest groups that verified
// links make, or of one that begins later.
func inDoubt(c idgraph.Customer, ref idgraph.Ref) bool { return groupOf(c)[ref] != surest(c) }

// groupOf names for each record the first one of its group.
func groupOf(c idgraph.Customer) map[idgraph.Ref]idgraph.Ref {
	first := map[idgraph.Ref]idgraph.Ref{}
	for _, ref := range c.Refs {
		first[ref] = ref
	}
	for changed := true; changed; {
		changed = false
		for _, l := range c.Links {
			if slices.Contains(weak, l.Rule) || first[l.A] == first[l.B] {
				continue
			}
			low := first[l.A]
			if first[l.B].Less(low) {
				low = first[l.B]
			}
			first[l.A], first[l.B], changed = low, low, true
		}
	}
	return first
}

// surest is the first record of the group that is the customer; it is surely
// the customer's.
func surest(c idgraph.Customer) (best idgraph.Ref) {
	size := map[idgraph.Ref]int{}
	for _, first := range groupOf(c) {
		size[first]++
	}
	for _, ref := range c.Refs {
		if size[ref] > size[best] {
			best = ref
		}
	}
	return best
}
