package sql

import (
	"context"
	stdsql "database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/jmoiron/sqlx"
	"github.com/mattn/go-sqlite3"

	"customer360/connectors"
)

// The names of drivers, as the configuration and database/sql say them.
const (
	sqliteDriver   = "sqlite3"
	postgresDriver = "pgx"
)

// open makes the pool, read-only at the database itself.
func (cfg *Config) open(wrap func(driver.Connector) driver.Connector) (*sqlx.DB, error) {
	var db *sqlx.DB
	if wrap == nil {
		wrap = func(c driver.Connector) driver.Connector { return c }
	}
	switch cfg.Driver {
	case "sqlite":
		if cfg.File == "" || !cfg.DSN.IsZero() {
			return nil, errors.New("driver sqlite takes a file, and no dsn")
		}
		at := url.URL{Scheme: "file", Opaque: (&url.URL{Path: cfg.File}).EscapedPath(), RawQuery: "mode=ro&_query_only=true&_busy_timeout=500"}
		db = sqlx.NewDb(stdsql.OpenDB(wrap(fileConnector(at.String()))), sqliteDriver)
	case "postgres":
		if cfg.DSN.IsZero() || cfg.File != "" {
			return nil, errors.New("driver postgres takes a dsn, and no file")
		}
		text, err := cfg.DSN.Reveal()
		if err != nil {
			return nil, fmt.Errorf("dsn: %w", err)
		}
		at, err := pgx.ParseConfig(text)
		if err != nil {
			return nil, errors.New("dsn: is no connection string of Postgres") // its own words may hold the password
		}
		at.RuntimeParams["default_transaction_read_only"] = "on"
		at.RuntimeParams["TimeZone"] = "UTC"
		db = sqlx.NewDb(stdsql.OpenDB(wrap(stdlib.GetConnector(*at))), postgresDriver)
	default:
		return nil, fmt.Errorf("driver: %q is none of sqlite, postgres", cfg.Driver)
	}
	db.SetMaxOpenConns(callsAtOnce)
	db.SetMaxIdleConns(callsAtOnce)
	return db, nil
}

// A fileConnector opens connections to one SQLite file.
type fileConnector string

func (f fileConnector) Connect(context.Context) (driver.Conn, error) {
	return f.Driver().Open(string(f))
}

func (fileConnector) Driver() driver.Driver { return &sqlite3.SQLiteDriver{} }

// An idForm is what ids of persons look like, and how they are bound.
type idForm string

func (cfg *Config) idForm(cc *compiler) idForm {
	switch {
	case slices.Contains([]string{"text", "integer", "uuid"}, cfg.IDs):
	case cfg.IDs == "" && cfg.Driver == "sqlite":
		return "text"
	case cfg.IDs == "":
		cc.note("ids", errors.New("say whether ids are text, integer or uuid"))
	default:
		cc.note("ids", fmt.Errorf("%q is none of text, integer, uuid", cfg.IDs))
	}
	return idForm(cfg.IDs)
}

// bind is an id as a parameter's value; false where no row can have that id.
func (f idForm) bind(id string) (any, bool) {
	switch f {
	case "integer":
		n, err := strconv.ParseInt(id, 10, 64)
		return n, err == nil && strconv.FormatInt(n, 10) == id
	case "uuid":
		return id, isUUID(id)
	}
	return id, utf8.ValidString(id) && !strings.Contains(id, "\x00")
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, r := range s {
		if dash := i == 8 || i == 13 || i == 18 || i == 23; dash != (r == '-') || !dash && !strings.ContainsRune("0123456789abcdef", r) {
			return false
		}
	}
	return true
}

// meaning turns what a driver says into this project's words. The driver's own
// text is dropped: it may hold values of rows, or the password.
func meaning(err error) error {
	var lite sqlite3.Error
	var pg *pgconn.PgError
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), pgconn.Timeout(err):
		return connectors.ErrTimeout
	case errors.As(err, &lite):
		return fmt.Errorf("%w (SQLite: %s)", sqliteMeaning(lite.Code), lite.Code.Error())
	case errors.As(err, &pg):
		return fmt.Errorf("%w (SQLSTATE %s)", postgresMeaning(pg.Code), pg.Code)
	}
	return connectors.ErrUnavailable
}

func sqliteMeaning(code sqlite3.ErrNo) error {
	switch code {
	case sqlite3.ErrInterrupt:
		return connectors.ErrTimeout
	case sqlite3.ErrPerm, sqlite3.ErrAuth:
		return connectors.ErrAuth
	case sqlite3.ErrTooBig, sqlite3.ErrNomem:
		return connectors.ErrTooLarge
	case sqlite3.ErrError, sqlite3.ErrCorrupt, sqlite3.ErrNotADB, sqlite3.ErrMismatch, sqlite3.ErrFormat, sqlite3.ErrReadonly, sqlite3.ErrRange:
		return connectors.ErrBadData
	}
	return connectors.ErrUnavailable // busy, locked, cannot open, input and output
}

// postgresMeaning goes by the classes of postgresql.org/docs/current/errcodes-appendix.html.
func postgresMeaning(code string) error {
	switch {
	case code == "57014": // query_canceled
		return connectors.ErrTimeout
	case code == "42501", strings.HasPrefix(code, "28"): // insufficient_privilege, invalid authorization
		return connectors.ErrAuth
	case strings.HasPrefix(code, "54"), code == "53200": // program limit exceeded, out_of_memory
		return connectors.ErrTooLarge
	case strings.HasPrefix(code, "53"), strings.HasPrefix(code, "57"), strings.HasPrefix(code, "08"), strings.HasPrefix(code, "58"), strings.HasPrefix(code, "40"), strings.HasPrefix(code, "55"):
		return connectors.ErrUnavailable
	}
	return connectors.ErrBadData // the schema is not as configured, or data does not convert
}
