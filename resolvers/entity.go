package resolvers

import (
	"context"

	"customer360/graph"
	"customer360/resolvers/door"
)

var _ graph.EntityResolver = (*Resolver)(nil)

// Entities answers what the representations of a router name, in their order.
func (r *Resolver) Entities(ctx context.Context, representations []any) ([]door.Entity, error) {
	if err := checkCount(representations, "representations"); err != nil {
		return nil, err
	}
	return door.From(ctx).Entities(ctx, representations)
}
