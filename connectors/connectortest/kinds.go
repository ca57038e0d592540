package connectortest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"customer360/connectors"
	"customer360/idgraph"
)

// Fields are the fields of each kind, by their names in a FieldSet.
var Fields = map[connectors.Kind][]string{
	connectors.KindProfile: {
		"name", "givenName", "familyName", "emails.address", "phones.number", "addresses.street", "addresses.city", "addresses.postcode",
		"addresses.region", "addresses.country", "birthDate", "language", "company", "updatedAt",
	},
	connectors.KindDeal:    {"number", "title", "stage", "amount", "openedAt"},
	connectors.KindInvoice: {"number", "status", "issuedAt", "total", "amountDue"},
	connectors.KindPayment: {"paidAt", "amount", "method", "invoiceNumber"},
	connectors.KindOrder:   {"number", "status", "placedAt", "total", "items.name", "items.sku", "items.quantity", "items.unitPrice"},
	connectors.KindTicket:  {"number", "subject", "status", "priority", "openedAt", "updatedAt"},
	connectors.KindMessage: {"author", "sentAt", "text"},
	connectors.KindBalance: {"balanceDue"},
}

// answers are rows of any kind.
type answers map[idgraph.Ref]connectors.Result[connectors.Row]

// A kind is one capability of the subject, with the rows that it must answer.
type kind struct {
	Subject
	kind connectors.Kind
	want map[idgraph.Ref][]connectors.Row
	// ask goes through the framework and its checks; call does not, and says
	// only what went wrong.
	ask  func(ctx context.Context, a *connectors.Asker, q connectors.Query) (answers, connectors.Tally)
	call func(ctx context.Context, c connectors.Connector, q connectors.Query) error
}

// kinds are the capabilities that the known data has rows for.
func (s Subject) kinds() []kind {
	return slices.DeleteFunc([]kind{
		of(s, connectors.KindProfile, s.Want.Profiles, func(c connectors.Connector) connectors.Capability[connectors.Profile] {
			return c.(connectors.ProfileLister).Profiles
		}),
		of(s, connectors.KindDeal, s.Want.Deals, func(c connectors.Connector) connectors.Capability[connectors.Deal] {
			return c.(connectors.DealLister).Deals
		}),
		of(s, connectors.KindInvoice, s.Want.Invoices, func(c connectors.Connector) connectors.Capability[connectors.Invoice] {
			return c.(connectors.InvoiceLister).Invoices
		}),
		of(s, connectors.KindPayment, s.Want.Payments, func(c connectors.Connector) connectors.Capability[connectors.Payment] {
			return c.(connectors.PaymentLister).Payments
		}),
		of(s, connectors.KindOrder, s.Want.Orders, func(c connectors.Connector) connectors.Capability[connectors.Order] {
			return c.(connectors.OrderLister).Orders
		}),
		of(s, connectors.KindTicket, s.Want.Tickets, func(c connectors.Connector) connectors.Capability[connectors.Ticket] {
			return c.(connectors.TicketLister).Tickets
		}),
		of(s, connectors.KindMessage, s.Want.Messages, func(c connectors.Connector) connectors.Capability[connectors.Message] {
			return c.(connectors.MessageLister).Messages
		}),
		of(s, connectors.KindBalance, s.Want.Balances, func(c connectors.Connector) connectors.Capability[connectors.Balance] {
			return c.(connectors.BalanceLister).Balances
		}),
	}, func(k kind) bool { return len(k.want) == 0 })
}

func of[T connectors.Row](s Subject, name connectors.Kind, want []T, call func(connectors.Connector) connectors.Capability[T]) kind {
	k := kind{Subject: s, kind: name, want: map[idgraph.Ref][]connectors.Row{}}
	for _, row := range want {
		k.want[row.Key().Owner] = append(k.want[row.Key().Owner], row)
	}
	k.ask = func(ctx context.Context, a *connectors.Asker, q connectors.Query) (answers, connectors.Tally) {
		got, tally := connectors.Ask(ctx, a, name, q, call(a.Connector))
		out := answers{}
		for ref, res := range got {
			some := connectors.Result[connectors.Row]{More: res.More, Err: res.Err}
			for _, row := range res.Rows {
				some.Rows = append(some.Rows, row)
			}
			out[ref] = some
		}
		return out, tally
	}
	k.call = func(ctx context.Context, c connectors.Connector, q connectors.Query) error {
		got, err := call(c)(ctx, q)
		for _, res := range got {
			err = cmp.Or(err, res.Err)
		}
		return err
	}
	return k
}

func (k kind) everything() connectors.Query {
	return connectors.Query{Refs: k.owners(), Keys: k.keys(), Fields: k.fields(), Limit: connectors.MaxRows}
}

