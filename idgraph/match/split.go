package match

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SplitName takes a full name apart, for sources that have no more: "Byron, Ada"
// by its comma, "BYRON Ada" by its capitals, "Ada van der Berg" before its
// particles, "J. R. R. Tolkien" behind its initials, 欧阳修 behind its family
// name, else after the first word. Titles before it go. A company stays whole.
func SplitName(full string) (given, family string) {
	if words := strings.Fields(full); isCompany(words) {
		return strings.Join(words, " "), ""
	}
	if before, after, ok := strings.Cut(full, ","); ok && !isGeneration(after) {
		return strings.Join(untitled(strings.Fields(after)), " "), strings.TrimSpace(before)
	}
	words := untitled(strings.Fields(full))
	if len(words) == 0 {
		return "", ""
	}
	if given, family, ok := splitEastern(words); ok {
		return given, family
	}
	if given, family, ok := splitCapitals(words); ok {
		return given, family
	}
	if n := len(words); n > 2 && !slices.ContainsFunc(words[1:], func(w string) bool { return !isInitial(w) }) { // "Tolkien J. R. R."
		return strings.Join(words[1:], " "), words[0]
	}
	at := 1
	for at < len(words)-1 && isInitial(words[at]) {
		at++
	}
	for i := 1; i < len(words); i++ {
		if beginFamily[strings.ToLower(words[i])] {
			at = i
			break
		}
	}
	return strings.Join(words[:at], " "), strings.Join(words[at:], " ")
}

// beginFamily lists the particles that begin a family name.
var beginFamily = wordSet("van von vom zu zum zur ten ter de del della di da dos das du des la le los las el al bin ibn ben bint abu af av")

// untitled drops titles that stand before a name of two words or more.
func untitled(words []string) []string {
	for len(words) > 2 {
		if t := fold(words[0]); len(t) != 1 || !titles[t[0]] {
			break
		}
		words = words[1:]
	}
	return words
}

// isGeneration says that what stands behind a comma is "Jr." or a degree, not a
// first name.
func isGeneration(s string) bool {
	parts := fold(strings.ReplaceAll(s, ".", ""))
	for _, p := range parts {
		if !generations[p] && !honours[p] {
			return false
		}
	}
	return len(parts) > 0 && len(parts[0]) > 1
}

// isInitial says that a word is a capital letter, or several with points:
// "J.", "J.R.". O without a point begins an Irish family name.
func isInitial(w string) bool {
	letters := 0
	for _, c := range w {
		switch {
		case unicode.IsUpper(c):
			letters++
		case c != '.':
			return false
		}
	}
	return letters == 1 && w != "O" || letters > 1 && strings.Count(w, ".") >= letters-1
}

// splitCapitals parts a name whose family name alone is in capitals, before the
// given one or behind it: "VAN DER BERG Anna", "Anne Marie DUPONT".
func splitCapitals(words []string) (given, family string, ok bool) {
	from, to := -1, -1
	for i, w := range words {
		if capitals(w) {
			if from < 0 {
				from = i
			} else if to != i { // not together
				return "", "", false
			}
			to = i + 1
		}
	}
	switch {
	case from == 0 && to < len(words):
	case from > 0 && to == len(words):
		for from > 1 && (beginFamily[words[from-1]] || within[words[from-1]] || particles[words[from-1]]) { // "Anna van der BERG"
			from--
		}
		return strings.Join(words[:from], " "), strings.Join(words[from:], " "), true
	default:
		return "", "", false
	}
	if slices.ContainsFunc(words[to:], func(w string) bool { return !isInitial(w) && !generations[strings.ToLower(strings.Trim(w, "."))] }) {
		return strings.Join(words[to:], " "), strings.Join(words[:to], " "), true
	}
	return "", "", false
}

// capitals says that a word of a name is written in capitals, and is neither an
// initial or two (JP, JRR), nor a degree or generation.
func capitals(w string) bool {
	w = strings.TrimPrefix(strings.TrimPrefix(w, "Mc"), "Mac")
	n, vowel := 0, false
	for _, c := range w {
		switch {
		case unicode.IsUpper(c):
			n++
			vowel = vowel || c >= utf8.RuneSelf || strings.ContainsRune("AEIOUY", c)
		case unicode.IsLetter(c) || unicode.IsDigit(c) || c == '.':
			return false
		}
	}
	lower := strings.ToLower(w)
	switch {
	case n < 2 || generations[lower] || honours[lower] || titles[lower]:
		return false
	case n == 2:
		return strings.ContainsAny(w[len(w)-1:], "AEIOU") && w != "II" || w == "NG" || w == "OH" || w == "AN"
	}
	return n > 3 || vowel
}

// isCompany says that words name a company or an institution.
func isCompany(words []string) bool {
	if len(words) < 2 {
		return false
	}
	for i, w := range words {
		folded := strings.Join(fold(strings.ReplaceAll(w, ".", "")), "")
		if companyWords[folded] {
			return true
		}
		if last := i == len(words)-1; last && companyEnds[folded] && w == strings.ToUpper(w) && strings.Join(words[:i], "") != strings.ToUpper(strings.Join(words[:i], "")) {
			return true
		}
	}
	tail := strings.ToLower(words[len(words)-1])
	return tail == "co." || tail == "s.a." || tail == "s.p.a." || tail == "e.v." || tail == "a.s." || tail == "z.o.o."
}

// companyWords stand in no person's name.
var companyWords = wordSet(`ltd limited llc llp plc inc incorporated corp corporation gmbh mbh ohg kgaa ggmbh sarl sasu eurl srl sro doo ood eood zoo spzoo
	oyj aps pty pte sdn bhd kft zrt nyrt bvba ooo oao zao pvt ltda eireli sicav holding holdings gesellschaft genossenschaft
	stiftung verein foundation fondation fundacion university universitat universite universidad universita hospital hotel restaurant
	ministry ministerium association council enterprises industries consulting logistics solutions technologies services`)

// companyEnds are legal forms that are names and words, too: they count in
// capitals behind a name that is not.
var companyEnds = wordSet("ag kg ug sa sas sl spa nv bv ab as oy kk se ev eg gbr co")
