package match

import "strings"

// SplitName takes a full name apart, for sources that have no more: "Byron, Ada"
// by its comma, "Ada van der Berg" before its particles, else after the first
// word. Titles before it go.
func SplitName(full string) (given, family string) {
	if before, after, ok := strings.Cut(full, ","); ok && !isGeneration(after) {
		return strings.Join(untitled(strings.Fields(after)), " "), strings.TrimSpace(before)
	}
	words := untitled(strings.Fields(full))
	if len(words) == 0 {
		return "", ""
	}
	at := 1
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

// isGeneration says that what stands behind a comma is "Jr.", not a first name.
func isGeneration(s string) bool {
	parts := fold(s)
	return len(parts) == 1 && generations[parts[0]]
}
