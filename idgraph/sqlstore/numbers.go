package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/jmoiron/sqlx"
)

// The graph may be lost and read anew, but an id that was given out must never
// come to mean somebody else. So the ledger, which is not lost, holds a mark
// that no customer id has passed, moved up in steps.
const reserveStep = 10_000

// keepNumbers goes on after the mark where the graph is new. Where both are, the
// graph says so before there is a mark: a first learning that was killed is no
// graph that was lost.
func (d *DB) keepNumbers(ctx context.Context) error {
	mark, err := d.mark(ctx, d.ledger)
	if err != nil {
		return err
	}
	d.reserved = mark
	_, err = d.write.ExecContext(ctx, d.write.Rebind(`INSERT INTO counters (name, last) VALUES ('customer', ?) ON CONFLICT (name) DO NOTHING`), mark)
	return err
}

func (d *DB) mark(ctx context.Context, in sqlx.QueryerContext) (int64, error) {
	var text []byte
	err := sqlx.GetContext(ctx, in, &text, `SELECT value FROM ledger_meta WHERE name = 'customers'`)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(string(text), 10, 64)
}

// reserve moves the mark past an id before the id is given out, in the turn of
// learning whose transaction tx is: within it where graph and ledger are one
// database. The mark only ever rises, and another process may have moved it.
func (d *DB) reserve(ctx context.Context, tx *sqlx.Tx, last int64) error {
	if last <= d.reserved {
		return nil
	}
	var in sqlx.ExtContext = d.ledger
	if d.dialect.shared {
		in = tx
	}
	mark, err := d.mark(ctx, in)
	if err != nil {
		return fmt.Errorf("reserve customer ids: %w", err)
	}
	if d.reserved = mark; last <= mark {
		return nil
	}
	mark = last + reserveStep
	_, err = in.ExecContext(ctx, d.ledger.Rebind(`INSERT INTO ledger_meta (name, value) VALUES ('customers', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`),
		[]byte(strconv.FormatInt(mark, 10)))
	if err != nil {
		return fmt.Errorf("reserve customer ids: %w", err)
	}
	if !d.dialect.shared {
		d.reserved = mark // else once the next turn reads it: this transaction may yet be rolled back
	}
	return nil
}
