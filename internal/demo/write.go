package demo

import (
	"context"
	stdsql "database/sql"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	_ "github.com/mattn/go-sqlite3" // the driver
)

// tables are a system's rows, in the order of the columns of its schema.
type tables map[string][][]any

func (t tables) add(table string, cells ...any) { t[table] = append(t[table], cells) }

// write makes one database beside its place and then moves it there: whoever
// looks sees the old one, or the whole new one.
func write(ctx context.Context, path, schema string, rows tables) (n int, err error) {
	beside := path + ".new"
	if err := os.RemoveAll(beside); err != nil {
		return 0, err
	}
	defer os.Remove(beside)
	// Nothing is lost where it breaks off: the file is not there yet.
	db, err := stdsql.Open("sqlite3", "file:"+beside+"?_journal_mode=OFF&_synchronous=OFF")
	if err != nil {
		return 0, err
	}
	db.SetMaxOpenConns(1)
	if n, err = fill(ctx, db, schema, rows); err != nil {
		_ = db.Close()
		return 0, err
	}
	if err := db.Close(); err != nil {
		return 0, err
	}
	return n, os.Rename(beside, path)
}

func fill(ctx context.Context, db *stdsql.DB, schema string, rows tables) (int, error) {
	if _, err := db.ExecContext(ctx, schema); err != nil {
		return 0, err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, table := range slices.Sorted(maps.Keys(rows)) {
		cells := rows[table]
		insert, err := tx.PrepareContext(ctx, `INSERT INTO "`+table+`" VALUES (?`+strings.Repeat(", ?", len(cells[0])-1)+`)`)
		if err != nil {
			return 0, err
		}
		for _, row := range cells {
			if _, err := insert.ExecContext(ctx, row...); err != nil {
				return 0, fmt.Errorf("%s: %w", table, err)
			}
			n++
		}
		if err := insert.Close(); err != nil {
			return 0, err
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version)); err != nil {
		return 0, err
	}
	return n, tx.Commit()
}

// versionOf reads which generator made a database; 0 where there is none.
func versionOf(ctx context.Context, path string) (v int, err error) {
	if _, err := os.Stat(path); err != nil {
		return 0, err
	}
	db, err := stdsql.Open("sqlite3", "file:"+path+"?mode=ro")
	if err != nil {
		return 0, err
	}
	defer db.Close()
	err = db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&v)
	return v, err
}

// text is a cell that is NULL where there is nothing.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}
