package prove

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
)

// A trouble is what goes wrong at a source during one operation; in both worlds
// the same.
type trouble struct {
	source idgraph.Source
	kind   connectors.Kind
	how    string
}

// ways are the ways in which a source may fail. "left alone" and "slow" hold for
// all its kinds.
var ways = []string{"timeout", "unavailable", "rate limited", "auth", "bad data", "too large", "unheard of", "a stranger", "another's", "too many", "one alone", "panic", "left alone", "slow"}

var failures = map[string]error{
	"timeout": context.DeadlineExceeded, "unavailable": connectors.ErrUnavailable, "rate limited": connectors.ErrRateLimited,
	"auth": connectors.ErrAuth, "bad data": connectors.ErrBadData, "too large": connectors.ErrTooLarge,
	"unheard of": errors.New("something that no connector says"),
}

// A source is a simulated system: all capabilities over the rows of a world. It
// does as connectors promise, but may answer more fields than it was asked for.
type source struct {
	name    idgraph.Source
	about   connectors.About
	kinds   []connectors.Kind
	asker   *connectors.Asker
	shuffle *rand.Rand // answers unordered what was asked for by id
	plant   plant      // breaks the contract, to see whether that is noticed

	mu sync.Mutex
	scene
}

// A scene is how a source is during one operation, and what it is asked.
type scene struct {
	world    World
	generous bool // answers every field
	troubles []trouble
	calls    []string
}

func newSource(i int) *source {
	system := systems[i]
	s := &source{name: system.name, kinds: system.kinds, about: connectors.About{
		Kind: "simulated", Role: system.role, Keys: map[connectors.Kind]connectors.Limit{}, Windows: map[connectors.Kind]bool{},
	}}
	s.about.NeedsKeys = system.role == connectors.Helpdesk
	for _, k := range system.kinds {
		s.about.Windows[k] = system.windows
	}
	if system.keys > 0 {
		for _, k := range system.kinds {
			s.about.Keys[k] = connectors.Limit{N: system.keys, Says: "the proof"}
		}
	}
	s.asker = &connectors.Asker{Connector: s, Now: func() time.Time { return now }, Backoff: time.Millisecond}
	return s
}

// leaveAlone makes the source's asker leave it alone, or ask it whatever comes:
// which of an operation's calls is the last that it takes to be left alone hangs
// on the machine.
func (s *source) leaveAlone(ctx context.Context, alone bool) {
	s.asker.Breaker = connectors.Breaker{Failures: 1 << 20, Pause: time.Hour, Longest: time.Hour}
	if !alone {
		s.asker.Reset()
		return
	}
	s.asker.Breaker.Failures = 1
	s.asker.Reset()
	one := connectors.Query{Refs: []idgraph.Ref{{Source: s.name, ID: "nobody"}}, Limit: 1}
	connectors.Ask(ctx, s.asker, connectors.KindProfile, one, func(context.Context, connectors.Query) (connectors.Answers[connectors.Profile], error) {
		return nil, connectors.ErrUnavailable
	})
}

func (s *source) Source() idgraph.Source     { return s.name }
func (s *source) About() connectors.About    { return s.about }
func (s *source) Close() error               { return nil }
func (s *source) Answers() []connectors.Kind { return s.kinds }

// now is the scene as it is; false says that nobody waits for the call any more,
// so that it may belong to an operation that has ended.
func (s *source) now(ctx context.Context) (scene, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.scene, ctx.Err() == nil
}

// in is the trouble that a call is in.
func (s scene) in(kind connectors.Kind) string {
	for _, t := range s.troubles {
		if t.how == "slow" || t.kind == kind {
			return t.how
		}
	}
	return ""
}

// A plant is a leak: a source that lets what is hidden show where the door does
// not look for it.
type plant func(s *source, owner idgraph.Ref, rows []connectors.Row) ([]connectors.Row, error)

