package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/jmoiron/sqlx"
	"github.com/mattn/go-sqlite3"

	"customer360/idgraph"
)

// A folderLock keeps other processes out of a folder.
type folderLock struct {
	db   *sqlx.DB
	conn *sqlx.Conn
}

// lockFolder takes a folder for this process. The lock is a transaction on a
// file of its own: SQLite knows how to lock files on every system, and the
// lock ends with the process, however that ends.
func lockFolder(ctx context.Context, dir string) (*folderLock, error) {
	db, err := openSQLite(filepath.Join(dir, "lock"), locking, 1)
	if err != nil {
		return nil, err
	}
	conn, err := db.Connx(ctx)
	if err == nil {
		_, err = conn.ExecContext(ctx, "BEGIN EXCLUSIVE")
	}
	if err == nil {
		return &folderLock{db: db, conn: conn}, nil
	}
	_ = db.Close()
	var e sqlite3.Error
	if errors.As(err, &e) && (e.Code == sqlite3.ErrBusy || e.Code == sqlite3.ErrLocked) {
		return nil, &idgraph.LockedError{Path: dir}
	}
	return nil, fmt.Errorf("lock %s: %w", dir, err)
}

// Close gives the folder back.
func (l *folderLock) Close() error { return errors.Join(l.conn.Close(), l.db.Close()) }
