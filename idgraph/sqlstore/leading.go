package sqlstore

import (
	"context"
	"database/sql/driver"
	"fmt"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"

	"customer360/idgraph"
)

// Of all processes that share a store, one reads a source: what two read of it
// at once, one a little later than the other, would come in out of order.

// leading is which sources this process is the one to read. It is for as long
// as its connection lives that took them.
type leading struct {
	mu   sync.Mutex
	db   *sqlx.DB // of one connection; nil where no other process can be
	conn *sqlx.Conn
	of   map[idgraph.Source]bool
}

// leadWithin is how long the database may take to say who reads a source.
const leadWithin = 5 * time.Second

// Leads says whether this process is the one that reads a source: from the
// first time that no other was, until Close, or until the database has lost it.
func (d *DB) Leads(ctx context.Context, s idgraph.Source) (bool, error) {
	l := &d.leading
	if l.db == nil {
		return true, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, leadWithin)
	defer cancel()
	err := l.connect(ctx)
	if err == nil && l.of[s] {
		err = l.conn.PingContext(ctx)
	} else if err == nil {
		var taken bool
		if err = l.conn.QueryRowContext(ctx, takeSource, string(s)).Scan(&taken); err == nil && taken {
			l.of[s] = true
		}
	}
	if err != nil {
		l.drop()
		return false, fmt.Errorf("ask who reads %s: %w", s, err)
	}
	return l.of[s], nil
}

// connect has the connection that the locks hang on. The server soon sees that
// its process is gone, also where its machine is.
func (l *leading) connect(ctx context.Context) (err error) {
	if l.conn != nil {
		return nil
	}
	l.of = map[idgraph.Source]bool{}
	if l.conn, err = l.db.Connx(ctx); err != nil {
		return err
	}
	_, err = l.conn.ExecContext(ctx, `SELECT set_config('idle_session_timeout', '0', false), set_config('tcp_keepalives_idle', '10', false),
		set_config('tcp_keepalives_interval', '5', false), set_config('tcp_keepalives_count', '3', false)`)
	return err
}

// drop gives up all sources: without the connection, others may take them.
func (l *leading) drop() {
	if l.conn != nil {
		_ = l.conn.Raw(func(any) error { return driver.ErrBadConn }) // not to be used again
		_ = l.conn.Close()
	}
	l.conn, l.of = nil, nil
}

// close lets others lead.
func (l *leading) close() error {
	if l.db == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drop()
	return l.db.Close()
}