// owners are whoever is asked for: everybody, or of messages every ticket, once.
func (k kind) owners() []idgraph.Ref {
	if k.kind != connectors.KindMessage {
		return k.persons()
	}
	var refs []idgraph.Ref
	for _, t := range k.Want.Tickets {
		if ref := k.ref(t.ID); !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
	}
	return refs
}

// keys are the look-up keys of all persons who have one.
func (k kind) keys() map[idgraph.Ref]string {
	keys := map[idgraph.Ref]string{}
	for _, p := range k.Want.Profiles {
		if p.LookupKey != "" {
			keys[p.Owner] = p.LookupKey
		}
	}
	return keys
}

// fields are all of the kind; a profile's identifiers and look-up key come with Changes alone.
func (k kind) fields() connectors.FieldSet { return connectors.Fields(Fields[k.kind]...) }

// expected is a row as it comes where these fields are asked for.
func (k kind) expected(row connectors.Row) connectors.Row {
	return toldByChangesAside(row)
}

func (k kind) answersWhole(t *testing.T) {
	o := k.open(t, k.Open, nil)
	got, tally := k.ask(t.Context(), o.asker, k.everything())
	if tally.Err != nil {
		t.Fatal(tally.Err)
	}
	k.same(t, got, k.want)
}

// same compares answers with the rows known, in their order.
func (k kind) same(t *testing.T, got answers, want map[idgraph.Ref][]connectors.Row) {
	t.Helper()
	for ref, rows := range want {
		res := got[ref]
		if res.Err != nil || res.More || len(res.Rows) != len(rows) {
			t.Errorf("%s: %d rows (more: %t, %v), want %d", ref, len(res.Rows), res.More, res.Err, len(rows))
			continue
		}
		for i := range rows {
			compare(t, toldByChangesAside(res.Rows[i]), k.expected(rows[i]))
		}
	}
	for ref, res := range got {
		if len(want[ref]) == 0 && len(res.Rows) > 0 {
			t.Errorf("%s: %d rows, want none", ref, len(res.Rows))
		}
	}
}

// toldByChangesAside leaves out what comes with Changes alone: a connector may
// answer more than was asked.
func toldByChangesAside(row connectors.Row) connectors.Row {
	if p, ok := row.(connectors.Profile); ok {
		p.Identifiers, p.LookupKey = nil, ""
		return p
	}
	return row
}

func (k kind) leavesOutTheUnknown(t *testing.T) {
	o := k.open(t, k.Open, nil)
	q := k.everything()
	q.Refs = q.Refs[:1:1]
	for _, id := range k.unknown() {
		q.Refs = append(q.Refs, k.ref(id))
	}
	got, tally := k.ask(t.Context(), o.asker, q)
	if tally.Err != nil {
		t.Fatal(tally.Err)
	}
	for _, id := range k.unknown() {
		if _, ok := got[k.ref(id)]; ok {
			t.Errorf("answers for %q, which it does not know", id)
		}
	}
	k.same(t, got, map[idgraph.Ref][]connectors.Row{q.Refs[0]: k.want[q.Refs[0]]})
}

func (k kind) batches(t *testing.T) {
	o := k.open(t, k.Open, nil)
	for _, order := range []connectors.Ordering{connectors.ByID, connectors.NewestFirst} {
		q := k.everything()
		q.Order = order
		whole, tally := k.ask(t.Context(), o.asker, q)
		if tally.Err != nil {
			t.Fatal(tally.Err)
		}
		for _, ref := range k.owners() {
			q.Refs = []idgraph.Ref{ref}
			one, tally := k.ask(t.Context(), o.asker, q)
			if tally.Err != nil {
				t.Fatal(tally.Err)
			}
			if got, want := render(one[ref].Rows), render(whole[ref].Rows); got != want {
				t.Errorf("%s: alone\n%s, among others\n%s", ref, got, want)
			}
		}
	}
}

func (k kind) limits(t *testing.T) {
	o := k.open(t, k.Open, nil)
	most := 0
	for _, rows := range k.want {
		most = max(most, len(rows))
	}
	if most < 2 && k.kind != connectors.KindProfile && k.kind != connectors.KindBalance {
		t.Fatal("the known data has nobody with two rows of this kind")
	}
	for limit := 1; limit <= most+1; limit++ {
		q := k.everything()
		q.Limit = limit
		got, tally := k.ask(t.Context(), o.asker, q)
		if tally.Err != nil {
			t.Fatal(tally.Err)
		}
		for ref, rows := range k.want {
			res := got[ref]
			if len(res.Rows) != min(limit, len(rows)) || res.More != (limit < len(rows)) {
				t.Errorf("%s: of %d rows %d within the limit of %d, more: %t", ref, len(rows), len(res.Rows), limit, res.More)
				continue
			}
			for i, row := range res.Rows {
				if row.Key().ID != rows[i].Key().ID {
					t.Errorf("%s: row %d is %s, want %s: rows come by id", ref, i, row.Key().ID, rows[i].Key().ID)
				}
			}
		}
	}
}

