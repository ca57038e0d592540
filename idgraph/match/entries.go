package match

import (
	"cmp"
	"slices"
)

// parts is how many parts the keys are split into, by their first byte.
const parts = 256

// An entry says that a record stands in a block. It is twelve bytes: a million
// records have sixteen million of them.
type entry struct {
	high, low uint32 // of the key
	place     uint32 // of the record; its highest bit says that the key is of one of its identifiers
}

const ofIdentifier = 1 << 31

func newEntry(key uint64, at int32, identifier bool) entry {
	e := entry{uint32(key >> 32), uint32(key), uint32(at)}
	if identifier {
		e.place |= ofIdentifier
	}
	return e
}

func (e entry) key() uint64      { return uint64(e.high)<<32 | uint64(e.low) }
func (e entry) at() int32        { return int32(e.place &^ ofIdentifier) }
func (e entry) identifier() bool { return e.place&ofIdentifier != 0 }

// blocks are the entries of all records, part after part; each part is in order
// of the keys, and of the records within a block.
type blocks struct {
	entries []entry
	ends    [parts]int // of the parts
}

func (b *blocks) part(p int) []entry {
	if p == 0 {
		return b.entries[:b.ends[0]]
	}
	return b.entries[b.ends[p-1]:b.ends[p]]
}

// enter enters records, and leaves the parts to be sorted.
func enter(records []*Features) blocks {
	var b blocks
	for _, f := range records {
		for _, k := range f.keys {
			b.ends[k>>56]++
		}
	}
	var next [parts]int
	n := 0
	for p := range parts {
		next[p] = n
		n += b.ends[p]
		b.ends[p] = n
	}
	b.entries = make([]entry, n)
	for at, f := range records {
		for _, k := range f.keys {
			p := k >> 56
			b.entries[next[p]] = newEntry(k, int32(at), f.holds(k))
			next[p]++
		}
	}
	return b
}

// sortBits is how many bits of a key are sorted by at once.
const sortBits = 11

// sortEntries sorts a part that is in order of the records, by the bits behind
// the first eight; what they leave equal is sorted plainly.
func sortEntries(list, space []entry) {
	const low = 64 - 8 - 2*sortBits
	for pass := range 2 {
		shift := low + pass*sortBits
		var at [1<<sortBits + 1]int32
		for i := range list {
			at[(list[i].key()>>shift)&(1<<sortBits-1)+1]++
		}
		for i := range 1 << sortBits {
			at[i+1] += at[i]
		}
		for i := range list {
			d := (list[i].key() >> shift) & (1<<sortBits - 1)
			space[at[d]] = list[i]
			at[d]++
		}
		list, space = space[:len(list)], list
	}
	for i := 0; i < len(list); {
		end := i + 1
		for end < len(list) && list[end].key()>>low == list[i].key()>>low {
			end++
		}
		if run := list[i:end]; len(run) > 1 {
			slices.SortFunc(run, compareEntries)
		}
		i = end
	}
}

func compareEntries(x, y entry) int {
	if c := cmp.Compare(x.key(), y.key()); c != 0 {
		return c
	}
	return cmp.Compare(x.at(), y.at())
}

// blocksOf yields the blocks of two records and more.
func blocksOf(entries []entry) func(yield func([]entry) bool) {
	return func(yield func([]entry) bool) {
		for i := 0; i < len(entries); {
			end := i + 1
			for end < len(entries) && entries[end].high == entries[i].high && entries[end].low == entries[i].low {
				end++
			}
			if end-i > 1 && !yield(entries[i:end]) {
				return
			}
			i = end
		}
	}
}
