package resolvers

import (
	"context"

	"customer360/connectors"
	"customer360/graph"
	"customer360/resolvers/door"
)

// Ticket answers what hangs below a ticket.
func (r *Resolver) Ticket() graph.TicketResolver { return ticket{} }

type ticket struct{}

// Messages are those of a ticket, newest first.
func (ticket) Messages(ctx context.Context, t *connectors.Ticket, first int) ([]connectors.Message, error) {
	return door.From(ctx).Messages(ctx, t, first)
}
