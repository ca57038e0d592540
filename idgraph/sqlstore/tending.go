package sqlstore

import (
	"sync"
	"sync/atomic"

	"github.com/jmoiron/sqlx"
)

// A tending brings what SQLite has logged of the graph into its file, beside those
// who learn: a learning has ended when its log is on the disk. The zero value,
// Postgres's, has nothing to do.
type tending struct {
	db     *sqlx.DB   // keeps no connection
	mu     sync.Mutex // one at a time
	logged atomic.Int64
	under  sync.WaitGroup
}

const (
	// tendEvery is after how many records that were learnt: some 20 pages each.
	tendEvery = 256
	// mostLogged is how many pages the log may have until who writes does it.
	mostLogged = "16384"
)

// learnt says that records have been learnt.
func (t *tending) learnt(records int) {
	if t.db == nil || t.logged.Add(int64(records)) < tendEvery {
		return
	}
	t.logged.Store(0)
	t.under.Go(func() {
		if t.mu.TryLock() {
			defer t.mu.Unlock()
			_, _ = t.db.Exec(`PRAGMA wal_checkpoint(PASSIVE)`) // what fails is done by the next, or by who writes
		}
	})
}

func (t *tending) close() error {
	t.under.Wait()
	if t.db == nil {
		return nil
	}
	return t.db.Close()
}
