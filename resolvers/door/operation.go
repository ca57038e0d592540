package door

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/graph-gophers/dataloader/v7"
	"github.com/vektah/gqlparser/v2/ast"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/audit"
	"customer360/idgraph/consent"
	"customer360/idgraph/policy"
)

// An Operation is one caller's question: its plan, its decisions, its calls.
// There is one per GraphQL operation; it rides in the context.
type Operation struct {
	door    *Door
	caller  policy.Caller
	purpose consent.Purpose // as declared; decisions find out whether it is held
	ctx     context.Context // with the operation's deadline, whoever asks first
	cancel  context.CancelFunc
	begun   time.Time

	health  []wellbeing       // of every source, when the operation began
	scopes  [len(needed)]bool // which of the scopes that single fields need the caller holds
	surface policy.Surface

	demands []*demand
	demand  byKind[kindDemand] // of all root fields together
	loader  *dataloader.Loader[*arrival, []*Customer]
	parts   *divided // nil: it answers whole

	mu       sync.Mutex
	arrived  map[string]bool // root fields that have come, or will not come
	subjects map[idgraph.CustomerID]*subject
	order    []*subject
	calls    []*call
	hops     []*hop
	bounds   []*connectors.Bound // of the calls
	passes   []connectors.Pass   // by the place of the source
	tallies  []byKind[tally]     // by the place of the source
	lookups  int
	changes  bool          // whether it is a mutation
	changed  []audit.Field // what its mutations did
	written  [2]int        // customers and look-ups that the audit log knows of
}

// An arrival is one root field that knows which customers it is about.
type arrival struct {
	root    string
	want    []want
	handles []*Customer         // what it gets, in the order of want
	rows    []connectors.Record // which rows, where it wants rows; in the order of want
	below   *demand             // what it asks, where that is not what its root field asks
}

// A want is a customer, or one kind of its rows alone.
type want struct {
	id  idgraph.CustomerID
	row connectors.Kind // "" for the customer
}

type contextKey struct{}

// From is the operation that a context belongs to; nil outside of one.
func From(ctx context.Context) *Operation {
	op, _ := ctx.Value(contextKey{}).(*Operation)
	return op
}

// Begin opens the door for one operation. Finish closes it.
func (d *Door) Begin(ctx context.Context, caller policy.Caller, purpose consent.Purpose) (context.Context, *Operation) {
	op := &Operation{
		door: d, caller: caller, purpose: purpose, begun: d.Now(), surface: policy.Single,
		subjects: map[idgraph.CustomerID]*subject{},
	}
	for i, n := range needed {
		op.scopes[i] = d.Policy.May(caller, n.scope)
	}
	op.ctx, op.cancel = context.WithTimeout(ctx, d.Timeout)
	if graphql.HasOperationContext(ctx) {
		op.plan(graphql.GetOperationContext(ctx))
	}
	op.health = make([]wellbeing, len(d.order))
	for i, s := range d.order {
		op.health[i] = s.wellbeing()
	}
	return context.WithValue(ctx, contextKey{}, op), op
}

// plan works out, before the first call, what the operation may need.
func (op *Operation) plan(oc *graphql.OperationContext) {
	if oc.Operation == nil {
		return
	}
	op.demands = op.door.demands(oc)
	for _, root := range op.demands {
		for _, dm := range root.all() {
			for i := range op.demand {
				op.demand[i].add(dm.kinds[i])
				op.demand[i].add(dm.rows[i])
				op.demand[i].limit = min(op.demand[i].limit, connectors.MaxRows)
			}
		}
		if root.list {
			op.surface = policy.List // the strictest that anything of it is shown on
		}
	}
	op.changes = oc.Operation.Operation == ast.Mutation
	if len(op.demands) < 2 || op.changes {
		return // nobody to wait for
	}
	op.arrived = map[string]bool{}
	op.loader = dataloader.NewBatchedLoader(op.open,
		dataloader.WithBatchCapacity[*arrival, []*Customer](len(op.demands)),
		dataloader.WithInputCapacity[*arrival, []*Customer](len(op.demands)),
		dataloader.WithWait[*arrival, []*Customer](window),
		dataloader.WithCache[*arrival, []*Customer](&dataloader.NoCache[*arrival, []*Customer]{}))
	if around := oc.RootResolverMiddleware; around != nil {
		oc.RootResolverMiddleware = func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
			defer op.Nobody(ctx)
			return around(ctx, next)
		}
	}
}

// window is how long root fields wait for one another, so that their customers
// share one batch. All of them come or are told not to come (a look-up that
// must ask the sources first, an argument that is wrong), so that how many
// calls an operation makes does not hang on the clock; the window ends only
// what would hang.
const window = 2 * time.Second

// Customers answers handles in the order of the ids, nil for ids that name
// nobody. Everything that the operation asks of them is under way when it
// returns.
func (op *Operation) Customers(ctx context.Context, ids []idgraph.CustomerID) ([]*Customer, error) {
	a := &arrival{root: rootOf(ctx), want: make([]want, len(ids))}
	for i, id := range ids {
		a.want[i].id = id
	}
	return op.load(a)
}

