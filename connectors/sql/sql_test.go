package sql

import (
	"context"
	stdsql "database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"customer360/connectors"
	"customer360/connectors/connectortest"
	"customer360/idgraph"
	"customer360/internal/keys"
)

func TestSQLite(t *testing.T) {
	s := subject(sqliteDatabase)
	s.Faults = append(s.Faults, sqliteFaults()...)
	connectortest.Run(t, s)
}

// TestPostgres needs a database that it may make schemas and roles in, as the
// connection string C360_POSTGRES; each test makes its own schema there.
func TestPostgres(t *testing.T) {
	needsPostgres(t)
	s := subject(postgresDatabase)
	s.Faults = append(s.Faults, postgresFaults()...)
	connectortest.Run(t, s)
}

// A database is a dialect's way to have the known data somewhere.
type database func(t *testing.T, change ...string) (Config, *stdsql.DB)

// sqliteDatabase fills a file; changes are statements that run after it.
func sqliteDatabase(t *testing.T, change ...string) (Config, *stdsql.DB) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "what is #1?.db") // names are the operator's
	db, err := stdsql.Open("sqlite3", "file:"+strings.NewReplacer("?", "%3f", "#", "%23").Replace(file))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	run(t, db, append([]string{script(t, "sqlite.sql")}, change...)...)
	return Config{Driver: "sqlite", File: file}, db
}

func needsPostgres(t *testing.T) string {
	t.Helper()
	dsn := os.Getenv("C360_POSTGRES")
	if dsn == "" {
		t.Skip("C360_POSTGRES names no database: set it to the connection string of a PostgreSQL for tests")
	}
	return dsn
}

var schemas atomic.Int64

// postgresDatabase fills a schema of its own.
func postgresDatabase(t *testing.T, change ...string) (Config, *stdsql.DB) {
	t.Helper()
	base := needsPostgres(t)
	schema := fmt.Sprintf("c360_sql_%d_%d", os.Getpid(), schemas.Add(1))
	admin, err := stdsql.Open("pgx", base)
	if err != nil {
		t.Fatal(err)
	}
	run(t, admin, "CREATE SCHEMA "+schema)
	t.Cleanup(func() {
		run(t, admin, "DROP SCHEMA "+schema+" CASCADE")
		_ = admin.Close()
	})
	dsn := base + " password=swordfish search_path=" + schema
	db, err := stdsql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	run(t, db, append([]string{script(t, "postgres.sql")}, change...)...)
	return Config{Driver: "postgres", DSN: secret(t, dsn)}, db
}

