package sqlstore

import (
	"bytes"
	"cmp"
	"slices"
	"sync"

	"customer360/idgraph"
	"customer360/idgraph/match"
	"customer360/internal/keys"
)

// hashes are those of identifiers, by their first byte.
type hashes struct {
	mu    sync.Mutex
	parts [256][]hashed
}

// A hashed identifier is one of a record, by the number that it came in by.
type hashed struct {
	hash [keys.HashSize]byte
	n    int32
}

// add adds a record's. It is safe for concurrent use.
func (h *hashes) add(ring *keys.Ring, n int, of []idgraph.Identifier) {
	var space [8]hashed
	list := space[:0]
	for _, id := range of {
		one := hashed{n: int32(n)}
		copy(one.hash[:], ring.Hash(string(id.Type), id.Value))
		list = append(list, one)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, one := range list {
		p := &h.parts[one.hash[0]]
		*p = append(*p, one)
	}
}

// inOrder yields all in order of the hashes, then of the records' numbers.
func (h *hashes) inOrder(rids []int64, yield func(hash []byte, rid int64) error) error {
	for i := range h.parts {
		part := h.parts[i]
		h.parts[i] = nil
		slices.SortFunc(part, func(x, y hashed) int {
			if c := bytes.Compare(x.hash[:], y.hash[:]); c != 0 {
				return c
			}
			return cmp.Compare(rids[x.n], rids[y.n])
		})
		for j := range part {
			if rid := rids[part[j].n]; rid != 0 {
				if err := yield(part[j].hash[:], rid); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// A blockPlace says that a record stands in a block.
type blockPlace struct{ key, rid int64 }

// placeAll lists who stands in the blocks of combinations, in order.
func (c *construction) placeAll(records []*match.Features) []blockPlace {
	var keys []uint64
	n := 0
	for _, f := range records {
		n += len(f.Keys())
	}
	out := make([]blockPlace, 0, n)
	for place, f := range records {
		keys = f.AppendCombinations(keys[:0])
		for _, key := range keys {
			out = append(out, blockPlace{int64(key), c.at[place].rid})
		}
	}
	slices.SortFunc(out, func(x, y blockPlace) int {
		if c := cmp.Compare(x.key, y.key); c != 0 {
			return c
		}
		return cmp.Compare(x.rid, y.rid)
	})
	return out
}
