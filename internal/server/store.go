package server

import (
	"context"
	"errors"
	"fmt"
	"os"

	"customer360/idgraph/match"
	"customer360/idgraph/sqlstore"
	"customer360/internal/keys"
)

// OpenStore opens the gateway's own store alone: who is who, without any source,
// in the region that it was made in.
func OpenStore(ctx context.Context, c *Config, ring *keys.Ring) (*sqlstore.DB, error) {
	return openStore(ctx, c, sqlstore.Options{Rules: sqlstore.AsMade}, ring)
}

// ReadWeights reads a file of weights; "" is the shipped one. Errors name file,
// line and key.
func ReadWeights(path string) (*match.Weights, error) {
	if path == "" {
		return match.Shipped(), nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the weights: %w", err)
	}
	defer f.Close()
	w, err := match.ReadWeights(f)
	if wrong := (*match.WeightsError)(nil); errors.As(err, &wrong) {
		return nil, fmt.Errorf("%s:%w", path, err)
	} else if err != nil {
		return nil, fmt.Errorf("read the weights: %w", err)
	}
	return w, nil
}
