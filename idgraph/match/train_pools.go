package match

import (
	"maps"
	"math"
	"slices"
	"strings"
)

// Weights are learnt from pairs of records that have something in common: a
// value, or a combination. What they have in common says nothing of them, all
// other fields do. Pairs of anybody say how strangers compare.

// How many pairs are compared at most: of anybody, and of one sieve.
const (
	mostStrangers = 1_000_000
	mostSieved    = 400_000
)

// A sieve lets pairs through that have something in common.
type sieve struct {
	name  string
	own   []field // what the pairs have in common is told by these
	value field   // the one whose value is the same; fields for a combination
	limit int     // records of a block
}

// anybody is the sieve that lets all pairs through.
var anybody = sieve{name: "anybody", value: fields, limit: math.MaxInt}

// sieveOf answers the sieve of a field's values, or of a kind of combination.
func sieveOf(name string) sieve {
	if f := slices.Index(fieldNames[:], name); f >= 0 {
		limit := math.MaxInt
		if t := fieldTypes[f]; t != "" {
			limit = CapOf(t, 0)
		}
		return sieve{name, []field{field(f)}, field(f), limit}
	}
	s := sieve{name: name, value: fields, limit: CapOf("", combined(0, name))}
	for word := range strings.SplitSeq(strings.TrimPrefix(name, "~"), "+") {
		s.own = append(s.own, toldBy[word]...)
	}
	return s
}

// toldBy are the fields that the words of kinds of combinations are made of.
var toldBy = map[string][]field{
	"name": {givenName, familyName}, "sound": {givenName, familyName}, "initial": {givenName, familyName},
	"given": {givenName}, "family": {familyName}, "birth": {birthDay}, "year": {birthDay}, "local": {mailbox},
	"city": {postal}, "postcode": {postal}, "street": {postal}, "number": {postal}, "word": {postal},
}

// A pool is the pairs that a sieve lets through.
type pool struct {
	sieve
	blocks [][]entry // each of two records and more; nil for anybody
	ends   []int     // pairs up to the end of each block
	pairs  int
	most   int // that are compared
}

// pools finds all pairs to learn from; those of anybody come first.
func (t *trainer) pools() []*pool {
	n := len(t.res.Records)
	out := []*pool{{sieve: anybody, pairs: n * (n - 1) / 2, most: mostStrangers}}
	entries := map[string][]entry{}
	var space []byte
	for at, f := range t.res.Records {
		enter := func(name string, key uint64) { entries[name] = append(entries[name], newEntry(key, int32(at), false)) }
		for name, text := range values(f) {
			enter(name, fixedHash(name, text))
		}
		for kind, text := range combinations(f, &space) {
			enter(kind, fixedHash(kind, text))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		p := &pool{sieve: sieveOf(name), most: mostSieved}
		list := entries[name]
		slices.SortFunc(list, compareEntries)
		list = slices.Compact(list)
		for members := range blocksOf(list) {
			if len(members) <= p.limit {
				p.blocks = append(p.blocks, members)
				p.pairs += len(members) * (len(members) - 1) / 2
				p.ends = append(p.ends, p.pairs)
			}
		}
		out = append(out, p)
	}
	return out
}

// values yields a record's whole values, by the names of the fields.
func values(f *Features) func(yield func(name, text string) bool) {
	return func(yield func(name, text string) bool) {
		home := f.home.open()
		full := ""
		if home.street != "" && home.number != "" {
			full = strings.Join([]string{home.street, home.number, home.postcode}, "\x00")
		}
		for _, v := range [...]struct {
			f    field
			text string
		}{{givenName, f.given.text}, {familyName, f.family.text}, {birthDay, f.birth}, {postal, full}} {
			if v.text != "" && !yield(fieldNames[v.f], v.text) {
				return
			}
		}
		for _, id := range f.ids {
			if !OfRole(id.Identifier) && !yield(fieldNames[fieldOf(id.Type)], string(id.Type)+"\x00"+id.Value) {
				return
			}
		}
	}
}

// chosen is how many pairs are compared.
func (p *pool) chosen() int { return min(p.pairs, p.most) }

// pair answers the places of a chosen pair: all of them where they are few,
// else some by chance, the same ones each time.
func (p *pool) pair(k int) (int32, int32) {
	if p.pairs > p.most {
		k = int(mixed(uint64(k)+0x9e3779b97f4a7c15) % uint64(p.pairs))
	}
	if p.blocks == nil {
		i, j := pairAt(k)
		return int32(i), int32(j)
	}
	at, _ := slices.BinarySearch(p.ends, k+1)
	if at > 0 {
		k -= p.ends[at-1]
	}
	i, j := pairAt(k)
	return p.blocks[at][i].at(), p.blocks[at][j].at()
}

// pairAt is the k-th of the pairs (0 1) (0 2) (1 2) (0 3) and so on.
func pairAt(k int) (int, int) {
	j := int((1 + math.Sqrt(1+8*float64(k))) / 2)
	for j*(j-1)/2 > k {
		j--
	}
	for j*(j+1)/2 <= k {
		j++
	}
	return k - j*(j-1)/2, j
}
