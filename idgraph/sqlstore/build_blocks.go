package sqlstore

import (
	"bytes"
	"cmp"
	"slices"

	"customer360/idgraph/match"
)

// A hashed identifier is one of a record.
type hashed struct {
	hash []byte
	rid  int64
}

// writeIdentifiers writes who holds which identifier, in order of their hashes:
// the key of a block is how a hash begins.
func (c *construction) writeIdentifiers(all match.Blocks) error {
	if err := c.exec(`DELETE FROM identifiers`); err != nil {
		return err
	}
	b := c.bulk(insert{table: "identifiers", columns: "hash, rid"})
	var list []hashed
	err := all.InOrder(false, func(key uint64, in []match.Standing) error {
		list = list[:0]
		var last match.Entry
		var hash []byte
		for _, s := range in {
			if !s.Identifier {
				continue
			}
			c.res.Records[s.Place].IdentifiersAt(key, func(e match.Entry) {
				if hash == nil || e != last {
					hash, last = c.keys.index.Hash(string(e.Type), e.Value), e
				}
				list = append(list, hashed{hash, c.at[s.Place]})
			})
		}
		if len(list) > 1 {
			slices.SortFunc(list, func(x, y hashed) int {
				return cmp.Or(bytes.Compare(x.hash, y.hash), cmp.Compare(x.rid, y.rid))
			})
		}
		for _, h := range list {
			if err := b.add(h.hash, h.rid); err != nil {
				return err
			}
		}
		return c.ctx.Err()
	})
	if err != nil {
		return err
	}
	return b.end()
}

// writeBlocks writes who stands in the blocks of combinations, in their order.
func (c *construction) writeBlocks(all match.Blocks) error {
	if err := c.exec(`DELETE FROM blocks`); err != nil {
		return err
	}
	b := c.bulk(insertBlocks)
	var rids []int64
	err := all.InOrder(true, func(key uint64, in []match.Standing) error {
		rids = rids[:0]
		for _, s := range in {
			if !s.Identifier {
				rids = append(rids, c.at[s.Place])
			}
		}
		slices.Sort(rids)
		column := any(int64(key))
		for _, rid := range rids {
			if err := b.add(column, rid); err != nil {
				return err
			}
		}
		return c.ctx.Err()
	})
	if err != nil {
		return err
	}
	return b.end()
}
