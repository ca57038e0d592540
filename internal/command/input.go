package command

import (
	"context"
	"errors"
	"fmt"
	"io"

	"customer360/idgraph"
	"customer360/internal/server"
	"customer360/internal/table"
)

// An input is a file of records that is read once.
type input struct {
	ids    []string // record_id, in the file's order
	broken int

	path      string
	keepGoing bool
	reader    *table.Reader
	stages    *stages
	ctx       context.Context
	stop      context.CancelCauseFunc
}

// told is how many broken lines are told one by one.
const told = 20

// openInput opens a file; its errors are the operator's to mend.
func openInput(ctx context.Context, path, mapping string, keepGoing bool, stages *stages) (*input, error) {
	m := &table.Mapping{}
	if mapping != "" {
		var err error
		if m, err = table.ReadMapping(mapping); err != nil {
			return nil, err
		}
	}
	r, err := table.Open(path, m)
	if err != nil {
		return nil, err
	}
	in := &input{path: path, keepGoing: keepGoing, reader: r, stages: stages}
	in.ctx, in.stop = context.WithCancelCause(ctx)
	return in, nil
}

// regionOf is the country that -region names.
func regionOf(code string) (string, error) {
	region, err := server.Region(code)
	if err != nil {
		return "", usageError{fmt.Errorf("-region: %w", err)}
	}
	return region, nil
}

// Close closes the file.
func (in *input) Close() error {
	in.stop(nil)
	return in.reader.Close()
}

// records yields the file's records. Where it cannot be read to its end, or has
// broken lines that may not be left out, in.ctx ends with the reason.
func (in *input) records(yield func(idgraph.Record) bool) {
	for n := 0; ; n++ {
		if n%1024 == 0 {
			in.stages.at("reading", "records", len(in.ids), in.about())
			if in.ctx.Err() != nil {
				return
			}
		}
		row, err := in.reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if broken := (*table.BrokenLine)(nil); errors.As(err, &broken) {
			if in.broken++; in.broken <= told {
				in.stages.say("%s: %v", in.path, broken)
			}
			continue
		} else if err != nil {
			in.stop(fmt.Errorf("%s: %w", in.path, err))
			return
		}
		if in.broken > 0 && !in.keepGoing {
			continue // on to the end: every broken line is counted
		}
		in.ids = append(in.ids, row.ID)
		if !yield(row.Record) {
			return
		}
	}
	in.stages.at("reading", "records", len(in.ids), len(in.ids))
	if more := in.broken - told; more > 0 {
		in.stages.say("%s: and %d more broken lines", in.path, more)
	}
	if in.broken > 0 && !in.keepGoing {
		in.stages.end()
		in.stop(fmt.Errorf("%s: %d broken lines; -keep-going leaves them out", in.path, in.broken))
	}
}

// failed is why the reading ended early, else the given error.
func (in *input) failed(err error) error {
	if cause := context.Cause(in.ctx); cause != nil {
		return cause
	}
	return err
}

// about is how many records the file has, by how much of it has been read.
func (in *input) about() int {
	read, size := in.reader.Bytes()
	if read == 0 {
		return 0
	}
	return int(float64(len(in.ids)) * float64(size) / float64(read))
}
