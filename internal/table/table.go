// Package table reads records about people out of CSV files: whatever the
// columns are called, a Mapping says what they are.
package table

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"

	"customer360/idgraph"
)

// A Row is one line of a file.
type Row struct {
	ID     string // its record_id
	Line   int
	Record idgraph.Record // as it stands there: not normalised
}

// A Reader reads one file, line by line.
type Reader struct {
	// UndatedBirths counts birth dates that are in no format that is known.
	UndatedBirths int

	file  *os.File
	size  int64
	read  atomic.Int64
	lines *lines
	plan  *plan
	width int
	ids   map[string]int      // record_id → line
	refs  map[idgraph.Ref]int // → line; of records whose source has another id for them

	sources map[idgraph.Source]idgraph.Source // one text for each
}

// Open opens a CSV file, or one that gzip has compressed, and reads its header.
// The errors are the operator's to mend: they name the file and what it lacks.
func Open(path string, m *Mapping) (_ *Reader, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the records: %w", err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			err = fmt.Errorf("%s: %w", path, err)
		}
	}()
	r := &Reader{file: f, ids: map[string]int{}, refs: map[idgraph.Ref]int{}, sources: map[idgraph.Source]idgraph.Source{}}
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("is a folder")
	}
	r.size = info.Size()
	text, err := plainText(&counted{f, &r.read})
	if err != nil {
		return nil, err
	}
	r.lines = &lines{from: text, comma: ','}
	header, err := r.header(text)
	if err != nil {
		return nil, err
	}
	r.width = len(header)
	r.plan, err = newPlan(header, m)
	return r, err
}

// counted counts what is read of a file.
type counted struct {
	from io.Reader
	n    *atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// unpacked is what gzip has packed.
type unpacked struct{ from *gzip.Reader }

func (u unpacked) Read(p []byte) (int, error) {
	n, err := u.from.Read(p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("is cut short, the end of what gzip has packed is missing: %w", err)
	}
	return n, err
}

// plainText unpacks what gzip has packed, and drops a byte order mark.
func plainText(from io.Reader) (*bufio.Reader, error) {
	text := bufio.NewReaderSize(from, 256<<10)
	if begin, _ := text.Peek(2); bytes.Equal(begin, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(text)
		if err != nil {
			return nil, err
		}
		text = bufio.NewReaderSize(unpacked{z}, 256<<10)
	}
	begin, err := text.Peek(3)
	switch {
	case len(begin) == 0 && errors.Is(err, io.EOF):
		return nil, errors.New("is empty: the first line has the columns' names")
	case len(begin) == 0:
		return nil, err
	case bytes.HasPrefix(begin, []byte{0xff, 0xfe}), bytes.HasPrefix(begin, []byte{0xfe, 0xff}), bytes.IndexByte(begin, 0) >= 0:
		return nil, errors.New("is UTF-16; save it as UTF-8")
	case bytes.Equal(begin, []byte{0xef, 0xbb, 0xbf}):
		_, err = text.Discard(3)
		return text, err
	}
	return text, nil
}

// header reads the columns' names. Where they stand apart by something else
// than commas, so does the rest.
func (r *Reader) header(text *bufio.Reader) ([]string, error) {
	begin, _ := text.Peek(64 << 10)
	if bytes.IndexByte(begin, '\n') < 0 && bytes.IndexByte(bytes.TrimRight(begin, "\r"), '\r') >= 0 {
		return nil, errors.New("has carriage returns alone between its lines; save it with line feeds")
	}
	line, _, _ := bytes.Cut(bytes.TrimLeft(begin, "\r\n"), []byte{'\n'})
	for _, c := range []byte(",;\t|") {
		if bytes.IndexByte(line, c) >= 0 {
			r.lines.comma = c
			break
		}
	}
	header, _, err := r.lines.next()
	switch {
	case errors.Is(err, io.EOF):
		return nil, errors.New("is empty: the first line has the columns' names")
	case err != nil:
		return nil, err
	}
	return append([]string(nil), header...), nil
}

// Next answers the next row, io.EOF behind the last. After a BrokenLine it may
// be called again and answers what comes behind it.
func (r *Reader) Next() (Row, error) {
	fields, line, err := r.lines.next()
	if errors.Is(err, io.EOF) {
		r.ids, r.refs = nil, nil // nothing comes twice any more
	}
	if err != nil {
		return Row{}, err
	}
	if len(fields) != r.width {
		return Row{}, &BrokenLine{line, fmt.Sprintf("has %d fields, the header %d", len(fields), r.width)}
	}
	id := strings.TrimSpace(fields[r.plan.of[recordID][0]])
	if id == "" {
		return Row{}, &BrokenLine{line, "has no record_id"}
	}
	if before := r.ids[id]; before != 0 {
		return Row{}, &BrokenLine{line, fmt.Sprintf("has the record_id of line %d", before)}
	}
	row := Row{ID: strings.Clone(id), Line: line} // the id does not keep the whole line in memory
	r.ids[row.ID] = line
	var dated bool
	if row.Record, dated = r.plan.record(fields, row.ID); !dated {
		r.UndatedBirths++
	}
	r.name(&row)
	return row, nil
}

// name sees that every record has a ref of its own. Lines that their source
// has under one id stay apart here: that they are one is for their common
// identifier to say.
func (r *Reader) name(row *Row) {
	if len(r.plan.of[externalID]) == 0 {
		return // its record_id is its own
	}
	ref := &row.Record.Ref
	ref.ID = strings.Clone(ref.ID) // neither does this, nor the source
	if s, known := r.sources[ref.Source]; known {
		ref.Source = s
	} else {
		ref.Source = idgraph.Source(strings.Clone(string(ref.Source)))
		r.sources[ref.Source] = ref.Source
	}
	for r.refs[*ref] != 0 {
		ref.ID += "#" + row.ID
	}
	r.refs[*ref] = row.Line
}

// Bytes answers how much of the file has been read, and its size. It may be
// called while another goroutine reads.
func (r *Reader) Bytes() (read, size int64) { return r.read.Load(), r.size }

// Close closes the file.
func (r *Reader) Close() error { return r.file.Close() }
