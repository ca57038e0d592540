package door

import (
	"slices"

	"customer360/idgraph"
)

// holding knows the customers of records, each of which must be one's whose
// identity is shown. fields are the names of the records in the input.
func (op *Operation) holding(r *ruling, refs []idgraph.Ref, fields ...[]string) error {
	if err := op.names(len(refs)); err != nil {
		return err
	}
	owners, err := op.door.Graph.ByRefs(op.ctx, refs)
	if err != nil {
		return err
	}
	var ids []idgraph.CustomerID
	for _, ref := range refs {
		if id := owners[ref]; id != 0 && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	of, err := op.bystanders(ids)
	if err != nil {
		return err
	}
	for i, ref := range refs {
		s := of[owners[ref]]
		if s == nil || !s.shows("SourceRecord", "id") {
			return wrong(NotFound, "there is no such record that you may see", fields[i]...)
		}
		if !slices.Contains(r.about, s) {
			r.about = append(r.about, s)
		}
	}
	return nil
}

// named knows the customers of sealed ids, in their order.
func (op *Operation) named(r *ruling, sealed []string, fields ...[]string) ([]*subject, error) {
	ids := make([]idgraph.CustomerID, len(sealed))
	for i, s := range sealed {
		id, ok := op.door.CustomerID(s)
		if !ok {
			return nil, wrong(BadInput, "is not a customer's id that this API gave", fields[i]...)
		}
		ids[i] = id
	}
	of, err := op.bystanders(ids)
	if err != nil {
		return nil, err
	}
	out := make([]*subject, len(ids))
	for i, id := range ids {
		s := of[id]
		if s == nil || !s.shows("SourceRecord", "id") {
			return nil, wrong(NotFound, "there is no such customer that you may see", fields[i]...)
		}
		if out[i] = s; !slices.Contains(r.about, s) {
			r.about = append(r.about, s)
		}
	}
	return out, nil
}
