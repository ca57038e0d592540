package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/plugin/federation/fedruntime"

	"customer360/resolvers/door"
)

// An EntityResolver answers what routers of a supergraph name by key. gqlgen's
// own plugin picks a resolver by the first representation of a batch and fails
// a whole batch for one that is malformed; here each is read by itself.
type EntityResolver interface {
	// Entities answers in the order of the representations, nil for what
	// names nothing.
	Entities(ctx context.Context, representations []any) ([]door.Entity, error)
}

// SDL is what _service publishes: the schema, without what federation adds.
func SDL() string { return sources[0].Input }

func (ec *executionContext) __resolve_entities(ctx context.Context, representations []any) []door.Entity {
	found, err := ec.Resolvers.(EntityResolver).Entities(ctx, representations)
	if err != nil {
		graphql.AddError(ctx, err)
		return make([]door.Entity, len(representations))
	}
	return found
}

func (ec *executionContext) __resolve__service(context.Context) (fedruntime.Service, error) {
	return fedruntime.Service{SDL: SDL()}, nil
}
