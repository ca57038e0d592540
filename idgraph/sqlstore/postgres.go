package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/jmoiron/sqlx"

	"customer360/internal/keys"
)

// OpenPostgres opens the store in a PostgreSQL database, in the schema that
// the connection string's search_path names first, or makes one there. Several
// processes may have it open under one ring and one region. Errors tell nothing
// of the connection string but host, user and database.
func OpenPostgres(ctx context.Context, at string, ring *keys.Ring, o Options) (_ *DB, err error) {
	config, err := parsePostgres(at)
	if err != nil {
		return nil, err
	}
	readers := o.Readers
	if readers <= 0 {
		readers = max(8, 2*runtime.GOMAXPROCS(0))
	}
	d := newDB(postgresDialect, ring, o)
	defer func() {
		if err != nil {
			_ = d.Close()
		}
	}()
	d.read = openPostgres(config, readers)
	d.asked = d.read
	d.write = openPostgres(config, 2)  // a learning; of two, since prepare migrates while it has the turn
	d.ledger = openPostgres(config, 2) // consent and audit
	d.leading.db = openPostgres(config, 1)
	if err := d.read.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	tx, err := d.begin(ctx, d.write, opening)
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	defer rollback(tx)
	if err := d.prepare(ctx); err != nil {
		return nil, fmt.Errorf("the store in database %s: %w", config.Database, err)
	}
	if err := tx.Commit(); err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	d.follow()
	return d, nil
}

// PingPostgres says whether a database answers; it makes nothing there.
func PingPostgres(ctx context.Context, at string) error {
	config, err := parsePostgres(at)
	if err != nil {
		return err
	}
	db := openPostgres(config, 1)
	defer db.Close()
	return db.PingContext(ctx)
}

func parsePostgres(at string) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(at)
	if err != nil {
		return nil, errors.New("open the store: that is no connection string of Postgres (postgres://user:password@host/database)") // its own words may hold the password
	}
	return config, nil
}

func openPostgres(config *pgx.ConnConfig, conns int) *sqlx.DB {
	db := sqlx.NewDb(stdlib.OpenDB(*config), postgresDialect.name)
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db
}

// takeTurn waits for a turn, which ends with the transaction, and has this
// transaction durable when its commit is acknowledged, however the server or
// the role is set. A process that stops in the middle of its turn loses it
// after a while.
func takeTurn(t turn) string {
	patience := "30s"
	lock := int(t)
	switch t {
	case learns:
		patience = "10min" // what it computes between statements may take long
	case opening:
		patience, lock = "10min", int(learns)
	}
	return fmt.Sprintf(`SELECT pg_advisory_xact_lock(%d, hashtext(current_schema())),
		CASE WHEN current_setting('synchronous_commit') IN ('off', 'local') THEN set_config('synchronous_commit', 'on', true) END,
		CASE WHEN current_setting('idle_in_transaction_session_timeout') = '0' THEN set_config('idle_in_transaction_session_timeout', '%s', true) END`,
		lockClass+lock, patience)
}

// lockClass is above the first numbers of this program's advisory locks.
const lockClass = 360_000

// takeSource takes a source for a connection, unless another has it.
var takeSource = fmt.Sprintf(`SELECT pg_try_advisory_lock(%d, hashtext(current_schema() || ' ' || $1))`, lockClass+100)
