package server

import (
	"context"

	"customer360/idgraph/sqlstore"
	"customer360/internal/keys"
)

// OpenStore opens the gateway's own store alone: who is who, without any source.
func OpenStore(ctx context.Context, c *Config, ring *keys.Ring) (*sqlstore.DB, error) {
	return openStore(ctx, c, Options{Keys: ring})
}
