// Package sql attaches any SQLite or Postgres database by configuration alone:
// which tables and columns hold the persons, and what hangs on them. It only
// ever reads, sends values only as parameters, and names only the columns
// that were asked for. docs/connectors.md is its reference.
package sql

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/internal/keys"
)

// Config says where the database is and how its tables are read.
type Config struct {
	// Driver is sqlite or postgres.
	Driver string `yaml:"driver"`
	// File is the SQLite database. It is opened read-only and need not be there yet.
	File string `yaml:"file"`
	// DSN is the Postgres connection string, from the environment or a file.
	DSN keys.Secret `yaml:"dsn"`
	// IDs is what the ids of persons are: text, integer or uuid. An id of
	// another form is unknown to the database and never sent. SQLite may leave
	// it out: text.
	IDs string `yaml:"ids"`
	// Profiles are the persons themselves.
	Profiles Profiles `yaml:"profiles"`
	// Deals, Invoices, Payments, Orders, Tickets and Balances hang on persons,
	// Messages on tickets; what is left out, the source does not answer.
	Deals    *Deals    `yaml:"deals"`
	Invoices *Invoices `yaml:"invoices"`
	Payments *Payments `yaml:"payments"`
	Orders   *Orders   `yaml:"orders"`
	Tickets  *Tickets  `yaml:"tickets"`
	Messages *Messages `yaml:"messages"`
	Balances *Balances `yaml:"balances"`
	// Consents are what the persons allowed, as this source holds it.
	Consents *Consents `yaml:"consents"`
}

var _ connectors.Config = (*Config)(nil)

// Open checks the whole configuration and opens the database, without a call
// to it: a source that is down does not keep the process from starting.
func (cfg *Config) Open(s connectors.Setup) (connectors.Connector, error) {
	cc := &compiler{source: s.Source, driver: cfg.Driver}
	c := &connector{setup: s, ids: cfg.idForm(cc), now: time.Now}
	c.profiles = cc.profiles(cfg.Profiles)
	c.deals = cc.deals(cfg.Deals)
	c.invoices = cc.invoices(cfg.Invoices)
	c.payments = cc.payments(cfg.Payments)
	c.orders = cc.orders(cfg.Orders)
	c.tickets = cc.tickets(cfg.Tickets)
	c.messages = cc.messages(cfg.Messages)
	if cfg.Messages != nil && cfg.Tickets == nil {
		cc.in("messages", "t")
		cc.note("", errors.New("there are no tickets that they could belong to"))
	}
	c.balances = cc.balances(cfg.Balances)
	c.finds = cc.finds(cfg.Profiles)
	c.changes = cc.changes(cfg.Profiles)
	c.consents = cc.consents(cfg.Consents)
	db, err := cfg.open(s.Driver)
	cc.note("", err)
	if len(cc.wrong) > 0 {
		if db != nil {
			_ = db.Close()
		}
		return nil, fmt.Errorf("source %s: %w", s.Source, errors.Join(cc.wrong...))
	}
	c.db = db
	return c, nil
}

// connector is one database, compiled: nothing of the configuration is read
// again while it answers.
type connector struct {
	setup connectors.Setup
	db    *sqlx.DB
	ids   idForm
	now   func() time.Time

	profiles *table[connectors.Profile]
	deals    *table[connectors.Deal]
	invoices *table[connectors.Invoice]
	payments *table[connectors.Payment]
	orders   *table[connectors.Order]
	tickets  *table[connectors.Ticket]
	messages *table[connectors.Message]
	balances *table[connectors.Balance]
	finds    map[idgraph.IdentifierType][]probe
	changes  stream
	consents *consentTable
}

var (
	_ connectors.ProfileLister = (*connector)(nil)
	_ connectors.DealLister    = (*connector)(nil)
	_ connectors.InvoiceLister = (*connector)(nil)
	_ connectors.PaymentLister = (*connector)(nil)
	_ connectors.OrderLister   = (*connector)(nil)
	_ connectors.TicketLister  = (*connector)(nil)
	_ connectors.MessageLister = (*connector)(nil)
	_ connectors.BalanceLister = (*connector)(nil)
	_ connectors.Finder        = (*connector)(nil)
	_ connectors.ChangeLister  = (*connector)(nil)
	_ connectors.IDLister      = (*connector)(nil)
	_ connectors.Answerer      = (*connector)(nil)
)

func (c *connector) Source() idgraph.Source { return c.setup.Source }
func (c *connector) Close() error           { return c.db.Close() }

// callsAtOnce bounds the pool of connections, too.
const callsAtOnce = 4

// About declares the limits. Neither database batches by customer in the words
// of a vendor; what bounds a call is the number of its parameters, and 500
// refs (with up to 30 expressions to find by) stay far below both.
func (c *connector) About() connectors.About {
	keys := connectors.Limit{N: connectors.DefaultKeys, Says: map[string]string{
		sqliteDriver:   "SQLite: at most 32,766 host parameters in a statement (sqlite.org/limits.html, 9. SQLITE_MAX_VARIABLE_NUMBER)",
		postgresDriver: "PostgreSQL: at most 65,535 parameters in a statement (postgresql.org/docs/current/limits.html, query parameters)",
	}[c.db.DriverName()]}
	about := connectors.About{
		Kind: "sql", Role: c.setup.Role,
		Keys: map[connectors.Kind]connectors.Limit{}, FindKeys: keys, Windows: map[connectors.Kind]bool{},
		Calls: connectors.Limit{N: callsAtOnce, Says: "our own: the most connections that a source is asked to hold for us"},
	}
	for _, k := range c.Answers() {
		about.Keys[k] = keys
	}
	for k, told := range map[connectors.Kind]bool{
		connectors.KindDeal:    c.deals.tellsWindows(),
		connectors.KindInvoice: c.invoices.tellsWindows(),
		connectors.KindPayment: c.payments.tellsWindows(),
		connectors.KindOrder:   c.orders.tellsWindows(),
		connectors.KindTicket:  c.tickets.tellsWindows(),
	} {
		if told {
			about.Windows[k] = true
		}
	}
	return about
}

// Answers are the record kinds that the configuration has a table for.
func (c *connector) Answers() []connectors.Kind {
	has := map[connectors.Kind]bool{
		connectors.KindProfile: c.profiles != nil,
		connectors.KindDeal:    c.deals != nil,
		connectors.KindInvoice: c.invoices != nil,
		connectors.KindPayment: c.payments != nil,
		connectors.KindOrder:   c.orders != nil,
		connectors.KindTicket:  c.tickets != nil,
		connectors.KindMessage: c.messages != nil,
		connectors.KindBalance: c.balances != nil,
	}
	var out []connectors.Kind
	for _, k := range connectors.Kinds {
		if has[k] {
			out = append(out, k)
		}
	}
	return out
}

func (c *connector) Profiles(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Profile], error) {
	return list(ctx, c, c.profiles, q)
}

func (c *connector) Deals(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Deal], error) {
	return list(ctx, c, c.deals, q)
}

func (c *connector) Invoices(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Invoice], error) {
	return list(ctx, c, c.invoices, q)
}

func (c *connector) Payments(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Payment], error) {
	return list(ctx, c, c.payments, q)
}

func (c *connector) Orders(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Order], error) {
	return list(ctx, c, c.orders, q)
}

func (c *connector) Tickets(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Ticket], error) {
	return list(ctx, c, c.tickets, q)
}

func (c *connector) Messages(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Message], error) {
	return list(ctx, c, c.messages, q)
}

func (c *connector) Balances(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Balance], error) {
	return list(ctx, c, c.balances, q)
}
