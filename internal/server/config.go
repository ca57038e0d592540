package server

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/nyaruka/phonenumbers"

	"customer360/connectors"
	"customer360/connectors/catalog"
	"customer360/idgraph"
	"customer360/internal/auth"
	"customer360/internal/keys"
	"customer360/internal/strict"
)

// A Config is what customer360.yaml says. Unknown keys are errors.
type Config struct {
	Listen   string      `yaml:"listen"` // address, 127.0.0.1:4000 by default
	Data     string      `yaml:"data"`   // folder of the gateway's own store, "data" by default
	Store    keys.Secret `yaml:"store"`  // instead of data: the PostgreSQL that several gateways share, postgres://user:password@host/database
	Keys     keys.Secret `yaml:"keys"`   // the deployment's keyset; `customer360 keys new` makes one
	Region   string      `yaml:"region"` // ISO 3166 code: the country of phone numbers without one
	Policy   string      `yaml:"policy"` // file; the built-in policy by default
	Identity Identity    `yaml:"identity"`
	Hosts    []string    `yaml:"hosts"`   // host names besides loopback that the gateway goes by
	Origins  []string    `yaml:"origins"` // pages besides its own that may ask, "https://desk.example"
	TLS      TLS         `yaml:"tls"`
	Proxy    bool        `yaml:"proxy"` // a proxy in front ends TLS
	Auth     Auth        `yaml:"auth"`
	Sources  []Source    `yaml:"sources"`
}

// Identity says how it is found out who is who.
type Identity struct {
	Weights string `yaml:"weights"` // file that `customer360 identity train` has written; the shipped weights by default
}

// TLS names the certificate and its key.
type TLS struct {
	Cert string `yaml:"cert"`
	Key  string `yaml:"key"`
}

// Auth says who may ask.
type Auth struct {
	Tokens []auth.Token `yaml:"tokens"`
}

// A Source is one existing system.
type Source struct {
	Name     idgraph.Source  `yaml:"name"`
	Kind     string          `yaml:"kind"`
	Role     connectors.Role `yaml:"role"`
	Timeout  time.Duration   `yaml:"timeout"` // of one call, its second try included; the kind's own by default, mostly 2s
	Calls    int             `yaml:"calls"`   // in flight at once; what the kind bears by default, and at most
	Retries  *int            `yaml:"retries"` // second tries of a call that was not answered: 1 by default, or 0
	Breaker  Breaker         `yaml:"breaker"` // when the source is left alone
	Sync     time.Duration   `yaml:"sync"`    // how often changes are read, 15s by default
	Overlap  time.Duration   `yaml:"overlap"` // how far changes are read again, for what was committed late; 1m by default
	Sweep    time.Duration   `yaml:"sweep"`   // how often deleted records are looked for, 1h by default
	Reread   time.Duration   `yaml:"reread"`  // how often everything is read anew, 24h by default; 1h for kinds whose changes don't tell everything
	Settings ast.Node        `yaml:"settings"`

	opened connectors.Config
}

// A Breaker says when a source that does not answer is left alone, and how long.
type Breaker struct {
	// Failures within 10s, half of all calls at least, are enough: 5 by default; 0 never.
	Failures *int `yaml:"failures"`
	// Pause is how long at first: 1s by default.
	Pause time.Duration `yaml:"pause"`
	// Longest is what it grows up to: 15s by default.
	Longest time.Duration `yaml:"longest"`
}

var sourceName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

var roles = []connectors.Role{
	connectors.CRM, connectors.ERP, connectors.Commerce, connectors.Helpdesk,
	connectors.Marketing, connectors.Warehouse, connectors.Events,
}

// ReadConfig reads a configuration file. Errors name file, line and key.
func ReadConfig(path string) (*Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	c, err := ParseConfig(text)
	if err != nil {
		return nil, fmt.Errorf("%s:%w", path, err)
	}
	return c, nil
}

// ParseConfig decodes strictly. Errors begin with the line.
func ParseConfig(text []byte) (*Config, error) {
	c := &Config{Listen: "127.0.0.1:4000"}
	if err := strict.Decode(text, c); err != nil {
		return nil, err
	}
	switch {
	case c.Store.IsZero() && c.Data == "":
		c.Data = "data"
	case !c.Store.IsZero() && c.Data != "":
		return nil, strict.At(lineOfKey(text, "store"), errors.New("store: there is data: too; the gateway's own store is a folder or a PostgreSQL, not both"))
	}
	var err error
	if c.Region, err = Region(c.Region); err != nil {
		return nil, strict.At(lineOfKey(text, "region"), fmt.Errorf("region: %w", err))
	}
	if len(c.Sources) == 0 {
		return nil, strict.At(1, errors.New("sources: there are none; a gateway needs at least one"))
	}
	seen := map[idgraph.Source]bool{}
	for i := range c.Sources {
		if err := c.Sources[i].check(); err != nil {
			return nil, strict.Within(err, c.Sources[i].at(), "sources[%d] (%s)", i, c.Sources[i].Name)
		}
		if seen[c.Sources[i].Name] {
			return nil, strict.At(c.Sources[i].at(), fmt.Errorf("sources[%d]: another source is named %s", i, c.Sources[i].Name))
		}
		seen[c.Sources[i].Name] = true
	}
	return c, nil
}

// Region is the code of a country, in upper case; "" is none.
func Region(code string) (string, error) {
	region := strings.ToUpper(code)
	if code != "" && phonenumbers.GetCountryCodeForRegion(region) == 0 {
		return "", fmt.Errorf("%q is no country: want its code of two letters (ISO 3166), as in DE or GB", code)
	}
	return region, nil
}

func (s *Source) at() int {
	if s.Settings == nil {
		return 1
	}
	return s.Settings.GetToken().Position.Line
}

// check sees that a source can be opened and decodes its settings.
func (s *Source) check() error {
	if !sourceName.MatchString(string(s.Name)) {
		return errors.New("name: lower-case letters, digits and hyphens, from a letter, 32 at most")
	}
	opened, err := catalog.New(s.Kind)
	if err != nil {
		return fmt.Errorf("kind: %w", err)
	}
	if !knownRole(s.Role) {
		return fmt.Errorf("role: %q is none%s", s.Role, strict.Nearest(string(s.Role), roleNames()))
	}
	if s.Settings == nil {
		return errors.New("settings: are missing")
	}
	if err := s.checkCare(); err != nil {
		return err
	}
	for key, d := range map[string]time.Duration{"sync": s.Sync, "overlap": s.Overlap, "sweep": s.Sweep, "reread": s.Reread} {
		if d < 0 {
			return fmt.Errorf("%s: is less than nothing", key)
		}
	}
	s.opened = opened
	return strict.DecodeNode(s.Settings, s.opened)
}

// Open opens the source's connector.
func (s *Source) Open(setup connectors.Setup) (connectors.Connector, error) {
	setup.Source, setup.Role = s.Name, s.Role
	c, err := s.opened.Open(setup)
	if err != nil {
		return nil, fmt.Errorf("source %s: %w", s.Name, err)
	}
	return c, nil
}

// lineOfKey is the line of a key of the whole file, 1 where it isn't found.
func lineOfKey(text []byte, key string) int {
	for i, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, key+":") {
			return i + 1
		}
	}
	return 1
}

func knownRole(r connectors.Role) bool {
	for _, k := range roles {
		if k == r {
			return true
		}
	}
	return false
}

func roleNames() []string {
	out := make([]string, len(roles))
	for i, r := range roles {
		out[i] = string(r)
	}
	return out
}
