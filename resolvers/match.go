package resolvers

import (
	"context"

	"customer360/graph"
	"customer360/resolvers/door"
)

// MatchReviews lists what a person should look at.
func (q query) MatchReviews(ctx context.Context, first int, after *string) (*door.MatchReviewConnection, error) {
	return door.From(ctx).MatchReviews(ctx, first, after)
}

// ExplainPath answers the links from one record to another.
func (q query) ExplainPath(ctx context.Context, from, to door.SourceRecordInput) ([]door.IdentityLink, error) {
	return door.From(ctx).ExplainPath(ctx, from, to)
}

// Mutation answers the mutation roots.
func (r *Resolver) Mutation() graph.MutationResolver { return mutation{} }

type mutation struct{}

// DecideMatch says of two records that they are one person, or two.
func (mutation) DecideMatch(ctx context.Context, input door.DecideMatchInput) (*door.DecideMatchPayload, error) {
	return door.From(ctx).DecideMatch(ctx, input)
}

// SplitCustomer says of some of a customer's records that they are somebody else.
func (mutation) SplitCustomer(ctx context.Context, input door.SplitCustomerInput) (*door.SplitCustomerPayload, error) {
	return door.From(ctx).SplitCustomer(ctx, input)
}

// MergeCustomers says of customers that they are one person.
func (mutation) MergeCustomers(ctx context.Context, input door.MergeCustomersInput) (*door.MergeCustomersPayload, error) {
	return door.From(ctx).MergeCustomers(ctx, input)
}

// UndoDecision takes decisions back.
func (mutation) UndoDecision(ctx context.Context, input door.UndoDecisionInput) (*door.UndoDecisionPayload, error) {
	return door.From(ctx).UndoDecision(ctx, input)
}
