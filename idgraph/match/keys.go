package match

import (
	"slices"
	"strings"

	"customer360/idgraph"
)

// Two records are compared only where they stand in one block: a value that
// both have, or one of a few combinations that one slip leaves alone.

// blockCap is how many records a block of combinations may have; in a larger
// one nobody is compared, and it is counted.
const blockCap = 200

// CapOf is how many records a block may have whose members are compared. Kind is
// an identifier's type, or "" for combinations.
func CapOf(t idgraph.IdentifierType) int {
	if t == "" {
		return blockCap
	}
	return LimitOf(t).Records
}

// keysOf are the keys of all blocks of a record, rising, each once.
func (r *Rules) keysOf(f *Features) []uint64 {
	keys := make([]uint64, 0, len(f.ids)+12)
	for _, id := range f.ids {
		if CanLink(id.Identifier) {
			keys = append(keys, id.key)
		}
	}
	for kind, text := range combinations(f) {
		keys = append(keys, r.hash(kind, text))
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// combinations yields the blocks that are no identifier.
func combinations(f *Features) func(yield func(kind, text string) bool) {
	return func(yield func(kind, text string) bool) {
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
		for _, k := range [...]struct {
			kind string
			ok   bool
			text [3]string
		}{
			{"name+city", whole && f.home.city != "", [3]string{a, b, f.home.city}},
			{"name+birth", whole && f.birth != "", [3]string{a, b, yearOf(f.birth)}},
			{"sound+birth", whole && f.birth != "", [3]string{sounds, monthDay(f.birth)}},
			{"sound+city", whole && f.home.city != "", [3]string{sounds, f.home.city}},
			{"sound+postcode", f.family.sound != "" && f.home.postcode != "", [3]string{f.family.sound, f.home.postcode}},
			{"postcode+initial", i1 != "" && f.home.postcode != "", [3]string{i1, i2, f.home.postcode}},
			{"street+number", f.home.street != "" && f.home.number != "", [3]string{f.home.street, f.home.number, i1}},
			{"street+sound", f.home.street != "" && f.family.sound != "", [3]string{f.home.street, f.family.sound, i1}},
			{"birth+initial", i1 != "" && f.birth != "", [3]string{f.birth, i1}},
			{"birth+postcode", f.birth != "" && f.home.postcode != "", [3]string{f.birth, f.home.postcode}},
			{"birth+city", f.birth != "" && f.home.city != "", [3]string{f.birth, f.home.city}},
			{"name", whole && f.home.city == "" && f.birth == "", [3]string{a, b}},
		} {
			if k.ok && !yield(k.kind, strings.Join(k.text[:], "\x00")) {
				return
			}
		}
		for _, id := range f.ids {
			if local, _, ok := strings.Cut(id.Value, "@"); ok && id.Type == idgraph.Email && len(local) >= 5 && CanLink(id.Identifier) {
				if !yield("local", local) {
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

// soundOf joins the phonetic keys of a name's parts.
func soundOf(parts []string) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(phonetic(p))
	}
	return b.String()
}
