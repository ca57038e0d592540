package vendure

import (
	"regexp"
	"strings"
	"testing"

	"customer360/idgraph"
	"customer360/idgraph/match"
)

// What a pattern finds too much is compared again; what it misses is lost.
func TestAPatternMatchesEverySpelling(t *testing.T) {
	long := strings.Repeat("abcdefgh", 8)
	for typed, similar := range map[string]string{
		"zoecruz@gmail.com":                  "zoecross@gmail.com",
		"zoe.cruz+shop@googlemail.com":       "zoe@gmail.com",
		"z.o.e.c.r.u.z@gmail.com":            "ozoecruz@gmail.com",
		"zoe.cruz+a.b@outlook.com":           "zoecruz@outlook.com",
		"zoe.cruz-list@yahoo.de":             "xzoe.cruz@yahoo.de",
		"zoe^{x}$+shop@fastmail.com":         "zoe^x@fastmail.com",
		"zoe.cruz@köln.example.com":          "zoe-cruz@köln.example.com",
		"zoe\u0308@example.org":              "ze@example.org", // a letter in two parts
		long[:64] + "@gmail.com":             "b" + long[:63] + "@gmail.com",
		strings.Repeat("a.b", 20) + "@pm.me": "b" + strings.Repeat("a.b", 20) + "@pm.me",
	} {
		normal, ok := match.Normalise(idgraph.Identifier{Type: idgraph.Email, Value: typed}, "")
		if !ok {
			t.Fatalf("%s is no address", typed)
		}
		pattern := emailPattern(normal.Value)
		if len(pattern) > 100 || !regexp.MustCompile(pattern).MatchString(typed) || regexp.MustCompile(pattern).MatchString(similar) {
			t.Errorf("%s, for %s: matches it %t, and %s %t", pattern, normal.Value, regexp.MustCompile(pattern).MatchString(typed), similar, regexp.MustCompile(pattern).MatchString(similar))
		}
	}
	if pattern := emailPattern("zoe.cruz@example.org"); pattern != "" {
		t.Errorf("%s for an address that is written in one way only", pattern)
	}
	for _, typed := range []string{"+49 (0) 171 3920001", "0171/3920001", "0049-171-392 00 01", "0171 3920001 (mobile)"} {
		if p := phonePattern("+491713920001"); len(p) > 100 || !regexp.MustCompile(p).MatchString(typed) {
			t.Errorf("%s does not match %s", p, typed)
		}
	}
}