// list answers one capability's call, and notes it.
func list[T connectors.Row](ctx context.Context, s *source, kind connectors.Kind, q connectors.Query) (connectors.Answers[T], error) {
	is, waited := s.now(ctx)
	if !waited {
		return nil, ctx.Err()
	}
	refs := make([]string, len(q.Refs))
	for i, ref := range q.Refs {
		refs[i] = ref.String()
	}
	slices.Sort(refs)
	how := is.in(kind)
	if how != "slow" { // how many calls to it begin before their time is over hangs on the machine
		s.mu.Lock()
		s.calls = append(s.calls, fmt.Sprintf("%s %s %v %s order %d limit %d window %v", s.name, kind, refs, q.Fields, q.Order, q.Limit, q.Window))
		s.mu.Unlock()
	}
	if err := failures[how]; err != nil {
		return nil, err
	}
	out := connectors.Answers[T]{}
	for _, ref := range q.Refs {
		if rows, known := is.world[kind][ref]; known {
			if s.plant != nil {
				var err error
				if rows, err = s.plant(s, ref, rows); err != nil {
					return nil, err
				}
			}
			out[ref] = result[T](s, is.generous, rows, q)
		}
	}
	first := q.Refs[0]
	switch how {
	case "slow":
		<-ctx.Done()
		return nil, ctx.Err()
	case "panic":
		panic(fmt.Sprint(out))
	case "a stranger":
		out[idgraph.Ref{Source: s.name, ID: "nobody"}] = connectors.Result[T]{}
	case "another's":
		rows := rowsOf(kind, idgraph.Ref{Source: s.name, ID: "nobody"}, 1, rand.New(rand.NewPCG(1, 1)))
		out[first] = connectors.Result[T]{Rows: []T{rows[0].(T)}}
	case "too many":
		res := out[first]
		for len(res.Rows) > 0 && len(res.Rows) <= q.Limit {
			res.Rows = append(res.Rows, res.Rows[0])
		}
		out[first] = res
	case "one alone":
		out[first] = connectors.Result[T]{Err: connectors.ErrUnavailable}
	}
	return out, nil
}

// result orders, cuts and narrows the rows of one ref.
func result[T connectors.Row](s *source, generous bool, rows []connectors.Row, q connectors.Query) connectors.Result[T] {
	rows = slices.DeleteFunc(slices.Clone(rows), func(row connectors.Row) bool { return !q.Window.Holds(row) })
	slices.SortStableFunc(rows, func(a, b connectors.Row) int {
		if q.Order == connectors.NewestFirst {
			return cmp.Or(newestFirst(a.Time(), b.Time()), cmp.Compare(idOf(a), idOf(b)))
		}
		return cmp.Compare(idOf(a), idOf(b))
	})
	res := connectors.Result[T]{More: len(rows) > q.Limit}
	for _, row := range rows[:min(len(rows), q.Limit)] {
		if !generous {
			row = narrowed(row, q.Fields)
		}
		res.Rows = append(res.Rows, row.(T))
	}
	if s.shuffle != nil && q.Order == connectors.ByID {
		s.mu.Lock()
		s.shuffle.Shuffle(len(res.Rows), func(i, j int) { res.Rows[i], res.Rows[j] = res.Rows[j], res.Rows[i] })
		s.mu.Unlock()
	}
	return res
}

func idOf(r connectors.Row) int { n, _ := strconv.Atoi(r.Key().ID); return n }

func newestFirst(a, b *time.Time) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return b.Compare(*a)
}

// narrowed is a row with the fields that were asked for alone.
func narrowed(row connectors.Row, fields connectors.FieldSet) connectors.Row {
	v := reflect.New(reflect.TypeOf(row)).Elem()
	v.Set(reflect.ValueOf(row))
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name := strings.ToLower(f.Name[:1]) + f.Name[1:]
		switch {
		case f.Anonymous:
		case !fields.Has(name):
			v.Field(i).SetZero()
		case f.Type.Kind() == reflect.Slice:
			of := reflect.MakeSlice(f.Type, v.Field(i).Len(), v.Field(i).Len())
			reflect.Copy(of, v.Field(i))
			for j := range of.Len() {
				for k := range of.Index(j).NumField() {
					inner := f.Type.Elem().Field(k).Name
					if inner != "Source" && !fields.Has(name+"."+strings.ToLower(inner[:1])+inner[1:]) {
						of.Index(j).Field(k).SetZero()
					}
				}
			}
			v.Field(i).Set(of)
		}
	}
	return v.Interface().(connectors.Row)
}

func (s *source) Profiles(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Profile], error) {
	return list[connectors.Profile](ctx, s, connectors.KindProfile, q)
}

func (s *source) Deals(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Deal], error) {
	return list[connectors.Deal](ctx, s, connectors.KindDeal, q)
}

func (s *source) Invoices(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Invoice], error) {
	return list[connectors.Invoice](ctx, s, connectors.KindInvoice, q)
}

func (s *source) Payments(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Payment], error) {
	return list[connectors.Payment](ctx, s, connectors.KindPayment, q)
}

func (s *source) Orders(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Order], error) {
	return list[connectors.Order](ctx, s, connectors.KindOrder, q)
}

func (s *source) Tickets(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Ticket], error) {
	return list[connectors.Ticket](ctx, s, connectors.KindTicket, q)
}

func (s *source) Messages(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Message], error) {
	return list[connectors.Message](ctx, s, connectors.KindMessage, q)
}

func (s *source) Balances(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Balance], error) {
	return list[connectors.Balance](ctx, s, connectors.KindBalance, q)
}