// secret puts a connection string where configurations may have them.
func secret(t *testing.T, dsn string) keys.Secret {
	t.Helper()
	file := filepath.Join(t.TempDir(), "dsn")
	if err := os.WriteFile(file, []byte(dsn+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return keys.Secret{File: file}
}

func script(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func run(t *testing.T, db *stdsql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := db.ExecContext(context.Background(), s); err != nil {
			t.Fatal(err)
		}
	}
}

// mapped completes a configuration by the tests' mapping.
func mapped(t *testing.T, cfg Config) *Config {
	t.Helper()
	text := script(t, "mapping.yaml")
	if cfg.Driver == "postgres" { // where a negative place is not one from the end
		text = strings.ReplaceAll(text, "substr(replace(t.phone, ' ', ''), -6)", "right(replace(t.phone, ' ', ''), 6)")
	}
	return decoded(t, cfg, text)
}

func decoded(t *testing.T, cfg Config, text string) *Config {
	t.Helper()
	if err := yaml.UnmarshalWithOptions([]byte(text), &cfg, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	return &cfg
}

func opened(t *testing.T, cfg *Config, s connectors.Setup) connectors.Connector {
	t.Helper()
	c, err := cfg.Open(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// subject is the known data behind a dialect.
func subject(in database) connectortest.Subject {
	return connectortest.Subject{
		Source: "warehouse", Role: connectors.Warehouse,
		Open: func(t *testing.T, s connectors.Setup) connectors.Connector {
			cfg, _ := in(t)
			return opened(t, mapped(t, cfg), s)
		},
		Want:    known(),
		Unknown: []string{"99", "4", "5", "01", "x' OR '1'='1", "9223372036854775808", "", "\x00"},
		Gone:    []string{"5"},
		Find: map[idgraph.Identifier][]string{
			{Type: idgraph.Email, Value: "ada@example.com"}:    {"1"},
			{Type: idgraph.Email, Value: "ada.l@example.org"}:  {"1"},
			{Type: idgraph.Email, Value: "office@example.com"}: nil,
			{Type: idgraph.Phone, Value: "+447700900101"}:      {"1"},
			{Type: idgraph.Phone, Value: "+447700900102"}:      {"10"},
			{Type: idgraph.LoyaltyID, Value: "LC4712"}:         {"10"},
			{Type: idgraph.Reference("erp"), Value: "C10001"}:  nil, // nobody said how to find it
		},
		Names: map[connectors.Kind]map[string]string{
			connectors.KindProfile: {
				"emails.address": "email", "phones.number": "phone", "addresses.street": "street", "addresses.city": "town", "addresses.postcode": "zip",
				"addresses.region": "county", "addresses.country": "land", "birthDate": "born", "language": "lang", "company": "works_at", "updatedAt": "touched",
			},
			connectors.KindDeal:    {"number": "code", "title": "headline", "stage": "phase", "amount": "worth", "openedAt": "began"},
			connectors.KindInvoice: {"number": "bill_no", "status": "settled", "issuedAt": "billed_on", "total": "cents", "amountDue": "due_cents"},
			connectors.KindPayment: {"paidAt": "received", "amount": "sum", "method": "way", "invoiceNumber": "bill_no"},
			connectors.KindOrder: {
				"number": "order_no", "status": "state", "placedAt": "placed", "total": "total",
				"items.name": "title", "items.sku": "article", "items.quantity": "qty", "items.unitPrice": "price",
			},
			connectors.KindTicket:  {"number": "ticket_no", "subject": "about", "status": "mood", "priority": "urgency", "openedAt": "asked", "updatedAt": "answered"},
			connectors.KindMessage: {"sentAt": "sent", "text": "body"},
		},
		Live:    live(in),
		Stuck:   func(t *testing.T, s connectors.Setup) connectors.Connector { return stuck(t, in, s) },
		Faults:  faultsOfData(in),
		Secrets: []string{"swordfish", "host=", "what is #1?", "lost at sea", "Taler"},
	}
}

// stuck makes every table one that never comes to its end.
func stuck(t *testing.T, in database, s connectors.Setup) connectors.Connector {
	cfg, _ := in(t)
	m := mapped(t, cfg)
	for _, from := range m.tables() {
		table := *from
		if m.Driver == "postgres" {
			*from = "(SELECT s.* FROM " + table + " AS s WHERE pg_sleep(3600) IS NOT NULL)"
			continue
		}
		*from = "(WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT s.* FROM " + table + " AS s, (SELECT count(*) AS x FROM n) AS ever)"
	}
	return opened(t, m, s)
}

// tables are all tables of the mapping, to be changed.
func (cfg *Config) tables() []*string {
	return []*string{
		&cfg.Profiles.From, &cfg.Deals.From, &cfg.Invoices.From, &cfg.Payments.From, &cfg.Orders.From,
		&cfg.Tickets.From, &cfg.Messages.From, &cfg.Balances.From, &cfg.Consents.From,
	}
}

// faultsOfData are rows that are not what the mapping says, and tables that
// are not there. A row costs its owner alone.
func faultsOfData(in database) []connectortest.Fault {
	with := func(name string, want error, only connectors.Kind, change string) connectortest.Fault {
		f := connectortest.Fault{Name: name, Want: want, Open: func(t *testing.T, s connectors.Setup) connectors.Connector {
			cfg, _ := in(t, change)
			return opened(t, mapped(t, cfg), s)
		}}
		if only != "" {
			f.Only = []connectors.Kind{only}
		}
		return f
	}
	return []connectortest.Fault{
		with("a state that the map does not name", connectors.ErrBadData, connectors.KindOrder, "UPDATE orders SET state = 'lost at sea' WHERE id = 9"),
		with("an amount without a currency", connectors.ErrBadData, connectors.KindInvoice, "UPDATE bills SET cur = NULL WHERE id = 8"),
		with("a currency that is none", connectors.ErrBadData, connectors.KindPayment, "UPDATE receipts SET cur = 'Taler' WHERE id = 1"),
		with("a table that is not there", connectors.ErrBadData, connectors.KindTicket, "DROP TABLE conversations"),
		with("a column that is not there", connectors.ErrBadData, connectors.KindDeal, "ALTER TABLE opportunities RENAME COLUMN headline TO title"),
		{Name: "the connector is closed", Want: connectors.ErrUnavailable, Open: func(t *testing.T, s connectors.Setup) connectors.Connector {
			cfg, _ := in(t)
			c := opened(t, mapped(t, cfg), s)
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			return c
		}},
	}
}

func sqliteFaults() []connectortest.Fault {
	with := func(name string, want error, do func(t *testing.T, cfg *Config, db *stdsql.DB)) connectortest.Fault {
		return connectortest.Fault{Name: name, Want: want, Open: func(t *testing.T, s connectors.Setup) connectors.Connector {
			cfg, db := sqliteDatabase(t)
			do(t, &cfg, db)
			return opened(t, mapped(t, cfg), s)
		}}
	}
	locked := with("somebody else has locked it", connectors.ErrUnavailable, func(t *testing.T, _ *Config, db *stdsql.DB) {
		run(t, db, "BEGIN EXCLUSIVE")
	})
	locked.Only = []connectors.Kind{connectors.KindProfile, connectors.KindOrder} // each waits half a second
	return []connectortest.Fault{
		locked,
		with("there is no file", connectors.ErrUnavailable, func(_ *testing.T, cfg *Config, _ *stdsql.DB) { cfg.File += ".gone" }),
		with("the file is no database", connectors.ErrBadData, func(t *testing.T, cfg *Config, db *stdsql.DB) {
			_ = db.Close()
			if err := os.WriteFile(cfg.File, []byte(strings.Repeat("not a database ", 1000)), 0o600); err != nil {
				t.Fatal(err)
			}
		}),
	}
}

func postgresFaults() []connectortest.Fault {
	with := func(name string, want error, do func(t *testing.T, dsn string, db *stdsql.DB) string) connectortest.Fault {
		return connectortest.Fault{Name: name, Want: want, Open: func(t *testing.T, s connectors.Setup) connectors.Connector {
			cfg, db := postgresDatabase(t)
			dsn, err := cfg.DSN.Reveal()
			if err != nil {
				t.Fatal(err)
			}
			cfg.DSN = secret(t, do(t, dsn, db))
			return opened(t, mapped(t, cfg), s)
		}}
	}
	return []connectortest.Fault{
		with("nobody listens", connectors.ErrUnavailable, func(t *testing.T, dsn string, _ *stdsql.DB) string {
			return dsn + " host=" + t.TempDir()
		}),
		with("the database does not know the role", connectors.ErrAuth, func(_ *testing.T, dsn string, _ *stdsql.DB) string {
			return dsn + " user=c360_nobody"
		}),
		with("the role may not read", connectors.ErrAuth, func(t *testing.T, dsn string, db *stdsql.DB) string {
			role := fmt.Sprintf("c360_stranger_%d_%d", os.Getpid(), schemas.Add(1))
			run(t, db, "CREATE ROLE "+role+" LOGIN PASSWORD 'swordfish'")
			t.Cleanup(func() { run(t, db, "DROP OWNED BY "+role, "DROP ROLE "+role) })
			run(t, db, "DO $$ BEGIN EXECUTE 'GRANT USAGE ON SCHEMA ' || current_schema() || ' TO "+role+"'; END $$")
			return dsn + " user=" + role
		}),
		with("the server's own patience ends", connectors.ErrTimeout, func(t *testing.T, dsn string, db *stdsql.DB) string {
			run(t, db, "ALTER TABLE people RENAME TO persons", "CREATE VIEW people AS SELECT * FROM persons WHERE pg_sleep(3600) IS NOT NULL")
			for _, table := range []string{"opportunities", "bills", "receipts", "orders", "conversations", "letters"} {
				run(t, db, "ALTER TABLE "+table+" RENAME TO "+table+"_", "CREATE VIEW "+table+" AS SELECT * FROM "+table+"_ WHERE pg_sleep(3600) IS NOT NULL")
			}
			return dsn + " statement_timeout=50"
		}),
	}
}

func TestTheDatabaseItselfRefusesToWrite(t *testing.T) {
	for name, in := range map[string]database{"SQLite": sqliteDatabase, "Postgres": postgresDatabase} {
		t.Run(name, func(t *testing.T) {
			cfg, _ := in(t)
			c := opened(t, mapped(t, cfg), connectors.Setup{Source: "warehouse"}).(*connector)
			defer c.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			if _, err := c.db.ExecContext(ctx, "DELETE FROM people"); err == nil {
				t.Error("a row could be deleted")
			}
		})
	}
}