func (op *Operation) load(a *arrival) ([]*Customer, error) {
	defer op.know(a.root)
	if op.loader != nil && op.arrive(a.root) {
		return op.loader.Load(op.ctx, a)()
	}
	alone := op.open(op.ctx, []*arrival{a}) // nobody waits for it, and it for nobody
	return alone[0].Data, alone[0].Error
}

// Nobody says that a root field has no customer, or none yet, so that others
// need not wait for it.
func (op *Operation) Nobody(ctx context.Context) {
	if root := rootOf(ctx); op.loader != nil && op.of(root) != nil && op.arrive(root) {
		op.loader.Load(op.ctx, &arrival{root: root})
	}
}

// arrive says whether a root field comes for the first time.
func (op *Operation) arrive(root string) bool {
	op.mu.Lock()
	defer op.mu.Unlock()
	first := !op.arrived[root]
	op.arrived[root] = true
	return first
}

// rootOf is the response name of the root field that is being answered.
func rootOf(ctx context.Context) string {
	if rc := graphql.GetRootFieldContext(ctx); rc != nil {
		return rc.Field.Alias
	}
	return ""
}

// open is the batch of all arrivals: one read of the graph, one of the ledger,
// the decisions, and then every call at once.
func (op *Operation) open(_ context.Context, arrivals []*arrival) (results []*dataloader.Result[[]*Customer]) {
	results = make([]*dataloader.Result[[]*Customer], len(arrivals))
	fail := func(err error) {
		for i := range results {
			results[i] = &dataloader.Result[[]*Customer]{Error: errors.Join(ErrInternal, err)}
		}
	}
	defer func() {
		if p := recover(); p != nil {
			fail(fmt.Errorf("opening the door panicked: %T", p))
		}
	}()
	inOrder := slices.SortedStableFunc(slices.Values(arrivals), func(a, b *arrival) int {
		return cmp.Compare(op.place(a.root), op.place(b.root))
	})
	var ids []idgraph.CustomerID
	for _, a := range inOrder {
		for _, w := range a.want {
			if w.id != 0 && !slices.Contains(ids, w.id) {
				ids = append(ids, w.id)
			}
		}
	}
	known := map[idgraph.CustomerID]idgraph.Customer{}
	if len(ids) > 0 {
		var err error
		if known, err = op.door.Graph.Customers(op.ctx, ids); err != nil {
			fail(err)
			return results
		}
	}
	touched := op.admit(inOrder, known)
	met, err := op.meet(inOrder)
	if err != nil {
		fail(err)
		return results
	}
	for _, a := range met {
		for _, c := range a.handles {
			if !slices.Contains(touched, c.subject) {
				touched = append(touched, c.subject)
			}
		}
	}
	op.fetch(touched)
	op.follow(append(inOrder, met...))
	for i, a := range arrivals {
		results[i] = &dataloader.Result[[]*Customer]{Data: a.handles}
	}
	return results
}

// admit makes subjects of customers, decides what they show and notes what is
// wanted of each. It returns those with wants that may not be fetched yet.
func (op *Operation) admit(arrivals []*arrival, known map[idgraph.CustomerID]idgraph.Customer) []*subject {
	op.mu.Lock()
	defer op.mu.Unlock()
	var touched, unread []*subject
	for _, a := range arrivals {
		dm := op.of(a.root)
		a.handles = make([]*Customer, len(a.want))
		for i, w := range a.want {
			c, ok := known[w.id]
			if !ok {
				continue
			}
			s := op.subjects[c.ID]
			if s == nil {
				s = &subject{op: op, customer: c, doubtful: doubtful(c)}
				op.subjects[c.ID], op.order = s, append(op.order, s)
				unread = append(unread, s)
			}
			a.handles[i] = &Customer{subject: s, redirectedFrom: c.RedirectedFrom}
			if dm != nil {
				s.wants(dm, w.row)
			}
			if !slices.Contains(touched, s) {
				touched = append(touched, s)
			}
		}
	}
	op.decide(unread)
	return touched
}

// demandOf is what an arrival asks; nil where that is no customer.
func (op *Operation) demandOf(a *arrival) *demand {
	if a.below != nil {
		return a.below
	}
	return op.of(a.root)
}

// of is what a root field asks; nil where it asks for no customer.
func (op *Operation) of(root string) *demand {
	if i := op.place(root); i >= 0 {
		return op.demands[i]
	}
	return nil
}

// place is where a root field stands in the document.
func (op *Operation) place(root string) int {
	return slices.IndexFunc(op.demands, func(dm *demand) bool { return dm.root == root })
}

// Finish waits for what is under way, writes the audit entry and gives back
// the report. An error means that the answer must not leave.
func (op *Operation) Finish(ctx context.Context) (*Report, error) {
	defer op.cancel()
	defer func() {
		for _, b := range op.bounds {
			b.Close()
		}
	}()
	op.mu.Lock()
	calls := slices.Clone(op.calls)
	op.mu.Unlock()
	for _, c := range calls {
		<-c.done
	}
	_ = op.waitForHops(context.WithoutCancel(ctx)) // they end with the operation's time, if not before
	r := op.report()
	if op.parts != nil && op.parts.held {
		return r, nil
	}
	made := 0
	for _, s := range r.Sources {
		made += s.Calls
	}
	return r, op.audit(ctx, r, made)
}
