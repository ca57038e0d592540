package match

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold answers a name's parts in lower case without marks: "O’Neill" is
// [oneill], "Smith-Jones" is [smith jones]. Cyrillic and Greek are written in
// Latin letters, Katakana in Hiragana; other scripts keep theirs, with their
// vowel signs.
func fold(name string) []string {
	if parts, ok := foldASCII(name); ok {
		return parts
	}
	return strings.Fields(foldAny(name))
}

// foldASCII folds what holds nothing but ASCII, and answers false for the rest.
func foldASCII(name string) ([]string, bool) {
	var space [64]byte
	b := space[:0]
	for i := range len(name) {
		switch c := name[i]; {
		case c >= utf8.RuneSelf:
			return nil, false
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			b = append(b, c)
		case 'A' <= c && c <= 'Z':
			b = append(b, c+'a'-'A')
		case parting(rune(c)):
			b = append(b, ' ')
		}
	}
	if string(b) == name && strings.IndexByte(name, ' ') < 0 {
		if name == "" {
			return nil, true
		}
		return []string{name}, true
	}
	return strings.Fields(string(b)), true
}

// parting says that a character stands between the parts of a name.
func parting(c rune) bool {
	switch c {
	case ' ', '-', '.', ',', ';', '/', '&', '+', '(', ')', '_', '\u2044', '、', '，':
		return true
	}
	return unicode.IsSpace(c) || c >= utf8.RuneSelf && unicode.Is(unicode.Pd, c)
}

func foldAny(name string) string {
	name = norm.NFKC.String(strings.ToValidUTF8(name, " "))
	name = greekPairs(name)
	var b strings.Builder
	for _, c := range name {
		if c < rune(len(foldTable())) {
			b.WriteString(foldTable()[c])
		} else {
			b.WriteString(foldRune(c))
		}
	}
	if s := b.String(); !norm.NFKC.IsNormalString(s) { // what dropped marks had kept apart
		return norm.NFKC.String(s)
	} else {
		return s
	}
}

// foldTable holds foldRune of the alphabets that most names are written in.
var foldTable = sync.OnceValue(func() *[0x600]string {
	var t [0x600]string
	for c := range t {
		t[c] = foldRune(rune(c))
	}
	return &t
})

// foldRune folds one character; "" where it is dropped.
func foldRune(c rune) string {
	c = unicode.ToLower(c)
	if s, ok := inLatin[c]; ok {
		return s
	}
	switch {
	case c >= 0x4E00 && c <= 0x9FFF, c >= 0xAC00 && c <= 0xD7A3, c >= 0x3041 && c <= 0x3096: // Han, Hangul, Hiragana
		return string(c)
	case c >= 0x30A1 && c <= 0x30F6: // Katakana
		return string(c - 0x60)
	}
	var b strings.Builder
	for _, d := range norm.NFKD.String(string(c)) {
		d = unicode.ToLower(d)
		switch s, ok := inLatin[d]; {
		case ok:
			b.WriteString(s)
		case parting(d):
			b.WriteByte(' ')
		case d >= 0x02B0 && d <= 0x02FF, d == 0x0640: // apostrophes that count as letters; the Arabic stretch
		case unicode.IsLetter(d), unicode.IsDigit(d), unicode.Is(unicode.M, d) && !unicode.Is(accents, d):
			b.WriteRune(d)
		} // all else joins what it stands in: accents, apostrophes, quotes
	}
	return b.String()
}

// accents are the marks that a name is written with and without: those of
// Latin, Greek and Cyrillic letters, and the vowel points of Hebrew and Arabic.
// The vowel signs of other scripts make other names.
var accents = &unicode.RangeTable{R16: []unicode.Range16{
	{0x0300, 0x036F, 1},
	{0x0483, 0x0489, 1},
	{0x0591, 0x05C7, 1},
	{0x0610, 0x061A, 1},
	{0x064B, 0x065F, 1},
	{0x0670, 0x0670, 1},
	{0x06D6, 0x06ED, 1},
	{0x1AB0, 0x1AFF, 1},
	{0x1DC0, 0x1DFF, 1},
	{0x20D0, 0x20FF, 1},
	{0xFE00, 0xFE0F, 1},
	{0xFE20, 0xFE2F, 1},
}}

// inLatin holds what Unicode does not take apart: letters of their own in one
// language that others write in two or without their stroke; Cyrillic and Greek
// letters as passports write them; Arabic letters that stand for one another.
var inLatin = func() map[rune]string {
	all := map[rune]string{}
	for _, pair := range strings.Fields(`
		ßss øo đd ðd þth łl ıi æae œoe ħh ŋn ĳij ƒf əe ŧt
		аa бb вv гg дd еe ёe жzh зz иi йy кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щshch ъ ыy ь эe юyu яya
		іi їi єye ґg ўu ѣe јj љlj њnj ћc ђdj џdz ѓg ѕz ќk қk ғg ңn өo үu ұu һh әa
		αa βv γg δd εe ζz ηi θth ιi κk λl μm νn ξx οo πp ρr σs ςs τt υy φf χch ψps ωo
		ىي یي کك ةه ےي`) {
		c, n := utf8.DecodeRuneInString(pair)
		all[c] = pair[n:]
	}
	return all
}()

// greekPairs writes the pairs of Greek letters that make one sound.
func greekPairs(s string) string {
	if !strings.ContainsFunc(s, func(c rune) bool { return unicode.Is(unicode.Greek, c) }) {
		return s
	}
	s = strings.ToLower(s)
	for _, start := range []string{"μπ", "ντ"} { // b and d where they begin a word
		if rest, ok := strings.CutPrefix(s, start); ok {
			s = map[string]string{"μπ": "b", "ντ": "d"}[start] + rest
		}
	}
	return greek.Replace(s)
}

var greek = strings.NewReplacer("ού", "ou", "ου", "ou", "αύ", "av", "αυ", "av", "εύ", "ev", "ευ", "ev", "γγ", "ng", "γκ", "gk", " μπ", " b", " ντ", " d")
