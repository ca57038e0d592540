package sql

import (
	"fmt"
	"testing"
	"time"

	"customer360/connectors"
	"customer360/connectors/connectortest"
)

// live is a real database and a clock.
func live(in database) func(*testing.T) connectortest.Live {
	return func(t *testing.T) connectortest.Live {
		cfg, db := in(t)
		clock := noon
		said := func(ago time.Duration) string { return clock.Add(-ago).Format(time.DateTime) }
		return connectortest.Live{
			Open: func(t *testing.T, s connectors.Setup) connectors.Connector {
				c := opened(t, mapped(t, cfg), s).(*connector)
				c.now = func() time.Time { return clock }
				return c
			},
			Who: "2", Other: "10",
			Pass: func(d time.Duration) { clock = clock.Add(d) },
			Edit: func(id string, ago time.Duration) {
				run(t, db, fmt.Sprintf("UPDATE people SET first_name = 'Edith', touched = '%s' WHERE id = %s", said(ago), id))
			},
			Child: func(id string) {
				run(t, db, fmt.Sprintf("INSERT INTO permissions VALUES (%s, 'news', 'stop', '%s', NULL)", id, said(0)))
			},
		}
	}
}
