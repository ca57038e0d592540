package door

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"customer360/idgraph"
	"customer360/idgraph/consent"
	"customer360/idgraph/policy"
)

// A CustomerFilter says which customers a list holds, by what is shown of them.
type CustomerFilter struct {
	Sources     *SourcesFilter
	KnownSince  *TimeRange
	LastChanged *TimeRange
}

// A SourcesFilter goes by the sources that hold records of a customer.
type SourcesFilter struct{ AllOf, AnyOf, NoneOf []string }

// A TimeRange is from a time on, and before another.
type TimeRange struct{ Since, Until *time.Time }

// A CustomerOrder is what a list of customers goes by.
type CustomerOrder struct {
	Field     CustomerOrderField
	Direction OrderDirection
}

// A CustomerOrderField is a field to order customers by.
type CustomerOrderField string

// An OrderDirection is rising or falling.
type OrderDirection string

// The fields and directions, as the schema says them.
const (
	OrderByID          CustomerOrderField = "ID"
	OrderByKnownSince  CustomerOrderField = "KNOWN_SINCE"
	OrderByLastChanged CustomerOrderField = "LAST_CHANGED"
	Ascending          OrderDirection     = "ASC"
	Descending         OrderDirection     = "DESC"
)

// maxScan is the most customers that are looked at for one page, where it takes
// looking at each to know what of it is shown.
const maxScan = 2000

// CustomersPage answers a page of customers. A cell that is withheld is null to
// filters, and stands last in orders, by the id.
func (op *Operation) CustomersPage(ctx context.Context, first int, after *string, filter *CustomerFilter, order CustomerOrder) (*CustomerConnection, error) {
	if err := CheckFirst(first); err != nil {
		return nil, err
	}
	l, err := op.roll(filter, order)
	if err != nil {
		return nil, err
	}
	if after != nil {
		if err := l.begin(*after); err != nil {
			return nil, err
		}
	}
	if err := l.read(first + 1); err != nil {
		return nil, err
	}
	l.more = l.cut || len(l.taken) > first
	l.taken = l.taken[:min(first, len(l.taken))]
	ids := make([]idgraph.CustomerID, len(l.taken))
	for i, m := range l.taken {
		ids[i] = m.ID
	}
	handles, err := op.Customers(ctx, ids)
	if err != nil {
		return nil, err
	}
	page := &CustomerConnection{Edges: []CustomerEdge{}, Truncated: l.cut, PageInfo: PageInfo{HasNextPage: l.more, HasPreviousPage: after != nil}}
	for i, c := range handles {
		if c != nil {
			page.Edges = append(page.Edges, CustomerEdge{Cursor: l.seal(l.taken[i]), Node: c})
		}
	}
	if n := len(page.Edges); n > 0 {
		page.PageInfo.StartCursor, page.PageInfo.EndCursor = &page.Edges[0].Cursor, &page.Edges[n-1].Cursor
	}
	if l.cut {
		end := l.seal(l.at)
		page.PageInfo.EndCursor = &end
	}
	return page, nil
}

// A mark is where a customer stands in a roll: among those whose key is shown,
// or behind them, where the id alone counts.
type mark struct {
	idgraph.Mark
	keyless bool
}

// A roll is one list of customers, on the way to a page.
type roll struct {
	op        *Operation
	selection idgraph.Selection
	key       *column // that the order goes by; nil for the id
	filter    CustomerFilter
	filtered  bool
	digest    string // of filter and order: a cursor is of one list

	at    mark // where the reading stands
	begun bool
	taken []mark
	seen  int  // customers looked at
	cut   bool // whether these were too many
	more  bool
}

