package sqlstore

import (
	"cmp"
	"slices"

	"customer360/idgraph"
)

// A cluster is one person of a resolution, on the way to an id.
type cluster struct {
	rows     []*row // in order of age
	customer idgraph.CustomerID
	claims   []idgraph.CustomerID // customers whose largest part it has, oldest first
	frozen   bool                 // whether it has reached a limit
}

// settle gives the clusters their ids and writes what has changed. An id stays
// with the larger part of its records, of equal parts with the one that has the
// oldest record; where several ids meet, the oldest stays and the others
// redirect to it.
func (l *learning) settle(r *reached) error {
	of := map[int64]*cluster{}
	before := map[idgraph.CustomerID]map[*cluster]int{}
	for _, c := range r.clusters {
		for _, row := range c.rows {
			of[row.rid] = c
			if row.customer != 0 {
				if before[row.customer] == nil {
					before[row.customer] = map[*cluster]int{}
				}
				before[row.customer][c]++
			}
		}
	}
	for id, parts := range before {
		heir := largest(parts)
		heir.claims = append(heir.claims, id)
	}
	merged := map[idgraph.CustomerID]idgraph.CustomerID{}
	for _, c := range r.clusters {
		slices.Sort(c.claims)
		if len(c.claims) > 0 {
			c.customer = c.claims[0]
			for _, id := range c.claims[1:] {
				merged[id] = c.customer
			}
			continue
		}
		id, err := l.next("customer")
		if err != nil {
			return err
		}
		c.customer = idgraph.CustomerID(id)
		l.change.Customers++
	}
	if err := l.writeCustomers(r.clusters, before, merged); err != nil {
		return err
	}
	if err := l.redirect(before, merged, of); err != nil {
		return err
	}
	for _, c := range r.clusters {
		for _, row := range c.rows {
			row.customer = c.customer
		}
	}
	return l.freeze(r.clusters, before)
}

func byAge(a, b *cluster) int { return cmp.Compare(a.rows[0].rid, b.rows[0].rid) }

// largest is the part with the most records; of equals, the oldest.
func largest(parts map[*cluster]int) *cluster {
	var best *cluster
	for c, n := range parts {
		if best == nil || n > parts[best] || n == parts[best] && byAge(c, best) < 0 {
			best = c
		}
	}
	return best
}

// redirect points the ids that were merged, and all that pointed to them, to
// the survivor. Where a customer is split, an id that had been merged into it
// follows the records that once were its own.
func (l *learning) redirect(before map[idgraph.CustomerID]map[*cluster]int, merged map[idgraph.CustomerID]idgraph.CustomerID, of map[int64]*cluster) error {
	for _, id := range sorted(merged) {
		if err := l.exec(`UPDATE customers SET merged_into = ? WHERE merged_into = ?`, merged[id], id); err != nil {
			return err
		}
	}
	for _, id := range sorted(before) {
		if len(before[id]) < 2 {
			continue
		}
		var redirects []idgraph.CustomerID
		if err := l.selects(&redirects, `SELECT id FROM customers WHERE merged_into = ?`, id); err != nil {
			return err
		}
		for _, from := range redirects {
			parts := map[*cluster]int{}
			for rid, c := range of {
				if l.rows[rid].origin == from {
					parts[c]++
				}
			}
			if heir := largest(parts); heir != nil && heir.customer != id {
				if err := l.exec(`UPDATE customers SET merged_into = ? WHERE id = ?`, heir.customer, from); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func sorted[V any](m map[idgraph.CustomerID]V) []idgraph.CustomerID {
	out := make([]idgraph.CustomerID, 0, len(m))
	for id := range m {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}
