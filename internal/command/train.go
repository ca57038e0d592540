package command

import (
	"context"
	"fmt"

	"customer360/idgraph/match"
)

type train struct {
	file
	Out string `help:"Write the weights here; - is the standard output." required:"" type:"path"`
}

// Run learns weights from all records of a file.
func (c *train) Run(ctx context.Context, p *program) error {
	return c.reads(ctx, p, func(in *input) error {
		outs := &outputs{standard: p.out, not: []string{c.Records, c.Mapping}}
		defer outs.abandon()
		out, err := outs.begin(c.Out)
		if err != nil {
			return usageError{fmt.Errorf("-out: %w", err)}
		}
		learnt, err := match.Train(in.ctx, in.records, match.Options{Region: c.Region, Progress: in.stages.engine("pairs")})
		in.stages.end()
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
		return nil
	})
}
