package resolvers

import (
	"context"

	"customer360/idgraph"
	"customer360/resolvers/door"
)

// maxIDs is the most ids, or representations, that one field takes.
const maxIDs = 100

// Customer answers the customer of a sealed id.
func (q query) Customer(ctx context.Context, id string) (*door.Customer, error) {
	found, err := q.customers(ctx, []string{id}, "id")
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// CustomersByID answers customers in the order of the ids.
func (q query) CustomersByID(ctx context.Context, ids []string) ([]*door.Customer, error) {
	return q.customers(ctx, ids, "ids")
}

func (q query) customers(ctx context.Context, sealed []string, argument string) ([]*door.Customer, error) {
	op := door.From(ctx)
	if err := checkCount(sealed, argument); err != nil {
		return nil, err
	}
	ids := make([]idgraph.CustomerID, len(sealed))
	for i, s := range sealed {
		id, ok := q.door.CustomerID(s)
		if !ok {
			return nil, &door.InputError{Argument: argument, Problem: "is not a customer's id that this API gave"}
		}
		ids[i] = id
	}
	return op.Customers(ctx, ids)
}

// Customers lists customers.
func (q query) Customers(ctx context.Context, first int, after *string, filter *door.CustomerFilter, orderBy door.CustomerOrder) (*door.CustomerConnection, error) {
	return door.From(ctx).CustomersPage(ctx, first, after, filter, orderBy)
}

// Lookup answers the customer that an identifier belongs to.
func (q query) Lookup(ctx context.Context, by door.LookupBy) (*door.Customer, error) {
	return door.From(ctx).Lookup(ctx, by)
}

// Node answers whatever a sealed id names.
func (q query) Node(ctx context.Context, id string) (door.Node, error) {
	found, err := door.From(ctx).Nodes(ctx, []string{id}, "id")
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// Nodes answers whatever sealed ids name, in their order.
func (q query) Nodes(ctx context.Context, ids []string) ([]door.Node, error) {
	if err := checkCount(ids, "ids"); err != nil {
		return nil, err
	}
	return door.From(ctx).Nodes(ctx, ids, "ids")
}

func checkCount[T any](names []T, argument string) error {
	if len(names) > maxIDs {
		return &door.InputError{Argument: argument, Problem: "takes at most 100"}
	}
	return nil
}
