package sqlstore

import (
	"cmp"
	"slices"

	"customer360/idgraph"
)

// assign gives the groups their customers, as settle does: an id stays with the
// larger part of its records, of equal parts with the one that has the oldest
// record; where several ids meet, the oldest stays.
func (c *construction) assign() error {
	c.resolved()
	groups := c.res.Groups
	c.oldest, c.whose = make([]int64, len(groups)), make([]idgraph.CustomerID, len(groups))
	type part struct {
		customer idgraph.CustomerID
		group    int32
	}
	var parts []part
	for g, members := range groups {
		c.oldest[g] = c.at[members[0]]
		for _, m := range members {
			c.oldest[g] = min(c.oldest[g], c.at[m])
			if id := c.held(int(m)).customer; id != 0 {
				parts = append(parts, part{id, int32(g)})
			}
		}
	}
	slices.SortFunc(parts, func(x, y part) int {
		return cmp.Or(cmp.Compare(x.customer, y.customer), cmp.Compare(c.oldest[x.group], c.oldest[y.group]))
	})
	s := &settling{before: map[idgraph.CustomerID]int{}, merged: map[idgraph.CustomerID]int32{}, split: map[idgraph.CustomerID][]int32{}}
	for i := 0; i < len(parts); {
		id, heir, most, end := parts[i].customer, int32(-1), 0, i
		var all []int32
		for end < len(parts) && parts[end].customer == id {
			from, g := end, parts[end].group
			for end < len(parts) && parts[end] == parts[from] {
				end++
			}
			if end-from > most {
				heir, most = g, end-from
			}
			all = append(all, g)
		}
		s.before[id] = end - i
		if len(all) > 1 {
			s.split[id] = slices.DeleteFunc(all, func(g int32) bool { return g == heir })
		}
		if c.whose[heir] == 0 { // ids come rising
			c.whose[heir] = id
		} else {
			s.merged[id] = heir
		}
		i = end
	}
	if err := c.mint(); err != nil {
		return err
	}
	c.settling = s
	return nil
}

// mint gives ids to the groups that have none, the oldest first.
func (c *construction) mint() error {
	var fresh []int32
	for g, id := range c.whose {
		if id == 0 {
			fresh = append(fresh, int32(g))
		}
	}
	slices.SortFunc(fresh, func(x, y int32) int { return cmp.Compare(c.oldest[x], c.oldest[y]) })
	for i, g := range fresh {
		id, err := c.next("customer")
		if err != nil {
			return err
		}
		if i == 0 {
			c.minted[0] = id - 1
		}
		c.whose[g], c.minted[1] = idgraph.CustomerID(id), id
	}
	c.change.Customers += len(fresh)
	return nil
}
