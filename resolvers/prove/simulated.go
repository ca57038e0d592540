package prove

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"customer360/connectors"
	"customer360/idgraph"
)

// A fault is what is wrong with one source's answers about one kind.
type fault int

// The faults.
const (
	none      fault = iota
	slow            // no answer in time
	down            // refused
	stranger        // a row that was not asked for
	panicking       // the connector itself breaks
	lone            // one ref of a call fails alone
)

// A simulated source answers out of a world, and notes what it is asked.
type simulated struct {
	name  idgraph.Source
	role  connectors.Role
	kinds []connectors.Kind

	mu     sync.Mutex
	world  world
	faults map[connectors.Kind]fault
	calls  []string
}

func (s *simulated) Source() idgraph.Source     { return s.name }
func (s *simulated) Close() error               { return nil }
func (s *simulated) Answers() []connectors.Kind { return s.kinds }
func (s *simulated) About() connectors.About {
	return connectors.About{Kind: "simulated", Role: s.role, Calls: connectors.Limit{N: 16, Says: "the proof"}}
}

// begin sets the world and the faults of the next operation.
func (s *simulated) begin(w world, faults map[connectors.Kind]fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world, s.faults, s.calls = w, faults, nil
}

// heard is what was asked since begin.
func (s *simulated) heard() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(slices.Values(s.calls))
}

func answer[T connectors.Row](s *simulated, kind connectors.Kind, q connectors.Query) (connectors.Answers[T], error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	refs := make([]string, len(q.Refs))
	for i, ref := range q.Refs {
		refs[i] = ref.ID
	}
	slices.Sort(refs)
	s.calls = append(s.calls, fmt.Sprintf("%s %s [%s] fields %s limit %d order %d", s.name, kind, strings.Join(refs, " "), q.Fields, q.Limit, q.Order))
	switch s.faults[kind] {
	case slow:
		return nil, context.DeadlineExceeded
	case down:
		return nil, connectors.ErrUnavailable
	case panicking:
		panic("a connector that breaks")
	}
	out := connectors.Answers[T]{}
	for i, ref := range q.Refs {
		if s.faults[kind] == lone && i == 0 {
			out[ref] = connectors.Result[T]{Err: errors.New("this one alone")}
			continue
		}
		list := slices.Clone(s.world[cell{kind, ref}])
		slices.SortStableFunc(list, func(a, b connectors.Row) int {
			byID := cmp.Compare(a.Key().ID, b.Key().ID)
			if q.Order == connectors.ByID {
				return byID
			}
			return cmp.Or(newest(a, b), byID)
		})
		res := connectors.Result[T]{More: len(list) > q.Limit}
		for _, row := range list[:min(len(list), q.Limit)] {
			res.Rows = append(res.Rows, row.(T))
		}
		out[ref] = res
	}
	if s.faults[kind] == stranger {
		out[idgraph.Ref{Source: s.name, ID: "stranger"}] = connectors.Result[T]{}
	}
	return out, nil
}

// newest sorts by time, newest first, without a time last.
func newest(a, b connectors.Row) int {
	switch ta, tb := a.Time(), b.Time(); {
	case ta == nil && tb == nil:
		return 0
	case ta == nil:
		return 1
	case tb == nil:
		return -1
	default:
		return tb.Compare(*ta)
	}
}

func (s *simulated) Profiles(_ context.Context, q connectors.Query) (connectors.Answers[connectors.Profile], error) {
	return answer[connectors.Profile](s, connectors.KindProfile, q)
}

func (s *simulated) Deals(_ context.Context, q connectors.Query) (connectors.Answers[connectors.Deal], error) {
	return answer[connectors.Deal](s, connectors.KindDeal, q)
}

func (s *simulated) Invoices(_ context.Context, q connectors.Query) (connectors.Answers[connectors.Invoice], error) {
	return answer[connectors.Invoice](s, connectors.KindInvoice, q)
}

func (s *simulated) Payments(_ context.Context, q connectors.Query) (connectors.Answers[connectors.Payment], error) {
	return answer[connectors.Payment](s, connectors.KindPayment, q)
}

func (s *simulated) Orders(_ context.Context, q connectors.Query) (connectors.Answers[connectors.Order], error) {
	return answer[connectors.Order](s, connectors.KindOrder, q)
}

func (s *simulated) Tickets(_ context.Context, q connectors.Query) (connectors.Answers[connectors.Ticket], error) {
	return answer[connectors.Ticket](s, connectors.KindTicket, q)
}

func (s *simulated) Balances(_ context.Context, q connectors.Query) (connectors.Answers[connectors.Balance], error) {
	return answer[connectors.Balance](s, connectors.KindBalance, q)
}
