package match

import (
	"cmp"
	"maps"
	"slices"

	"customer360/idgraph"
)

// parts is how many parts the keys are split into, by their first byte.
const parts = 256

// An entry says that a record stands in a block.
type entry struct {
	key  uint64
	at   int32
	kind uint8 // what the key is of; see kinds
}

// kinds of keys: 0 is a combination, the others are fields of identifiers, plus one.
func kindOf(t idgraph.IdentifierType) uint8 { return uint8(fieldOf(t)) + 1 }

var kindTypes = func() (out [fields + 1]idgraph.IdentifierType) {
	for _, t := range []idgraph.IdentifierType{idgraph.Email, idgraph.Phone, idgraph.LoyaltyID, idgraph.NationalID, idgraph.Reference("")} {
		out[kindOf(t)] = t
	}
	return out
}()

// block puts the records into their blocks, finds the ones that are too large
// and the identifiers that are several people's.
func (b *building) block() error {
	for at, f := range b.res.Records {
		for _, k := range f.keys {
			e := entry{key: k, at: int32(at)}
			for i := range f.ids {
				if f.ids[i].key == k {
					e.kind = kindOf(f.ids[i].Type)
				}
			}
			b.entries[k>>56] = append(b.entries[k>>56], e)
		}
	}
	var marks [parts]map[uint64]Mark
	var skipped [parts][]SkippedBlock
	var over [parts][]uint64
	b.inParallel(parts, "", func(_, p int) {
		slices.SortFunc(b.entries[p], func(x, y entry) int { return cmp.Or(cmp.Compare(x.key, y.key), cmp.Compare(x.at, y.at)) })
	})
	b.calibrate()
	b.inParallel(parts, "", func(_, p int) {
		marks[p] = map[uint64]Mark{}
		for members := range blocksOf(b.entries[p]) {
			key, t := members[0].key, kindTypes[members[0].kind]
			mark := OnePersons
			switch {
			case len(members) > CapOf(t):
				over[p] = append(over[p], key)
				skipped[p] = append(skipped[p], SkippedBlock{string(t), len(members)})
				mark = Several
			case t != "":
				mark = b.res.Rules.markOf(len(members), func(i int) *Features { return b.res.Records[members[i].at] })
			}
			if t != "" && mark != OnePersons {
				marks[p][key] = mark
			}
		}
	})
	b.res.Marks, b.skipped = map[uint64]Mark{}, map[uint64]bool{}
	for p := range parts {
		maps.Copy(b.res.Marks, marks[p])
		for _, k := range over[p] {
			b.skipped[k] = true
		}
		b.res.Skipped = append(b.res.Skipped, skipped[p]...)
	}
	slices.SortFunc(b.res.Skipped, func(x, y SkippedBlock) int {
		return cmp.Or(cmp.Compare(y.Records, x.Records), cmp.Compare(x.Kind, y.Kind))
	})
	return nil
}

// blocksOf yields the blocks of two records and more.
func blocksOf(entries []entry) func(yield func([]entry) bool) {
	return func(yield func([]entry) bool) {
		for i := 0; i < len(entries); {
			end := i + 1
			for end < len(entries) && entries[end].key == entries[i].key {
				end++
			}
			if end-i > 1 && !yield(entries[i:end]) {
				return
			}
			i = end
		}
	}
}

// compareAll compares all pairs of all blocks, each pair once: in the block of
// their least key.
func (b *building) compareAll() error {
	edges := make([][]Edge, b.Workers)
	compared := make([]int64, b.Workers)
	comparers := make([]*comparer, b.Workers)
	for w := range comparers {
		comparers[w] = b.res.Rules.comparer(func(k uint64) Mark { return b.res.Marks[k] })
		comparers[w].memo = make([]remembered, memory)
	}
	b.inParallel(parts, "compare", func(w, p int) {
		c := comparers[w]
		for members := range blocksOf(b.entries[p]) {
			if b.skipped[members[0].key] {
				continue
			}
			for i, x := range members {
				for _, y := range members[i+1:] {
					if !b.firstIn(members[0].key, b.res.Records[x.at].keys, b.res.Records[y.at].keys) {
						continue
					}
					compared[w]++
					if e, ok := c.score(b.res.Records[x.at], b.res.Records[y.at]); ok {
						e.A, e.B = x.at, y.at
						edges[w] = append(edges[w], e)
					}
				}
			}
		}
	})
	for _, n := range compared {
		b.res.Compared += n
	}
	b.res.Edges = slices.Concat(edges...)
	slices.SortFunc(b.res.Edges, func(x, y Edge) int { return cmp.Or(cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B)) })
	b.entries = [parts][]entry{}
	return nil
}

// firstIn says that a key is the least that two records share, of those whose
// blocks are compared.
func (b *building) firstIn(key uint64, x, y []uint64) bool {
	for i, j := 0, 0; i < len(x) && j < len(y); {
		switch {
		case x[i] < y[j]:
			i++
		case x[i] > y[j]:
			j++
		case x[i] == key:
			return true
		case b.skipped[x[i]]:
			i, j = i+1, j+1
		default:
			return false
		}
	}
	return false
}
