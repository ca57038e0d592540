package match

import (
	"cmp"
	"hash/maphash"
	"slices"

	"customer360/idgraph"
)

// Some sets hold households, and every contradiction of names or birth dates
// tells two people apart. Others are lists of strangers, typed badly: there the
// same contradiction is an error. What a set is shows in the set itself.
const (
	enough = 100   // pairs to judge by
	few    = 0.005 // of them that are two people for certain
	doubt  = 0.01
)

// calibrate finds out what contradictions mean, where a snapshot is taken.
func (b *building) calibrate() {
	if b.Snapshot != nil {
		return
	}
	s := b.res.Rules.snapshot
	s.Strangers = b.strangers()
	s.OneEach = b.oneEach()
}

// strangers counts the pairs that share a mailbox. Where people share theirs,
// the first names of many pairs are two names for certain.
func (b *building) strangers() bool {
	c := b.res.Rules.comparer(nil)
	people, one := 0, 0
	for p := range parts {
		for members := range blocksOf(b.entries.part(p)) {
			if kindOf(b.res.Records[members[0].at], members[0].key) != idgraph.Email || len(members) > CapOf(idgraph.Email, 0) {
				continue
			}
			for i, x := range members {
				for _, y := range members[i+1:] {
					f, g := b.res.Records[x.at], b.res.Records[y.at]
					switch given, _ := c.compareNames(f, g); {
					case given >= levelSlipped:
						one++
					case given == levelDifferent && twoNames(f, g):
						people++
					}
				}
			}
		}
	}
	return one >= enough && float64(people) <= few*float64(one)
}

// twoNames says that two given names are two for certain: several people are called so,
// and they are not given and family name of one, swapped.
func twoNames(a, b *Features) bool {
	return a.given.known && b.given.known && min(a.given.count, b.given.count) >= commonFrom && !crossed(a, b) && !crossed(b, a)
}

// crossed says that the given name of one looks like the family name of the
// other one: they may be swapped, with a slip.
func crossed(a, b *Features) bool {
	return b.family != noName && jaroWinkler(a.given.text, b.family.text) >= 0.75
}

// oneEach counts the pairs of one family name at one address whose first names
// or birth dates contradict. Were they people, a source would list both as
// often as two sources list one each.
func (b *building) oneEach() bool {
	type home struct {
		key uint64
		at  int32
	}
	seed := maphash.MakeSeed()
	var homes []home
	perSource := map[idgraph.Source]float64{}
	for at, f := range b.res.Records {
		perSource[f.Ref.Source]++
		in := f.home.open()
		if f.family == noName || in.street == "" || in.number == "" || in.postcode == "" {
			continue
		}
		homes = append(homes, home{maphash.Comparable(seed, [4]string{f.family.text, in.street, in.number, in.postcode}), int32(at)})
	}
	within, all := 0.0, float64(len(b.res.Records))
	for _, n := range perSource {
		within += n * n
	}
	between := all*all - within
	if between == 0 {
		return false
	}
	slices.SortFunc(homes, func(x, y home) int { return cmp.Or(cmp.Compare(x.key, y.key), cmp.Compare(x.at, y.at)) })
	c := b.res.Rules.comparer(nil)
	same, other, twice := 0, 0, 0
	for i := range homes {
		for j := i + 1; j < len(homes) && homes[j].key == homes[i].key && j < i+mostRecords; j++ {
			f, g := b.res.Records[homes[i].at], b.res.Records[homes[j].at]
			given, _ := c.compareNames(f, g)
			contradicts := given == levelDifferent || compareBirths(f.birth, g.birth) == levelDifferent
			switch {
			case f.Ref.Source != g.Ref.Source && contradicts:
				other++
			case f.Ref.Source == g.Ref.Source && contradicts:
				same++
			case f.Ref.Source == g.Ref.Source:
				twice++
			}
		}
	}
	return other >= enough && float64(same+twice+1) <= doubt*float64(other)*within/between
}
