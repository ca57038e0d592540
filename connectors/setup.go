package connectors

import (
	"context"
	"database/sql/driver"
	"log/slog"
	"net/http"
	"time"

	"customer360/idgraph"
)

// A Setup is what every connector is opened with, besides its own Config.
type Setup struct {
	Source idgraph.Source
	Role   Role
	Region string // ISO 3166 code: the deployment's own country
	// Overlap is how far a reading of changes goes back behind the last one; 0
	// is a minute. See Margin.
	Overlap time.Duration
	// Transport carries every HTTP request; nil is http.DefaultTransport.
	Transport http.RoundTripper
	// Before is told of every call that is about to leave for the source, with
	// what is sent but for values (an SQL text, a method and its field names),
	// and may delay or refuse it. Nil lets everything pass.
	Before func(ctx context.Context, call string) error
	// Driver wraps what opens connections to a source's database; nil leaves it
	// as it is. Tests count there what really arrives.
	Driver func(driver.Connector) driver.Connector
	Log    *slog.Logger // nil is slog.Default()
}

// Leave announces a call to Before.
func (s Setup) Leave(ctx context.Context, call string) error {
	if s.Before == nil {
		return nil
	}
	return s.Before(ctx, call)
}

// Margin is how long a change may stay invisible after its time: a transaction
// that commits late, a clock that runs behind, two changes within one tick of it.
func (s Setup) Margin() time.Duration {
	if s.Overlap > 0 {
		return s.Overlap
	}
	return time.Minute
}

// A Config is the part of the configuration that one kind of connector reads:
// a pointer to a struct with yaml tags, decoded strictly.
type Config interface {
	Open(s Setup) (Connector, error)
}
