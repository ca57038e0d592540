package server

import (
	"io/fs"
	"path/filepath"
	"strings"

	"customer360/console"
	"customer360/idgraph/policy"
	"customer360/internal/auth"
	"customer360/internal/keys"
)

// demoToken is the fixed word that lets one in as a role. It counts in the
// demo alone, which serves loopback alone.
func demoToken(r policy.Role) string { return "demo-" + string(r) }

// UseDemo fills a configuration with the demo's tokens and its four embedded
// systems, whose mapping is testdata/demo/customer360.yaml; dir holds the databases.
func UseDemo(c *Config, fsys fs.FS, dir string) error {
	text, err := fs.ReadFile(fsys, "customer360.yaml")
	if err != nil {
		return err
	}
	from, err := ParseConfig([]byte(strings.ReplaceAll(string(text), "${DEMO}", filepath.ToSlash(dir))))
	if err != nil {
		return err
	}
	c.Sources, c.Region = from.Sources, from.Region
	pol := policy.Default()
	for _, role := range pol.Roles() {
		t := auth.Token{Name: demoToken(role), Role: role, SHA256: auth.Digest(demoToken(role))}
		if role == "service" {
			t.Purposes = policy.Purposes
		}
		c.Auth.Tokens = append(c.Auth.Tokens, t)
	}
	return nil
}

// DemoSession tells the pages the demo's roles, those first that people try first.
func DemoSession() console.Session {
	s := console.Session{Demo: true, Endpoint: "/graphql"}
	pol := policy.Default()
	for _, role := range []policy.Role{"support-agent", "support-lead", "billing", "sales", "marketing", "analyst", "privacy-officer", "service", "operator"} {
		caller := policy.Caller{Role: role}
		if role == "service" {
			caller.Purposes = policy.Purposes
		}
		r := console.Role{Name: string(role), Token: demoToken(role), Purposes: []string{}}
		for _, p := range pol.Held(caller) {
			r.Purposes = append(r.Purposes, string(p))
		}
		s.Roles = append(s.Roles, r)
	}
	return s
}

// ReadKeys reads the deployment's keys from where the configuration says.
func ReadKeys(s keys.Secret) (*keys.Ring, error) {
	text, err := s.Reveal()
	if err != nil {
		return nil, err
	}
	ring, err := keys.Read(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	return ring, nil
}
