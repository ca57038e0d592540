package resolvers

import (
	"context"
	"log/slog"

	"github.com/99designs/gqlgen/graphql"

	"customer360/resolvers/door"
)

// Finish is the last step of an operation: failed sources are appended to the
// errors, the report to the extensions, and the audit entry is written. An
// answer that cannot be accounted for is replaced by an error.
func Finish(log *slog.Logger) graphql.ResponseMiddleware {
	return func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		resp := next(ctx)
		op := door.From(ctx)
		if resp == nil || op == nil {
			return resp
		}
		report, err := op.Finish(ctx)
		if err != nil {
			log.ErrorContext(ctx, "an answer was held back: the audit log cannot be written", "error", err)
			return graphql.ErrorResponse(ctx, "the audit log cannot be written; the answer was held back")
		}
		for _, f := range report.Failures {
			resp.Errors = append(resp.Errors, Failed(f))
		}
		if resp.Extensions == nil {
			resp.Extensions = map[string]any{}
		}
		resp.Extensions["privacy"], resp.Extensions["sources"] = report.Privacy, report.Sources
		return resp
	}
}
