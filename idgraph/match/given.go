package match

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed givennames.txt
var givenLines string

// givenNames are the keys of the names in givennames.txt, rising.
var givenNames = sync.OnceValue(func() []string {
	var all []string
	for line := range strings.Lines(givenLines) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, name := range strings.Fields(line) {
			all = append(all, key(name))
		}
	}
	slices.Sort(all)
	return slices.Clip(slices.Compact(all))
})

// knownGiven says that a folded given name, or the first part of one, is a name
// or short form that this build knows.
func knownGiven(text string) bool {
	if text == "" || len(nicknames()[key(strings.ReplaceAll(text, " ", "-"))]) > 0 {
		return text != ""
	}
	first, _, _ := strings.Cut(text, " ")
	first = key(first)
	if len(nicknames()[first]) > 0 {
		return true
	}
	_, found := slices.BinarySearch(givenNames(), first)
	return found
}
