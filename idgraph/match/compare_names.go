package match

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// names compares two people's names as they stand and, where that contradicts,
// with given and family name of one swapped.
func (c *comparer) compareNames(a, b *Features) (given, family level) {
	given, family = c.given(a.given, b.given), c.family(a.family, b.family)
	if (given == levelDifferent || given == levelMissing && a.given != noName && b.given != noName) && a.family != noName && b.family != noName {
		if g, f := c.given(a.given, b.family), c.family(a.family, b.given); g >= levelSlipped && f >= levelSlipped {
			return g, f
		}
	}
	if c.snapshot.OneEach && given <= levelDifferent && family <= levelDifferent { // swapped, and one of them another name
		return given, max(family, c.family(a.given, b.family), c.family(a.family, b.given))
	}
	return given, family
}

func (c *comparer) given(a, b *name) level {
	switch {
	case a == noName || b == noName:
		return levelMissing
	case a == b || a.text == b.text:
		return levelExact
	}
	return c.remembered(0, a, b, givenLevel)
}

func (c *comparer) family(a, b *name) level {
	switch {
	case a == noName || b == noName:
		return levelMissing
	case a == b || a.text == b.text:
		return levelExact
	}
	return c.remembered(1, a, b, familyLevel)
}

// givenLevel compares given names that are not the same text.
func givenLevel(a, b *name) level {
	if read, ok := readings(a, b); ok {
		return read
	}
	switch givenFit(a.parts, b.parts) {
	case full:
		if spelt(a.text) == spelt(b.text) {
			return levelExact
		}
		return levelNickname
	case loose:
		return levelInitial
	}
	if established(a, b) {
		return levelDifferent
	}
	switch {
	case typed(a.text, b.text):
		return levelSlipped
	case soundAlike(a, b) || alikeNames(a.text, b.text), slipOfNickname(a, b), slipOfNickname(b, a):
		return levelSimilar
	case misspelt(a, b) && jaroWinkler(a.text, b.text) >= 0.8:
		return levelSimilar
	}
	return levelDifferent
}

// misspelt says that one of two names is nobody's: not among those that this
// build knows, and hardly ever seen.
func misspelt(a, b *name) bool {
	return a.known != b.known && (a.known || a.count == 0) && (b.known || b.count == 0) && min(len(a.text), len(b.text)) >= 4
}

// slipOfNickname says that a name which nobody has is one slip away from a name
// that the other one goes by: "ddick" is Richard.
func slipOfNickname(slip, of *name) bool {
	if slip.known || !of.known || len(slip.text) < 4 {
		return false
	}
	for _, group := range nicknames()[key(strings.Join(of.parts, "-"))] {
		for _, other := range nicknameGroups()[group] {
			if typed(slip.text, other) {
				return true
			}
		}
	}
	return false
}

// nicknameGroups are the lines of nicknames.txt: the names of each group.
var nicknameGroups = sync.OnceValue(func() map[int][]string {
	out := map[int][]string{}
	for name, groups := range nicknames() {
		for _, g := range groups {
			out[g] = append(out[g], name)
		}
	}
	return out
})

// soundAlike says that two names in Latin letters sound the same.
func soundAlike(a, b *name) bool {
	return a.sound == b.sound && a.sound != "" && a.text[0] < utf8.RuneSelf
}

// established says that two different spellings are two names: each of them is
// a name that people have, and none so rare beside the other that it is a slip.
func established(a, b *name) bool {
	few, many := min(a.count, b.count), max(a.count, b.count)
	if a.known && b.known {
		return many < 50 || few*50 > many // where very many bear one of them, one slip in fifty is the other one
	}
	if a.known != b.known && typed(a.text, b.text) { // in a large set the same slip is made by several
		return few >= 4 && few*12 > many
	}
	return few >= 4 && few*100 > many || few >= 2 && a.known != b.known && few*30 > many
}

