package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"customer360/internal/parts"
	"customer360/resolvers"
	"customer360/resolvers/door"
)

// aliveEvery is how often somebody who waits is told that more is to come.
const aliveEvery = time.Second

// errHeld says that the answer was held back: nothing may follow.
var errHeld = errors.New("the answer was held back")

// A delivery answers one operation in parts, through one door.
type delivery struct {
	*Handler
	exec  graphql.GraphExecutor
	op    *door.Operation
	parts []parts.Part
	out   stream
	roots sync.Map // *once, by response name
	told  parts.Told
}

// An answered part; response is nil where nobody waits for it any more.
type answered struct {
	part     int
	response *graphql.Response
	items    []parts.Item
}

// deliver answers an operation in parts: the first when it is there, the others
// as they come. What they ask of sources begins at once, all of it.
func (h *Handler) deliver(r *http.Request, exec graphql.GraphExecutor, oc *graphql.OperationContext, cut []parts.Part, out stream) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	whole := parts.Whole(oc)
	d := &delivery{Handler: h, exec: exec, parts: cut, out: out}
	ctx, d.op = h.begin(graphql.WithOperationContext(ctx, whole))
	operations := make([]*graphql.OperationContext, len(cut))
	for i := range cut {
		operations[i] = cut[i].Operation
		d.share(operations[i], whole.RootResolverMiddleware)
	}
	d.op.Divide(operations)

	answers := make(chan answered, len(cut))
	var under sync.WaitGroup
	for i := range cut {
		under.Go(func() { answers <- d.answer(ctx, i) })
	}
	err := d.send(ctx, answers)
	if err != nil && !errors.Is(err, errHeld) {
		cancel() // nobody waits for what is still under way
	}
	under.Wait()
	if last := resolvers.Closing(ctx, d.Log, d.op); err == nil && last != nil {
		_ = d.out.send(payload{Response: last, partial: true})
		d.out.end()
	}
}

// send sends the parts, each behind the one it is within.
func (d *delivery) send(ctx context.Context, answers <-chan answered) error {
	came, sent := make([]*answered, len(d.parts)), make([]bool, len(d.parts))
	alive := time.NewTicker(aliveEvery)
	defer alive.Stop()
	for left := len(d.parts); left > 0; {
		select {
		case a := <-answers:
			left, came[a.part] = left-1, &a
		case <-alive.C:
			if err := d.out.alive(); err != nil {
				return err
			}
			continue
		case <-ctx.Done():
			return ctx.Err()
		}
		if came[0] == nil {
			continue
		}
		if !sent[0] {
			if err := d.first(ctx, came[0].response); err != nil {
				return err
			}
			sent[0] = true
		}
		if err := d.add(came, sent); err != nil {
			return err
		}
	}
	return nil
}

// first sends the first part.
func (d *delivery) first(ctx context.Context, resp *graphql.Response) error {
	if resp == nil {
		return context.Canceled
	}
	resp, ok := resolvers.Outset(ctx, d.Log, d.op, resp)
	if resp == nil {
		return context.Canceled
	}
	if len(resp.Data) == 0 {
		resp.Data = json.RawMessage("null")
	}
	d.told.Begin(resp.Data, resp.Errors)
	if err := d.out.send(payload{Response: resp, partial: true, more: ok}); err != nil || ok {
		return err
	}
	d.out.end()
	return errHeld
}

// add sends what came and may follow now.
func (d *delivery) add(came []*answered, sent []bool) error {
	var items []parts.Item
	for i, a := range came {
		if a != nil && !sent[i] && sent[d.parts[i].Within] {
			sent[i], items = true, append(items, d.told.Add(&d.parts[i], a.items)...)
		}
	}
	if len(items) == 0 {
		return nil
	}
	return d.out.send(payload{items: items, partial: true, more: true})
}

// answer executes a part.
func (d *delivery) answer(ctx context.Context, part int) (a answered) {
	a.part = part
	p := &d.parts[part]
	defer func() {
		if v := recover(); v != nil {
			d.Log.ErrorContext(ctx, "answering a part panicked", "panic", typeName(v))
			list := gqlerror.List{resolvers.Error(nil, "INTERNAL", "internal error")}
			a.response, a.items = &graphql.Response{Errors: list}, []parts.Item{p.Nothing(list)}
		}
	}()
	responses, ctx := d.exec.DispatchOperation(ctx, p.Operation)
	if a.response = responses(ctx); a.response == nil || part == 0 {
		return a
	}
	a.items = p.Items(a.response)
	if failed := resolvers.PartErrors(ctx, d.op, part); len(failed) > 0 {
		if len(a.items) == 0 {
			a.items = append(a.items, p.Nothing(nil))
		}
		a.items[0].Errors = append(a.items[0].Errors, failed...)
	}
	return a
}

// share lets all parts see the same root fields: each is resolved once, and what
// it tells is told in each part that asks it.
func (d *delivery) share(oc *graphql.OperationContext, around graphql.RootFieldMiddleware) {
	resolve := oc.ResolverMiddleware
	oc.ResolverMiddleware = func(ctx context.Context, next graphql.Resolver) (any, error) {
		fc := graphql.GetFieldContext(ctx)
		if fc == nil || fc.Object != "Query" {
			return resolve(ctx, next)
		}
		v, _ := d.roots.LoadOrStore(fc.Field.Alias, &once{})
		root, first := v.(*once), false
		root.Do(func() {
			first = true
			root.resolve(ctx, oc, func() (any, error) { return resolve(ctx, next) })
		})
		if !first {
			for _, e := range root.told {
				graphql.AddError(ctx, e)
			}
		}
		return root.value, root.err
	}
	oc.RootResolverMiddleware = func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
		defer d.op.Known(ctx)
		return around(ctx, next)
	}
}

// A once is what a root field answers: a value or an error, and errors told beside a value.
type once struct {
	sync.Once
	value any
	err   error
	told  gqlerror.List
}

func (o *once) resolve(ctx context.Context, oc *graphql.OperationContext, by func() (any, error)) {
	defer func() {
		if p := recover(); p != nil {
			o.err = oc.RecoverFunc(ctx, p)
		}
	}()
	o.value, o.err = by()
	for _, e := range graphql.GetErrors(ctx) { // of this field; nothing below it has run yet
		if at := graphql.GetPath(ctx); len(e.Path) > 0 && len(at) > 0 && e.Path[0] == at[0] {
			o.told = append(o.told, e)
		}
	}
}

func typeName(v any) string { return fmt.Sprintf("%T", v) }
