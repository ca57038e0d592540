package sqlstore

import (
	"cmp"
	"slices"

	"customer360/idgraph"
)

func (c *construction) writeMinted() error {
	sizes := make([]int, c.minted[1]-c.minted[0])
	for g, id := range c.whose {
		if int64(id) > c.minted[0] && int64(id) <= c.minted[1] {
			sizes[int64(id)-c.minted[0]-1] = len(c.res.Groups[g])
		}
	}
	b, now := c.bulk(insertCustomers), stamp(c.now)
	for i, n := range sizes {
		if err := b.add(c.minted[0]+1+int64(i), now, int64(n), now); err != nil {
			return err
		}
	}
	return b.end()
}

func (c *construction) writeOlder() error {
	s, lost := c.settling, map[idgraph.CustomerID]int{}
	for _, h := range c.lost {
		lost[h.customer]++
		c.stirred[h.customer] = true
	}
	for g, id := range c.whose {
		if was, ok := s.before[id]; ok && was+lost[id] != len(c.res.Groups[g]) {
			if err := c.exec(updateCount, len(c.res.Groups[g]), int64(id), len(c.res.Groups[g])); err != nil {
				return err
			}
			c.stirred[id] = true
		}
	}
	for _, id := range sorted(s.merged) {
		into := c.whose[s.merged[id]]
		if err := c.exec(`UPDATE customers SET records = 0, merged_into = ? WHERE id = ?`, int64(into), int64(id)); err != nil {
			return err
		}
		c.change.Merged++
		c.stirred[id], c.stirred[into] = true, true
		c.events = append(c.events, event{kind: idgraph.Merged, customer: id, other: into})
	}
	for _, id := range sorted(s.split) {
		c.change.Split++
		slices.SortFunc(s.split[id], func(x, y int32) int { return cmp.Compare(c.oldest[x], c.oldest[y]) })
		for _, g := range s.split[id] {
			c.stirred[id], c.stirred[c.whose[g]] = true, true
			c.events = append(c.events, event{kind: idgraph.SplitOff, customer: id, other: c.whose[g]})
		}
	}
	for _, id := range sorted(lost) {
		if _, came := s.before[id]; came {
			continue
		}
		if err := c.exec(`UPDATE customers SET records = 0 WHERE id = ?`, int64(id)); err != nil {
			return err
		}
		c.events = append(c.events, event{kind: idgraph.Gone, customer: id})
	}
	return nil
}

func (c *construction) writeRedirects() error {
	s := c.settling
	for _, id := range sorted(s.merged) {
		if err := c.exec(`UPDATE customers SET merged_into = ? WHERE merged_into = ?`, int64(c.whose[s.merged[id]]), int64(id)); err != nil {
			return err
		}
	}
	from := map[idgraph.CustomerID]idgraph.CustomerID{}
	for _, id := range sorted(s.split) {
		var redirects []idgraph.CustomerID
		if err := c.selects(&redirects, `SELECT id FROM customers WHERE merged_into = ?`, int64(id)); err != nil {
			return err
		}
		for _, r := range redirects {
			from[r] = id
		}
	}
	if len(from) == 0 {
		return nil
	}
	parts := map[idgraph.CustomerID]map[int32]int{}
	for place := range c.res.Records {
		h := c.held(place)
		if _, asked := from[h.origin]; asked {
			if parts[h.origin] == nil {
				parts[h.origin] = map[int32]int{}
			}
			parts[h.origin][c.res.Of[place]]++
		}
	}
	for _, id := range sorted(from) {
		heir, most := int32(-1), 0
		for g, n := range parts[id] {
			if n > most || n == most && c.oldest[g] < c.oldest[heir] {
				heir, most = g, n
			}
		}
		if heir >= 0 && c.whose[heir] != from[id] {
			if err := c.exec(`UPDATE customers SET merged_into = ? WHERE id = ?`, int64(c.whose[heir]), int64(id)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *construction) writeFrozen() error {
	was, now := map[idgraph.CustomerID]int64{}, map[idgraph.CustomerID]int{}
	err := c.each(`SELECT customer, since FROM frozen`, nil, func(scan func(...any) error) error {
		var id idgraph.CustomerID
		var since int64
		err := scan(&id, &since)
		was[id] = since
		return err
	})
	if err != nil {
		return err
	}
	if err := c.exec(`DELETE FROM frozen`); err != nil {
		return err
	}
	for _, g := range c.res.Frozen {
		now[c.whose[g]] = len(c.res.Groups[g])
	}
	for _, id := range sorted(was) {
		if now[id] == 0 {
			c.stirred[id] = true
			c.events = append(c.events, event{kind: idgraph.Thawed, customer: id})
		}
	}
	b := c.bulk(insert{table: "frozen", columns: "customer, since, review"})
	for _, id := range sorted(now) {
		since, froze := was[id]
		if !froze {
			since = stamp(c.now)
			c.stirred[id] = true
			c.events = append(c.events, event{kind: idgraph.Frozen, customer: id})
		}
		if err := b.add(int64(id), since, worthOf(0, now[id])); err != nil {
			return err
		}
	}
	return b.end()
}
