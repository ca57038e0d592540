package command

import (
	"context"
	"fmt"
	"time"

	"customer360/idgraph/match"
)

type train struct {
	Records   string `help:"The records: a CSV file, or one packed by gzip." required:"" type:"path"`
	Mapping   string `help:"YAML that says what columns are that are not named canonically (docs/identity.md)." type:"path"`
	Out       string `help:"Write the weights here; - is the standard output." required:"" type:"path"`
	KeepGoing bool   `help:"Leave broken lines out instead of failing at the end of the file."`
	Region    string `help:"Country (an ISO 3166 code) of phone numbers without one, where the record has no country either."`
}

// Run learns weights from all records of a file.
func (c *train) Run(ctx context.Context, p *program) error {
	var err error
	if c.Region, err = regionOf(c.Region); err != nil {
		return err
	}
	begun := time.Now()
	defer sparing()()
	stages := newStages(p.log)
	in, err := openInput(ctx, c.Records, c.Mapping, c.KeepGoing, stages)
	if err != nil {
		return usageError{err}
	}
	defer in.Close()
	outs := &outputs{standard: p.out, not: []string{c.Records, c.Mapping}}
	defer outs.abandon()
	out, err := outs.begin(c.Out)
	if err != nil {
		return usageError{fmt.Errorf("-out: %w", err)}
	}
	learnt, err := match.Train(in.ctx, in.records, match.Options{Region: c.Region, Progress: func(stage string, done, total int) {
		if stage != "read" { // the reader tells of it
			stages.at(stage, "pairs", done, total)
		}
	}})
	stages.end()
	if err := in.failed(err); err != nil {
		return err
	}
	if err := learnt.Write(out); err != nil {
		return err
	}
	if err := outs.commit(); err != nil {
		return err
	}
	fmt.Fprintf(p.log, "%s: learnt from %d records and %d pairs\n", learnt.Weights.Version, learnt.Records, learnt.Pairs)
	spent(p.log, begun)
	return nil
}
