package door_test

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/transport"

	"customer360/connectors"
	"customer360/graph"
	"customer360/idgraph"
	"customer360/idgraph/consent"
	"customer360/idgraph/policy"
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
