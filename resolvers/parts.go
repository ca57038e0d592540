package resolvers

import (
	"context"
	"log/slog"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"customer360/resolvers/door"
)

// Outset completes the first part of an answer that comes in several: it brings
// the privacy report of all. What cannot be accounted for is replaced by an error;
// then ok is false, and nothing must follow.
func Outset(ctx context.Context, log *slog.Logger, op *door.Operation, resp *graphql.Response) (_ *graphql.Response, ok bool) {
	report, err := op.Outset(ctx)
	switch {
	case ctx.Err() != nil:
		return nil, false // the caller has gone
	case err != nil:
		return heldBack(ctx, log, err), false
	}
	resp.Errors = append(resp.Errors, failed(report.Failures)...)
	resp.Extensions = map[string]any{"privacy": report.Privacy}
	return resp, true
}

// PartErrors are the entries for the sources that failed for one of the later parts.
func PartErrors(ctx context.Context, op *door.Operation, part int) gqlerror.List {
	failures, err := op.PartFailures(ctx, part)
	if err != nil {
		return nil // nobody is there any more to be told
	}
	return failed(failures)
}

// Closing ends an operation that was answered in parts; it gives what goes out last.
func Closing(ctx context.Context, log *slog.Logger, op *door.Operation) *graphql.Response {
	report, err := op.Finish(ctx)
	switch {
	case ctx.Err() != nil:
		return nil
	case err != nil:
		return heldBack(ctx, log, err)
	}
	note(ctx, log, op, report, len(report.Failures))
	return &graphql.Response{Extensions: map[string]any{"sources": report.Sources}}
}

func failed(failures []door.Failure) (list gqlerror.List) {
	for _, f := range failures {
		list = append(list, Failed(f))
	}
	return list
}
