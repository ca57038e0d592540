package match

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// letters folds what Unicode does not take apart: letters of their own in one
// language that others write in two, or in one without its stroke.
var letters = strings.NewReplacer(
	"ß", "ss", "ø", "o", "đ", "d", "ð", "d", "þ", "th", "ł", "l", "ı", "i", "æ", "ae", "œ", "oe", "ħ", "h", "ŋ", "n", "ĳ", "ij",
)

// fold answers a name's parts in lower case without marks: "O’Neill" is
// [oneill], "Smith-Jones" is [smith jones].
func fold(name string) []string {
	name = letters.Replace(cases.Fold().String(norm.NFC.String(name)))
	var b strings.Builder
	for _, c := range norm.NFKD.String(name) {
		switch {
		case unicode.IsLetter(c), unicode.IsDigit(c):
			b.WriteRune(unicode.ToLower(c))
		case unicode.IsSpace(c), unicode.In(c, unicode.Pd), strings.ContainsRune(".,;/&+()_", c):
			b.WriteByte(' ')
		} // all else joins what it stands in: marks, apostrophes, quotes
	}
	return strings.Fields(b.String())
}

// key makes one of the two manners of writing a letter in ASCII: "Jürgen",
// "Juergen" and "Jurgen" have the same key. Short names are left as they are:
// there it would join Joe and Jo.
func key(part string) string {
	switch {
	case len(part) >= 5:
		return twoLetters.Replace(part)
	case strings.HasPrefix(part, "aa"):
		return part[1:]
	}
	return part
}

var twoLetters = strings.NewReplacer("ae", "a", "oe", "o", "ue", "u", "aa", "a")

// titles are not names; a name that is nothing else stays as it is.
var titles = strings.Fields("dr mr mrs ms miss mx prof professor sir dame rev herr frau fräulein hr fr mme mlle monsieur madame sr sra srta don doña dona dott sig signora ing mag dipl phd md esq pan pani")

// particles belong to a family name, but are left out by many a system.
var particles = strings.Fields("van von der den de del della di da do dos das du des la le les los las el al bin ibn ben bint abu zu zum zur ten ter te af av of the y e und i")

// generations tell a father from a son of the same name.
var generations = strings.Fields("jr jnr junior sr snr senior i ii iii iv v filho neto")

// A person is a record's names, ready to be compared.
type person struct {
	given, family []string
	generation    string // "jr", …
	birth         string
}

func personOf(given, family, birth string) person {
	p := person{given: without(fold(given), titles), family: fold(family), birth: birth}
	if n := len(p.family); n > 1 && slices.Contains(generations, p.family[n-1]) {
		p.generation = generationOf(p.family[n-1])
		p.family = p.family[:n-1]
	}
	return p
}

func generationOf(s string) string {
	switch s {
	case "jnr", "junior", "ii":
		return "jr"
	case "snr", "senior", "i":
		return "sr"
	}
	return s
}

func without(parts, out []string) []string {
	kept := slices.DeleteFunc(slices.Clone(parts), func(p string) bool { return slices.Contains(out, p) })
	if len(kept) == 0 {
		return parts
	}
	return kept
}

// A fit says how well two given names go together.
type fit int

const (
	apart   fit = iota // they contradict
	unknown            // one is missing
	loose              // one is an initial or a beginning of the other
	full               // equal, or names that one person goes by
)

// givenFit compares given names part by part, so far as both have one: "Hans
// Peter" fits "Hans" and "Hans P.", not "Hans Jürgen".
func givenFit(a, b []string) fit {
	if len(a) == 0 || len(b) == 0 {
		return unknown
	}
	if strings.Join(a, "") == strings.Join(b, "") || knownAs(strings.Join(a, "-"), strings.Join(b, "-")) {
		return full
	}
	best := full
	for i := range min(len(a), len(b)) {
		best = min(best, partFit(a[i], b[i]))
	}
	return best
}

func partFit(a, b string) fit {
	if key(a) == key(b) || knownAs(a, b) {
		return full
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	if strings.HasPrefix(b, a) && !feminine(a, b[len(a):]) {
		return loose
	}
	return apart
}

// feminine says that an ending makes another name of a whole one: Paul and
// Paula, Josef and Josefine are two people, Fran and Francisca may be one.
func feminine(name, ending string) bool {
	return len(name) >= 4 && slices.Contains(endings, ending)
}

var endings = strings.Fields("a e ia ie ina ine na ne nna nne ette etta elle ella le la ita ka ya")

// familyFit says whether two family names may be one person's: equal, one a
// part of the other, or a slip of the keyboard apart. Missing ones fit.
func familyFit(a, b []string) bool {
	if len(a) == 0 || len(b) == 0 {
		return true
	}
	coreA, coreB := without(a, particles), without(b, particles)
	if contains(coreA, coreB) || contains(coreB, coreA) {
		return true
	}
	return slip(key(strings.Join(a, "")), key(strings.Join(b, ""))) || slip(key(strings.Join(coreA, "")), key(strings.Join(coreB, ""))) || partSlip(coreA, coreB)
}

// contains says whether all parts of b stand in a.
func contains(a, b []string) bool {
	for _, p := range b {
		if !slices.ContainsFunc(a, func(q string) bool { return key(p) == key(q) }) {
			return false
		}
	}
	return true
}

// partSlip says whether names of several parts differ by a slip in one of them
// only, where both write them all, or one leaves the others out.
func partSlip(a, b []string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b) < 2 {
		return false
	}
	for _, p := range a {
		if !slices.ContainsFunc(b, func(q string) bool { return key(p) == key(q) || len(p) >= 4 && slip(p, q) }) {
			return false
		}
	}
	return true
}

//go:embed nicknames.txt
var nicknameLines string

// nicknames holds the groups that a name belongs to.
var nicknames = sync.OnceValue(func() map[string][]int {
	groups := map[string][]int{}
	for i, line := range strings.Split(nicknameLines, "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, name := range strings.Fields(strings.Replace(line, ":", " ", 1)) {
			k := key(strings.Join(fold(name), "-"))
			if !slices.Contains(groups[k], i) {
				groups[k] = append(groups[k], i)
			}
		}
	}
	return groups
})

// knownAs says whether two names share a group.
func knownAs(a, b string) bool {
	groups := nicknames()
	of := groups[key(b)]
	return slices.ContainsFunc(groups[key(a)], func(g int) bool { return slices.Contains(of, g) })
}
