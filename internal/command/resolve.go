package command

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"customer360/idgraph"
	"customer360/internal/table"
)

type resolve struct {
	Records   string `help:"The records: a CSV file, or one packed by gzip." required:"" type:"path"`
	Mapping   string `help:"YAML that says what columns are that are not named canonically (docs/identity.md)." type:"path"`
	Out       string `help:"Write record_id,cluster_id here; - is the standard output." required:"" type:"path"`
	Explain   string `help:"Write one line of JSON per link here: why two records are one customer. It holds no value." type:"path"`
	KeepGoing bool   `help:"Leave broken lines out instead of failing at the end of the file."`
	Region    string `help:"Country (an ISO 3166 code) of phone numbers without one, where the record has no country either."`
}

// Run resolves all records of a file with the engine that the server has.
func (c *resolve) Run(ctx context.Context, p *program) error {
	begun := time.Now()
	mapping := &table.Mapping{}
	if c.Mapping != "" {
		var err error
		if mapping, err = table.ReadMapping(c.Mapping); err != nil {
			return usageError{err}
		}
	}
	from, err := table.Open(c.Records, mapping)
	if err != nil {
		return usageError{err}
	}
	defer from.Close()
	outs := &outputs{standard: p.out}
	defer outs.abandon()
	clusters, err := outs.begin(c.Out)
	if err != nil {
		return usageError{fmt.Errorf("-out: %w", err)}
	}
	var explained io.Writer
	if c.Explain != "" {
		if explained, err = outs.begin(c.Explain); err != nil {
			return usageError{fmt.Errorf("-explain: %w", err)}
		}
	}
	stages := newStages(p.log)
	read, err := c.read(ctx, p, from, stages)
	if err != nil {
		return err
	}
	found, err := resolveAll(ctx, read.records, c.Region, stages)
	if err != nil {
		return err
	}
	if err := writeClusters(clusters, read.ids, found); err != nil {
		return err
	}
	if explained != nil {
		if err := writeLinks(explained, read.ids, found); err != nil {
			return err
		}
	}
	if err := outs.commit(); err != nil {
		return err
	}
	c.summary(p.log, read, found, time.Since(begun))
	return nil
}

// What was read of a file.
type readRecords struct {
	ids     []string // record_id, in the file's order
	records []idgraph.Record
	broken  int
	undated int
}

// told is how many broken lines are told one by one.
const told = 20

// read reads the whole file, and fails at its end where lines were broken that
// may not be left out.
func (c *resolve) read(ctx context.Context, p *program, from *table.Reader, stages *stages) (*readRecords, error) {
	out := &readRecords{}
	for n := 0; ; n++ {
		if n%4096 == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			total := about(len(out.ids), from)
			stages.at("reading", len(out.ids), total)
			if more := total + total/64 - len(out.ids); more > 0 {
				out.ids, out.records = slices.Grow(out.ids, more), slices.Grow(out.records, more)
			}
		}
		row, err := from.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if broken := (*table.BrokenLine)(nil); errors.As(err, &broken) {
			if out.broken++; out.broken <= told {
				stages.say("%s: %v", c.Records, broken)
			}
			continue
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Records, err)
		}
		out.ids = append(out.ids, row.ID)
		out.records = append(out.records, row.Record)
	}
	stages.at("reading", len(out.ids), len(out.ids))
	stages.end()
	out.undated = from.UndatedBirths
	if more := out.broken - told; more > 0 {
		fmt.Fprintf(p.log, "%s: and %d more broken lines\n", c.Records, more)
	}
	if out.broken > 0 && !c.KeepGoing {
		return nil, fmt.Errorf("%s: %d broken lines; -keep-going leaves them out", c.Records, out.broken)
	}
	return out, nil
}

// about is how many records a file has, by how much of it has been read.
func about(records int, from *table.Reader) int {
	read, size := from.Bytes()
	if read == 0 {
		return 0
	}
	return int(float64(records) * float64(size) / float64(read))
}

func (c *resolve) summary(w io.Writer, read *readRecords, found *resolved, took time.Duration) {
	fmt.Fprintf(w, "%d records are %d customers, by %d links\n", len(read.ids), found.customers, len(found.links))
	for _, line := range []struct {
		n    int
		text string
	}{
		{found.unusable, "records have no usable field: each is a customer of its own"},
		{read.undated, "birth dates are in no known format, and left out; name it in the mapping"},
		{read.broken, "broken lines were left out"},
	} {
		if line.n > 0 {
			fmt.Fprintf(w, "%d %s\n", line.n, line.text)
		}
	}
	fmt.Fprintf(w, "%.1f s", took.Seconds())
	if peak := peakMemory(); peak > 0 {
		fmt.Fprintf(w, ", peak memory %d MB", peak>>20)
	}
	fmt.Fprintln(w)
}

// writeClusters writes the customer of each record, in the file's order. A
// customer goes by the least record_id of its records.
func writeClusters(w io.Writer, ids []string, found *resolved) error {
	least := make([]string, found.customers)
	for i, customer := range found.of {
		if least[customer] == "" || ids[i] < least[customer] {
			least[customer] = ids[i]
		}
	}
	out := csv.NewWriter(w)
	_ = out.Write([]string{"record_id", "cluster_id"})
	for i, customer := range found.of {
		_ = out.Write([]string{ids[i], least[customer]})
	}
	out.Flush()
	return out.Error()
}

// writeLinks writes why records are linked.
func writeLinks(w io.Writer, ids []string, found *resolved) error {
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	for _, l := range found.links {
		err := enc.Encode(struct {
			A    string       `json:"a"`
			B    string       `json:"b"`
			Rule idgraph.Rule `json:"rule"`
		}{ids[l.a], ids[l.b], l.rule})
		if err != nil {
			return err
		}
	}
	return out.Flush()
}
