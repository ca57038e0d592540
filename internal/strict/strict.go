// Package strict reads YAML that people write: unknown keys are errors, and what
// is wrong is told with its line and the nearest word that is known.
package strict

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// An Error is a mistake in a file, with its line.
type Error struct {
	Line int
	Err  error
}

func (e *Error) Error() string { return fmt.Sprintf("%d: %v", e.Line, e.Err) }
func (e *Error) Unwrap() error { return e.Err }

// ErrEmpty is about a file that says nothing.
var ErrEmpty = errors.New("the file is empty")

// Decode decodes a file. Errors are Errors.
func Decode(text []byte, into any) error {
	return explain(yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).DecodeContext(context.Background(), into), into)
}

// DecodeNode decodes a part of a file.
func DecodeNode(node ast.Node, into any) error {
	return explain(yaml.NewDecoder(strings.NewReader(""), yaml.Strict()).DecodeFromNode(node, into), into)
}

// At is an error on a line.
func At(line int, err error) error { return &Error{line, err} }

// LineOf is the line that an error names, else the given one.
func LineOf(err error, otherwise int) int {
	if e := (*Error)(nil); errors.As(err, &e) {
		return e.Line
	}
	return otherwise
}

// Within puts words before an error, behind its line; one without a line is on
// the given one.
func Within(err error, line int, format string, args ...any) error {
	line = LineOf(err, line)
	if e := (*Error)(nil); errors.As(err, &e) {
		err = e.Err
	}
	return &Error{line, fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), err)}
}

var (
	unknownField = regexp.MustCompile(`unknown field "([^"]+)"`)
	noMapping    = regexp.MustCompile(`^(\w+) was used where mapping is expected$`)
)

// explain turns yaml's errors into one line that begins with the line number.
func explain(err error, into any) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, io.EOF) {
		return &Error{1, ErrEmpty}
	}
	line, text := 1, err.Error()
	if ye := yaml.Error(nil); errors.As(err, &ye) {
		text = ye.GetMessage()
		if tk := ye.GetToken(); tk != nil {
			line = tk.Position.Line
		}
	}
	if m := unknownField.FindStringSubmatch(text); m != nil {
		text = fmt.Sprintf("the key %s is not known%s", m[1], Nearest(m[1], keysOf(into)))
	}
	text = noMapping.ReplaceAllString(text, "a $1 stands where `key: value` belongs")
	return &Error{line, errors.New(strings.ReplaceAll(text, "\n", " "))}
}

// Nearest suggests the closest of the known words: "; did you mean phone?", or
// nothing where none is close.
func Nearest(word string, known []string) string {
	best, distance := "", len(word)/2+2
	for _, k := range known {
		if d := levenshtein.ComputeDistance(strings.ToLower(word), strings.ToLower(k)); d < distance {
			best, distance = k, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}
