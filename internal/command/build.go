package command

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"customer360/idgraph"
	"customer360/idgraph/match"
	"customer360/idgraph/sqlstore"
	"customer360/internal/keys"
)

type rebuild struct{ storeAt }

// Run builds the graph anew out of the records that the store holds.
func (c *rebuild) Run(ctx context.Context, p *program) error {
	begun := time.Now()
	defer sparing()()
	db, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	stages := newStages(p.log)
	report, err := db.Rebuild(ctx, sqlstore.BuildOptions{Progress: func(stage string, done, total int) { stages.at(stage, "", done, total) }})
	stages.end()
	if err != nil {
		return err
	}
	built(p.log, report)
	spent(p.log, begun)
	return nil
}

// intoStore resolves a file into the store of a folder: the graph is that of
// the file's records, and of no others.
func (c *resolve) intoStore(ctx context.Context, p *program, in *input, weights *match.Weights) error {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return usageError{fmt.Errorf("-data: %w", err)}
	}
	ring, err := keys.OpenOrCreate(filepath.Join(c.Data, "keys.json"))
	if err != nil {
		return usageError{err}
	}
	db, err := sqlstore.Open(ctx, c.Data, ring, sqlstore.Options{Region: c.Region, Weights: weights, Rules: sqlstore.WithBuild})
	if err != nil {
		return mendable(err)
	}
	defer db.Close()
	report, err := db.Build(in.ctx, in.all, sqlstore.BuildOptions{Progress: in.stages.engine("")})
	in.stages.end()
	if err := in.failed(err); err != nil {
		return err
	}
	built(p.log, report)
	if in.broken > 0 {
		fmt.Fprintf(p.log, "%d broken lines were left out\n", in.broken)
	}
	return nil
}

// all yields the file's records, and at its end what is wrong with it.
func (in *input) all(yield func(idgraph.Record, error) bool) {
	for rec := range in.records {
		if !yield(rec, nil) {
			return
		}
	}
	err := context.Cause(in.ctx)
	if err == nil && len(in.ids) == 0 {
		err = fmt.Errorf("%s: there is no record in it; the store stays as it was", in.path)
	}
	if err != nil {
		yield(idgraph.Record{}, err)
	}
}

// built says what was built.
func built(w io.Writer, r sqlstore.BuildReport) {
	fmt.Fprintf(w, "%d records learnt, %d gone; %d customers minted, %d merged, %d split; %d edges, %d pairs compared; snapshot %d\n",
		r.Records, r.Gone, r.Customers, r.Merged, r.Split, r.Edges, r.Compared, r.Snapshot)
	if r.Empty > 0 {
		fmt.Fprintf(w, "%d records have no usable field: each is a customer of its own\n", r.Empty)
	}
	if n := len(r.Skipped); n > 0 {
		fmt.Fprintf(w, "%d blocks were skipped: the largest has %d records\n", n, r.Skipped[0].Records)
	}
}

// spent says what it took.
func spent(w io.Writer, begun time.Time) {
	fmt.Fprintf(w, "%.1f s", time.Since(begun).Seconds())
	if peak := peakMemory(); peak > 0 {
		fmt.Fprintf(w, ", peak memory %d MB", peak>>20)
	}
	fmt.Fprintln(w)
}
