// Package resolvers answers the roots of the schema: one file per noun. What
// hangs below them are handles and plain data of the door.
package resolvers

import (
	"context"

	"customer360/graph"
	"customer360/resolvers/door"
)

// A Resolver holds what the roots need; the operation and its caller ride in
// the context.
type Resolver struct {
	Door *door.Door
}

// Query answers the query roots.
func (r *Resolver) Query() graph.QueryResolver { return query{r.Door} }

type query struct{ door *door.Door }

// Sources lists the configured systems.
func (q query) Sources(ctx context.Context) ([]door.SourceStatus, error) {
	return door.From(ctx).SourceStatuses(ctx)
}

// Viewer is who asks.
func (q query) Viewer(ctx context.Context) (*door.Viewer, error) {
	v := door.From(ctx).Viewer()
	return &v, nil
}

// Purposes lists the registry.
func (q query) Purposes(ctx context.Context) ([]door.PurposeStatus, error) {
	return door.From(ctx).Purposes(), nil
}
