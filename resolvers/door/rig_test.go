package door_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/transport"

	"customer360/connectors"
	"customer360/graph"
	"customer360/idgraph"
	"customer360/idgraph/audit"
	"customer360/idgraph/consent"
	"customer360/idgraph/policy"
	"customer360/idgraph/storetest"
	"customer360/internal/keys"
	"customer360/resolvers"
	"customer360/resolvers/door"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func day(ago int) *time.Time { t := now.AddDate(0, 0, -ago); return &t }

func text(s string) *string { return &s }

func money(amount, currency string) *connectors.Money {
	d, err := connectors.ParseDecimal(amount)
	if err != nil {
		panic(err)
	}
	return &connectors.Money{Amount: d, Currency: currency}
}

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

// People are an identity graph in memory.
type people struct {
	customers map[idgraph.CustomerID]idgraph.Customer
	holders   map[idgraph.Identifier][]idgraph.CustomerID
	sources   map[idgraph.Source]idgraph.SyncState
	err       error
	lookup    lookup
}

// A lookup is what is known of look-up keys, and how often it was read.
type lookup struct {
	keys  map[idgraph.Ref]string
	reads atomic.Int64
	err   error
}

func (p *people) LookupKeys(_ context.Context, s idgraph.Source, refs []idgraph.Ref) (map[idgraph.Ref]string, error) {
	p.lookup.reads.Add(1)
	out := map[idgraph.Ref]string{}
	for _, ref := range refs {
		if key := p.lookup.keys[ref]; key != "" && ref.Source == s {
			out[ref] = key
		}
	}
	return out, p.lookup.err
}

func (p *people) Customers(_ context.Context, ids []idgraph.CustomerID) (map[idgraph.CustomerID]idgraph.Customer, error) {
	out := map[idgraph.CustomerID]idgraph.Customer{}
	for _, id := range ids {
		if c, ok := p.customers[id]; ok {
			out[id] = c
		}
	}
	return out, p.err
}

func (p *people) Page(_ context.Context, after idgraph.CustomerID, limit int) ([]idgraph.Customer, error) {
	var out []idgraph.Customer
	for _, c := range p.customers {
		if c.ID > after && c.RedirectedFrom == 0 {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b idgraph.Customer) int { return cmp.Compare(a.ID, b.ID) })
	return out[:min(limit, len(out))], p.err
}

func (p *people) List(_ context.Context, s idgraph.Selection, limit int) ([]idgraph.Customer, error) {
	all, _ := p.Page(context.Background(), 0, len(p.customers))
	return storetest.Select(all, s, limit), p.err
}

func (p *people) ByIdentifier(_ context.Context, id idgraph.Identifier) ([]idgraph.CustomerID, error) {
	return p.holders[id], p.err
}

func (p *people) ByRef(_ context.Context, ref idgraph.Ref) (idgraph.CustomerID, error) {
	for id, c := range p.customers {
		if c.RedirectedFrom == 0 && slices.Contains(c.Refs, ref) {
			return id, p.err
		}
	}
	return 0, p.err
}

func (p *people) ByRefs(ctx context.Context, refs []idgraph.Ref) (map[idgraph.Ref]idgraph.CustomerID, error) {
	out := map[idgraph.Ref]idgraph.CustomerID{}
	for _, ref := range refs {
		if id, _ := p.ByRef(ctx, ref); id != 0 {
			out[ref] = id
		}
	}
	return out, p.err
}

func (p *people) Sources(context.Context) (map[idgraph.Source]idgraph.SyncState, error) {
	return p.sources, p.err
}

// A book is a consent ledger in memory.
type book struct {
	events map[idgraph.Ref][]consent.Event
	n      int64
	reads  int
	err    error
}

func (b *book) Append(_ context.Context, events []consent.Event) error {
	for _, e := range events {
		b.n++
		e.Seq = b.n
		b.events[e.Ref] = append(b.events[e.Ref], e)
	}
	return nil
}

func (b *book) Of(_ context.Context, refs []idgraph.Ref) (map[idgraph.Ref][]consent.Event, error) {
	b.reads++
	out := map[idgraph.Ref][]consent.Event{}
	for _, r := range refs {
		out[r] = b.events[r]
	}
	return out, b.err
}

func (b *book) Revision(context.Context) (int64, error) { return b.n, b.err }

// A diary takes down the audit entries.
type diary struct {
	mu      sync.Mutex
	entries []audit.Entry
	durable []bool
	err     error
}

func (d *diary) Record(_ context.Context, e audit.Entry, durable bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err == nil {
		d.entries, d.durable = append(d.entries, e), append(d.durable, durable)
	}
	return d.err
}

// A rig is a door with everything around it in memory, asked in GraphQL.
type rig struct {
	t       testing.TB
	door    *door.Door
	people  *people
	ledger  *book
	audit   *diary
	log     *bytes.Buffer
	sources map[idgraph.Source]*fake
	ring    *keys.Ring
	serve   *handler.Server
	config  door.Config
}

