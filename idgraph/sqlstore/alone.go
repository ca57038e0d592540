package sqlstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"
)

// writeOnce has SQLite write an empty graph's pages once, into the file itself,
// in place of first into a log beside it, until what it answers is called. What
// was in the file is kept in a journal until the transaction is committed: a
// crash leaves the empty graph. Nobody can read meanwhile. Where the graph is
// not empty, or somebody has it open, all stays as it is.
func (d *DB) writeOnce(ctx context.Context) (func() error, error) {
	nothing := func() error { return nil }
	if d.dialect.shared {
		return nothing, nil
	}
	var used bool
	if err := d.write.GetContext(ctx, &used, `SELECT EXISTS (SELECT 1 FROM records) OR EXISTS (SELECT 1 FROM identity_events)`); err != nil || used {
		return nothing, err
	}
	readers := d.read.Stats().MaxOpenConnections
	d.read.SetMaxIdleConns(0)
	back := func() error {
		defer d.read.SetMaxIdleConns(readers)
		// Not under ctx: the log is wanted again however the build has ended.
		_, err := d.write.Exec(`PRAGMA mmap_size = ` + mmapSize)
		mode, also := d.journal(context.Background(), "WAL")
		if also == nil && mode != "wal" {
			also = fmt.Errorf("the graph keeps a journal of the kind %s", mode)
		}
		return errors.Join(err, also)
	}
	mode, err := d.journal(ctx, "DELETE")
	if busy := (sqlite3.Error{}); errors.As(err, &busy) && busy.Code == sqlite3.ErrBusy {
		err = nil // somebody reads
	}
	if err != nil || mode != "delete" {
		return nothing, errors.Join(err, back())
	}
	if _, err := d.write.ExecContext(ctx, `PRAGMA mmap_size = 0`); err != nil { // pages that were read would count as memory
		return nothing, errors.Join(err, back())
	}
	return back, nil
}

// journal asks for a way of keeping what a transaction overwrites, and answers
// the one that there is.
func (d *DB) journal(ctx context.Context, mode string) (is string, err error) {
	err = d.write.GetContext(ctx, &is, `PRAGMA journal_mode = `+mode)
	return is, err
}
