package match

import "strings"

// sameFamily says that two parts of family names are one: equal, spelt in
// another manner, or a man's and a woman's form of it.
func sameFamily(a, b string) bool {
	a, b = familyKey(a), familyKey(b)
	if a == b {
		return true
	}
	if len(a) < len(b) {
		a, b = b, a
	}
	// Nováková is Novák's wife, Svobodová Svoboda's, Havlová Havel's.
	stem, ok := strings.CutSuffix(a, "ov")
	if !ok || len(stem) < 3 {
		return false
	}
	return stem == b || stem+"a" == b || stem == strings.TrimSuffix(b, "o") || len(b) > 3 && b[len(b)-2] == 'e' && stem == b[:len(b)-2]+b[len(b)-1:]
}

// familyKey is a part of a family name in one manner of spelling and, where a
// language gives husband and wife two endings, with one of them.
func familyKey(part string) string {
	part = key(part)
	switch part {
	case "saint", "sainte", "sankt":
		return "st"
	}
	for _, e := range familyEndings {
		if stem, ok := strings.CutSuffix(part, e.is); ok && len(stem) >= e.stem {
			return stem + e.becomes
		}
	}
	return part
}

// familyEndings are tried in order.
var familyEndings = []struct {
	is, becomes string
	stem        int // the least letters before it
}{
	{"skaya", "ski", 2},
	{"skaia", "ski", 2},
	{"skaja", "ski", 2},
	{"skiy", "ski", 2},
	{"skyy", "ski", 2},
	{"skij", "ski", 2},
	{"skii", "ski", 2},
	{"ska", "ski", 3},
	{"sky", "ski", 2},
	{"cka", "cki", 3},
	{"cky", "cki", 3},
	{"dzka", "dzki", 2},
	{"ova", "ov", 3},
	{"eva", "ev", 3},
	{"off", "ov", 3},
	{"opoulou", "opoulos", 2},
	{"aite", "as", 4}, // Lithuanian: Kazlauskas, Kazlauskaitė, Kazlauskienė
	{"iene", "as", 4},
}
