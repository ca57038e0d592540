package door

import (
	"errors"
	"fmt"
)

// What can be wrong with a question. resolvers/errors.go gives them their codes.
var (
	ErrBadInput    = errors.New("bad input")
	ErrConflict    = errors.New("conflict")
	ErrForbidden   = errors.New("forbidden")
	ErrRateLimited = errors.New("rate limited")
	ErrTooCostly   = errors.New("too costly")
	ErrInternal    = errors.New("internal error")
)

// An InputError names the argument that is wrong and what it should be; never its value.
type InputError struct {
	Argument string
	Problem  string
}

func (e *InputError) Error() string { return fmt.Sprintf("%s: %s", e.Argument, e.Problem) }
func (e *InputError) Unwrap() error { return ErrBadInput }
