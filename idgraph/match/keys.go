package match

import (
	"cmp"
	"slices"
	"strings"

	"customer360/idgraph"
)

// Two records are compared only where they stand in one block: a value that
// both have, or one of a few combinations that one slip leaves alone.

// wideCap is how many records a block of combinations may have; in a larger one
// nobody is compared, and it is counted. Blocks of combinations that many people
// may have in common are narrow: their keys are odd, and only small ones tell.
const (
	wideCap   = 200
	narrowCap = 12
)

// CapOf is how many records a block may have whose members are compared. The
// type is an identifier's, or "" for combinations.
func CapOf(t idgraph.IdentifierType, key uint64) int {
	switch {
	case t != "":
		return LimitOf(t).Records
	case key&1 == 1:
		return narrowCap
	}
	return wideCap
}

// appendKeys appends the keys of all blocks of a record, rising, each once.
func (r *Rules) appendKeys(keys []uint64, f *Features, space *[]byte) []uint64 {
	for _, id := range f.ids {
		keys = append(keys, id.key)
	}
	for kind, text := range combinations(f, space) {
		keys = append(keys, combined(r.hash(kind, text), kind))
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// combined makes the key of a narrow block, whose kind begins with ~, odd, and
// that of a wide one even.
func combined(key uint64, kind string) uint64 {
	if kind[0] == '~' {
		return key | 1
	}
	return key &^ 1
}

// combinations yields the blocks that are no identifier; a text is there until the next.
func combinations(f *Features, space *[]byte) func(yield func(kind string, text []byte) bool) {
	return func(yield func(kind string, text []byte) bool) {
		a, b := f.given.text, f.family.text
		if a > b {
			a, b = b, a
		}
		sounds := f.given.sound + "/" + f.family.sound
		if f.family.sound < f.given.sound {
			sounds = f.family.sound + "/" + f.given.sound
		}
		i1, i2 := initials(f)
		whole := a != "" && b != ""
		home := f.home.open()
		word := longestWord(home.street)
		for _, k := range [...]struct {
			kind string
			ok   bool
			text [3]string
		}{
			{"name+city", whole && home.city != "", [3]string{a, b, home.city}},
			{"name+year", whole && f.birth != "", [3]string{a, b, yearOf(f.birth)}},
			{"name+number", whole && home.number != "", [3]string{a, b, home.number}},
			{"sound+birth", whole && f.birth != "", [3]string{sounds, monthDay(f.birth)}},
			{"sound+city", whole && home.city != "", [3]string{sounds, home.city}},
			{"sound+postcode", f.family.sound != "" && home.postcode != "", [3]string{f.family.sound, home.postcode}},
			{"postcode+initial", i1 != "" && home.postcode != "", [3]string{i1, i2, home.postcode}},
			{"street+number", home.street != "" && home.number != "", [3]string{home.street, home.number, cmp.Or(home.postcode, home.city)}},
			{"street+sound", home.street != "" && f.family.sound != "", [3]string{home.street, f.family.sound, i1}},
			{"street+initial", home.number != "" && home.street != "" && i1 != "", [3]string{home.number, word, i1 + i2}},
			{"number+postcode", home.number != "" && home.postcode != "", [3]string{home.number, home.postcode}},
			{"birth+initial", i1 != "" && f.birth != "", [3]string{f.birth, i1}},
			{"birth+sound", f.birth != "" && f.family.sound != "", [3]string{f.birth, f.family.sound}},
			{"birth+postcode", f.birth != "" && home.postcode != "", [3]string{f.birth, home.postcode}},
			{"birth+city", f.birth != "" && home.city != "", [3]string{f.birth, home.city}},
			{"~name", whole, [3]string{a, b}},
			{"~family+city", f.family.sound != "" && home.city != "", [3]string{f.family.sound, home.city}},
			{"~given+city", f.given.sound != "" && home.city != "", [3]string{f.given.sound, home.city}},
			{"~number+word", home.number != "" && home.street != "", [3]string{home.number, word}},
			{"~word+postcode", home.street != "" && home.postcode != "", [3]string{word, home.postcode}},
			{"~word+name", home.street != "" && whole, [3]string{word, a, b}},
		} {
			if !k.ok {
				continue
			}
			*space = append(append(append(append(append((*space)[:0], k.text[0]...), 0), k.text[1]...), 0), k.text[2]...)
			if !yield(k.kind, *space) {
				return
			}
		}
		for _, id := range f.ids {
			if local, _, ok := strings.Cut(id.Value, "@"); ok && id.Type == idgraph.Email && len(local) >= 5 && !OfRole(id.Identifier) {
				*space = append((*space)[:0], untagged(local)...)
				if !yield("local", *space) {
					return
				}
			}
		}
	}
}

// initials are the first letters of both names, in order: swapped names have the
// same ones.
func initials(f *Features) (string, string) {
	a, b := first(f.given.text), first(f.family.text)
	if a > b {
		a, b = b, a
	}
	return a, b
}

func first(s string) string {
	for i := range s {
		if i > 0 {
			return s[:i]
		}
	}
	return s
}

func yearOf(birth string) string { return birth[:min(4, len(birth))] }

// monthDay is the same for a day and a month that are swapped.
func monthDay(birth string) string {
	if birth == "" {
		return ""
	}
	a, b := birth[5:7], birth[8:]
	if a > b {
		a, b = b, a
	}
	return birth[2:4] + a + b
}

// longestWord is the word of a street that tells most.
func longestWord(street string) (longest string) {
	for word := range strings.SplitSeq(street, " ") {
		if len(word) > len(longest) {
			longest = word
		}
	}
	return longest
}

// soundOf joins the phonetic keys of a name's parts.
func soundOf(parts []string) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(phonetic(p))
	}
	return b.String()
}
