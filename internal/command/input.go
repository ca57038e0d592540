package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"customer360/idgraph"
	"customer360/internal/server"
	"customer360/internal/table"
)

// A file says which records are read, and how.
type file struct {
	Records   string `help:"The records: a CSV file, or one packed by gzip." required:"" type:"path"`
	Mapping   string `help:"YAML that says what columns are that are not named canonically (docs/identity.md)." type:"path"`
	KeepGoing bool   `help:"Leave broken lines out instead of failing at the end of the file."`
	Region    string `help:"Country (an ISO 3166 code) of phone numbers without one, where the record has no country either."`
}

// reads opens the file, has work done with it, and tells what that took.
func (f *file) reads(ctx context.Context, p *program, work func(*input) error) error {
	begun := time.Now()
	defer sparing()()
	in, err := f.open(ctx, newStages(p.log))
	if err != nil {
		return usageError{err}
	}
	defer in.Close()
	if err := work(in); err != nil {
		return err
	}
	spent(p.log, begun)
	return nil
}

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

// open opens the file; its errors are the operator's to mend.
func (f *file) open(ctx context.Context, stages *stages) (*input, error) {
	var err error
	if f.Region, err = server.Region(f.Region); err != nil {
		return nil, fmt.Errorf("-region: %w", err)
	}
	m := &table.Mapping{}
	if f.Mapping != "" {
		if m, err = table.ReadMapping(f.Mapping); err != nil {
			return nil, err
		}
	}
	r, err := table.Open(f.Records, m)
	if err != nil {
		return nil, err
	}
	in := &input{path: f.Records, keepGoing: f.KeepGoing, reader: r, stages: stages}
	in.ctx, in.stop = context.WithCancelCause(ctx)
	return in, nil
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
