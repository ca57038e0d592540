package prove

import (
	"context"
	"fmt"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/sqlstore"
	"customer360/internal/keys"
)

// systems are the sources of both worlds. Between them they answer every record
// kind, most kinds twice.
var systems = []struct {
	name    idgraph.Source
	role    connectors.Role
	keys    int  // refs per call, 0 for many
	windows bool // whether it can be asked for parts of its lists
	kinds   []connectors.Kind
}{
	{"crm", connectors.CRM, 0, false, []connectors.Kind{connectors.KindProfile, connectors.KindDeal}},
	{"erp", connectors.ERP, 0, true, []connectors.Kind{connectors.KindProfile, connectors.KindInvoice, connectors.KindPayment, connectors.KindOrder, connectors.KindBalance}},
	{"shop", connectors.Commerce, 3, true, []connectors.Kind{connectors.KindProfile, connectors.KindOrder}},
	{"desk", connectors.Helpdesk, 0, true, []connectors.Kind{connectors.KindProfile, connectors.KindTicket, connectors.KindMessage}},
	{"books", connectors.Warehouse, 0, false, []connectors.Kind{connectors.KindProfile, connectors.KindDeal, connectors.KindInvoice, connectors.KindTicket, connectors.KindMessage, connectors.KindBalance}},
}

const persons = 16

// people is who is who, in both worlds the same: a real store, read once in.
type people struct {
	*sqlstore.DB
	customers []idgraph.Customer // in id order
	merged    idgraph.CustomerID // an id that answers the first of them
	known     []idgraph.Identifier
}

// openPeople makes a store in a folder and teaches it who is who.
func openPeople(ctx context.Context, dir string, ring *keys.Ring) (*people, error) {
	db, err := sqlstore.Open(ctx, dir, ring, sqlstore.Options{Region: "DE"})
	if err != nil {
		return nil, err
	}
	p := &people{DB: db}
	for s, system := range systems {
		b := idgraph.Batch{Source: system.name, Cursor: "end", Full: true, Began: now.Add(-time.Minute)}
		for n := range persons {
			if !has(n, s) {
				continue
			}
			b.Records = append(b.Records, p.record(n, idgraph.Ref{Source: system.name, ID: fmt.Sprint(100 + n)}))
		}
		if _, err := db.Learn(ctx, b); err != nil {
			return nil, fmt.Errorf("learn %s: %w", system.name, err)
		}
	}
	if err := p.merge(ctx); err != nil {
		return nil, err
	}
	if err := db.SyncFailed(ctx, "books", "SOURCE_TIMEOUT"); err != nil {
		return nil, err
	}
	if err := db.Swept(ctx, "desk", idgraph.Sweep{At: now.Add(-time.Hour), Gone: 2, Missed: 30, MissedAre: "x", Error: "SOURCE_BAD_DATA"}); err != nil {
		return nil, err
	}
	if p.customers, err = p.Page(ctx, 0, 100); err != nil {
		return nil, err
	}
	if len(p.customers) != persons {
		return nil, fmt.Errorf("%d customers out of %d persons", len(p.customers), persons)
	}
	return p, nil
}

// merge has one more record taken for somebody new, until it says who it is.
func (p *people) merge(ctx context.Context) error {
	ref := idgraph.Ref{Source: "desk", ID: "900"}
	r := p.record(0, ref)
	known := r.Identifiers
	r.Identifiers = []idgraph.Identifier{{Type: idgraph.LoyaltyID, Value: "L-900"}}
	if _, err := p.Learn(ctx, idgraph.Batch{Source: ref.Source, Records: []idgraph.Record{r}, Cursor: "end", Full: true}); err != nil {
		return err
	}
	var err error
	if p.merged, err = p.ByRef(ctx, ref); err != nil {
		return err
	}
	r.Identifiers = known
	_, err = p.Learn(ctx, idgraph.Batch{Source: ref.Source, Records: []idgraph.Record{r}, Cursor: "end", Full: true})
	return err
}

// has says which person is in which system: the first is in all, others in some.
func has(person, system int) bool {
	return (person+system)%4 != 3 && person%5 != 4 || person%5 == system
}

// record is what a system tells of who a person is. Persons 2 and 3 share a
// telephone, and are not the same.
func (p *people) record(n int, ref idgraph.Ref) idgraph.Record {
	given := []string{"Ada", "Bruno", "Clara", "David", "Emma", "Felix", "Greta", "Hugo", "Ines", "Jonas", "Karla", "Leo", "Mara", "Nils", "Olga", "Paul"}[n]
	line := n
	if n == 3 {
		line = 2
	}
	ids := []idgraph.Identifier{
		{Type: idgraph.LoyaltyID, Value: fmt.Sprint("L-", 1000+n)},
		{Type: idgraph.Email, Value: fmt.Sprintf("p%d@example.com", n)},
		{Type: idgraph.Phone, Value: fmt.Sprint("+4930123450", 10+line)},
	}
	p.known = append(p.known, ids...)
	return idgraph.Record{Ref: ref, LookupKey: fmt.Sprint("login", n), Identifiers: ids, GivenName: given, FamilyName: "Muster" + string(rune('a'+n))}
}