// roll reads filter and order.
func (op *Operation) roll(filter *CustomerFilter, order CustomerOrder) (*roll, error) {
	l := &roll{op: op, filtered: filter != nil}
	if filter != nil {
		l.filter = *filter
	}
	l.selection.Descending = order.Direction == Descending
	switch order.Field {
	case OrderByKnownSince:
		l.selection.By, l.key = idgraph.BySince, op.door.columns.of("CustomerIdentity", "knownSince")
	case OrderByLastChanged:
		l.selection.By, l.key = idgraph.ByChanged, op.door.columns.of("CustomerIdentity", "lastChanged")
	}
	if f := l.filter.Sources; f != nil {
		var err error
		for _, list := range []struct {
			name string
			of   []string
			to   *[]idgraph.Source
		}{{"allOf", f.AllOf, &l.selection.AllOf}, {"anyOf", f.AnyOf, &l.selection.AnyOf}, {"noneOf", f.NoneOf, &l.selection.NoneOf}} {
			if *list.to, err = op.door.sourcesOf("filter.sources."+list.name, list.of); err != nil {
				return nil, err
			}
		}
	}
	for _, r := range []struct {
		name        string
		of          *TimeRange
		from, until *time.Time
	}{
		{"knownSince", l.filter.KnownSince, &l.selection.SinceFrom, &l.selection.SinceUntil},
		{"lastChanged", l.filter.LastChanged, &l.selection.ChangedFrom, &l.selection.ChangedUntil},
	} {
		if r.of == nil {
			continue
		}
		if err := checkRange("filter."+r.name+".", r.of.Since, r.of.Until); err != nil {
			return nil, err
		}
		if r.of.Since != nil {
			*r.from = r.of.Since.UTC()
		}
		if r.of.Until != nil {
			*r.until = r.of.Until.UTC()
		}
	}
	said, err := json.Marshal([]any{l.selection, l.filtered, order})
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(said)
	l.digest = base64.RawURLEncoding.EncodeToString(sum[:12])
	return l, nil
}

// sourcesOf are configured sources by their names.
func (d *Door) sourcesOf(argument string, names []string) ([]idgraph.Source, error) {
	if names == nil {
		return nil, nil
	}
	out := make([]idgraph.Source, 0, len(names))
	for _, name := range names {
		source := idgraph.Source(name)
		if d.sources[source] == nil {
			return nil, &InputError{argument, "names no configured source; the query `sources { name }` lists them"}
		}
		if !slices.Contains(out, source) {
			out = append(out, source)
		}
	}
	return out, nil
}

// begin goes on behind a cursor of this very list.
func (l *roll) begin(cursor string) error {
	bad := &InputError{"after", "is not a cursor of this list; use one that a page of it gave, under the same filter and order"}
	parts, err := l.op.door.Seal.Unseal("cursor", cursor)
	if err != nil || len(parts) != 5 || parts[0] != "customers" || parts[1] != l.digest {
		return bad
	}
	nanos, err := strconv.ParseInt(parts[3], 10, 64)
	if err != nil {
		return bad
	}
	id, err := strconv.ParseInt(parts[4], 10, 64)
	if err != nil {
		return bad
	}
	l.begun, l.at = true, mark{idgraph.Mark{ID: idgraph.CustomerID(id)}, parts[2] == "keyless"}
	if nanos != noTime {
		l.at.Key = time.Unix(0, nanos).UTC()
	}
	return nil
}

func (l *roll) seal(m mark) string {
	how := "keyed"
	if m.keyless {
		how = "keyless"
	}
	return l.op.door.Seal.Seal("cursor", "customers", l.digest, how, strconv.FormatInt(unix(m.Key), 10), strconv.FormatInt(int64(m.ID), 10))
}

// read takes so many customers: those whose key is shown in its order, then
// those whose key is withheld, in id order.
func (l *roll) read(want int) error {
	if l.filtered || l.key != nil {
		if _, err := l.op.door.Ledger.Revision(l.op.ctx); err != nil {
			l.op.door.Log.ErrorContext(l.op.ctx, "the consent ledger cannot be read", "error", err)
		}
	}
	if l.filtered && !l.mayMatch() {
		return nil // what is withheld of everybody matches nothing
	}
	keyed := l.key == nil || l.op.couldShow(l.key)
	if !keyed && !l.at.keyless {
		l.at, l.begun = mark{keyless: true}, l.begun && l.at.keyless
	}
	if !l.at.keyless {
		if err := l.scan(want); err != nil || l.key == nil || l.cut || len(l.taken) == want {
			return err
		}
		l.at, l.begun = mark{keyless: true}, false
	}
	return l.scan(want)
}