// familyLevel compares family names that are not the same text.
func familyLevel(a, b *name) level {
	if read, ok := readings(a, b); ok {
		return read
	}
	coreA, coreB := without(a.parts, particles), without(b.parts, particles)
	joinedA, joinedB := strings.Join(coreA, ""), strings.Join(coreB, "")
	switch {
	case spelt(joinedA) == spelt(joinedB):
		return levelExact
	case contains(coreA, coreB) || contains(coreB, coreA) || abbreviated(coreA, coreB) || abbreviated(coreB, coreA):
		return levelPart
	}
	few, many := min(a.count, b.count), max(a.count, b.count)
	if few >= 20 && few*30 > many { // two names that many people have
		if soundAlike(a, b) {
			return levelSimilar
		}
		return levelDifferent
	}
	switch {
	case typed(joinedA, joinedB) || partSlip(coreA, coreB) || soundAlike(a, b) && alikeNames(joinedA, joinedB):
		return levelSlipped
	case soundAlike(a, b) || alikeNames(joinedA, joinedB):
		return levelSimilar
	}
	return levelDifferent
}

// abbreviated says that a name of several parts stands in b with initials for
// some of its parts, and one whole.
func abbreviated(a, b []string) bool {
	whole := false
	for _, p := range a {
		same := slices.ContainsFunc(b, func(q string) bool { return key(p) == key(q) })
		whole = whole || same
		if !same && !(len(p) == 1 && slices.ContainsFunc(b, func(q string) bool { return strings.HasPrefix(q, p) })) {
			return false
		}
	}
	return whole && len(a) > 1
}

// spelt makes one of the manners of writing a name in ASCII.
func spelt(s string) string { return key(strings.ReplaceAll(s, " ", "")) }

// typed says that two texts are one slip apart, two where they are long.
func typed(a, b string) bool {
	n := min(len(a), len(b))
	switch {
	case n < 3:
		return false
	case n < 8:
		return distance(a, b, 1) <= 1
	}
	return distance(a, b, 2) <= 2
}

// alikeNames says that two texts are more alike than names of two people are by
// chance (Jaro and Winkler).
func alikeNames(a, b string) bool { return min(len(a), len(b)) >= 4 && jaroWinkler(a, b) >= 0.88 }

// distance counts the letters to put in, leave out, replace or swap with their
// neighbour that make b of a; more than limit is limit+1. Folded names are
// nearly always ASCII, so bytes are counted.
func distance(a, b string, limit int) int {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > limit || len(b) > 63 {
		return limit + 1
	}
	var rows [3][64]uint8
	for j := range len(b) + 1 {
		rows[0][j] = uint8(j)
	}
	before, prev, row := &rows[2], &rows[0], &rows[1]
	for i := 1; i <= len(a); i++ {
		row[0] = uint8(i)
		least := row[0]
		for j := 1; j <= len(b); j++ {
			cost := uint8(1)
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			row[j], least = d, min(least, d)
		}
		if int(least) > limit {
			return limit + 1
		}
		before, prev, row = prev, row, before
	}
	return int(prev[len(b)])
}

// jaroWinkler is the similarity of two texts of at most 64 bytes: 1 for equal
// ones, 0 where they have nothing in common.
func jaroWinkler(a, b string) float64 {
	if len(a) > 64 || len(b) > 64 || a == "" || b == "" {
		return 0
	}
	window := max(0, max(len(a), len(b))/2-1)
	var inA, inB uint64
	m := 0
	for i := range len(a) {
		for j := max(0, i-window); j < min(len(b), i+window+1); j++ {
			if inB&(1<<j) == 0 && a[i] == b[j] {
				inA, inB = inA|1<<i, inB|1<<j
				m++
				break
			}
		}
	}
	if m == 0 {
		return 0
	}
	out, j := 0, 0
	for i := range len(a) {
		if inA&(1<<i) == 0 {
			continue
		}
		for inB&(1<<j) == 0 {
			j++
		}
		if a[i] != b[j] {
			out++
		}
		j++
	}
	jaro := (float64(m)/float64(len(a)) + float64(m)/float64(len(b)) + float64(m-out/2)/float64(m)) / 3
	prefix := 0
	for prefix < min(4, len(a), len(b)) && a[prefix] == b[prefix] {
		prefix++
	}
	return jaro + float64(prefix)*0.1*(1-jaro)
}