func (k kind) ordersByTime(t *testing.T) {
	o := k.open(t, k.Open, nil)
	for _, limit := range []int{1, connectors.MaxRows} {
		q := k.everything()
		q.Order, q.Limit = connectors.NewestFirst, limit
		got, tally := k.ask(t.Context(), o.asker, q)
		if tally.Err != nil {
			t.Fatal(tally.Err)
		}
		for ref, rows := range k.want {
			want := ids(newestFirst(rows))
			if got, want := ids(got[ref].Rows), want[:min(limit, len(want))]; !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", ref, got, want)
			}
		}
	}
}

// unknown are ids that name nobody, or of messages no ticket.
func (k kind) unknown() []string {
	return slices.DeleteFunc(slices.Clone(k.Unknown), func(id string) bool {
		return k.kind == connectors.KindMessage && slices.Contains(k.owners(), k.ref(id))
	})
}

// newestFirst is the order of connectors.NewestFirst: rows without a time last,
// equal times by id, which is how the rows stand.
func newestFirst(rows []connectors.Row) []connectors.Row {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b connectors.Row) int {
		switch s, t := a.Time(), b.Time(); {
		case s == nil && t == nil:
			return 0
		case s == nil:
			return 1
		case t == nil:
			return -1
		default:
			return t.Compare(*s)
		}
	})
	return rows
}

func ids(rows []connectors.Row) []string {
	var out []string
	for _, r := range rows {
		out = append(out, r.Key().ID)
	}
	return out
}

func (k kind) projects(t *testing.T) {
	o := k.open(t, k.Open, nil)
	for _, field := range Fields[k.kind] {
		o.announced()
		q := k.everything()
		q.Fields = connectors.Fields(field)
		got, tally := k.ask(t.Context(), o.asker, q)
		if tally.Err != nil {
			t.Fatal(tally.Err)
		}
		for ref, rows := range k.want {
			for i := range rows {
				if i >= len(got[ref].Rows) {
					t.Errorf("%s: a row is missing where %s alone is asked for", ref, field)
				} else if got, want := alone(got[ref].Rows[i], field), alone(rows[i], field); got != want {
					t.Errorf("%s: %s alone is %s, want %s", ref, field, got, want)
				}
			}
		}
		k.namesOnly(t, field, strings.Join(o.announced(), "\n"))
	}
}

// alone is one field of a row, written out. An address of which only the
// street is asked for need not be there where it has none.
func alone(row connectors.Row, field string) string {
	text := render(fieldOf(row, field))
	if strings.HasPrefix(field, "addresses.") {
		return strings.Trim(text, "[] ")
	}
	return text
}

// namesOnly holds the calls for one field against the words for all.
func (k kind) namesOnly(t *testing.T, field, calls string) {
	t.Helper()
	names := k.Names[k.kind]
	if word := names[field]; word != "" && !hasWord(calls, word) {
		t.Errorf("%s was asked for, but no call names %q:\n%s", field, word, calls)
	}
	for other, word := range names {
		if word != names[field] && hasWord(calls, word) {
			t.Errorf("%s alone was asked for, but a call names %q, which is %s:\n%s", field, word, other, calls)
		}
	}
}

func (k kind) announces(t *testing.T) {
	o := k.open(t, k.Open, nil)
	if _, tally := k.ask(t.Context(), o.asker, k.everything()); tally.Err != nil {
		t.Fatal(tally.Err)
	}
	calls := o.announced()
	if len(calls) == 0 {
		t.Error("nothing was announced")
	}
	k.keepsQuiet(t, strings.Join(calls, "\n"))

	refused := k.open(t, k.Open, fmt.Errorf("not now: %w", connectors.ErrRateLimited))
	q := k.everything()
	_, tally := k.ask(t.Context(), refused.asker, q)
	k.speaksTheContract(t, tally.Err, connectors.ErrRateLimited)
	most := refused.About().Keys[k.kind].N
	if most <= 0 {
		most = connectors.DefaultKeys
	}
	chunks := (len(q.Refs) + most - 1) / most // each is a call of its own, and refused for itself
	if n := len(refused.announced()); n < 1 || n > chunks {
		t.Errorf("%d calls, all refused, for %d batches: a batch ends with its first refusal", n, chunks)
	}
}
