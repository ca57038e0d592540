package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net/url"
	"os"

	"github.com/jmoiron/sqlx"
	"github.com/mattn/go-sqlite3"
)

// How SQLite files are opened: the store's with every commit synced to the
// disk, so that ids that were given out and events that were acknowledged
// survive a power cut; the lock's without waiting. database/sql gives a
// connection to one at a time: SQLite need not.
const (
	writing = "_journal_mode=WAL&_synchronous=FULL&_txlock=immediate&_busy_timeout=10000&_mutex=no"
	reading = "_journal_mode=WAL&_query_only=1&_busy_timeout=10000&_mutex=no"
	locking = "_busy_timeout=0"
)

// mmapSize is how much of a file is read without copying it.
const mmapSize = "1073741824"

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
		for _, pragma := range []string{"cache_size = -32768", "mmap_size = " + mmapSize, "temp_store = MEMORY", "wal_autocheckpoint = " + mostLogged, "trusted_schema = OFF", "journal_size_limit = 67108864"} {
			if _, err := c.Exec("PRAGMA "+pragma, nil); err != nil {
				return err
			}
		}
		return nil
	}}).Open(s.dsn)
	return conn, err
}
