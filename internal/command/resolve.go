package command

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"customer360/idgraph"
	"customer360/idgraph/match"
	"customer360/internal/server"
)

type resolve struct {
	file
	Out     string `help:"Write record_id,cluster_id here; - is the standard output." type:"path"`
	Data    string `help:"In place of -out: make the records the identity graph of the store in this folder, with its keys.json." type:"path"`
	Explain string `help:"Write one line of JSON per link here: why two records are one customer. It holds no value." type:"path"`
	Weights string `help:"What evidence is worth: a file that identity train has written; the shipped weights by default." type:"path"`
}

// Run resolves all records of a file with the engine that the server has.
func (c *resolve) Run(ctx context.Context, p *program) error {
	weights, err := server.ReadWeights(c.Weights)
	if err != nil {
		return usageError{err}
	}
	into := c.intoFiles
	switch {
	case c.Data != "" && (c.Out != "" || c.Explain != ""):
		return usageError{errors.New("-data writes a store; leave out -out and -explain")}
	case c.Data != "":
		into = c.intoStore
	case c.Out == "":
		return usageError{errors.New("-out is missing: where the clusters go; or -data, a store's folder")}
	}
	return c.reads(ctx, p, func(in *input) error { return into(ctx, p, in, weights) })
}

// intoFiles says which records are one customer each, and why.
func (c *resolve) intoFiles(_ context.Context, p *program, in *input, weights *match.Weights) error {
	outs := &outputs{standard: p.out, not: []string{c.Records, c.Mapping, c.Weights}}
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
	found, err := resolveAll(in, c.Region, weights)
	if err := in.failed(err); err != nil {
		return err
	}
	if err := writeClusters(clusters, in.ids, found); err != nil {
		return err
	}
	if explained != nil {
		if err := writeLinks(explained, in.ids, found); err != nil {
			return err
		}
	}
	if err := outs.commit(); err != nil {
		return err
	}
	summary(p.log, in, found)
	return nil
}

// writeClusters writes the customer of each record, in the file's order. A
// customer goes by the least record_id of its records.
func writeClusters(w io.Writer, ids []string, found *resolved) error {
	least := make([]string, len(found.Groups))
	for row, customer := range found.of {
		if least[customer] == "" || ids[row] < least[customer] {
			least[customer] = ids[row]
		}
	}
	out := csv.NewWriter(w)
	_ = out.Write([]string{"record_id", "cluster_id"})
	for row, customer := range found.of {
		_ = out.Write([]string{ids[row], least[customer]})
	}
	out.Flush()
	return out.Error()
}

// An explained is why two records are one customer.
type explained struct {
	A      string       `json:"a"`
	B      string       `json:"b"`
	Rule   idgraph.Rule `json:"rule"`
	Weight float64      `json:"weight"` // bits, the prior included
	Fields []field      `json:"fields"`
}

type field struct {
	Field string  `json:"field"`
	Level string  `json:"level"`
	Bits  float64 `json:"bits"`
}

// writeLinks writes why records are linked.
func writeLinks(w io.Writer, ids []string, found *resolved) error {
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	for l := range found.links {
		x := explained{A: ids[l.a], B: ids[l.b], Rule: l.Rule, Weight: l.Bits()}
		for _, v := range l.evidence() {
			x.Fields = append(x.Fields, field{v.Field, v.Level, v.Bits})
		}
		if err := enc.Encode(x); err != nil {
			return err
		}
	}
	return out.Flush()
}

// summary says what came of it.
func summary(w io.Writer, in *input, found *resolved) {
	links := 0
	for range found.links {
		links++
	}
	fmt.Fprintf(w, "%d records are %d customers, by %d links; %d pairs compared\n", len(in.ids), len(found.Groups), links, found.Compared)
	for _, line := range []struct {
		n    int
		text string
	}{
		{len(found.Frozen), "customers have more identifiers than one person: no further records join them"},
		{found.Empty, "records have no usable field: each is a customer of its own"},
		{in.reader.UndatedBirths, "birth dates are no days, or in a format that the mapping would have to name: left out"},
		{in.broken, "broken lines were left out"},
	} {
		if line.n > 0 {
			fmt.Fprintf(w, "%d %s\n", line.n, line.text)
		}
	}
	type limited struct {
		kind  string
		limit int
	}
	skipped := map[limited][]int{}
	for _, b := range found.Skipped {
		of := limited{cmp.Or(b.Kind, "combinations of fields"), match.CapOf(idgraph.IdentifierType(b.Kind), b.Key)}
		skipped[of] = append(skipped[of], b.Records)
	}
	for _, of := range slices.SortedFunc(maps.Keys(skipped), func(x, y limited) int {
		return cmp.Or(cmp.Compare(x.kind, y.kind), y.limit-x.limit)
	}) {
		fmt.Fprintf(w, "%d blocks (%s) were skipped: they have more than %d records, the largest %d\n",
			len(skipped[of]), of.kind, of.limit, slices.Max(skipped[of]))
	}
}
