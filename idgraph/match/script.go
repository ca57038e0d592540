package match

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mozillazg/go-unidecode"
)

// scripts that given and family names are written in, beside Latin letters.
var scripts = []*unicode.RangeTable{
	unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Arabic, unicode.Hebrew, unicode.Devanagari, unicode.Bengali, unicode.Gujarati,
	unicode.Gurmukhi, unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Sinhala, unicode.Thai, unicode.Lao,
	unicode.Khmer, unicode.Myanmar, unicode.Georgian, unicode.Armenian, unicode.Ethiopic,
}

const (
	latin   = -1
	han     = 0
	unheard = -2
)

// scriptOf is the script of a folded name, by its first letter; unheard of many.
func scriptOf(s string) int {
	c, _ := utf8.DecodeRuneInString(s)
	if c < utf8.RuneSelf {
		return latin
	}
	for i, t := range scripts {
		if unicode.Is(t, c) {
			return i
		}
	}
	return unheard
}

// readings compares two names that differ by how they are read, where they are in
// two scripts or in Chinese characters. It answers false for others.
func readings(a, b *name) (level, bool) {
	x, y := scriptOf(a.text), scriptOf(b.text)
	switch {
	case x != y:
		return acrossScripts(a, b), true
	case x == han && reading(a.text) == reading(b.text): // in short and in full signs, or two names
		return levelSimilar, true
	}
	return levelMissing, false
}

// acrossScripts compares names in two scripts by how they are read. What is read
// in another way is no contradiction: 田 is Tian in China and Ta in Japan.
func acrossScripts(a, b *name) level {
	readA, readB := reading(a.text), reading(b.text)
	if readA == "" || readB == "" {
		return levelMissing
	}
	if scriptOf(a.text) == han || scriptOf(b.text) == han { // read in syllables, all of whose letters count
		if readA == readB {
			return levelRead
		}
		return levelMissing
	}
	switch a, b := consonants(readA), consonants(readB); {
	case a != b:
		return levelMissing
	case len(a) > 2:
		return levelRead
	case len(a) == 2:
		return levelSimilar
	}
	return levelMissing
}

// reading writes a folded name in Latin letters, as one word.
func reading(text string) string {
	if scriptOf(text) == latin {
		return spelt(text)
	}
	return spelt(strings.ToLower(strings.Join(strings.Fields(unidecode.Unidecode(text)), "")))
}

// consonants are what is left of a word in Latin letters where vowels are left
// out, as many scripts do, and where letters of one sound are one.
func consonants(s string) string {
	out := make([]byte, 0, len(s))
	s = sounds.Replace(s)
	for i := range len(s) {
		c := sound(s, i)
		switch c {
		case 'g':
			c = 'k'
		case 'b':
			c = 'p'
		}
		if c == 0 || c < 'a' || c > 'z' || vowel(c) || i > 0 && s[i] == s[i-1] {
			continue
		}
		out = append(out, c)
	}
	return string(out)
}
