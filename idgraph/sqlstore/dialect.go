package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"testing/fstest"

	"github.com/jmoiron/sqlx"
	"github.com/mattn/go-sqlite3"
	"github.com/pressly/goose/v3"
)

// A dialect is what differs between the databases. Everything else is one SQL
// text: `?` through Rebind, ON CONFLICT, no RETURNING needed.
type dialect struct {
	name  string        // as sqlx knows the driver
	goose goose.Dialect // as goose knows it
	// words spells the names that stand in migrations.
	words *strings.Replacer
	// guards makes tables append-only; run at every start, harmless twice.
	guards func(table string) []string
}

// sqliteDialect is SQLite 3.45 and later, by mattn/go-sqlite3.
var sqliteDialect = dialect{
	name:  "sqlite3",
	goose: goose.DialectSQLite3,
	words: strings.NewReplacer("BYTES", "BLOB", "BIGID", "INTEGER", "CLUSTERED", "WITHOUT ROWID"),
	guards: func(table string) []string {
		var out []string
		for _, verb := range []string{"UPDATE", "DELETE"} {
			out = append(out, fmt.Sprintf(`CREATE TRIGGER IF NOT EXISTS %s_no_%s BEFORE %s ON %s BEGIN SELECT RAISE(ABORT, '%s is append-only'); END`,
				table, strings.ToLower(verb), verb, table, table))
		}
		return out
	},
}

//go:embed migrations
var migrations embed.FS

// migrate brings a database to this version and guards its append-only tables.
// A database of a later version is refused.
func (d dialect) migrate(ctx context.Context, db *sqlx.DB, folder string, guarded ...string) error {
	spelt := fstest.MapFS{}
	files, err := fs.Glob(migrations, "migrations/"+folder+"/*.sql")
	if err != nil {
		return err
	}
	for _, name := range files {
		text, err := migrations.ReadFile(name)
		if err != nil {
			return err
		}
		spelt[name[strings.LastIndexByte(name, '/')+1:]] = &fstest.MapFile{Data: []byte(d.words.Replace(string(text)))}
	}
	p, err := goose.NewProvider(d.goose, db.DB, spelt, goose.WithTableName("goose_"+folder))
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	current, latest, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if current > latest {
		return fmt.Errorf("the store is of a later version (migration %d, this program knows %d)", current, latest)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	for _, table := range guarded {
		for _, q := range d.guards(table) {
			if _, err := db.ExecContext(ctx, q); err != nil {
				return fmt.Errorf("guard %s: %w", table, err)
			}
		}
	}
	return nil
}

// How SQLite files are opened: the store's with every commit synced to the
// disk, so that ids that were given out and events that were acknowledged
// survive a power cut; the lock's without waiting.
const (
	writing = "_journal_mode=WAL&_synchronous=FULL&_txlock=immediate&_busy_timeout=10000"
	reading = "_journal_mode=WAL&_query_only=1&_busy_timeout=10000"
	locking = "_busy_timeout=0"
)

// openSQLite opens a file of the store, which only its owner may read.
func openSQLite(path, how string, conns int) (*sqlx.DB, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) // SQLite gives its own files the same mode
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	db := sqlx.NewDb(sql.OpenDB(sqlite{dsn: "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + how}), sqliteDialect.name)
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// sqlite opens connections with settings that no DSN carries.
type sqlite struct{ dsn string }

func (s sqlite) Driver() driver.Driver { return &sqlite3.SQLiteDriver{} }

func (s sqlite) Connect(context.Context) (driver.Conn, error) {
	conn, err := (&sqlite3.SQLiteDriver{ConnectHook: func(c *sqlite3.SQLiteConn) error {
		for _, pragma := range []string{"cache_size = -32768", "mmap_size = 1073741824", "temp_store = MEMORY", "trusted_schema = OFF", "journal_size_limit = 67108864"} {
			if _, err := c.Exec("PRAGMA "+pragma, nil); err != nil {
				return err
			}
		}
		return nil
	}}).Open(s.dsn)
	return conn, err
}
