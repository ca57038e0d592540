package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// longest is how many bytes a line may have, its quoted line ends included.
const longest = 1 << 20

// A BrokenLine is a line that is no record, and why. It never holds a value.
type BrokenLine struct {
	Line   int // 1 is the header's
	Reason string
}

func (e *BrokenLine) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// lines splits CSV as RFC 4180 has it, with either line end. After a line that
// cannot be read it goes on with the next one, so that a quote that is never
// closed costs one line and not the rest of the file.
type lines struct {
	from  io.Reader
	comma byte
	buf   []byte // buf[at:] is unread
	at    int
	line  int // read so far
	ended bool

	fields []string
	plain  []byte // of a line with quotes: its fields, one after another
	ends   []int  // where in plain each ends
}

// next answers the fields of the next line that is not blank, and its number;
// io.EOF behind the last. The fields are good until the next call.
func (l *lines) next() ([]string, int, error) {
	for {
		end, err := l.find('\n', 0)
		if err != nil {
			return nil, l.line + 1, err
		}
		if end < 0 && len(l.buf) == l.at {
			return nil, l.line, io.EOF
		}
		text, size := l.buf[l.at:], len(l.buf)-l.at
		if end >= 0 {
			text, size = text[:end], end+1
		}
		if bytes.IndexByte(text, '"') >= 0 {
			return l.quoted(size)
		}
		l.at, l.line = l.at+size, l.line+1
		text = bytes.TrimSuffix(text, []byte{'\r'})
		if len(text) == 0 {
			continue
		}
		if !utf8.Valid(text) {
			return nil, l.line, &BrokenLine{l.line, "is not UTF-8"}
		}
		return l.split(string(text)), l.line, nil
	}
}

func (l *lines) split(text string) []string {
	l.fields = l.fields[:0]
	for {
		i := strings.IndexByte(text, l.comma)
		if i < 0 {
			l.fields = append(l.fields, text)
			return l.fields
		}
		l.fields = append(l.fields, text[:i])
		text = text[i+1:]
	}
}

// quoted reads a line with quotes, whose first line end is size bytes away.
func (l *lines) quoted(size int) ([]string, int, error) {
	first := l.line + 1
	used, breaks, err := l.unquote()
	if errors.Is(err, errLong) {
		err = &BrokenLine{Reason: notClosed}
	}
	if broken := (*BrokenLine)(nil); errors.As(err, &broken) {
		broken.Line = first
		l.at, l.line = l.at+size, first
		return nil, first, broken
	} else if err != nil {
		return nil, first, err
	}
	l.at, l.line = l.at+used, first+breaks
	if !utf8.Valid(l.plain) {
		return nil, first, &BrokenLine{first, "is not UTF-8"}
	}
	text, begin := string(l.plain), 0
	l.fields = l.fields[:0]
	for _, end := range l.ends {
		l.fields = append(l.fields, text[begin:end])
		begin = end
	}
	return l.fields, first, nil
}

// unquote takes a line apart. It answers how long it is, and how many line ends
// stand within its quotes.
func (l *lines) unquote() (used, breaks int, err error) {
	l.plain, l.ends = l.plain[:0], l.ends[:0]
	for {
		c, err := l.byteAt(used)
		if err != nil {
			return 0, 0, err
		}
		if c == '"' {
			used, breaks, err = l.inQuotes(used+1, breaks)
		} else {
			used, err = l.bare(used)
		}
		if err != nil {
			return 0, 0, err
		}
		l.ends = append(l.ends, len(l.plain))
		switch c, err = l.byteAt(used); {
		case err != nil:
			return 0, 0, err
		case c == int(l.comma):
			used++
		case c == '\r':
			return min(used+2, len(l.buf)-l.at), breaks, nil
		case c == '\n':
			return used + 1, breaks, nil
		default:
			return used, breaks, nil
		}
	}
}

// inQuotes reads up to behind the quote that closes a field.
func (l *lines) inQuotes(used, breaks int) (int, int, error) {
	for {
		end, err := l.find('"', used)
		if err != nil {
			return 0, 0, err
		}
		if end < 0 {
			return 0, 0, &BrokenLine{Reason: notClosed}
		}
		part := l.buf[l.at+used : l.at+end]
		l.plain = append(l.plain, part...)
		breaks += bytes.Count(part, []byte{'\n'})
		used = end + 1
		switch c, err := l.byteAt(used); {
		case err != nil:
			return 0, 0, err
		case c == '"':
			l.plain = append(l.plain, '"')
			used++
		case c < 0, c == '\n', c == int(l.comma):
			return used, breaks, nil
		case c == '\r':
			if after, err := l.byteAt(used + 1); err != nil || after == '\n' || after < 0 {
				return used, breaks, err
			}
			return 0, 0, &BrokenLine{Reason: "text stands behind a closing quote"}
		default:
			return 0, 0, &BrokenLine{Reason: "text stands behind a closing quote"}
		}
	}
}

// bare reads a field without quotes.
func (l *lines) bare(used int) (int, error) {
	for {
		c, err := l.byteAt(used)
		switch {
		case err != nil:
			return 0, err
		case c < 0, c == int(l.comma), c == '\n':
			return used, nil
		case c == '\r':
			if after, err := l.byteAt(used + 1); err != nil || after == '\n' {
				return used, err
			}
		case c == '"':
			return 0, &BrokenLine{Reason: "a quote stands within a field that does not begin with one"}
		}
		l.plain = append(l.plain, byte(c))
		used++
	}
}

// byteAt answers the byte so many behind at; less than 0 at the end.
func (l *lines) byteAt(i int) (int, error) {
	for l.at+i >= len(l.buf) {
		if l.ended {
			return -1, nil
		}
		if err := l.fill(); err != nil {
			return 0, err
		}
	}
	return int(l.buf[l.at+i]), nil
}

// find answers how far behind at a byte stands that is not before from; less
// than 0 where there is none.
func (l *lines) find(c byte, from int) (int, error) {
	for {
		if i := bytes.IndexByte(l.buf[l.at+from:], c); i >= 0 {
			return from + i, nil
		}
		if l.ended {
			return -1, nil
		}
		from = len(l.buf) - l.at
		if err := l.fill(); err != nil {
			return 0, err
		}
	}
}

// notClosed is why most lines with quotes are broken.
const notClosed = "a quote is never closed"

// errLong says that a line does not end within reason.
var errLong = errors.New("a line has more than a megabyte: is this a CSV file?")

// fill reads on, over what has been read.
func (l *lines) fill() error {
	if l.at > 0 {
		l.buf = l.buf[:copy(l.buf, l.buf[l.at:])]
		l.at = 0
	}
	if len(l.buf) > longest {
		return errLong
	}
	n := len(l.buf)
	if cap(l.buf)-n < 64<<10 {
		l.buf = append(make([]byte, 0, 2*cap(l.buf)+256<<10), l.buf...)
	}
	got, err := l.from.Read(l.buf[n:cap(l.buf)])
	l.buf = l.buf[:n+got]
	if errors.Is(err, io.EOF) {
		l.ended, err = true, nil
	}
	return err
}