// open opens a door over sources; change may alter its configuration.
func open(t testing.TB, change func(*door.Config), sources ...*fake) *rig {
	t.Helper()
	ring, err := keys.Create()
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{
		t: t, people: &people{customers: map[idgraph.CustomerID]idgraph.Customer{}, holders: map[idgraph.Identifier][]idgraph.CustomerID{}},
		ledger: &book{events: map[idgraph.Ref][]consent.Event{}}, audit: &diary{}, log: &bytes.Buffer{},
		sources: map[idgraph.Source]*fake{}, ring: ring,
	}
	pol := policy.Default()
	log := slog.New(slog.NewTextHandler(&locked{w: r.log}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r.config = door.Config{
		Schema: graph.NewExecutableSchema(graph.Config{}).Schema(), Graph: r.people, Ledger: r.ledger, Policy: pol, Seal: ring,
		Audit: r.audit, Region: "DE", Log: log, Decide: pol.Decide, Now: func() time.Time { return now },
	}
	for _, s := range sources {
		r.sources[s.name] = s
		r.config.Sources = append(r.config.Sources, &connectors.Asker{Connector: s, Now: r.config.Now, Timeout: 2 * time.Second})
	}
	if change != nil {
		change(&r.config)
	}
	if r.door, err = door.New(r.config); err != nil {
		t.Fatal(err)
	}
	r.serve = handler.New(graph.NewExecutableSchema(graph.Config{Resolvers: &resolvers.Resolver{Door: r.door}}))
	r.serve.AddTransport(transport.POST{})
	r.serve.SetErrorPresenter(resolvers.Present(log))
	r.serve.AroundOperations(func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		who := ctx.Value(whoKey{}).(who)
		ctx, _ = r.door.Begin(ctx, who.caller, who.purpose)
		return next(ctx)
	})
	r.serve.AroundResponses(resolvers.Finish(log))
	return r
}

type whoKey struct{}

// who asks, and why.
type who struct {
	caller  policy.Caller
	purpose consent.Purpose
}

// The callers of the default policy, each with a purpose that it holds.
var (
	agent     = who{policy.Caller{Name: "agent", Role: "support-agent"}, "support.case"}
	lead      = who{policy.Caller{Name: "lead", Role: "support-lead"}, "support.case"}
	billing   = who{policy.Caller{Name: "billing", Role: "billing"}, "billing.collect"}
	sales     = who{policy.Caller{Name: "sales", Role: "sales"}, "sales.pipeline"}
	marketing = who{policy.Caller{Name: "marketing", Role: "marketing"}, "marketing.email"}
	analyst   = who{policy.Caller{Name: "analyst", Role: "analyst"}, "analytics.product"}
	officer   = who{policy.Caller{Name: "officer", Role: "privacy-officer"}, "legal.request"}
)

// locked is a writer for many.
type locked struct {
	mu sync.Mutex
	w  *bytes.Buffer
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

// An answer is what a caller got.
type answer struct {
	t    testing.TB
	body string
	Data map[string]any
	Errs []struct {
		Message    string
		Path       []any
		Extensions map[string]any
	} `json:"errors"`
	Extensions struct {
		Privacy door.Privacy
		Sources []door.SourceReport
	}
}

// ask sends one operation.
func (r *rig) ask(as who, query string, variables ...any) *answer {
	r.t.Helper()
	vars := map[string]any{}
	for i := 0; i+1 < len(variables); i += 2 {
		vars[variables[i].(string)] = variables[i+1]
	}
	body, err := json.Marshal(map[string]any{"query": query, "variables": vars})
	if err != nil {
		r.t.Fatal(err)
	}
	req := httptest.NewRequest("POST", "/graphql", bytes.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	req = req.WithContext(context.WithValue(req.Context(), whoKey{}, as))
	rec := httptest.NewRecorder()
	r.serve.ServeHTTP(rec, req)
	a := &answer{t: r.t, body: rec.Body.String()}
	if err := json.Unmarshal(rec.Body.Bytes(), a); err != nil {
		r.t.Fatalf("%v: %s", err, a.body)
	}
	return a
}

// at follows a path through the data: "customer.orders.nodes.0.number".
func (a *answer) at(path string) any {
	a.t.Helper()
	var v any = a.Data
	for step := range strings.SplitSeq(path, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(in) {
				return nil
			}
			v = in[i]
		default:
			return nil
		}
	}
	return v
}

// is sees that a path holds a value, written as JSON.
func (a *answer) is(path, want string) {
	a.t.Helper()
	got, err := json.Marshal(a.at(path))
	if err != nil || string(got) != want {
		a.t.Errorf("%s is %s, want %s\n%s", path, got, want, a.body)
	}
}

// codes are the codes of all errors, in order.
func (a *answer) codes() string {
	var out []string
	for _, e := range a.Errs {
		code, _ := e.Extensions["code"].(string)
		out = append(out, code)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// fine sees that there are no errors.
func (a *answer) fine() *answer {
	a.t.Helper()
	if len(a.Errs) > 0 {
		a.t.Errorf("errors: %s", a.body)
	}
	return a
}
