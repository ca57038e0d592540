package match

import (
	"strings"
	"testing"
)

func TestGivenNamesThatAreKnown(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     bool
	}{
		{"an English name", "Marsha", true},
		{"a name of one letter more than another", "Kaylee", true},
		{"a short form", "Liz", true},
		{"a German name, in either manner of writing", "Jürgen", true},
		{"and without its dots", "Juergen", true},
		{"a Polish one", "Łukasz", true},
		{"a Czech one", "Zdeňka", true},
		{"a Nigerian one", "Chinedu", true},
		{"a Kenyan one", "Wanjiku", true},
		{"an Indian one", "Sunita", true},
		{"a Turkish one", "Ayşegül", true},
		{"an Arabic one", "Yasmin", true},
		{"a Persian one", "Shahrzad", true},
		{"a Vietnamese one", "Phương", true},
		{"a Chinese one", "Xiaoming", true},
		{"a Japanese one", "Haruka", true},
		{"a Korean one", "Minji", true},
		{"an Indonesian one", "Wayan", true},
		{"a Russian one in Cyrillic", "Тамара", true},
		{"the first of two parts tells", "Hans Xqv", true},
		{"a slip of the keyboard", "Jhon", false},
		{"another slip", "Mihcael", false},
		{"a letter left out", "Elizbeth", false},
		{"a letter", "J", false},
		{"nothing", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := knownGiven(strings.Join(fold(c.in), " ")); got != c.want {
				t.Errorf("%s: got %v, want %v", c.in, got, c.want)
			}
		})
	}
}

func TestGivenNamesAreFoldedAndStandOnce(t *testing.T) {
	seen := map[string]bool{}
	for line := range strings.Lines(givenLines) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, n := range strings.Fields(line) {
			if f := fold(n); len(f) != 1 || f[0] != n || len(n) < 2 {
				t.Errorf("%s is not folded", n)
			}
			if seen[n] {
				t.Errorf("%s stands twice", n)
			}
			seen[n] = true
		}
	}
	if len(seen) < 2500 {
		t.Errorf("only %d names were read", len(seen))
	}
}
