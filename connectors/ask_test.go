package connectors_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
)

// A fake is a connector that answers as its test says.
type fake struct {
	about  connectors.About
	orders func(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Order], error)
	find   func(ctx context.Context, ids []idgraph.Identifier) (map[idgraph.Identifier][]idgraph.Ref, error)
}

func (f *fake) Source() idgraph.Source  { return "shop" }
func (f *fake) About() connectors.About { return f.about }
func (f *fake) Close() error            { return nil }

func (f *fake) Orders(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Order], error) {
	return f.orders(ctx, q)
}

func (f *fake) Find(ctx context.Context, ids []idgraph.Identifier) (map[idgraph.Identifier][]idgraph.Ref, error) {
	return f.find(ctx, ids)
}

func refs(n int) []idgraph.Ref {
	out := make([]idgraph.Ref, n)
	for i := range out {
		out[i] = idgraph.Ref{Source: "shop", ID: fmt.Sprint(i + 1)}
	}
	return out
}

func order(owner idgraph.Ref, id string) connectors.Order {
	return connectors.Order{Record: connectors.NewRecord(owner, id)}
}

// oneEach answers one order for everybody.
func oneEach(_ context.Context, q connectors.Query) (connectors.Answers[connectors.Order], error) {
	out := connectors.Answers[connectors.Order]{}
	for _, ref := range q.Refs {
		out[ref] = connectors.Result[connectors.Order]{Rows: []connectors.Order{order(ref, "o"+ref.ID)}}
	}
	return out, nil
}

func ask(t *testing.T, a *connectors.Asker, q connectors.Query) (connectors.Answers[connectors.Order], connectors.Tally) {
	t.Helper()
	if q.Limit == 0 {
		q.Limit = 10
	}
	return connectors.Ask(t.Context(), a, connectors.KindOrder, q, a.Connector.(connectors.OrderLister).Orders)
}

func TestRefsAreChunkedByTheDeclaredLimit(t *testing.T) {
	var mu sync.Mutex
	var sizes []int
	f := &fake{about: connectors.About{Keys: map[connectors.Kind]connectors.Limit{connectors.KindOrder: {N: 40}}}}
	f.orders = func(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Order], error) {
		mu.Lock()
		sizes = append(sizes, len(q.Refs))
		mu.Unlock()
		return oneEach(ctx, q)
	}
	got, tally := ask(t, &connectors.Asker{Connector: f}, connectors.Query{Refs: refs(100)})
	if tally.Err != nil || tally.Calls != 3 || len(got) != 100 {
		t.Errorf("%d answers by %d calls (%v), want 100 by 3", len(got), tally.Calls, tally.Err)
	}
	sum := 0
	for _, n := range sizes {
		if sum += n; n > 40 {
			t.Errorf("a call with %d refs, 40 are allowed", n)
		}
	}
	if sum != 100 {
		t.Errorf("%d refs were asked for, want 100", sum)
	}
}

func TestWhereNoLimitIsDeclaredItIsTheDefault(t *testing.T) {
	f := &fake{orders: oneEach}
	if _, tally := ask(t, &connectors.Asker{Connector: f}, connectors.Query{Refs: refs(connectors.DefaultKeys + 1)}); tally.Calls != 2 {
		t.Errorf("%d calls, want 2", tally.Calls)
	}
}

func TestNoMoreCallsAreInFlightThanDeclared(t *testing.T) {
	var now, most atomic.Int64
	f := &fake{about: connectors.About{Keys: map[connectors.Kind]connectors.Limit{connectors.KindOrder: {N: 1}}, Calls: connectors.Limit{N: 3}}}
	f.orders = func(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Order], error) {
		n := now.Add(1)
		defer now.Add(-1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		time.Sleep(time.Millisecond)
		return oneEach(ctx, q)
	}
	if _, tally := ask(t, &connectors.Asker{Connector: f}, connectors.Query{Refs: refs(30)}); tally.Err != nil {
		t.Fatal(tally.Err)
	}
	if most.Load() != 3 {
		t.Errorf("%d calls at once, want 3", most.Load())
	}
}

