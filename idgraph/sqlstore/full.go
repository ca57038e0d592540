package sqlstore

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"
)

// whenFull says of an error that a full disk has made what to do about it.
func whenFull(err error) error {
	var lite sqlite3.Error
	var pg *pgconn.PgError
	full := errors.As(err, &lite) && lite.Code == sqlite3.ErrFull || errors.As(err, &pg) && pg.Code == "53100"
	if !full {
		return err
	}
	return fmt.Errorf("the disk of the store is full; what was under way is undone, and can be done again once there is room: %w", err)
}

// whenDamaged says of an error that a damaged file has made what to do about it.
func whenDamaged(err error, mend string) error {
	var lite sqlite3.Error
	if errors.As(err, &lite) && (lite.Code == sqlite3.ErrNotADB || lite.Code == sqlite3.ErrCorrupt) {
		return fmt.Errorf("%w; %s", err, mend)
	}
	return err
}
