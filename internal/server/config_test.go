package server

import (
	"strings"
	"testing"
)

const goodConfig = `listen: 127.0.0.1:0
keys: {file: keys.json}
region: DE
auth:
  tokens:
    - {name: desk, role: support-agent, sha256: "00"}
sources:
  - name: crm
    kind: tryton
    role: CRM
    settings:
      url: http://127.0.0.1:8080/crm/
      user: gateway
      password: {env: CRM_PASSWORD}
`

func TestAGoodConfigurationIsRead(t *testing.T) {
	c, err := ParseConfig([]byte(goodConfig))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Sources) != 1 || c.Sources[0].Name != "crm" || c.Sources[0].opened == nil || c.Region != "DE" {
		t.Errorf("read as %+v", c)
	}
}

func TestMistakesInAConfigurationNameLineKeyAndNearestKey(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		{"an unknown key", "region: DE", "regoin: DE", "3: the key regoin is not known; did you mean region?"},
		{"an unknown key of a token", "{name: desk, role", "{name: desk, rolle", "6: the key rolle is not known; did you mean role?"},
		{"an unknown key of a source", "    role: CRM", "    rol: CRM", "10: the key rol is not known; did you mean role?"},
		{"an unknown key of the settings", "      user: gateway", "      usr: gateway", "13: sources[0] (crm): the key usr is not known; did you mean user?"},
		{"an unknown kind", "kind: tryton", "kind: tritton", `12: sources[0] (crm): kind: this build has no kind "tritton"; did you mean tryton?`},
		{"an unknown role", "role: CRM", "role: CRN", `12: sources[0] (crm): role: "CRN" is none; did you mean CRM?`},
		{"a role with its letters swapped", "role: CRM", "role: CMR", `12: sources[0] (crm): role: "CMR" is none; did you mean CRM?`},
		{"a name that is none", "name: crm", "name: CRM 1", "12: sources[0] (CRM 1): name: lower-case letters"},
		{"a list where a text belongs", "region: DE", "region: [DE]", "3: "},
		{"no YAML at all", "region: DE", "region: {", "7: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(goodConfig, c.from, c.to, 1)
			if text == goodConfig {
				t.Fatal("the case changes nothing")
			}
			_, err := ParseConfig([]byte(text))
			if err == nil {
				t.Fatal("was read")
			}
			if !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("says %q, want %q", err, c.want)
			}
		})
	}
}