// The rows of a source are its word against ours: whatever it was not asked for
// spoils all that came with it, since the filter that let it through may have
// let others through.
func TestAnAnswerNobodyAskedForSpoilsItsChunk(t *testing.T) {
	asked, stranger := refs(2), idgraph.Ref{Source: "shop", ID: "stranger"}
	for name, spoil := range map[string]func(connectors.Answers[connectors.Order]){
		"a ref that was not asked for": func(a connectors.Answers[connectors.Order]) {
			a[stranger] = connectors.Result[connectors.Order]{Rows: []connectors.Order{order(stranger, "o9")}}
		},
		"a ref of another source": func(a connectors.Answers[connectors.Order]) {
			a[idgraph.Ref{Source: "crm", ID: "1"}] = connectors.Result[connectors.Order]{}
		},
		"a row of another owner": func(a connectors.Answers[connectors.Order]) {
			a[asked[0]] = connectors.Result[connectors.Order]{Rows: []connectors.Order{order(stranger, "o9")}}
		},
		"a row that names another source": func(a connectors.Answers[connectors.Order]) {
			o := order(asked[0], "o1")
			o.Source = "crm"
			a[asked[0]] = connectors.Result[connectors.Order]{Rows: []connectors.Order{o}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fake{orders: func(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Order], error) {
				out, err := oneEach(ctx, q)
				spoil(out)
				return out, err
			}}
			got, tally := ask(t, &connectors.Asker{Connector: f}, connectors.Query{Refs: asked})
			if !errors.Is(tally.Err, connectors.ErrBadData) {
				t.Errorf("%v, want %v", tally.Err, connectors.ErrBadData)
			}
			for _, ref := range asked {
				if len(got[ref].Rows) > 0 || got[ref].Err == nil {
					t.Errorf("%s got rows out of a spoilt chunk", ref)
				}
			}
			if _, ok := got[stranger]; ok {
				t.Error("the stranger came through")
			}
		})
	}
}

func TestMoreRowsThanAskedForAreCut(t *testing.T) {
	f := &fake{orders: func(_ context.Context, q connectors.Query) (connectors.Answers[connectors.Order], error) {
		rows := []connectors.Order{order(q.Refs[0], "1"), order(q.Refs[0], "2"), order(q.Refs[0], "3")}
		return connectors.Answers[connectors.Order]{q.Refs[0]: {Rows: rows}}, nil
	}}
	got, _ := ask(t, &connectors.Asker{Connector: f}, connectors.Query{Refs: refs(1), Limit: 2})
	if res := got[refs(1)[0]]; len(res.Rows) != 2 || !res.More {
		t.Errorf("%d rows, more: %t; want 2, and more", len(res.Rows), res.More)
	}
}

func TestOneChunkFailsAlone(t *testing.T) {
	f := &fake{about: connectors.About{Keys: map[connectors.Kind]connectors.Limit{connectors.KindOrder: {N: 1}}}}
	f.orders = func(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Order], error) {
		if q.Refs[0].ID == "2" {
			return nil, &connectors.Error{Source: "shop", Op: "orders", Err: connectors.ErrRateLimited}
		}
		return oneEach(ctx, q)
	}
	got, tally := ask(t, &connectors.Asker{Connector: f}, connectors.Query{Refs: refs(3)})
	if !errors.Is(tally.Err, connectors.ErrRateLimited) {
		t.Errorf("the tally says %v", tally.Err)
	}
	for _, ref := range refs(3) {
		if failed := got[ref].Err != nil; failed != (ref.ID == "2") {
			t.Errorf("%s: %v", ref, got[ref].Err)
		}
	}
}

