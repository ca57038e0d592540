package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"testing/fstest"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"
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
	// unguard lifts the guard of a table, within a transaction that puts it back.
	unguard func(table string) string
	// shared says that other processes may have the store open as well.
	shared bool
	begin  *sql.TxOptions
	// alone is what a transaction begins with that must be the only one of its
	// turn, in all processes; "" where there can be no other.
	alone func(t turn) string
	// holds says whether a text may stand in a column.
	holds func(text string) bool
}

// A turn is something that one transaction at a time does, whichever process it is of.
type turn int

// The turns. Their numbers are those of advisory locks: they stay.
const (
	opening  turn = iota + 1 // migrating and checking, while nobody learns
	learns                   // writing the graph
	consents                 // appending to the ledger
	audits                   // appending to the audit log
	decides                  // appending people's decisions
)

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
	unguard: func(table string) string { return "DROP TRIGGER " + table + "_no_update" },
	alone:   func(turn) string { return "" }, // BEGIN IMMEDIATE, in a folder that one process has
	holds:   func(string) bool { return true },
}

// postgresDialect is PostgreSQL 14 and later, by jackc/pgx. A transaction sees
// what was committed before each of its statements, so that whoever has waited
// for a turn sees all that the turn before has done.
var postgresDialect = dialect{
	name:  "pgx",
	goose: goose.DialectPostgres,
	words: strings.NewReplacer("BYTES", "BYTEA", "BIGID", "BIGINT", "CLUSTERED", ""),
	guards: func(table string) []string {
		return []string{
			`CREATE OR REPLACE FUNCTION c360_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$`,
			fmt.Sprintf(`CREATE OR REPLACE TRIGGER %s_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION c360_append_only()`, table, table),
		}
	},
	unguard: func(table string) string { return "DROP TRIGGER " + table + "_append_only ON " + table },
	shared:  true,
	begin:   &sql.TxOptions{Isolation: sql.LevelReadCommitted},
	alone:   takeTurn,
	holds:   func(text string) bool { return utf8.ValidString(text) && !strings.Contains(text, "\x00") },
}

// look is how a transaction begins that only reads, and sees one state.
func (d dialect) look() *sql.TxOptions {
	if d.shared {
		return &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}
	}
	return &sql.TxOptions{ReadOnly: true}
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
