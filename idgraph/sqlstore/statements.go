package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/mattn/go-sqlite3"
)

// statements are prepared when a store is opened, by their texts; on Postgres
// the driver prepares what a connection is asked for, when it is.
type statements struct {
	db *sqlx.DB
	of map[string]*sqlx.Stmt
}

func newStatements(db *sqlx.DB) *statements {
	return &statements{db: db, of: map[string]*sqlx.Stmt{}}
}

// prepare readies texts ahead: within a transaction on a pool's last
// connection none could be.
func (s *statements) prepare(ctx context.Context, texts ...string) error {
	if s.db.DriverName() != sqliteDialect.name {
		return nil
	}
	for _, text := range texts {
		stmt, err := s.db.PreparexContext(ctx, s.db.Rebind(text))
		if err != nil {
			return fmt.Errorf("prepare: %w", err)
		}
		s.of[text] = stmt
	}
	return nil
}

func (s *statements) close() {
	for _, stmt := range s.of {
		_ = stmt.Close()
	}
}

// A scope runs statements in a transaction, prepared ones where there are.
type scope struct {
	ctx context.Context
	tx  *sqlx.Tx
	of  *statements
	own map[string]*sqlx.Stmt
	// sqlite hands out the driver's connection that the transaction is on; nil on
	// Postgres, and where nobody asks for it.
	sqlite func(use func(*sqlite3.SQLiteConn) error) error
}

// newScope begins a scope. SQLite's statements are short and are not cancelled
// one by one, which would cost more than they take: a transaction that has begun
// ends, or is rolled back by its own context. Postgres may be far, or gone.
func newScope(ctx context.Context, tx *sqlx.Tx, of *statements) *scope {
	if tx.DriverName() == sqliteDialect.name {
		ctx = context.WithoutCancel(ctx)
	}
	return &scope{ctx: ctx, tx: tx, of: of, own: map[string]*sqlx.Stmt{}}
}

// prepared is nil for a text that is not prepared.
func (s *scope) prepared(text string) *sqlx.Stmt {
	if stmt := s.own[text]; stmt != nil {
		return stmt
	}
	shared := s.of.of[text]
	if shared == nil {
		return nil
	}
	s.own[text] = s.tx.StmtxContext(s.ctx, shared)
	return s.own[text]
}

// on tells a scope of the connection that its transaction is on.
func (s *scope) on(conn *sqlx.Conn) {
	if s.tx.DriverName() != sqliteDialect.name {
		return
	}
	s.sqlite = func(use func(*sqlite3.SQLiteConn) error) error {
		return conn.Raw(func(c any) error { return use(c.(*sqlite3.SQLiteConn)) })
	}
}

func (s *scope) exec(text string, args ...any) error {
	_, err := s.changed(text, args...)
	return err
}

// changed is exec, and says how many rows it changed.
func (s *scope) changed(text string, args ...any) (int64, error) {
	var res sql.Result
	var err error
	if stmt := s.prepared(text); stmt != nil {
		res, err = stmt.ExecContext(s.ctx, args...)
	} else {
		res, err = s.tx.ExecContext(s.ctx, s.tx.Rebind(text), args...)
	}
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// get reads one row of one column.
func (s *scope) get(to any, text string, args ...any) error {
	if stmt := s.prepared(text); stmt != nil {
		return stmt.QueryRowContext(s.ctx, args...).Scan(to)
	}
	return s.tx.QueryRowContext(s.ctx, s.tx.Rebind(text), args...).Scan(to)
}

func (s *scope) selects(to any, text string, args ...any) error {
	if stmt := s.prepared(text); stmt != nil {
		return stmt.SelectContext(s.ctx, to, args...)
	}
	return s.tx.SelectContext(s.ctx, to, s.tx.Rebind(text), args...)
}

// each hands over the rows of a query, one by one.
func (s *scope) each(text string, args []any, row func(scan func(...any) error) error) error {
	var rows *sqlx.Rows
	var err error
	if stmt := s.prepared(text); stmt != nil {
		rows, err = stmt.QueryxContext(s.ctx, args...)
	} else {
		rows, err = s.tx.QueryxContext(s.ctx, s.tx.Rebind(text), args...)
	}
	if err != nil {
		return err
	}
	return handOver(rows, row)
}

// each runs a query outside of any transaction.
func (s *statements) each(ctx context.Context, text string, args []any, row func(scan func(...any) error) error) error {
	var rows *sqlx.Rows
	var err error
	if stmt := s.of[text]; stmt != nil {
		rows, err = stmt.QueryxContext(ctx, args...)
	} else {
		rows, err = s.db.QueryxContext(ctx, s.db.Rebind(text), args...)
	}
	if err != nil {
		return err
	}
	return handOver(rows, row)
}

// get reads one row of one column.
func (s *statements) get(ctx context.Context, to any, text string, args ...any) error {
	if stmt := s.of[text]; stmt != nil {
		return stmt.QueryRowContext(ctx, args...).Scan(to)
	}
	return s.db.QueryRowContext(ctx, s.db.Rebind(text), args...).Scan(to)
}

func handOver(rows *sqlx.Rows, row func(scan func(...any) error) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// insertRows is how many rows one prepared insert carries.
const insertRows = 50

// An insert adds many rows to a table.
type insert struct{ table, columns, tail string }

// text is the statement for n rows.
func (i insert) text(n int) string {
	row := "(" + strings.TrimSuffix(strings.Repeat("?,", strings.Count(i.columns, ",")+1), ",") + ")"
	return "INSERT INTO " + i.table + " (" + i.columns + ") VALUES " + strings.TrimSuffix(strings.Repeat(row+",", n), ",") + i.tail
}

// rows adds rows, each as long as there are columns.
func (s *scope) rows(i insert, rows [][]any) error {
	for part := range slices.Chunk(rows, insertRows) {
		if err := s.exec(i.text(len(part)), slices.Concat(part...)...); err != nil {
			return fmt.Errorf("insert into %s: %w", i.table, err)
		}
	}
	return nil
}

// listSizes are the lengths that lists of IN are padded to, so that few texts
// are prepared.
var listSizes = []int{1, 8, 64, 500}

// lists are the texts for all lengths of a list.
func lists(texts ...string) []string {
	var out []string
	for _, t := range texts {
		for _, n := range listSizes {
			out = append(out, t+marks(n))
		}
	}
	return out
}

// marks closes a list that a text has opened.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?,", n), ",") + ")" }

// in calls for each part of a list, with placeholders that close it and the
// values: the last one is repeated to fill up.
func in[T any](list []T, call func(marks string, args []any) error) error {
	for part := range slices.Chunk(list, listSizes[len(listSizes)-1]) {
		n := listSizes[slices.IndexFunc(listSizes, func(n int) bool { return n >= len(part) })]
		args := make([]any, n)
		for i := range args {
			args[i] = part[min(i, len(part)-1)]
		}
		if err := call(marks(n), args); err != nil {
			return err
		}
	}
	return nil
}
