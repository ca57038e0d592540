package match

import "testing"

func TestSplitName(t *testing.T) {
	for in, want := range map[string][2]string{
		"Ada Byron":               {"Ada", "Byron"},
		"  Ada   Byron ":          {"Ada", "Byron"},
		"Byron, Ada":              {"Ada", "Byron"},
		"Byron, Dr. Ada Augusta":  {"Ada Augusta", "Byron"},
		"Anna van der Berg":       {"Anna", "van der Berg"},
		"Hans Peter von der Berg": {"Hans Peter", "von der Berg"},
		"María de la Cruz":        {"María", "de la Cruz"},
		"Paco Fernández López":    {"Paco", "Fernández López"},
		"Dr. Ada Byron":           {"Ada", "Byron"},
		"Herr Prof. Dr. Max Born": {"Max", "Born"},
		"Don Johnson":             {"Don", "Johnson"},
		"John Smith, Jr.":         {"John", "Smith, Jr."},
		"Ada":                     {"Ada", ""},
		"":                        {"", ""},
	} {
		if given, family := SplitName(in); given != want[0] || family != want[1] {
			t.Errorf("%q became %q and %q", in, given, family)
		}
	}
}
