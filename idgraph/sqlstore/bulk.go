package sqlstore

import (
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"
)

type bulk struct {
	*scope
	insert
	columns, rows int
	stmt          *sqlx.Stmt
	args          []any
}

const bulkArgs = 2000

func (s *scope) bulk(i insert) *bulk {
	columns := strings.Count(i.columns, ",") + 1
	rows := bulkArgs / columns
	return &bulk{scope: s, insert: i, columns: columns, rows: rows, args: make([]any, 0, rows*columns)}
}

func (b *bulk) add(values ...any) error {
	b.args = append(b.args, values...)
	if len(b.args) < b.rows*b.columns {
		return nil
	}
	if b.stmt == nil {
		stmt, err := b.tx.PreparexContext(b.ctx, b.tx.Rebind(b.text(b.rows)))
		if err != nil {
			return fmt.Errorf("insert into %s: %w", b.table, err)
		}
		b.stmt = stmt
	}
	if _, err := b.stmt.ExecContext(b.ctx, b.args...); err != nil {
		return fmt.Errorf("insert into %s: %w", b.table, err)
	}
	b.args = b.args[:0]
	return nil
}

func (b *bulk) end() error {
	if b.stmt != nil {
		_ = b.stmt.Close()
	}
	if len(b.args) == 0 {
		return nil
	}
	if err := b.exec(b.text(len(b.args)/b.columns), b.args...); err != nil {
		return fmt.Errorf("insert into %s: %w", b.table, err)
	}
	return nil
}
