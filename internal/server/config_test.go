package server

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"customer360/connectors"
	"customer360/internal/keys"
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
    timeout: 3s
    calls: 1
    retries: 0
    breaker: {failures: 3, pause: 2s, longest: 20s}
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

func TestTheStoreIsAFolderOrAPostgres(t *testing.T) {
	c, err := ParseConfig([]byte(goodConfig))
	if err != nil || c.Data != "data" || !c.Store.IsZero() {
		t.Errorf("by default %q, %v", c.Data, err)
	}
	t.Setenv("C360_STORE", "postgres://gateway:swordfish@127.0.0.1/c360")
	c, err = ParseConfig([]byte(strings.Replace(goodConfig, "region: DE", "store: {env: C360_STORE}", 1)))
	if err != nil || c.Data != "" || c.Store.IsZero() {
		t.Fatalf("%+v, %v", c, err)
	}
	if all := fmt.Sprintf("%v %+v %#v", c, c, c); strings.Contains(all, "swordfish") || strings.Contains(all, "C360_STORE") {
		t.Error("a configuration prints its store's secret")
	}
	if _, err = ParseConfig([]byte(strings.Replace(goodConfig, "region: DE", "store: postgres://gateway:swordfish@127.0.0.1/c360", 1))); err == nil || strings.Contains(err.Error(), "swordfish") {
		t.Errorf("a store in plain: %v", err)
	}
	c.Store, c.Auth.Tokens = keys.Secret{Env: "C360_THIS_IS_NOT_SET"}, nil
	if _, err := Open(t.Context(), c, Options{}); err == nil || !strings.Contains(err.Error(), "store: the environment variable C360_THIS_IS_NOT_SET is not set") {
		t.Errorf("a store from nowhere: %v", err)
	}
}

func TestASourceIsAskedAsConfigured(t *testing.T) {
	ask := func(text string) (*connectors.Asker, error) {
		c, err := ParseConfig([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		conn, err := c.Sources[0].Open(connectors.Setup{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		return c.Sources[0].asker(conn)
	}
	t.Setenv("CRM_PASSWORD", "swordfish")
	a, err := ask(goodConfig)
	if err != nil {
		t.Fatal(err)
	}
	if a.Timeout != 3*time.Second || a.Calls != 1 || a.Retries != connectors.Never || a.Breaker != (connectors.Breaker{Failures: 3, Pause: 2 * time.Second, Longest: 20 * time.Second}) {
		t.Errorf("is asked by %+v", a.Breaker)
	}
	if _, err := ask(strings.Replace(goodConfig, "calls: 1", "calls: 400", 1)); err == nil || !strings.Contains(err.Error(), "source crm: calls: 400 are more than the") {
		t.Errorf("more calls than Tryton bears: %v", err)
	}
}

func TestMistakesInAConfigurationNameLineKeyAndNearestKey(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		{"an unknown key", "region: DE", "regoin: DE", "3: the key regoin is not known; did you mean region?"},
		{"a store in two places", "region: DE", "data: here\nstore: {env: C360_STORE}", "4: store: there is data: too"},
		{"an unknown key of a token", "{name: desk, role", "{name: desk, rolle", "6: the key rolle is not known; did you mean role?"},
		{"an unknown key of a source", "    role: CRM", "    rol: CRM", "10: the key rol is not known; did you mean role?"},
		{"an unknown key of the settings", "      user: gateway", "      usr: gateway", "17: sources[0] (crm): the key usr is not known; did you mean user?"},
		{"an unknown kind", "kind: tryton", "kind: tritton", `16: sources[0] (crm): kind: this build has no kind "tritton"; did you mean tryton?`},
		{"an unknown role", "role: CRM", "role: CRN", `16: sources[0] (crm): role: "CRN" is none; did you mean CRM?`},
		{"a role with its letters swapped", "role: CRM", "role: CMR", `16: sources[0] (crm): role: "CMR" is none; did you mean CRM?`},
		{"a name that is none", "name: crm", "name: CRM 1", "16: sources[0] (CRM 1): name: lower-case letters"},
		{"an unknown key of a breaker", "{failures: 3", "{failure: 3", "14: the key failure is not known; did you mean failures?"},
		{"a timeout beyond that of an operation", "timeout: 3s", "timeout: 8s", "16: sources[0] (crm): timeout: 8s is not between 0 and 5s"},
		{"a number of calls that is none", "calls: 1", "calls: -1", "16: sources[0] (crm): calls: -1; want 1 or more"},
		{"too many second tries", "retries: 0", "retries: 3", "16: sources[0] (crm): retries: 3; want 0 or 1"},
		{"a number of failures that is none", "failures: 3", "failures: -3", "16: sources[0] (crm): breaker: failures: -3; want 0 (never) or more"},
		{"a pause longer than the longest", "pause: 2s", "pause: 2m", "16: sources[0] (crm): breaker: pause: 2m0s is longer than the longest, 20s"},
		{"a list where a text belongs", "region: DE", "region: [DE]", "3: "},
		{"a region that is no country", "region: DE", "region: UK", `3: region: "UK" is no country: want its code of two letters`},
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
