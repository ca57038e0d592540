package match

import (
	"cmp"
	"maps"
	"slices"

	"customer360/idgraph"
)

// kindOf answers what the key of a block of a record is of: the type of an
// identifier, for its field, or "" of a combination.
func kindOf(f *Features, key uint64) idgraph.IdentifierType {
	for i := range f.ids {
		if f.ids[i].key == key {
			return fieldTypes[fieldOf(f.ids[i].Type)]
		}
	}
	return ""
}

// fieldTypes are the types of identifiers by which skipped blocks are told.
var fieldTypes = [fields]idgraph.IdentifierType{
	mailbox: idgraph.Email, phoneNumber: idgraph.Phone, loyaltyID: idgraph.LoyaltyID, nationalID: idgraph.NationalID, reference: idgraph.Reference(""),
}

// block puts the records into their blocks, finds the ones that are too large
// and the identifiers that are several people's.
func (b *building) block() error {
	b.entries = enter(b.res.Records)
	most := 0
	for p := range parts {
		most = max(most, len(b.entries.part(p)))
	}
	spaces := make([][]entry, b.Workers)
	b.inParallel(parts, "", func(w, p int) {
		if spaces[w] == nil {
			spaces[w] = make([]entry, most)
		}
		sortEntries(b.entries.part(p), spaces[w])
	})
	b.calibrate()
	var marks [parts]map[uint64]Mark
	var skipped [parts][]SkippedBlock
	var over [parts][]uint64
	comparers := b.comparers(nil)
	b.inParallel(parts, "", func(w, p int) {
		marks[p] = map[uint64]Mark{}
		for members := range blocksOf(b.entries.part(p)) {
			key := members[0].key()
			t, mark := idgraph.IdentifierType(""), OnePersons
			if members[0].identifier() {
				t = kindOf(b.res.Records[members[0].at()], key)
			}
			switch {
			case len(members) > CapOf(t, key):
				over[p] = append(over[p], key)
				skipped[p] = append(skipped[p], SkippedBlock{string(t), len(members), key, members[0].at()})
				mark = Several
			case t != "":
				mark = comparers[w].markOf(t, len(members), func(i int) *Features { return b.res.Records[members[i].at()] })
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
		return cmp.Or(cmp.Compare(y.Records, x.Records), cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Key, y.Key))
	})
	return nil
}

// comparers are one for each worker, each with a memory of names.
func (b *building) comparers(marks func(key uint64) Mark) []*comparer {
	out := make([]*comparer, b.Workers)
	for w := range out {
		out[w] = b.res.Rules.comparer(marks)
		out[w].memo = make([]remembered, memory)
	}
	return out
}

// compareAll compares all pairs of all blocks, each pair once: in the block of
// their least key.
func (b *building) compareAll() error {
	edges := make([][]Edge, b.Workers)
	compared := make([]int64, b.Workers)
	comparers := b.comparers(func(k uint64) Mark { return b.res.Marks[k] })
	b.inParallel(parts, "compare", func(w, p int) {
		c := comparers[w]
		var space [wideCap]*Features
		for members := range blocksOf(b.entries.part(p)) {
			key := members[0].key()
			if b.skipped[key] {
				continue
			}
			records := space[:0]
			for _, m := range members {
				records = append(records, b.res.Records[m.at()])
			}
			for i, x := range records {
				for j := i + 1; j < len(records); j++ {
					if !b.firstIn(key, x.keys, records[j].keys) {
						continue
					}
					compared[w]++
					if e, ok := c.score(x, records[j]); ok {
						e.A, e.B = members[i].at(), members[j].at()
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
	slices.SortFunc(b.res.Edges, func(x, y Edge) int { return cmp.Compare(int64(x.A)<<32|int64(x.B), int64(y.A)<<32|int64(y.B)) })
	b.entries = blocks{}
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
