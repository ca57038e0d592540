// Package tryton speaks JSON-RPC with a Tryton server (6.0), which is the CRM
// or the ERP of a company, as the source's role says: contacts, employers,
// opportunities and consent here; parties, sales, invoices, payments and
// balances there. What it knows of the wire comes from
// testdata/systems/tryton-erp/NOTES.md and tryton-crm/NOTES.md, and from
// trying; the replies under testdata are recorded from those two systems.
package tryton

import (
	"errors"
	"fmt"
	"net/url"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/consent"
	"customer360/internal/keys"
)

// Config is one Tryton database.
type Config struct {
	// URL is where the database answers JSON-RPC: "https://erp.example/erp/",
	// the database's name being the path.
	URL string `yaml:"url"`
	// User is the login of a user with read-only groups, made for the gateway.
	User string `yaml:"user"`
	// Password is that user's.
	Password keys.Secret `yaml:"password"`
	// Company is the id of the company whose books are read; 1 where left out.
	Company int64 `yaml:"company"`
	// References is the source whose customer numbers stand among the
	// identifiers of the parties, such as the ERP's in a CRM. Left out: none.
	References idgraph.Source `yaml:"references"`
	// ReferenceType is the type of those identifiers, as in `party.identifier`;
	// left out: the identifiers without a type.
	ReferenceType string `yaml:"referenceType"`
	// WorksFor is the name of the relation from a contact to an employer;
	// "works for" where left out. CRM only.
	WorksFor string `yaml:"worksFor"`
	// Employs is the name of its reverse; "employs" where left out. A party that
	// employs somebody is a company, and no customer. CRM only.
	Employs string `yaml:"employs"`
	// Consents say where the parties' consent is held. CRM only.
	Consents []Consent `yaml:"consents"`
}

// A Consent is one purpose and the place where this system holds it: a mailing
// list or a category.
type Consent struct {
	// Purpose is the key in the policy, "marketing.email".
	Purpose consent.Purpose `yaml:"purpose"`
	// List is the name of a mailing list: being on it is a grant, a deactivated
	// subscription a withdrawal, no subscription nothing at all.
	List string `yaml:"list"`
	// Category is the whole name of a category, "Consent / profiling": being in
	// it is a grant. A party outside it counts as having denied: this system
	// does not tell who was never asked.
	Category string `yaml:"category"`
	// Notice is the notice and version that people were shown,
	// "newsletter-form@2024". A grant without one counts as a request.
	Notice string `yaml:"notice"`
}

// The limits, and who says so.
var (
	keyLimit  = connectors.Limit{N: 200, Says: "testdata/systems/tryton-erp/NOTES.md, Measured: 20 parties in 25 ms, one Python process; 200 stay well within a call's time"}
	findLimit = connectors.Limit{N: 50, Says: "testdata/systems/tryton-erp/NOTES.md, Requests: by many mails is an OR of patterns, each compared with every row"}
	callLimit = connectors.Limit{N: 2, Says: "testdata/systems/tryton-erp/NOTES.md, Measured: keep 2 calls in flight at most"}
)

// A connector is what both roles share.
type connector struct {
	cfg   Config
	setup connectors.Setup
	rpc   *client
	facts facts
}

// The two roles.
type (
	crm struct{ *connector }
	erp struct{ *connector }
)

var (
	_ connectors.ProfileLister = crm{}
	_ connectors.DealLister    = crm{}
	_ connectors.Finder        = crm{}
	_ connectors.ChangeLister  = crm{}
	_ connectors.IDLister      = crm{}

	_ connectors.ProfileLister = erp{}
	_ connectors.OrderLister   = erp{}
	_ connectors.InvoiceLister = erp{}
	_ connectors.PaymentLister = erp{}
	_ connectors.BalanceLister = erp{}
	_ connectors.Finder        = erp{}
	_ connectors.ChangeLister  = erp{}
	_ connectors.IDLister      = erp{}
)

// Open returns a connector that has not called the server yet.
func (cfg *Config) Open(s connectors.Setup) (connectors.Connector, error) {
	c := &connector{cfg: *cfg, setup: s}
	if err := c.cfg.complete(s.Role); err != nil {
		return nil, err
	}
	password, err := cfg.Password.Reveal()
	if err != nil {
		return nil, fmt.Errorf("password: %w", err)
	}
	c.rpc = newClient(c.cfg, password, s)
	if s.Role == connectors.CRM {
		return crm{c}, nil
	}
	return erp{c}, nil
}

// complete fills in what was left out and refuses what cannot be.
func (cfg *Config) complete(role connectors.Role) error {
	if role != connectors.CRM && role != connectors.ERP {
		return fmt.Errorf("tryton serves as CRM or ERP, not as %q", role)
	}
	u, err := url.Parse(cfg.URL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || len(u.Path) < 2 {
		return errors.New("url: want http(s)://host/database/")
	}
	if u.User != nil {
		return errors.New("url: user and password have keys of their own")
	}
	if cfg.User == "" {
		return errors.New("user: is missing")
	}
	if role == connectors.ERP && (len(cfg.Consents) > 0 || cfg.WorksFor != "" || cfg.Employs != "") {
		return errors.New("consents, worksFor and employs are for the role CRM")
	}
	for i, c := range cfg.Consents {
		if c.Purpose == "" || (c.List == "") == (c.Category == "") {
			return fmt.Errorf("consents: entry %d: want a purpose, and either list or category", i+1)
		}
	}
	cfg.Company = max(cfg.Company, 1)
	if cfg.WorksFor == "" {
		cfg.WorksFor = "works for"
	}
	if cfg.Employs == "" {
		cfg.Employs = "employs"
	}
	return nil
}

// Source is the configured name.
func (c *connector) Source() idgraph.Source { return c.setup.Source }

// Close gives back nothing: sessions end by themselves.
func (c *connector) Close() error { return nil }

// About declares the limits.
func (c *connector) About() connectors.About {
	limits := make(map[connectors.Kind]connectors.Limit, len(connectors.Kinds))
	for _, kind := range connectors.Kinds {
		limits[kind] = keyLimit
	}
	return connectors.About{Kind: "tryton", Role: c.setup.Role, Keys: limits, FindKeys: findLimit, Calls: callLimit}
}

func (c *connector) fail(op string, err error) error { return connectors.Fail(c.setup.Source, op, err) }
