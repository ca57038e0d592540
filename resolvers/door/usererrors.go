package door

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A UserErrorCode is what kind of mistake an input is.
type UserErrorCode string

// The kinds.
const (
	BadInput UserErrorCode = "BAD_INPUT"
	NotFound UserErrorCode = "NOT_FOUND"
	Conflict UserErrorCode = "CONFLICT"
)

// A UserError names the part of the input that is wrong, and what it should be;
// never its value.
type UserError struct {
	Code    UserErrorCode
	Field   []string
	Message string
}

func (e *UserError) Error() string { return strings.Join(e.Field, ".") + ": " + e.Message }

func wrong(code UserErrorCode, message string, field ...string) *UserError {
	return &UserError{code, append([]string{"input"}, field...), message}
}

// checkReason sees that a reason is a few words that people can read.
func checkReason(reason string) error {
	switch {
	case reason == "":
		return wrong(BadInput, "say why, in a few words", "reason")
	case utf8.RuneCountInString(reason) > maxReason:
		return wrong(BadInput, "takes at most 500 characters", "reason")
	case strings.ContainsFunc(reason, unreadable), !strings.ContainsFunc(reason, unicode.IsGraphic):
		return wrong(BadInput, "holds characters that cannot be read", "reason")
	}
	return nil
}

// unreadable characters are those that control a terminal or turn a line around,
// and what stands where there was none.
func unreadable(c rune) bool {
	turns := c >= '\u202a' && c <= '\u202e' || c >= '\u2066' && c <= '\u2069'
	return unicode.IsControl(c) && c != '\n' && c != '\t' || turns || c == utf8.RuneError
}
