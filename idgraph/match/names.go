package match

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// key makes one of the two manners of writing a letter in ASCII: "Jürgen",
// "Juergen" and "Jurgen" have the same key. Short names are left as they are:
// there it would join Joe and Jo.
func key(part string) string {
	switch {
	case len(part) >= 5:
		for i := range len(part) - 1 {
			if c := part[i]; (c == 'a' || c == 'o' || c == 'u') && part[i+1] == 'e' || c == 'a' && part[i+1] == 'a' {
				return twoLetters.Replace(part)
			}
		}
	case strings.HasPrefix(part, "aa"):
		return part[1:]
	}
	return part
}

var twoLetters = strings.NewReplacer("ae", "a", "oe", "o", "ue", "u", "aa", "a")

// A words is a set of folded words.
type words map[string]bool

func wordSet(s string) words {
	set := words{}
	for _, w := range strings.Fields(s) {
		set[w] = true
	}
	return set
}

// titles are not names; a name that is nothing else stays as it is.
var titles = wordSet(`dr mr mrs ms miss mx prof professor sir dame rev reverend herr frau fräulein fraulein hr fr mme mlle mademoiselle monsieur madame
	sr sra srta don doña dona dott dottore dottssa sig signor signora signore ing mag dipl phd md esq pan pani mgr bc mudr judr inz
	drs mevr mevrouw dhr meneer fru froken senhor senhora señor señora senor senora dra doutor doutora doktor bay bayan`)

// honours stand behind a family name, and are no part of it.
var honours = wordSet("phd md dds dvm esq cpa obe mbe cbe frcs mba msc bsc ma ba llm llb jd rn csc dipl ing")

// particles belong to a family name, but are left out by many a system.
var particles = wordSet(`van von vom der den de het t del della dello delle degli dei di da do dos das du des d la le lo los las les el al bin ibn ben bint binti abu
	zu zum zur ten ter te tot op af av of the y e und i och ap ab ferch`)

// within are the particles that stand between given names: "María del Carmen".
var within = wordSet("de del della di da do dos das la las los y e von van")

// born are the words before a maiden name.
var born = wordSet("nee née geb geborene born roz rozena doz ur urodzona")

// generations tell a father from a son of the same name.
var generations = wordSet("jr jnr junior sr snr senior i ii iii iv v filho neto fils pere hijo")

// A person is a record's names, ready to be compared.
type person struct {
	given, family []string
	generation    string // "jr", …
	birth         string
}

func personOf(given, family, birth string) person {
	p := person{family: without(fold(family), born), birth: birth}
	p.given, p.generation = generationAt(fold(given), "i v") // a middle initial is none
	if n := len(p.given); n > 1 && p.generation == "" && p.given[n-1] == "i" {
		p.generation = "sr" // or a middle initial: it contradicts nobody but a second or third
	}
	p.given = without(p.given, titles)
	if nameless(p.given, p.family) {
		return person{birth: birth}
	}
	if notNames[strings.Join(p.given, "")] {
		p.given = nil
	}
	if notNames[strings.Join(p.family, "")] {
		p.family = nil
	}
	for n := len(p.family); n > 1 && honours[p.family[n-1]]; n-- {
		p.family = p.family[:n-1]
	}
	if rest, generation := generationAt(p.family, ""); generation != "" {
		p.family, p.generation = rest, generation
	}
	if len(p.given) > 2 {
		p.given = append(p.given[:1:1], without(p.given[1:], within)...)
	}
	return p
}

// generationAt takes the generation from the end of a name, and of nothing else.
func generationAt(parts []string, but string) (rest []string, generation string) {
	n := len(parts)
	if n < 2 || !generations[parts[n-1]] || strings.Contains(but, parts[n-1]) {
		return parts, ""
	}
	return parts[:n-1], generationOf(parts[n-1])
}

func generationOf(s string) string {
	switch s {
	case "jnr", "junior", "ii", "filho", "fils", "hijo":
		return "jr"
	case "snr", "senior", "i", "pere":
		return "sr"
	}
	return s
}

// without answers the parts that are not among the words; all where no other is left.
func without(parts []string, out words) []string {
	if !slices.ContainsFunc(parts, func(p string) bool { return out[p] }) {
		return parts
	}
	kept := slices.DeleteFunc(slices.Clone(parts), func(p string) bool { return out[p] })
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
	if given := marian(a, b); given != apart {
		return given
	}
	best := full
	for i := range min(len(a), len(b)) {
		best = min(best, partFit(a[i], b[i]))
	}
	return best
}

// marian compares names after Mary, whom many languages put before another name
// that a woman goes by: "María del Carmen" is called Carmen.
func marian(a, b []string) fit {
	if len(a) < len(b) {
		a, b = b, a
	}
	if len(a) == len(b)+1 && (a[0] == "maria" || a[0] == "ma") && partFit(a[1], b[0]) == full && b[0] != a[0] {
		return loose
	}
	return apart
}

func partFit(a, b string) fit {
	if key(a) == key(b) || knownAs(a, b) {
		return full
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	if strings.HasPrefix(b, a) && !feminine(a, b[len(a):]) && !longer(a, b) {
		return loose
	}
	return apart
}

// longer says that one name begins with another one and is a letter or two
// longer: Julie and Julien, Deepa and Deepak are two people. Short forms leave
// more out.
func longer(short, long string) bool {
	return len(short) >= 3 && len(long)-len(short) <= 2 && knownGiven(short) && knownGiven(long)
}

// feminine says that an ending makes another name of a whole one: Paul and
// Paula, Josef and Josefine are two people, Fran and Francisca may be one.
func feminine(name, ending string) bool {
	return len(name) >= 4 && slices.Contains(endings, ending)
}

var endings = strings.Fields("a e ia ie ina ine na ne nna nne ette etta elle ella le la ita ka ya")

// contains says whether all parts of b stand in a.
func contains(a, b []string) bool {
	for _, p := range b {
		if !slices.ContainsFunc(a, func(q string) bool { return sameFamily(p, q) }) {
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
