package resolvers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"customer360/connectors"
	"customer360/resolvers/door"
)

// Codes maps what can go wrong to what callers are told. Whatever is not in
// the table is an internal error: logged, and shown without its text.
var codes = []struct {
	is   error
	code string
}{
	{door.ErrBadInput, "BAD_INPUT"},
	{connectors.ErrNoTime, "BAD_INPUT"},
	{door.ErrConflict, "CONFLICT"},
	{door.ErrForbidden, "FORBIDDEN"},
	{door.ErrRateLimited, "RATE_LIMITED"},
	{door.ErrTooCostly, "TOO_COSTLY"},
	{context.DeadlineExceeded, "SOURCE_TIMEOUT"},
}

// Present turns an error into what a caller may read.
func Present(log *slog.Logger) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		path := graphql.GetPath(ctx)
		var known *gqlerror.Error
		if errors.As(err, &known) {
			if known.Path != nil {
				path = known.Path
			}
			if known.Extensions["code"] != nil {
				return known
			}
			if known.Err != nil {
				err = known.Err // without the place that it was told at: the path says it
			}
		}
		for _, c := range codes {
			if errors.Is(err, c.is) {
				return Error(path, c.code, message(err, c.is))
			}
		}
		if num := (*strconv.NumError)(nil); errors.As(err, &num) {
			return Error(path, "BAD_INPUT", "an argument is not of its type")
		}
		if errors.Is(err, context.Canceled) {
			return Error(path, "INTERNAL", "the request was cancelled")
		}
		log.ErrorContext(ctx, "internal error", "path", path.String(), "error", err)
		return Error(path, "INTERNAL", "internal error")
	}
}

// message is the text of an error of ours: these hold no values.
func message(err, sentinel error) string {
	if in := (*door.InputError)(nil); errors.As(err, &in) {
		return in.Error()
	}
	if errors.Is(sentinel, context.DeadlineExceeded) {
		return "the operation took longer than it may"
	}
	return err.Error()
}

// Error is one entry of errors.
func Error(path ast.Path, code, text string) *gqlerror.Error {
	return &gqlerror.Error{Message: text, Path: path, Extensions: map[string]any{"code": code}}
}

// Failed is the entry for one source and record kind that failed.
func Failed(f door.Failure) *gqlerror.Error {
	var path ast.Path
	if f.Root != "" {
		path = ast.Path{ast.PathName(f.Root)}
	}
	e := Error(path, connectors.Code(f.Err), fmt.Sprintf("%s could not answer for %s: %s", f.Source, f.Kind, meaning(f.Err)))
	e.Extensions["source"], e.Extensions["kind"] = string(f.Source), string(f.Kind)
	return e
}

// meaning is the sentinel behind a source's error, never its text.
// Why a call never left is our own affair, and told.
func meaning(err error) string {
	if e := (*connectors.Unasked)(nil); errors.As(err, &e) {
		return e.Error()
	}
	for _, sentinel := range []error{
		connectors.ErrTimeout, connectors.ErrRateLimited, connectors.ErrAuth,
		connectors.ErrBadData, connectors.ErrTooLarge,
	} {
		if errors.Is(err, sentinel) {
			return sentinel.Error()
		}
	}
	return connectors.ErrUnavailable.Error()
}
