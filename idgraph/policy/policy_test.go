package policy

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"customer360/idgraph/consent"
)

// section10 is the table of CONSENT.md §10: the ceilings of each role before consent.
const section10 = `
support-agent   SHOWN    SHOWN    PARTIAL  WITHHELD SHOWN   SHOWN    WITHHELD WITHHELD
support-lead    SHOWN    SHOWN    PARTIAL  PARTIAL  SHOWN   SHOWN    SHOWN    WITHHELD
billing         SHOWN    SHOWN    WITHHELD SHOWN    SHOWN   WITHHELD WITHHELD WITHHELD
sales           SHOWN    SHOWN    PARTIAL  PARTIAL  SHOWN   SHOWN    SHOWN    WITHHELD
marketing       PARTIAL  SHOWN    PARTIAL  WITHHELD PARTIAL WITHHELD SHOWN    WITHHELD
analyst         WITHHELD WITHHELD PARTIAL  WITHHELD SHOWN   WITHHELD SHOWN    WITHHELD
privacy-officer SHOWN    SHOWN    SHOWN    SHOWN    SHOWN   SHOWN    SHOWN    SHOWN
operator        WITHHELD WITHHELD WITHHELD WITHHELD WITHHELD WITHHELD WITHHELD WITHHELD
`

func TestTheDefaultPolicyIsTheTable(t *testing.T) {
	p, cells := Default(), 0
	for line := range strings.Lines(strings.TrimSpace(section10)) {
		words := strings.Fields(line)
		for i, want := range words[1:] {
			cells++
			if got := p.ceiling(Caller{Role: Role(words[0])}, "", Categories[i]); got != Outcome(want) {
				t.Errorf("%s, %s: %s, the table says %s", words[0], Categories[i], got, want)
			}
		}
	}
	if roles := len(p.Roles()); cells != (roles-1)*len(Categories) { // a service has no row of its own
		t.Errorf("%d cells for %d roles", cells, roles)
	}
	t.Logf("%d cells", cells)
}

func TestTheDefaultPolicysPurposesAndScopes(t *testing.T) {
	p := Default()
	for role, want := range map[Role]struct{ purposes, scopes string }{
		"support-agent":   {"support.case", "consent:write lookup:* schema:read"},
		"support-lead":    {"support.case", "break-glass consent:write identity:decide identity:review lookup:* schema:read"},
		"billing":         {"billing.collect", "lookup:* schema:read"},
		"sales":           {"sales.pipeline", "lookup:* schema:read"},
		"marketing":       {"marketing.email marketing.sms marketing.profiling", "schema:read"},
		"analyst":         {"analytics.product", "schema:read"},
		"privacy-officer": {"legal.request", "audit:read break-glass consent:write identity:decide identity:review lookup:* privacy:explain schema:read"},
		"service":         {"", ""},
		"operator":        {"", "metrics:read policy:read schema:read source:sync"},
	} {
		c := Caller{Role: role}
		var held []string
		for _, key := range p.Held(c) {
			held = append(held, string(key))
		}
		if got := strings.Join(held, " "); got != want.purposes {
			t.Errorf("%s holds %q, want %q", role, got, want.purposes)
		}
		if got := strings.Join(p.Scopes(c), " "); got != want.scopes {
			t.Errorf("%s may %q, want %q", role, got, want.scopes)
		}
	}
	for key, want := range map[consent.Purpose]Basis{
		"support.case": Contract, "billing.collect": Contract, "sales.pipeline": LegitimateInterest,
		"marketing.email": ByConsent, "marketing.sms": ByConsent, "marketing.profiling": ByConsent,
		"analytics.product": LegitimateInterest, "legal.request": LegalObligation,
	} {
		if rule, ok := p.Purpose(key); !ok || rule.Basis != want {
			t.Errorf("the basis of %s is %s, want %s", key, rule.Basis, want)
		}
	}
}

func TestAServiceGetsTheStrictestRowThatListsItsPurpose(t *testing.T) {
	p, err := Parse([]byte(stretched))
	if err != nil {
		t.Fatal(err)
	}
	for category, want := range map[Category]Outcome{
		"identity": Partial, "contact": Partial, "contact.email": Withheld, // PARTIAL meets TOKEN
		"financial": Withheld, "transaction": Partial, "support": Withheld,
	} {
		if got := p.ceiling(Caller{Role: "machine"}, "support.case", category); got != want {
			t.Errorf("%s: %s, want %s", category, got, want)
		}
	}
	if got := p.ceiling(Caller{Role: "machine"}, "sharing.support", "support"); got != Withheld {
		t.Errorf("a purpose that no row lists: %s", got)
	}
	if p.Holds(Caller{Role: "machine"}, "support.case") {
		t.Error("a service holds a purpose that its token does not name")
	}
}