// A connector that does not listen to its context costs its own answer, and
// nobody's time.
func TestAStuckConnectorReturnsInTime(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	f := &fake{orders: func(context.Context, connectors.Query) (connectors.Answers[connectors.Order], error) {
		<-release
		return nil, nil
	}}
	a := &connectors.Asker{Connector: f, Timeout: 30 * time.Millisecond}
	began := time.Now()
	for i := range 6 { // two more than there are slots: these wait for one, as long, and never leave
		_, tally := ask(t, a, connectors.Query{Refs: refs(1)})
		want, calls := "SOURCE_TIMEOUT", 1
		if i >= 4 {
			want, calls = "SOURCE_RATE_LIMITED", 0
		}
		if connectors.Code(tally.Err) != want || tally.Calls != calls {
			t.Errorf("%v after %d calls, want %s after %d", tally.Err, tally.Calls, want, calls)
		}
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("took %s", took)
	}
}

func TestACallerWhoLeavesIsNotWaitedFor(t *testing.T) {
	f := &fake{orders: func(ctx context.Context, _ connectors.Query) (connectors.Answers[connectors.Order], error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	q := connectors.Query{Refs: refs(1), Limit: 1}
	_, tally := connectors.Ask(ctx, &connectors.Asker{Connector: f, Timeout: time.Hour}, connectors.KindOrder, q, f.Orders)
	if !errors.Is(tally.Err, connectors.ErrTimeout) {
		t.Errorf("%v, want %v", tally.Err, connectors.ErrTimeout)
	}
}

func TestAPanicIsBadDataAndSaysNothing(t *testing.T) {
	f := &fake{orders: func(context.Context, connectors.Query) (connectors.Answers[connectors.Order], error) {
		panic("kate.mueller@example.com")
	}}
	_, tally := ask(t, &connectors.Asker{Connector: f}, connectors.Query{Refs: refs(1)})
	if !errors.Is(tally.Err, connectors.ErrBadData) {
		t.Errorf("%v, want %v", tally.Err, connectors.ErrBadData)
	}
	if tally.Err != nil && strings.Contains(tally.Err.Error(), "kate") {
		t.Error("the error tells what the panic told")
	}
}

func TestEveryErrorNamesItsSource(t *testing.T) {
	f := &fake{orders: func(context.Context, connectors.Query) (connectors.Answers[connectors.Order], error) {
		return nil, connectors.ErrUnavailable
	}}
	_, tally := ask(t, &connectors.Asker{Connector: f}, connectors.Query{Refs: refs(1)})
	var e *connectors.Error
	if !errors.As(tally.Err, &e) || e.Source != "shop" {
		t.Errorf("%v names no source", tally.Err)
	}
}

func TestFindTakesOnlyWhatWasAskedFor(t *testing.T) {
	asked := []idgraph.Identifier{{Type: idgraph.Email, Value: "a@example.com"}, {Type: idgraph.Email, Value: "b@example.com"}, {Type: idgraph.Email, Value: "c@example.com"}}
	f := &fake{about: connectors.About{FindKeys: connectors.Limit{N: 2}}}
	f.find = func(_ context.Context, ids []idgraph.Identifier) (map[idgraph.Identifier][]idgraph.Ref, error) {
		return map[idgraph.Identifier][]idgraph.Ref{
			ids[0]: {{Source: "shop", ID: "1"}, {Source: "crm", ID: "2"}},
			{Type: idgraph.Email, Value: "stranger@example.com"}: {{Source: "shop", ID: "3"}},
		}, nil
	}
	found, tally := (&connectors.Asker{Connector: f}).Find(t.Context(), asked)
	if tally.Calls != 2 || !errors.Is(tally.Err, connectors.ErrBadData) {
		t.Errorf("%d calls, %v; want 2, and the stranger told of", tally.Calls, tally.Err)
	}
	if len(found) != 2 || len(found[asked[0]]) != 1 || found[asked[0]][0].ID != "1" {
		t.Errorf("found %v", found)
	}
}

func TestWhoCannotFindFindsNobody(t *testing.T) {
	var c connectors.Connector = struct{ connectors.Connector }{&fake{}}
	found, tally := (&connectors.Asker{Connector: c}).Find(t.Context(), []idgraph.Identifier{{Type: idgraph.Email, Value: "a@example.com"}})
	if len(found) != 0 || tally != (connectors.Tally{}) {
		t.Errorf("%v, %+v", found, tally)
	}
}
