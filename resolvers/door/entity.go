package door

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"customer360/idgraph"
)

// An Entity is what a router of a supergraph may name by its key.
type Entity interface{ IsEntity() }

// IsEntity says that customers are named by their sealed id.
func (*Customer) IsEntity() {}

// IsEntity says that records are named by source and id.
func (*SourceRecord) IsEntity() {}

// Entities answers what representations name, in their order, all of them with
// one batch. A sealed id that does not open names nobody, and is nil without
// an error. What is no representation is nil, with an error that tells what one is.
//
// A record is answered with the key that it was named by, whether or not there
// is such a record. Its customer is a look-up: who may not look up by record is
// told none, as for an unknown record, and nothing is read.
func (op *Operation) Entities(ctx context.Context, representations []any) ([]Entity, error) {
	out, wants := make([]Entity, len(representations)), make([]want, len(representations))
	records := map[idgraph.Ref][]int{} // the places of each
	for i, given := range representations {
		id, ref, err := op.door.named(given)
		switch {
		case err != nil:
			graphql.AddError(graphql.WithPathContext(ctx, graphql.NewPathWithIndex(i)), err)
		case ref.Source != "":
			out[i] = &SourceRecord{Source: ref.Source, ID: &ref.ID}
			records[ref] = append(records[ref], i)
		default:
			wants[i].id = id
		}
	}
	if err := op.owners(ctx, records, wants); err != nil {
		return nil, err
	}
	handles, err := op.load(&arrival{root: rootOf(ctx), want: wants})
	if err != nil {
		return nil, err
	}
	for i, c := range handles {
		switch r, _ := out[i].(*SourceRecord); {
		case r != nil:
			r.owner = c
		case c != nil:
			out[i] = c
		}
	}
	return out, nil
}

// owners wants the customers of records, where they are asked for and the
// caller may know. It reads all of them at once.
func (op *Operation) owners(ctx context.Context, records map[idgraph.Ref][]int, wants []want) error {
	if dm := op.of(rootOf(ctx)); len(records) == 0 || dm == nil || !dm.owners || !op.mayLookUp("record") {
		return nil
	}
	if op.door.MayName != nil && !op.door.MayName(op.caller.Name, len(records)) {
		graphql.AddError(ctx, fmt.Errorf("too many records to look up; wait a minute: %w", ErrRateLimited))
		return nil
	}
	op.mu.Lock()
	op.lookups += len(records)
	op.mu.Unlock()
	refs := make([]idgraph.Ref, 0, len(records))
	for ref := range records {
		refs = append(refs, ref)
	}
	slices.SortFunc(refs, func(a, b idgraph.Ref) int { return strings.Compare(a.String(), b.String()) })
	found, err := op.door.Graph.ByRefs(ctx, refs)
	if err != nil {
		return err
	}
	var ids []idgraph.CustomerID
	for _, id := range found {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	known, err := op.door.Graph.Customers(ctx, ids)
	if err != nil {
		return err
	}
	for ref, places := range records {
		if slices.Contains(doubtful(known[found[ref]]), ref) {
			continue // whose it is is not told over a probable link
		}
		for _, i := range places {
			wants[i].id = found[ref]
		}
	}
	return nil
}

// named reads one representation: a customer's id, 0 where it names nobody, or
// a record. Fields besides the key are left alone.
func (d *Door) named(representation any) (idgraph.CustomerID, idgraph.Ref, error) {
	const argument = "representations"
	r, ok := representation.(map[string]any)
	if !ok {
		return 0, idgraph.Ref{}, &InputError{argument, "each is an object of __typename and the fields of a key"}
	}
	switch r["__typename"] {
	case "Customer":
		sealed, ok := r["id"].(string)
		if !ok {
			return 0, idgraph.Ref{}, &InputError{argument, "a Customer is named by its `id`, as this API gave it"}
		}
		id, _ := d.CustomerID(sealed)
		return id, idgraph.Ref{}, nil
	case "SourceRecord":
		source, ok := r["source"].(string)
		id, okID := recordID(r["id"])
		switch {
		case !ok || !okID:
			return 0, idgraph.Ref{}, &InputError{argument, "a SourceRecord is named by its `source` and its `id` there"}
		case d.sources[idgraph.Source(source)] == nil:
			return 0, idgraph.Ref{}, &InputError{argument, "the `source` of a SourceRecord is no configured one; the query `sources { name }` lists them"}
		}
		return 0, idgraph.Ref{Source: idgraph.Source(source), ID: id}, nil
	}
	return 0, idgraph.Ref{}, &InputError{argument, "the `__typename` is Customer or SourceRecord"}
}

// recordID reads an ID: a text, or a whole number.
func recordID(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, v != "" && !strings.ContainsRune(v, 0)
	case json.Number:
		_, err := strconv.ParseInt(v.String(), 10, 64)
		return v.String(), err == nil
	case int64:
		return strconv.FormatInt(v, 10), true
	}
	return "", false
}