func TestMayKnowsScopesAndTheirGroups(t *testing.T) {
	p := Default()
	for _, tc := range []struct {
		role  Role
		token []string
		scope string
		want  bool
	}{
		{"support-agent", nil, "lookup:email", true},
		{"marketing", nil, "lookup:email", false},
		{"marketing", []string{"lookup:email"}, "lookup:email", true},
		{"marketing", []string{"lookup:email"}, "lookup:phone", false},
		{"marketing", []string{"look"}, "lookup:email", false},
		{"nobody", nil, "schema:read", false},
	} {
		if got := p.May(Caller{Role: tc.role, Scopes: tc.token}, tc.scope); got != tc.want {
			t.Errorf("%s with %v, %s: %v", tc.role, tc.token, tc.scope, got)
		}
	}
}

func TestParseNamesWhatIsWrongAndWhere(t *testing.T) {
	change := func(from, to string) string {
		if !strings.Contains(string(defaultFile), from) {
			t.Fatalf("the default policy has no %q", from)
		}
		return strings.Replace(string(defaultFile), from, to, 1)
	}
	for _, tc := range []struct{ about, file, want string }{
		{"no YAML", "version: [", "read the policy"},
		{"an unknown key names its line", change("scopes: []", "scops: []"), `unknown field "scops"`},
		{"a later version", change("version: 1", "version: 2"), "version 2"},
		{"an unknown purpose", change("  fraud.check:", "  fraud.chek:"), "the purpose fraud.check is left out"},
		{"a purpose too many", change("  fraud.check:", "  world.domination: {basis: CONTRACT, categories: []}\n  fraud.check:"), "purposes: world.domination does not exist"},
		{"an unknown basis", change("basis: LEGAL_OBLIGATION", "basis: BECAUSE"), `purposes.legal.request.basis: "BECAUSE"`},
		{"an unknown category of a purpose", change("categories: [support]", "categories: [gossip]"), `purposes.sharing.support: the category "gossip"`},
		{"an unknown category that needs a consent", change("needs: {support:", "needs: {gossip:"), `purposes.sales.pipeline: the category "gossip"`},
		{"an unknown consent that is needed", change("needs: {support: sharing.support}", "needs: {support: sharing.all}"), `purposes.sales.pipeline.needs.support: the purpose "sharing.all"`},
		{"an unknown purpose of a role", change("purposes: [analytics.product]", "purposes: [analytics]"), `roles.analyst.purposes: "analytics"`},
		{"an unknown scope of a role", change(`"privacy:explain"`, `"privacy:explian"`), `roles.privacy-officer.scopes: the scope "privacy:explian" does not exist; did you mean privacy:explain?`},
		{"an unknown group of scopes", change(`"lookup:*", "consent:write"`, `"lockup:*", "consent:write"`), `roles.support-agent.scopes: the scope "lockup:*" does not exist`},
		{"an unknown category of a role", change("special: WITHHELD}", "gossip: WITHHELD}"), `roles.support-agent.ceilings: the category "gossip"`},
		{"a category that is left out", change(", special: WITHHELD}", "}"), "roles.support-agent.ceilings: the category special is left out"},
		{"an unknown outcome", change("special: WITHHELD}", "special: MAYBE}"), `roles.support-agent.ceilings.special: the outcome "MAYBE"`},
		{"HIDDEN is no ceiling", change("special: WITHHELD}", "special: HIDDEN}"), "roles.support-agent.ceilings.special: HIDDEN"},
		{"a machine with ceilings of its own", change("strictest: true", "strictest: true\n    purposes: [support.case]"), "roles.service"},
		{"no roles", string(defaultFile[:strings.Index(string(defaultFile), "# Who may ask")]), "no roles"},
	} {
		_, err := Parse([]byte(tc.file))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want something about %s", tc.about, err, tc.want)
		}
	}
	file := change("scopes: []", "scops: []")
	line := 1 + strings.Count(file[:strings.Index(file, "scops")], "\n")
	if _, err := Parse([]byte(file)); err == nil || !strings.Contains(err.Error(), "["+strconv.Itoa(line)+":") {
		t.Errorf("line %d is not named: %v", line, err)
	}
}

func TestTheDigestIsTheFiles(t *testing.T) {
	p, err := Parse(slices.Concat(defaultFile, []byte("# one byte more\n")))
	if err != nil {
		t.Fatal(err)
	}
	if a := Default().Digest; !strings.HasPrefix(a, "sha256:") || a == p.Digest {
		t.Errorf("digests %s and %s", a, p.Digest)
	}
}
