package match

import (
	"strings"
	"unicode/utf8"

	"github.com/mozillazg/go-unidecode"
)

// phonetic is how a family or given name sounds, as a key of up to six letters
// that the spellings of many languages share: Schmidt and Smit are "smt", Meyer
// and Maier are "mr", 张 and Zhang "sn". It finds candidates and decides nothing.
func phonetic(name string) string {
	s := strings.Join(fold(name), "")
	if scriptOf(s) != latin {
		return phoneticWords(unidecode.Unidecode(s))
	}
	s = sounds.Replace(s)
	out := make([]byte, 0, 6)
	for i := 0; i < len(s) && len(out) < cap(out); i++ {
		c := sound(s, i)
		if c == 0 || len(out) > 0 && (vowel(c) || out[len(out)-1] == c && doubled(s, i)) {
			continue
		}
		out = append(out, c)
	}
	return string(out)
}

// phoneticWords joins the keys of words, as those of a name's parts are.
func phoneticWords(s string) string {
	var b strings.Builder
	for _, word := range strings.Fields(s) {
		if word[0] < utf8.RuneSelf {
			b.WriteString(phonetic(word))
		}
	}
	return b.String()
}

// sounds are groups of letters that are one consonant.
var sounds = strings.NewReplacer(
	"tsch", "s", "tch", "s", "shch", "s", "sch", "s", "chr", "kr", "chl", "kl", "ch", "s", "sh", "s", "cz", "s", "sz", "s", "tz", "s", "ts", "s", "zh", "s",
	"ph", "f", "pf", "f", "gh", "g", "th", "t", "dt", "t", "ck", "k", "qu", "k", "ks", "x", "cs", "x",
	"lj", "li", "nj", "ni", "gn", "n", "gl", "l", "kn", "n", "wr", "r", "dj", "i",
)

// sound is the sound of the letter at i; 0 where it has none.
func sound(s string, i int) byte {
	switch c := s[i]; c {
	case 'h':
		return 0
	case 'c':
		if i+1 < len(s) && strings.IndexByte("eiy", s[i+1]) >= 0 {
			return 's'
		}
		return 'k'
	case 'q':
		return 'k'
	case 'z':
		return 's'
	case 'd':
		return 't'
	case 'v', 'w':
		return 'f'
	case 'y', 'j':
		return 'i'
	default:
		return c
	}
}

func vowel(c byte) bool { return strings.IndexByte("aeiou", c) >= 0 }

// doubled says that no vowel stands between the letter at i and the one before.
func doubled(s string, i int) bool { return !vowel(sound(s, i-1)) }