// scan goes along one order until enough are taken, all are seen, or too many were.
func (l *roll) scan(want int) error {
	s := l.selection
	if l.at.keyless {
		s.By, s.Descending = idgraph.ByID, false
	}
	for size := want; ; size = min(2*size, 500) {
		if l.begun {
			behind := l.at.Mark
			s.After = &behind
		}
		found, err := l.op.door.Graph.List(l.op.ctx, s, size)
		if err != nil {
			return err
		}
		shown, err := l.subjects(found)
		if err != nil {
			return err
		}
		for i, c := range found {
			l.at.Mark, l.begun = s.By.Mark(c), true
			if l.seen++; l.takes(shown, i) {
				l.taken = append(l.taken, l.at)
			}
			if len(l.taken) == want {
				return nil
			}
			if l.seen >= maxScan && shown != nil {
				l.cut = true
				return nil
			}
		}
		if len(found) < size {
			return nil
		}
	}
}

// subjects decides what is shown of customers; nil where nothing hangs on it.
func (l *roll) subjects(found []idgraph.Customer) ([]*subject, error) {
	if !l.filtered && l.key == nil {
		return nil, nil
	}
	out := make([]*subject, len(found))
	for i, c := range found {
		out[i] = &subject{op: l.op, customer: c, doubtful: doubtful(c)}
	}
	_ = l.op.judge(out) // what cannot be read of the ledger withholds; read has logged it
	return out, nil
}

// takes says whether a customer stands in the list, here.
func (l *roll) takes(shown []*subject, i int) bool {
	if shown == nil {
		return true
	}
	s := shown[i]
	if l.key != nil && s.showsIdentity(l.key) == l.at.keyless {
		return false
	}
	return !l.filtered || l.matches(s)
}

// matches holds a customer against the filter, as far as it is shown.
func (l *roll) matches(s *subject) bool {
	of := func(name string) *column { return l.op.door.columns.of("CustomerIdentity", name) }
	if l.filter.KnownSince != nil && !(s.showsIdentity(of("knownSince")) && covers(l.selection.SinceFrom, l.selection.SinceUntil, s.customer.Since)) {
		return false
	}
	if l.filter.LastChanged != nil && !(s.showsIdentity(of("lastChanged")) && covers(l.selection.ChangedFrom, l.selection.ChangedUntil, s.customer.Changed)) {
		return false
	}
	if l.filter.Sources == nil {
		return true
	}
	if !s.showsIdentity(of("records")) {
		return false
	}
	has := func(source idgraph.Source) bool {
		return slices.ContainsFunc(s.customer.Refs, func(ref idgraph.Ref) bool { return ref.Source == source && s.showsRecord(ref) })
	}
	hasNot := func(source idgraph.Source) bool { return !has(source) }
	return !slices.ContainsFunc(l.selection.AllOf, hasNot) && !slices.ContainsFunc(l.selection.NoneOf, has) &&
		(l.selection.AnyOf == nil || slices.ContainsFunc(l.selection.AnyOf, has))
}

func covers(from, until, at time.Time) bool {
	return stretch{since: from, until: until}.covers(&at)
}

// showsIdentity says whether a leaf of Customer.identity is shown.
func (s *subject) showsIdentity(c *column) bool {
	return s.shows("Customer", "identity") && s.outcome(c) == policy.Shown
}

// mayMatch says whether there can be a customer of whom the filter's cells are shown.
func (l *roll) mayMatch() bool {
	for name, asked := range map[string]bool{
		"records": l.filter.Sources != nil, "knownSince": l.filter.KnownSince != nil, "lastChanged": l.filter.LastChanged != nil,
	} {
		if asked && !l.op.couldShow(l.op.door.columns.of("CustomerIdentity", name)) {
			return false
		}
	}
	return true
}

// couldShow says whether a leaf of Customer.identity is shown of a customer who
// allows all that can be allowed: if not, it is of none.
func (op *Operation) couldShow(c *column) bool {
	all := make([]consent.Event, len(policy.Purposes))
	for i, p := range policy.Purposes {
		all[i] = consent.Event{Purpose: p, State: consent.Granted, At: op.begun, Notice: "any"}
	}
	s := &subject{op: op, standing: policy.Subject{Known: true, Standing: consent.Fold(all, op.begun, nil)}}
	s.decide(policy.Verified)
	return s.showsIdentity(c)
}
