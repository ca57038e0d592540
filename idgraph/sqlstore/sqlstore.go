// Package sqlstore keeps idgraph, the consent ledger and the audit log in SQL:
// one text for SQLite and Postgres. On SQLite a store is a folder with two
// files: graph.db, a cache of the sources (losing it costs a new reading), and
// ledger.db, which is none; one process has it. On Postgres it is a schema, which
// several processes share. Nothing personal is in plain in either.
package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"

	"customer360/idgraph"
	"customer360/idgraph/audit"
	"customer360/idgraph/consent"
	"customer360/idgraph/match"
	"customer360/internal/keys"
)

// A DB is a store. It is safe for concurrent use.
type DB struct {
	now     func() time.Time
	dialect dialect
	ring    *keys.Ring
	region  string
	weights *match.Weights
	others  OtherRules
	dir     string      // SQLite's
	lock    *folderLock // SQLite's
	read    *sqlx.DB    // graph.db, many readers
	write   *sqlx.DB    // graph.db, the one writer
	ledger  *sqlx.DB    // ledger.db, the one writer
	asked   *sqlx.DB    // ledger.db, many readers

	reads, asks, writes, appends *statements // of read, asked, write and ledger

	learning gate  // one change of the graph at a time
	reserved int64 // the mark that no customer id has passed is here or above; under learning
	inForce  atomic.Pointer[inUse]
	keyed    atomic.Pointer[keying] // as it was read last
	verdicts atomic.Pointer[verdicts]
	pulse    pulse
	leading  leading
	tending  tending
}

// Options are what a store may be opened with.
type Options struct {
	// Region is the deployment's country (an ISO 3166 code), for phone numbers
	// without one.
	Region  string
	Weights *match.Weights   // what evidence is worth; nil are the shipped ones
	Now     func() time.Time // nil is time.Now
	Readers int              // connections that read at once; 0 is four, or as many as there are processors
	Rules   OtherRules       // what becomes of a store that was made by other rules
}

var (
	_ idgraph.Store  = (*DB)(nil)
	_ consent.Ledger = (*DB)(nil)
	_ audit.Storage  = (*DB)(nil)
)

// Open opens the store in a folder, or makes one there. A store that another
// process has open answers idgraph.LockedError, one that was written under
// another ring idgraph.ErrWrongKey.
func Open(ctx context.Context, dir string, ring *keys.Ring, o Options) (_ *DB, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	readers := o.Readers
	if readers <= 0 {
		readers = max(4, runtime.GOMAXPROCS(0))
	}
	d := newDB(sqliteDialect, ring, o)
	d.dir = dir
	defer func() {
		if err != nil {
			_ = d.Close()
		}
	}()
	if d.lock, err = lockFolder(ctx, dir); err != nil {
		return nil, err
	}
	for _, file := range []struct {
		db    **sqlx.DB
		name  string
		how   string
		conns int
	}{
		{&d.write, "graph.db", writing, 1},
		{&d.ledger, "ledger.db", writing, 1},
		{&d.read, "graph.db", reading, readers},
		{&d.asked, "ledger.db", reading, readers},
		{&d.tending.db, "graph.db", writing, 1},
	} {
		if *file.db, err = openSQLite(filepath.Join(dir, file.name), file.how, file.conns); err != nil {
			return nil, err
		}
	}
	d.tending.db.SetMaxIdleConns(0)
	if err := d.prepare(ctx); err != nil {
		return nil, fmt.Errorf("store %s: %w", dir, err)
	}
	return d, nil
}

func newDB(dialect dialect, ring *keys.Ring, o Options) *DB {
	d := &DB{now: o.Now, dialect: dialect, ring: ring, region: strings.ToUpper(o.Region), others: o.Rules, learning: make(gate, 1)}
	if d.weights = o.Weights; d.weights == nil {
		d.weights = match.Shipped()
	}
	d.inForce.Store(&inUse{d.newRules(match.NoSnapshot(), ring), ring})
	d.verdicts.Store(&verdicts{})
	if d.now == nil {
		d.now = time.Now
	}
	return d
}

// prepare migrates, checks the keys and readies the statements.
func (d *DB) prepare(ctx context.Context) error {
	if err := d.dialect.migrate(ctx, d.write, "graph", "identity_events"); err != nil {
		return fmt.Errorf("the graph: %w", whenDamaged(err, "remove graph.db, and it is read anew from the sources"))
	}
	if err := d.dialect.migrate(ctx, d.ledger, "ledger", "consent_events", "audit_entries", "decisions"); err != nil {
		return fmt.Errorf("the ledger: %w", whenDamaged(err, "put a backup of ledger.db in its place"))
	}
	if err := checkKeys(ctx, d.write, "meta", "the graph", d.ring); err != nil {
		return err
	}
	if err := checkKeys(ctx, d.ledger, "ledger_meta", "the ledger", d.ring); err != nil {
		return err
	}
	if err := d.checkPair(ctx); err != nil {
		return err
	}
	if err := d.checkRules(ctx); err != nil {
		return err
	}
	if err := d.keepNumbers(ctx); err != nil {
		return err
	}
	d.reads, d.asks = newStatements(d.read), newStatements(d.asked)
	d.writes, d.appends = newStatements(d.write), newStatements(d.ledger)
	err := errors.Join(d.reads.prepare(ctx, hotInRead...), d.asks.prepare(ctx, hotInAsk...),
		d.writes.prepare(ctx, hotInLearn...), d.appends.prepare(ctx, hotInAppend...))
	if err != nil {
		return err
	}
	if _, err = d.readKeying(ctx); err != nil {
		return err
	}
	_, err = d.readRevision(ctx)
	return err
}

// A beginner is a database, or a connection to one.
type beginner interface {
	BeginTxx(ctx context.Context, o *sql.TxOptions) (*sqlx.Tx, error)
}

// begin begins a transaction that has its turn: no other of the same turn is
// under way in any process, and it sees all that those before it have done.
func (d *DB) begin(ctx context.Context, db beginner, t turn) (*sqlx.Tx, error) {
	tx, err := db.BeginTxx(ctx, d.dialect.begin)
	if err != nil {
		return nil, err
	}
	if q := d.dialect.alone(t); q != "" {
		_, err = tx.ExecContext(ctx, q)
	}
	if err == nil && t == learns && d.dialect.shared {
		err = d.stillOurs(ctx, tx)
	}
	if err != nil {
		rollback(tx)
		return nil, err
	}
	return tx, nil
}

// Close gives the store back. What was acknowledged is on the disk already.
func (d *DB) Close() error {
	d.pulse.stop()
	errs := []error{d.leading.close(), d.tending.close()}
	for _, s := range []*statements{d.reads, d.asks, d.writes, d.appends} {
		if s != nil {
			s.close()
		}
	}
	for _, db := range []*sqlx.DB{d.read, d.asked, d.write, d.ledger} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if d.lock != nil {
		errs = append(errs, d.lock.Close())
	}
	return errors.Join(errs...)
}

// rollback ends a transaction that was not committed.
func rollback(tx *sqlx.Tx) { _ = tx.Rollback() }

func stamp(t time.Time) int64 { return t.UTC().UnixMicro() }

func moment(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
