package door_test

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
)

// A fake is a connector whose rows stand in memory. It notes what it is asked.
type fake struct {
	name  idgraph.Source
	about connectors.About
	rows  map[connectors.Kind]map[string][]connectors.Row // by the owner's id
	fail  map[connectors.Kind]error
	lone  map[string]error // fails for one ref alone
	stop  func(context.Context, connectors.Kind)

	mu    sync.Mutex
	calls []noted
}

type noted struct {
	kind connectors.Kind
	connectors.Query
}

func (f *fake) Source() idgraph.Source  { return f.name }
func (f *fake) About() connectors.About { return f.about }
func (f *fake) Close() error            { return nil }
func (f *fake) Answers() []connectors.Kind {
	var out []connectors.Kind
	for _, k := range connectors.Kinds {
		if f.rows[k] != nil {
			out = append(out, k)
		}
	}
	return out
}

func listOf[T connectors.Row](ctx context.Context, f *fake, kind connectors.Kind, q connectors.Query) (connectors.Answers[T], error) {
	f.mu.Lock()
	f.calls = append(f.calls, noted{kind, q})
	f.mu.Unlock()
	if f.stop != nil {
		f.stop(ctx, kind)
	}
	if err := f.fail[kind]; err != nil {
		return nil, err
	}
	out := connectors.Answers[T]{}
	for _, ref := range q.Refs {
		if err := f.lone[ref.ID]; err != nil {
			out[ref] = connectors.Result[T]{Err: err}
			continue
		}
		all := slices.DeleteFunc(slices.Clone(f.rows[kind][ref.ID]), func(row connectors.Row) bool { return !q.Window.Holds(row) })
		slices.SortStableFunc(all, func(a, b connectors.Row) int {
			byID := cmp.Compare(number(a), number(b))
			if q.Order == connectors.ByID {
				return byID
			}
			return cmp.Or(-compareTimes(a.Time(), b.Time()), byID)
		})
		res := connectors.Result[T]{More: len(all) > q.Limit}
		for _, row := range all[:min(q.Limit, len(all))] {
			res.Rows = append(res.Rows, row.(T))
		}
		out[ref] = res
	}
	return out, nil
}

func number(r connectors.Row) int { n, _ := strconv.Atoi(r.Key().ID); return n }

func compareTimes(a, b *time.Time) int {
	switch {
	case a == nil || b == nil:
		return cmp.Compare(btoi(a != nil), btoi(b != nil))
	default:
		return a.Compare(*b)
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (f *fake) Profiles(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Profile], error) {
	return listOf[connectors.Profile](ctx, f, connectors.KindProfile, q)
}

func (f *fake) Deals(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Deal], error) {
	return listOf[connectors.Deal](ctx, f, connectors.KindDeal, q)
}

func (f *fake) Invoices(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Invoice], error) {
	return listOf[connectors.Invoice](ctx, f, connectors.KindInvoice, q)
}

func (f *fake) Payments(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Payment], error) {
	return listOf[connectors.Payment](ctx, f, connectors.KindPayment, q)
}

func (f *fake) Orders(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Order], error) {
	return listOf[connectors.Order](ctx, f, connectors.KindOrder, q)
}

func (f *fake) Tickets(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Ticket], error) {
	return listOf[connectors.Ticket](ctx, f, connectors.KindTicket, q)
}

func (f *fake) Messages(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Message], error) {
	return listOf[connectors.Message](ctx, f, connectors.KindMessage, q)
}

func (f *fake) Balances(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Balance], error) {
	return listOf[connectors.Balance](ctx, f, connectors.KindBalance, q)
}

// put adds a row of any kind; its head is made here.
func (f *fake) put(owner, id string, row connectors.Row) {
	head := connectors.NewRecord(idgraph.Ref{Source: f.name, ID: owner}, id)
	switch r := row.(type) {
	case connectors.Profile:
		r.Record = head
		f.add(connectors.KindProfile, owner, r)
	case connectors.Deal:
		r.Record = head
		f.add(connectors.KindDeal, owner, r)
	case connectors.Invoice:
		r.Record = head
		f.add(connectors.KindInvoice, owner, r)
	case connectors.Payment:
		r.Record = head
		f.add(connectors.KindPayment, owner, r)
	case connectors.Order:
		r.Record = head
		f.add(connectors.KindOrder, owner, r)
	case connectors.Ticket:
		r.Record = head
		f.add(connectors.KindTicket, owner, r)
	case connectors.Message: // of a ticket
		r.Record = head
		f.add(connectors.KindMessage, owner, r)
	case connectors.Balance:
		r.Record = head
		f.add(connectors.KindBalance, owner, r)
	}
}

func (f *fake) add(kind connectors.Kind, owner string, row connectors.Row) {
	if f.rows[kind] == nil {
		f.rows[kind] = map[string][]connectors.Row{}
	}
	f.rows[kind][owner] = append(f.rows[kind][owner], row)
}

// asked lists the calls of one kind.
func (f *fake) asked(kind connectors.Kind) []noted {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(f.calls), func(n noted) bool { return n.kind != kind })
}
