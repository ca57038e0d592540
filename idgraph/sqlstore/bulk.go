package sqlstore

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/mattn/go-sqlite3"
)

// A bulk inserts very many rows, in large statements.
type bulk struct {
	*scope
	insert
	columns, rows int
	stmt          *sqlx.Stmt
	direct        driver.Stmt // in place of stmt, where the scope has the driver's connection
	args          []any
	named         []driver.NamedValue
}

// bulkArgs is about how many values one statement carries.
const bulkArgs = 2000

func (s *scope) bulk(i insert) *bulk {
	columns := strings.Count(i.columns, ",") + 1
	rows := bulkArgs / columns
	b := &bulk{scope: s, insert: i, columns: columns, rows: rows}
	if s.sqlite == nil {
		b.args = make([]any, 0, rows*columns)
	} else {
		b.named = make([]driver.NamedValue, 0, rows*columns)
	}
	return b
}

// add adds a row of values as the driver takes them.
func (b *bulk) add(values ...any) error {
	if b.sqlite != nil {
		return b.addDirect(values)
	}
	b.args = append(b.args, values...)
	if len(b.args) < b.rows*b.columns {
		return nil
	}
	if b.stmt == nil {
		stmt, err := b.tx.PreparexContext(b.ctx, b.tx.Rebind(b.text(b.rows)))
		if err != nil {
			return b.failed(err)
		}
		b.stmt = stmt
	}
	if _, err := b.stmt.ExecContext(b.ctx, b.args...); err != nil {
		return b.failed(err)
	}
	b.args = b.args[:0]
	return nil
}

// addDirect is add past database/sql, which would look at every value.
func (b *bulk) addDirect(values []any) error {
	for _, v := range values {
		b.named = append(b.named, driver.NamedValue{Ordinal: len(b.named) + 1, Value: v})
	}
	if len(b.named) < b.rows*b.columns {
		return nil
	}
	return b.failed(b.sqlite(func(conn *sqlite3.SQLiteConn) (err error) {
		if b.direct == nil {
			if b.direct, err = conn.Prepare(b.text(b.rows)); err != nil {
				return err
			}
		}
		return b.insertDirect(b.direct)
	}))
}

// insertDirect runs a statement as a query, which the driver hands to SQLite in
// one call with all its values.
func (b *bulk) insertDirect(stmt driver.Stmt) error {
	rows, err := stmt.(driver.StmtQueryContext).QueryContext(b.ctx, b.named)
	if err != nil {
		return err
	}
	b.named = b.named[:0]
	return rows.Close()
}

func (b *bulk) failed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("insert into %s: %w", b.table, err)
}

// end inserts what is left.
func (b *bulk) end() error {
	if b.stmt != nil {
		_ = b.stmt.Close()
	}
	if b.sqlite != nil {
		return b.failed(b.sqlite(b.endDirect))
	}
	if len(b.args) == 0 {
		return nil
	}
	return b.failed(b.exec(b.text(len(b.args)/b.columns), b.args...))
}

func (b *bulk) endDirect(conn *sqlite3.SQLiteConn) error {
	var errs []error
	if b.direct != nil {
		errs = append(errs, b.direct.Close())
	}
	if len(b.named) > 0 {
		last, err := conn.Prepare(b.text(len(b.named) / b.columns))
		if err != nil {
			return err
		}
		errs = append(errs, b.insertDirect(last), last.Close())
	}
	return errors.Join(errs...)
}
