package sql

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
)

// until waits for something to come true, and says whether it did.
func until(within time.Duration, done func() bool) bool {
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if done() {
			return true
		}
	}
	return false
}

// sleeping is a connector whose orders take a minute, and how many statements
// of its kind the server is at.
func sleeping(t *testing.T) (connectors.Connector, func() int) {
	cfg, db := postgresDatabase(t)
	of := mapped(t, cfg)
	sleep := fmt.Sprintf("pg_sleep(60.%03d)", schemas.Load())
	of.Orders.Where = sleep + " is not null"
	active := func() (n int) {
		err := db.QueryRowContext(context.Background(), "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND strpos(query, $1) > 0", sleep).Scan(&n)
		if err != nil {
			t.Error(err)
		}
		return n
	}
	return opened(t, of, connectors.Setup{Source: here, Role: connectors.Commerce}), active
}

var adasOrders = connectors.Query{Refs: []idgraph.Ref{who("1")}, Fields: connectors.Fields("number"), Limit: 10}

// Whoever leaves leaves no work behind: the server is not at a statement any
// more that nobody waits for.
func TestPostgresIsToldToCancel(t *testing.T) {
	needsPostgres(t)
	for name, c := range map[string]struct {
		call, operation time.Duration
		leaves          bool
	}{
		"the caller leaves":            {call: time.Minute, operation: time.Minute, leaves: true},
		"the call's time is over":      {call: 500 * time.Millisecond, operation: time.Minute},
		"the operation's time is over": {call: time.Minute, operation: 500 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			conn, active := sleeping(t)
			ctx, leave := context.WithTimeout(t.Context(), c.operation)
			defer leave()
			ended := make(chan error, 1)
			go func() {
				a := &connectors.Asker{Connector: conn, Timeout: c.call}
				_, tally := connectors.Ask(ctx, a, connectors.KindOrder, adasOrders, conn.(connectors.OrderLister).Orders)
				ended <- tally.Err
			}()
			if !until(5*time.Second, func() bool { return active() == 1 }) {
				t.Fatal("the server was never seen at the statement: nothing would be proven")
			}
			if c.leaves {
				leave()
			}
			if err := <-ended; !errors.Is(err, connectors.ErrTimeout) {
				t.Errorf("ended with %v", err)
			}
			if !until(2*time.Second, func() bool { return active() == 0 }) {
				t.Error("two seconds later the server is still at the statement")
			}
		})
	}
}

// SQLite works inside the gateway: a statement that is given up is interrupted,
// and its connection is free again.
func TestSQLiteIsInterrupted(t *testing.T) {
	cfg, _ := sqliteDatabase(t)
	of := mapped(t, cfg)
	of.Orders.Where = "(with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n) > 0"
	conn := opened(t, of, connectors.Setup{Source: here, Role: connectors.Commerce}).(*connector)
	ctx, leave := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer leave()
	began := time.Now()
	_, err := conn.Orders(ctx, adasOrders)
	if !errors.Is(err, connectors.ErrTimeout) {
		t.Errorf("ended with %v", err)
	}
	if took := time.Since(began); took < 200*time.Millisecond || took > 2*time.Second {
		t.Errorf("ended after %s", took)
	}
	if !until(2*time.Second, func() bool { return conn.db.Stats().InUse == 0 }) {
		t.Error("the connection is still at the statement")
	}
}
