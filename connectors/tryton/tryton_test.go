package tryton

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/internal/keys"
)

// open opens a connector in front of rt.
func open(t *testing.T, role connectors.Role, rt http.RoundTripper) connectors.Connector {
	t.Helper()
	name := strings.ToLower(string(role))
	if *recordFrom[name] == "" {
		t.Setenv("TRYTON_PASSWORD", "swordfish")
	}
	return opened(t, configOf(role), connectors.Setup{Source: idgraph.Source(name), Role: role, Region: "DE", Transport: rt})
}

func opened(t *testing.T, cfg *Config, s connectors.Setup) connectors.Connector {
	t.Helper()
	c, err := cfg.Open(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// configOf is the configuration that the recorded systems are read by.
func configOf(role connectors.Role) *Config {
	cfg := &Config{URL: "http://tryton.test/" + strings.ToLower(string(role)) + "/", User: "admin", Password: keys.Secret{Env: "TRYTON_PASSWORD"}}
	if role == connectors.CRM {
		cfg.References = "erp"
		cfg.Consents = []Consent{
			{Purpose: "marketing.email", List: "Newsletter", Notice: "newsletter-form@2024"},
			{Purpose: "marketing.profiling", Category: "Consent / profiling", Notice: "account-form@2024"},
			{Purpose: "sharing.support", Category: "Consent / share_support_history"},
		}
	}
	return cfg
}

func openCRM(t *testing.T, rt http.RoundTripper) crm { return open(t, connectors.CRM, rt).(crm) }

func openERP(t *testing.T, rt http.RoundTripper) erp { return open(t, connectors.ERP, rt).(erp) }

func refs(source idgraph.Source, ids ...string) []idgraph.Ref {
	var out []idgraph.Ref
	for _, id := range ids {
		out = append(out, idgraph.Ref{Source: source, ID: id})
	}
	return out
}

// one is the only row of a result.
func one[T connectors.Row](t *testing.T, got connectors.Answers[T], ref idgraph.Ref) T {
	t.Helper()
	if len(got[ref].Rows) != 1 {
		t.Fatalf("%s: %d rows, want 1", ref, len(got[ref].Rows))
	}
	return got[ref].Rows[0]
}

// show writes values that hang on pointers.
func show(parts ...any) string {
	var b strings.Builder
	for _, p := range parts {
		switch v := p.(type) {
		case *string:
			b.WriteString(deref(v))
		case *time.Time:
			if v != nil {
				b.WriteString(v.Format(time.RFC3339))
			}
		case *connectors.Money:
			if v != nil {
				b.WriteString(v.Amount.String() + " " + v.Currency)
			}
		case *connectors.Decimal:
			if v != nil {
				b.WriteString(v.String())
			}
		default:
			fmt.Fprint(&b, v)
		}
		b.WriteByte('|')
	}
	return b.String()
}

func deref[T any](v *T) (zero T) {
	if v != nil {
		return *v
	}
	return zero
}

func TestAConfigurationThatCannotBeIsRefused(t *testing.T) {
	t.Setenv("TRYTON_PASSWORD", "swordfish")
	good := Config{URL: "http://tryton.test/crm/", User: "u", Password: keys.Secret{Env: "TRYTON_PASSWORD"}}
	for what, c := range map[string]struct {
		role connectors.Role
		with func(*Config)
	}{
		"url: want":           {connectors.CRM, func(c *Config) { c.URL = "tryton.test/crm/" }},
		"url: user and":       {connectors.CRM, func(c *Config) { c.URL = "http://u:swordfish@tryton.test/crm/" }},
		"user: is missing":    {connectors.CRM, func(c *Config) { c.User = "" }},
		"password: ":          {connectors.CRM, func(c *Config) { c.Password = keys.Secret{} }},
		"serves as CRM or":    {connectors.Helpdesk, func(*Config) {}},
		"are for the role":    {connectors.ERP, func(c *Config) { c.Consents = []Consent{{Purpose: "p", List: "l"}} }},
		"consents: entry 1: ": {connectors.CRM, func(c *Config) { c.Consents = []Consent{{Purpose: "p", List: "l", Category: "c"}} }},
	} {
		cfg := good
		c.with(&cfg)
		_, err := cfg.Open(connectors.Setup{Source: "x", Role: c.role})
		if err == nil || !strings.Contains(err.Error(), what) || strings.Contains(err.Error(), "swordfish") {
			t.Errorf("%v, want %q", err, what)
		}
	}
}

func TestBeforeMayRefuseACallAndLearnsNoValue(t *testing.T) {
	t.Setenv("TRYTON_PASSWORD", "swordfish")
	stop := errors.New("not now")
	var told string
	cfg := &Config{URL: "http://tryton.test/crm/", User: "u", Password: keys.Secret{Env: "TRYTON_PASSWORD"}}
	c, err := cfg.Open(connectors.Setup{Source: "crm", Role: connectors.CRM, Before: func(_ context.Context, call string) error { told = call; return stop }})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.(crm).Profiles(t.Context(), connectors.Query{Refs: refs("crm", "6"), Fields: connectors.Fields("name"), Limit: 1})
	if !errors.Is(err, stop) || told != "model.party.party.search_read id name" {
		t.Errorf("%v after %q", err, told)
	}
}
