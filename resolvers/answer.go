package resolvers

import (
	"context"
	"log/slog"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"customer360/resolvers/door"
)

// Finish is the last step of an operation: failed sources are appended to the
// errors, the report to the extensions, and the audit entry is written. An
// answer that cannot be accounted for is replaced by an error. An operation that
// is answered in parts is left to Outset and Closing.
func Finish(log *slog.Logger) graphql.ResponseMiddleware {
	return func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		resp := next(ctx)
		op := door.From(ctx)
		if resp == nil || op == nil || op.Divided() {
			return resp
		}
		report, err := op.Finish(ctx)
		if err != nil {
			return heldBack(ctx, log, err)
		}
		note(ctx, log, op, report, len(resp.Errors))
		resp.Errors = append(resp.Errors, failed(report.Failures)...)
		if resp.Extensions == nil {
			resp.Extensions = map[string]any{}
		}
		resp.Extensions["privacy"], resp.Extensions["sources"] = report.Privacy, report.Sources
		return resp
	}
}

// heldBack stands for an answer that cannot be accounted for.
func heldBack(ctx context.Context, log *slog.Logger, err error) *graphql.Response {
	log.ErrorContext(ctx, "an answer was held back: the audit log cannot be written", "error", err)
	return &graphql.Response{Errors: gqlerror.List{Error(nil, "INTERNAL", "the audit log cannot be written; the answer was held back")}}
}

// note logs what an operation did: who and why, which sources, how many
// customers; no value, no id, nothing that the caller wrote.
func note(ctx context.Context, log *slog.Logger, op *door.Operation, r *door.Report, problems int) {
	if !log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	caller := op.Caller()
	attrs := []slog.Attr{
		slog.String("who", caller.Name), slog.String("role", string(caller.Role)), slog.String("purpose", string(r.Privacy.Purpose)),
		slog.Int("withheld", len(r.Privacy.Fields)), slog.Int("errors", problems),
	}
	for _, s := range r.Sources {
		attrs = append(attrs, slog.Group(string(s.Source), slog.String("state", string(s.State)), slog.Int("calls", s.Calls), slog.Int("saved", s.Saved), slog.String("code", s.Code)))
	}
	for _, f := range r.Failures {
		log.DebugContext(ctx, "a source failed", "source", f.Source, "kind", f.Kind, "error", f.Err)
	}
	log.LogAttrs(ctx, slog.LevelDebug, "operation", attrs...)
}
