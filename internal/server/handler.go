// Package server makes the whole process out of its parts: configuration,
// stores, connectors, the door, and the HTTP handler in front of it.
package server

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"customer360/console"
	"customer360/graph"
	"customer360/idgraph/consent"
	"customer360/idgraph/policy"
	"customer360/internal/auth"
	"customer360/internal/limits"
	"customer360/resolvers"
	"customer360/resolvers/door"
)

// A Handler is everything that is served.
type Handler struct {
	Door    *door.Door
	Keyring *auth.Keyring
	Policy  *policy.Policy
	Hosts   []string // names besides loopback that this gateway goes by
	Origins []string // pages besides its own that may ask
	Session console.Session
	Ready   func() error // nil once it serves whole answers
	Log     *slog.Logger
}

// Schema is the executable schema's own.
func Schema() *ast.Schema {
	return graph.NewExecutableSchema(graph.Config{}).Schema()
}

// schema is it, made once.
var schema = sync.OnceValue(Schema)

// HTTP builds the handler.
func (h *Handler) HTTP() (http.Handler, error) {
	pages, err := console.Handler(h.Session)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/graphql", h.authenticated(h.GraphQL()))
	mux.Handle("/graphiql", pages)
	mux.Handle("/graphiql/", pages)
	mux.Handle("GET /{$}", http.RedirectHandler("/graphiql", http.StatusFound))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { status(w, nil) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { status(w, h.Ready()) })
	return limits.Hosts(h.Hosts, h.Origins, mux), nil
}

// GraphQL is the executor behind its transports, without authentication.
func (h *Handler) GraphQL() *handler.Server {
	srv := handler.New(graph.NewExecutableSchema(graph.Config{Resolvers: &resolvers.Resolver{Door: h.Door}}))
	srv.AddTransport(post{h})
	srv.SetQueryCache(lru.New[*ast.QueryDocument](1000))
	srv.SetParserTokenLimit(limits.Tokens)
	srv.SetErrorPresenter(resolvers.Present(h.Log))
	srv.SetRecoverFunc(func(ctx context.Context, p any) error {
		h.Log.ErrorContext(ctx, "a resolver panicked", "panic", typeName(p))
		return door.ErrInternal
	})
	srv.Use(&limits.Cost{})
	srv.Use(extension.Introspection{})
	srv.Use(introspection{h.Policy})
	srv.Use(enums{})
	srv.AroundOperations(h.open)
	srv.AroundResponses(resolvers.Finish(h.Log))
	return srv
}

// open opens the door for an operation, unless it is a part of one whose door is open.
func (h *Handler) open(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	if door.From(ctx) == nil {
		ctx, _ = h.begin(ctx)
	}
	return next(ctx)
}

// begin opens the door for an operation, for the purpose that it declares.
func (h *Handler) begin(ctx context.Context) (context.Context, *door.Operation) {
	caller, _ := auth.From(ctx)
	return h.Door.Begin(ctx, caller, h.purpose(graphql.GetOperationContext(ctx)))
}

// purpose is the one that the header and the request's extensions declare;
// none where they disagree or it is not in the registry.
func (h *Handler) purpose(oc *graphql.OperationContext) consent.Purpose {
	declared := oc.Headers.Values("X-Purpose")
	if ext, ok := oc.Extensions["purpose"]; ok {
		text, _ := ext.(string)
		declared = append(declared, text)
	}
	if len(declared) == 0 {
		return ""
	}
	for _, d := range declared {
		if d != declared[0] {
			return ""
		}
	}
	if _, ok := h.Policy.Purpose(consent.Purpose(declared[0])); !ok {
		return ""
	}
	return consent.Purpose(declared[0])
}

// authenticated lets pass who has a token.
func (h *Handler) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, ok := h.Keyring.Caller(r)
		if !ok {
			w.Header().Set("WWW-Authenticate", "Bearer")
			limits.Refuse(w, http.StatusUnauthorized, "UNAUTHENTICATED", "send a token that this gateway knows: Authorization: Bearer …")
			return
		}
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			limits.Refuse(w, http.StatusMethodNotAllowed, "BAD_INPUT", "send GraphQL by POST")
			return
		}
		if !(post{}).Supports(r) {
			limits.Refuse(w, http.StatusUnsupportedMediaType, "BAD_INPUT", "send GraphQL as application/json")
			return
		}
		next.ServeHTTP(w, r.WithContext(auth.With(r.Context(), caller)))
	})
}

// introspection is for those who hold schema:read.
type introspection struct{ policy *policy.Policy }

func (introspection) ExtensionName() string                   { return "IntrospectionByScope" }
func (introspection) Validate(graphql.ExecutableSchema) error { return nil }
func (i introspection) MutateOperationContext(ctx context.Context, oc *graphql.OperationContext) *gqlerror.Error {
	caller, _ := auth.From(ctx)
	if i.policy.May(caller, "schema:read") {
		return nil
	}
	for _, f := range graphql.CollectFields(oc, oc.Operation.SelectionSet, []string{"Query"}) {
		if f.Name == "__schema" || f.Name == "__type" || f.Name == "_service" {
			return resolvers.Error(nil, "FORBIDDEN", "reading the schema needs the scope schema:read")
		}
	}
	return nil
}

func status(w http.ResponseWriter, err error) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	body := map[string]string{"status": "ok"}
	if err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		body = map[string]string{"status": "not ready", "why": err.Error()}
	}
	_ = json.NewEncoder(w).Encode(body)
}
