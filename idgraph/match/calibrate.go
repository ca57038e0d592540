package match

import (
	"cmp"
	"hash/maphash"
	"math"
	"slices"
	"sync"

	"customer360/idgraph"
)

// Some sets hold households, and every contradiction of names or birth dates
// tells two people apart. Others are lists of strangers, typed badly: there the
// same contradiction is an error. What a set is shows in the set itself.
const (
	enough       = 300   // pairs to judge by
	few          = 0.005 // of them that are two people for certain
	doubt        = 0.01
	enoughErrors = 20 // first names that differ where birthday, family name and home are the same
)

// calibrate finds out what contradictions mean, where a snapshot is taken.
func (b *building) calibrate() {
	if b.Snapshot != nil {
		return
	}
	s := b.res.Rules.snapshot
	var strangers, once bool
	var beside sync.WaitGroup
	beside.Go(func() { strangers, once = b.strangers(), b.once() })
	oneEach := b.oneEach()
	beside.Wait()
	if s.Strangers, s.Once, s.OneEach = strangers, once, oneEach; s.OneEach {
		s.Homes, s.Streets = b.rarityOfHomes()
	}
}

// strangers counts the pairs that share a mailbox. Where people share theirs,
// the first names of many pairs are two names for certain.
func (b *building) strangers() bool {
	c := b.res.Rules.comparer(nil)
	people, one := 0, 0
	b.mailboxes(func(f, g *Features) {
		switch given, _ := c.compareNames(f, g); {
		case given >= levelSlipped:
			one++
		case given == levelDifferent && twoNames(f, g):
			people++
		}
	})
	return one >= enough && float64(people) <= few*float64(one)
}

// twice is how much rarer than between sources pairs of one person are within a
// source that hardly ever lists one twice.
const twice = 0.25

// once counts the pairs that share a mailbox and both names, within a source and
// between sources.
func (b *building) once() bool {
	perSource := map[idgraph.Source]float64{}
	for _, f := range b.res.Records {
		perSource[f.Ref.Source]++
	}
	share, all := 0.0, float64(len(b.res.Records))
	for _, n := range perSource {
		share += n * n / (all * all)
	}
	within, pairs := 0.0, 0.0
	c := b.res.Rules.comparer(nil)
	b.mailboxes(func(f, g *Features) {
		if given, family := c.compareNames(f, g); given >= levelSlipped && family >= levelSlipped {
			pairs++
			if f.Ref.Source == g.Ref.Source {
				within++
			}
		}
	})
	return share < 1 && pairs >= enough && within <= twice*share*pairs
}

// mailboxes calls for each two records that share a mailbox.
func (b *building) mailboxes(call func(f, g *Features)) {
	for p := range parts {
		for members := range blocksOf(b.entries.part(p)) {
			if !members[0].identifier() || kindOf(b.res.Records[members[0].at()], members[0].key()) != idgraph.Email || len(members) > CapOf(idgraph.Email, 0) {
				continue
			}
			for i, x := range members {
				for _, y := range members[i+1:] {
					call(b.res.Records[x.at()], b.res.Records[y.at()])
				}
			}
		}
	}
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
// often as two sources list one each. Where sources list one of each household,
// a husband here and his wife there, names and birth dates contradict together;
// errors come one by one.
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
	same, other, twice, errors, people := 0, 0, 0, 0, 0
	for i := range homes {
		for j := i + 1; j < len(homes) && homes[j].key == homes[i].key && j < i+mostRecords; j++ {
			f, g := b.res.Records[homes[i].at], b.res.Records[homes[j].at]
			given, _ := c.compareNames(f, g)
			birth := compareBirths(f.birth, g.birth)
			contradicts := given == levelDifferent || birth == levelDifferent
			switch {
			case f.Ref.Source != g.Ref.Source && contradicts:
				other++
				switch {
				case given == levelDifferent && birth == levelDifferent:
					people++
				case given == levelDifferent && birth >= levelSlipped:
					errors++
				}
			case f.Ref.Source == g.Ref.Source && contradicts:
				same++
			case f.Ref.Source == g.Ref.Source:
				twice++
			}
		}
	}
	return errors >= enoughErrors && errors > 2*people && float64(same+twice) <= doubt*float64(other)*within/between
}

// leniency is what it takes off, in bits, that homes are compared with slips allowed
// where they are counted without.
const leniency = 3

// rarityOfHomes counts how many pairs of records of one source share a home, and
// a street with its postcode. Where a source lists a person once, all of its
// pairs are two people: that is how often these share one by chance.
func (b *building) rarityOfHomes() (homes, streets float64) {
	type place struct {
		source                   idgraph.Source
		street, postcode, number string
	}
	inHouse, inStreet, of := map[place]int{}, map[place]int{}, map[idgraph.Source]int{}
	for _, f := range b.res.Records {
		of[f.Ref.Source]++
		in := f.home.open()
		if in.street == "" || in.postcode == "" {
			continue
		}
		inStreet[place{f.Ref.Source, in.street, in.postcode, ""}]++
		if in.number != "" {
			inHouse[place{f.Ref.Source, in.street, in.postcode, in.number}]++
		}
	}
	all := float64(pairsIn(of))
	return math.Log2(all/float64(pairsIn(inHouse)+1)) - leniency, math.Log2(all/float64(pairsIn(inStreet)+1)) - leniency
}

// pairsIn counts the pairs within groups of these sizes.
func pairsIn[K comparable](sizes map[K]int) (pairs int) {
	for _, n := range sizes {
		pairs += n * (n - 1) / 2
	}
	return pairs
}
