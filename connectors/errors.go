package connectors

import (
	"context"
	"errors"
	"fmt"

	"customer360/idgraph"
)

// What can go wrong with a source: one sentinel per meaning.
var (
	ErrTimeout     = errors.New("timed out")
	ErrUnavailable = errors.New("unavailable")
	ErrRateLimited = errors.New("rate limited")
	ErrAuth        = errors.New("credentials refused")
	ErrBadData     = errors.New("answered what is not its contract")
	ErrTooLarge    = errors.New("answered too much")
)

// An Error says which source failed at what. It never holds a value of a
// record, a credential or a piece of a body.
type Error struct {
	Source idgraph.Source
	Op     string // "orders", "find", "changes"
	Err    error
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s: %v", e.Source, e.Op, e.Err) }
func (e *Error) Unwrap() error { return e.Err }

// Fail says which source failed at what. Whoever no longer waits has been kept waiting.
func Fail(source idgraph.Source, op string, err error) error {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		err = ErrTimeout
	}
	return &Error{Source: source, Op: op, Err: err}
}

// Unasked is why a call never left for its source. It tells of the gateway
// alone, and may be shown to whoever asked.
type Unasked struct {
	Why string
	Err error
}

func (e *Unasked) Error() string { return fmt.Sprintf("%v; %s", e.Err, e.Why) }
func (e *Unasked) Unwrap() error { return e.Err }

// Code is the code that callers get for a failed source, of the closed list in DESIGN.md §2.
func Code(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, ErrTimeout), errors.Is(err, context.DeadlineExceeded):
		return "SOURCE_TIMEOUT"
	case errors.Is(err, ErrRateLimited):
		return "SOURCE_RATE_LIMITED"
	case errors.Is(err, ErrAuth):
		return "SOURCE_AUTH"
	case errors.Is(err, ErrBadData):
		return "SOURCE_BAD_DATA"
	case errors.Is(err, ErrTooLarge):
		return "SOURCE_TOO_LARGE"
	}
	return "SOURCE_UNAVAILABLE"
}
