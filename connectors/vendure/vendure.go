// Package vendure speaks GraphQL with the admin API of a Vendure shop (3.7):
// customers, their orders with lines, and what they allowed. What it knows of
// the wire comes from testdata/systems/vendure/NOTES.md, and from trying; the
// replies under testdata are recorded from that system.
//
// Three things it does not see. Drafts that staff are still writing are none of
// a customer's orders here: Vendure leaves them out of that list. A customer who
// is deleted disappears from the lists and leaves no trace among the changes:
// the list of ids tells. A changed address moves no customer's time: a reading
// from the beginning finds it.
package vendure

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/consent"
	"customer360/internal/keys"
)

// Config is one Vendure shop.
type Config struct {
	// URL is where the shop answers its admin API: "https://shop.example/admin-api".
	URL string `yaml:"url"`
	// Key is an API key of a role with ReadCustomer and ReadOrder, made for the gateway.
	Key keys.Secret `yaml:"key"`
	// Channel is the token of the channel that is read; left out: the default channel's.
	Channel string `yaml:"channel"`
	// IDs is how the shop numbers its entities: "number" (Vendure's
	// AutoIncrementIdStrategy) or "uuid"; "number" where left out.
	IDs string `yaml:"ids"`
	// Digits is how many digits of an amount stand behind the point, the
	// `precision` of the shop's MoneyStrategy; 2 where left out.
	Digits *int32 `yaml:"digits"`
	// Company is the customers' custom field with the name of their employer,
	// "companyName". A stock shop has none; left out: none.
	Company string `yaml:"company"`
	// States are the shop's own order states, as {Packed: PROCESSING}; those of
	// Vendure's default process are known.
	States map[string]connectors.OrderStatus `yaml:"states"`
	// Consents say which of the customers' custom fields hold consent. A stock
	// shop has none.
	Consents []Consent `yaml:"consents"`
}

// A Consent is one purpose and the custom field that holds it.
type Consent struct {
	// Purpose is the key in the policy, "marketing.email".
	Purpose consent.Purpose `yaml:"purpose"`
	// Field is a boolean custom field of the customer, "acceptsMarketing": true
	// is a grant, null is nothing at all. False counts as a denial: a field with
	// a default does not tell who was never asked.
	Field string `yaml:"field"`
	// Notice is the notice and version that people were shown,
	// "checkout@2024". A grant without one counts as a request.
	Notice string `yaml:"notice"`
}

// The limits, and who says so.
var (
	keyLimit  = connectors.Limit{N: 50, Says: "testdata/systems/vendure/NOTES.md, Pitfalls: nested orders and addresses are one SQL query per customer inside Vendure: keep batches near 50"}
	findLimit = connectors.Limit{N: 50, Says: "testdata/systems/vendure/NOTES.md, Measured: 50 patterns, each compared with every customer, in 0.29 s"}
	callLimit = connectors.Limit{N: 2, Says: "testdata/systems/vendure/NOTES.md, Measured: an API key costs a bcrypt check with every call; keep 2 calls in flight at most"}
)

// mostRows is the most that a list gives: Vendure's adminListQueryLimit, and
// beyond it an error (NOTES.md, Pagination).
const mostRows = 1000

type connector struct {
	cfg    Config
	setup  connectors.Setup
	shop   *client
	strays strays
}

var (
	_ connectors.ProfileLister = (*connector)(nil)
	_ connectors.OrderLister   = (*connector)(nil)
	_ connectors.Finder        = (*connector)(nil)
	_ connectors.ChangeLister  = (*connector)(nil)
	_ connectors.IDLister      = (*connector)(nil)
)

// Open returns a connector that has not called the shop yet.
func (cfg *Config) Open(s connectors.Setup) (connectors.Connector, error) {
	c := &connector{cfg: *cfg, setup: s}
	if err := c.cfg.complete(s.Role); err != nil {
		return nil, err
	}
	key, err := cfg.Key.Reveal()
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	c.shop = newClient(c.cfg, key, s)
	return c, nil
}

// word is a name that may stand in a GraphQL document.
var word = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

// complete fills in what was left out and refuses what cannot be.
func (cfg *Config) complete(role connectors.Role) error {
	if role != connectors.Commerce {
		return fmt.Errorf("vendure serves as COMMERCE, not as %q", role)
	}
	u, err := url.Parse(cfg.URL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return errors.New("url: want http(s)://host/admin-api")
	}
	if u.User != nil {
		return errors.New("url: the key has a setting of its own")
	}
	if strings.ContainsFunc(cfg.Channel, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errors.New("channel: is no token")
	}
	if cfg.IDs == "" {
		cfg.IDs = "number"
	}
	if cfg.IDs != "number" && cfg.IDs != "uuid" {
		return errors.New("ids: want number or uuid")
	}
	if cfg.Digits == nil {
		cfg.Digits = new(int32)
		*cfg.Digits = 2
	}
	if *cfg.Digits < 0 || *cfg.Digits > 6 {
		return errors.New("digits: want 0 to 6")
	}
	if cfg.Company != "" && !word.MatchString(cfg.Company) {
		return errors.New("company: want the name of a custom field")
	}
	for state, status := range cfg.States {
		if !slices.Contains(connectors.OrderStatuses, status) {
			return fmt.Errorf("states: %s: there is no status %q", state, status)
		}
	}
	for i, k := range cfg.Consents {
		if k.Purpose == "" || !word.MatchString(k.Field) {
			return fmt.Errorf("consents: entry %d: want a purpose and the name of a custom field", i+1)
		}
	}
	return nil
}

// Source is the configured name.
func (c *connector) Source() idgraph.Source { return c.setup.Source }

// Close gives back nothing.
func (c *connector) Close() error { return nil }

// About declares the limits.
func (c *connector) About() connectors.About {
	return connectors.About{
		Kind: "vendure", Role: c.setup.Role, FindKeys: findLimit, Calls: callLimit,
		Unseen: "a postal address that was changed by itself: it moves no time of its customer's",
		Keys:   map[connectors.Kind]connectors.Limit{connectors.KindProfile: keyLimit, connectors.KindOrder: keyLimit},
	}
}

func (c *connector) fail(op string, err error) error { return connectors.Fail(c.setup.Source, op, err) }
