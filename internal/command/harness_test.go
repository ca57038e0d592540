package command

import (
	"bytes"
	"context"
	"database/sql/driver"
	"encoding/json"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"customer360/idgraph"
	"customer360/internal/demo"
	"customer360/internal/keys"
	"customer360/internal/server"
)

// A running is the demo's whole gateway in this process, over real HTTP.
type running struct {
	*server.Gateway
	url  string
	dir  string
	logs *lines
	stop func()
}

// demoFiles is testdata/demo.
func demoFiles() fs.FS { return os.DirFS(filepath.Join("..", "..", "testdata", "demo")) }

// startDemo serves the demo as `go run .` does, until the test ends. Before is
// told of every call that leaves for a source; it may be nil.
func startDemo(t testing.TB, before func(ctx context.Context, source idgraph.Source, call string) error) *running {
	t.Helper()
	return startDemoWith(t, before, nil)
}

// startDemoWith also wraps the sources' database drivers.
func startDemoWith(t testing.TB, before func(ctx context.Context, source idgraph.Source, call string) error, wrap func(idgraph.Source, driver.Connector) driver.Connector) *running {
	t.Helper()
	r := &running{dir: t.TempDir(), logs: &lines{}}
	ctx, cancel := context.WithCancel(context.Background())
	systems := filepath.Join(r.dir, "demo")
	if err := demo.Ensure(ctx, demoFiles(), systems, nil); err != nil {
		t.Fatal(err)
	}
	conf := &server.Config{Data: r.dir}
	if err := server.UseDemo(conf, demoFiles(), systems); err != nil {
		t.Fatal(err)
	}
	ring, err := keys.OpenOrCreate(filepath.Join(r.dir, "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	o := server.Options{
		Keys: ring, Session: server.DemoSession(),
		Log: slog.New(slog.NewJSONHandler(io.MultiWriter(r.logs, everyLog), &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if before != nil {
		o.Before = before
	}
	o.Driver = wrap
	if r.Gateway, err = server.Open(ctx, conf, o); err != nil {
		t.Fatal(err)
	}
	learned := make(chan struct{})
	go func() { defer close(learned); r.Learn(ctx) }()
	wait, giveUp := context.WithTimeout(ctx, 30*time.Second)
	defer giveUp()
	if err := r.WaitReady(wait); err != nil {
		t.Fatalf("the first reading did not end: %v", err)
	}
	web := httptest.NewServer(r.HTTP)
	r.url = web.URL
	var once sync.Once
	r.stop = func() {
		once.Do(func() {
			web.Close()
			cancel()
			<-learned
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(r.stop)
	return r
}

// An answer is what GraphQL answered, decoded and as it came.
type answer struct {
	Status     int
	Data       map[string]any
	Errors     []map[string]any
	Extensions map[string]any
	Raw        string
}

// ask sends one query as a role for a purpose.
func (r *running) ask(t testing.TB, role, purpose, query string, variables map[string]any) answer {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, r.url+"/graphql", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if role != "" {
		req.Header.Set("Authorization", "Bearer demo-"+role)
	}
	if purpose != "" {
		req.Header.Set("X-Purpose", purpose)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{Status: resp.StatusCode, Raw: string(raw)}
	if err := json.Unmarshal(raw, &a); err != nil {
		t.Fatalf("%d: %s", resp.StatusCode, raw)
	}
	return a
}

// everyLog is what all gateways of this test run logged.
var everyLog = &lines{}

// lines is a log that can be read while it is written.
type lines struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
