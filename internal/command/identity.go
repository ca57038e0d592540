package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"customer360/connectors/ingest"
	"customer360/console"
	"customer360/idgraph"
	"customer360/idgraph/sqlstore"
	"customer360/internal/server"
)

type identityTree struct {
	Resolve resolve  `cmd:"" help:"Say which records of a CSV file are one customer each."`
	Train   train    `cmd:"" help:"Learn from the records of a CSV file what evidence is worth, and write it as a file of weights."`
	Stats   stats    `cmd:"" help:"Count what the identity graph holds."`
	Verify  verify   `cmd:"" help:"Hold the identity graph against everything that the store promises of it; exit 1 where it does not hold."`
	Rekey   rekey    `cmd:"" help:"Move the store to a new key, while gateways of a PostgreSQL go on; run again, it goes on where it was stopped."`
	Sync    syncOnce `cmd:"" help:"Read every source up to now, and end."`
	Rebuild rebuild  `cmd:"" help:"Resolve all records that the store holds anew, by how rare names and cities are among them now."`
}

type stats struct{ storeAt }

// Run prints the counts.
func (c *stats) Run(ctx context.Context, p *program) error {
	db, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	s, err := db.Stats(ctx)
	if err != nil {
		return err
	}
	printStats(p.out, s)
	return nil
}

func printStats(w io.Writer, s sqlstore.Stats) {
	row := func(name string, n int) { fmt.Fprintf(w, "%-34s %9d\n", name, n) }
	row("records", s.Records)
	for _, name := range slices.Sorted(maps.Keys(s.Sources)) {
		row("  of "+string(name), s.Sources[name].Records)
	}
	row("customers", s.Customers)
	sizes := map[string]int{}
	var names []string
	for _, n := range slices.Sorted(maps.Keys(s.Sizes)) {
		name := sizeName(n)
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
		sizes[name] += s.Sizes[n]
	}
	for _, name := range names {
		row("  of "+name, sizes[name])
	}
	row("ids that now mean another customer", s.Merged)
	links := 0
	for _, n := range s.Links {
		links += n
	}
	row("links", links)
	for _, rule := range slices.SortedFunc(maps.Keys(s.Links), func(a, b idgraph.Rule) int { return b.Strength() - a.Strength() }) {
		row("  by "+string(rule), s.Links[rule])
	}
	row("questions about pairs", s.Pairs)
	row("customers over a limit", s.Frozen)
	row("identifiers of several people", s.Shared)
	skipped := 0
	for _, n := range s.Skipped {
		skipped += n
	}
	row("blocks where nobody is compared", skipped)
	for _, kind := range slices.Sorted(maps.Keys(s.Skipped)) {
		name := kind
		if name == "" {
			name = "combinations of fields"
		}
		row("  of "+name, s.Skipped[kind])
	}
}

// sizeName is how many records, roughly.
func sizeName(n int) string {
	switch {
	case n == 1:
		return "1 record"
	case n <= 5:
		return fmt.Sprintf("%d records", n)
	case n <= 10:
		return "6 to 10"
	case n <= 20:
		return "11 to 20"
	}
	return "more than 20"
}

type verify struct{ storeAt }

// Run prints what does not hold, by ids alone.
func (c *verify) Run(ctx context.Context, p *program) error {
	db, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	stages, counts, flaws := newStages(p.log), map[string]int{}, 0
	err = db.Verify(ctx, func(stage string, done, total int) { stages.at(stage, "", done, total) }, func(f sqlstore.Flaw) {
		flaws++
		if counts[f.Promise]++; counts[f.Promise] <= told {
			stages.clear()
			fmt.Fprintf(p.out, "%s: not so for %s\n", f.Promise, f.Where)
		}
	})
	stages.end()
	if err != nil {
		return err
	}
	for promise, n := range counts {
		if n > told {
			fmt.Fprintf(p.out, "%s: not so for %d more\n", promise, n-told)
		}
	}
	if flaws > 0 {
		return fmt.Errorf("the identity graph has %d flaws: identity rebuild makes links and customers anew out of its records; where that is not enough, remove the graph, and a gateway reads it anew from the sources", flaws)
	}
	fmt.Fprintln(p.out, "everything holds")
	return nil
}

type syncOnce struct {
	storeAt
	LogLevel string `help:"debug, info, warn or error." default:"warn" enum:"debug,info,warn,error" env:"C360_LOG_LEVEL"`
}

// Run reads what the sources have that the graph doesn't.
func (c *syncOnce) Run(ctx context.Context, p *program) error {
	if c.Config == "" {
		return usageError{errors.New("-config is missing: it names the sources")}
	}
	log, err := logger(p.log, c.LogLevel)
	if err != nil {
		return err
	}
	conf, ring, err := c.read()
	if err != nil {
		return err
	}
	begun := time.Now()
	g, err := server.Open(ctx, conf, server.Options{Keys: ring, Log: log, Progress: ingest.Bar(p.log), Session: console.Session{Endpoint: "/graphql"}})
	if err != nil {
		return mendable(err)
	}
	defer g.Close()
	g.Syncer.Once(ctx)
	if err := g.Syncer.RenewGraph(ctx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	states, err := g.Store.Sources(ctx)
	if err != nil {
		return err
	}
	failed, records := 0, 0
	for _, s := range conf.Sources {
		state := states[s.Name]
		records += state.Records
		if state.Error != "" || !state.Full {
			failed++
			fmt.Fprintf(p.log, "%s was not read to its end: %s\n", s.Name, state.Error)
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d sources were not read to their end", failed, len(conf.Sources))
	}
	fmt.Fprintf(p.log, "%d records of %d sources, %.1f s\n", records, len(conf.Sources), time.Since(begun).Seconds())
	return nil
}
