package door

import (
	"context"
	"fmt"
	"strconv"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/match"
)

// A LookupBy is exactly one identifier.
type LookupBy struct {
	Email     *string
	Phone     *string
	LoyaltyID *string
	Record    *SourceRecordInput
}

// A SourceRecordInput names a record of a source.
type SourceRecordInput struct {
	Source string
	ID     string
}

// Node is anything with a sealed id.
type Node interface{ IsNode() }

// Lookup answers the one customer that an identifier belongs to. Who may not
// look up is answered nil, whatever the value, and nothing is read or called.
func (op *Operation) Lookup(ctx context.Context, by LookupBy) (*Customer, error) {
	ids, err := op.lookup(ctx, by)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	found, err := op.Customers(ctx, ids)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

func (op *Operation) lookup(ctx context.Context, by LookupBy) ([]idgraph.CustomerID, error) {
	id, err := op.door.identifier(by)
	if err != nil {
		return nil, err
	}
	what := "record"
	if id.Type != "" {
		what = string(id.Type)
	}
	if !op.mayLookUp(what) {
		return nil, nil
	}
	if op.door.MayLookUp != nil && !op.door.MayLookUp(op.caller.Name) {
		return nil, fmt.Errorf("too many look-ups; wait a minute: %w", ErrRateLimited)
	}
	op.mu.Lock()
	op.lookups++
	op.mu.Unlock()
	if id.Type == "" {
		ref := idgraph.Ref{Source: idgraph.Source(by.Record.Source), ID: by.Record.ID}
		found, err := op.door.Graph.ByRef(ctx, ref)
		if err != nil || found == 0 {
			return nil, err
		}
		return op.surely(ctx, []idgraph.CustomerID{found}, func() ([]idgraph.Ref, error) { return []idgraph.Ref{ref}, nil })
	}
	ids, err := op.holders(ctx, id)
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 && op.door.Finder != nil {
		op.Nobody(ctx) // asking the sources takes its time
		if err := op.door.Finder.Discover(op.ctx, id); err != nil {
			op.door.Log.WarnContext(ctx, "a look-up that missed could not ask every source", "error", err)
		}
		if ids, err = op.holders(ctx, id); err != nil {
			return nil, err
		}
	}
	if len(ids) > 1 {
		return nil, fmt.Errorf("several customers share this %s; look one up by another identifier: %w", id.Type, ErrConflict)
	}
	return ids, nil
}

// maxHolders is the most customers of an identifier that are looked at: one
// that more share is nobody's.
const maxHolders = 20

// holders are the customers who surely hold an identifier.
func (op *Operation) holders(ctx context.Context, id idgraph.Identifier) ([]idgraph.CustomerID, error) {
	ids, err := op.door.Graph.ByIdentifier(ctx, id)
	if err != nil || len(ids) > maxHolders {
		return ids, err
	}
	return op.surely(ctx, ids, func() ([]idgraph.Ref, error) { return op.door.Graph.HeldBy(ctx, id) })
}

// mayLookUp says whether the caller may look customers up by an identifier of
// a type, or by record, for the purpose declared.
func (op *Operation) mayLookUp(by string) bool {
	return op.door.Policy.May(op.caller, "lookup:"+by) && op.door.Policy.Holds(op.caller, op.purpose)
}

// identifier reads the argument; the zero Identifier stands for a record.
func (d *Door) identifier(by LookupBy) (idgraph.Identifier, error) {
	given, argument := idgraph.Identifier{}, ""
	n := 0
	for _, try := range []struct {
		value *string
		typ   idgraph.IdentifierType
		name  string
	}{{by.Email, idgraph.Email, "email"}, {by.Phone, idgraph.Phone, "phone"}, {by.LoyaltyID, idgraph.LoyaltyID, "loyaltyId"}} {
		if try.value != nil {
			given, argument = idgraph.Identifier{Type: try.typ, Value: *try.value}, "by."+try.name
			n++
		}
	}
	if by.Record != nil {
		n++
	}
	switch {
	case n != 1:
		return given, &InputError{"by", "takes exactly one of email, phone, loyaltyId and record"}
	case by.Record != nil && d.sources[idgraph.Source(by.Record.Source)] == nil:
		return given, &InputError{"by.record.source", "is no configured source; the query `sources { name }` lists them"}
	case by.Record != nil:
		return idgraph.Identifier{}, nil
	}
	id, ok := match.Normalise(given, d.Region)
	if !ok {
		return given, &InputError{argument, "cannot be read as " + map[idgraph.IdentifierType]string{
			idgraph.Email: "an e-mail address", idgraph.Phone: "a phone number", idgraph.LoyaltyID: "a loyalty number",
		}[given.Type]}
	}
	return id, nil
}

// CustomerID opens a sealed customer id; ok is false for anything malformed,
// foreign or forged.
func (d *Door) CustomerID(sealed string) (idgraph.CustomerID, bool) {
	parts, err := d.Seal.Unseal("node", sealed)
	if err != nil || len(parts) != 2 || parts[0] != "Customer" {
		return 0, false
	}
	n, err := strconv.ParseInt(parts[1], 10, 64)
	return idgraph.CustomerID(n), err == nil
}

// Nodes answers whatever sealed ids name, nil where they name nothing. A row is
// found among its sealed owner's rows alone.
func (op *Operation) Nodes(ctx context.Context, sealedIDs []string, argument string) ([]Node, error) {
	wants, rows := make([]want, len(sealedIDs)), make([]connectors.Record, len(sealedIDs))
	for i, id := range sealedIDs {
		parts, err := op.door.Seal.Unseal("node", id)
		switch {
		case err == nil && len(parts) == 2 && parts[0] == "Customer":
			if n, ok := op.door.CustomerID(id); ok {
				wants[i] = want{id: n}
				continue
			}
		case err == nil && len(parts) == 4:
			if kind := kindOf(parts[0]); kind != "" {
				rows[i] = connectors.NewRecord(idgraph.Ref{Source: idgraph.Source(parts[1]), ID: parts[2]}, parts[3])
				owner, err := op.door.Graph.ByRef(ctx, rows[i].Owner)
				if err != nil {
					return nil, err
				}
				wants[i] = want{id: owner, row: kind}
				continue
			}
		}
		return nil, &InputError{argument, "is not an id that this API gave"}
	}
	handles, err := op.load(&arrival{root: rootOf(ctx), want: wants, rows: rows})
	if err != nil {
		return nil, err
	}
	out := make([]Node, len(handles))
	for i, c := range handles {
		switch {
		case c == nil:
		case wants[i].row == "":
			out[i] = c
		default:
			if out[i], err = c.row(ctx, wants[i].row, rows[i]); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// row finds one of the customer's rows.
func (c *Customer) row(ctx context.Context, kind connectors.Kind, id connectors.Record) (Node, error) {
	switch kind {
	case connectors.KindDeal:
		return pick[connectors.Deal](ctx, c.subject, kind, id)
	case connectors.KindInvoice:
		return pick[connectors.Invoice](ctx, c.subject, kind, id)
	case connectors.KindPayment:
		return pick[connectors.Payment](ctx, c.subject, kind, id)
	case connectors.KindOrder:
		return pick[connectors.Order](ctx, c.subject, kind, id)
	}
	return pick[connectors.Ticket](ctx, c.subject, kind, id)
}

func pick[T interface {
	connectors.Row
	Node
}](ctx context.Context, s *subject, kind connectors.Kind, id connectors.Record) (Node, error) {
	if !s.shows(rowType(kind), "") {
		return nil, nil
	}
	g, err := gather[T](ctx, s, kind, 0)
	if err != nil {
		return nil, err
	}
	for _, row := range g.rows {
		if row.Key() == id {
			s.sealRow(kind, record(&row))
			return row, nil
		}
	}
	return nil, nil
}

func kindOf(typeName string) connectors.Kind {
	for _, kind := range timelineKinds {
		if rowType(kind) == typeName {
			return kind
		}
	}
	return ""
}
