package server

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"customer360/idgraph"
	"customer360/idgraph/consent"
	"customer360/internal/demo"
	"customer360/internal/keys"
)

// Two gateways over the demo's sources and one Postgres: each source is read by
// one of them, both answer the same, and what one records binds on the other
// within a second.
func TestTwoGatewaysShareOnePostgres(t *testing.T) {
	at := os.Getenv("C360_POSTGRES")
	if at == "" {
		t.Skip("C360_POSTGRES names no database: set it to the connection string of a PostgreSQL for tests")
	}
	admin := sqlx.MustOpen("pgx", at)
	defer admin.Close()
	schema := fmt.Sprintf("c360_gateways_%d", os.Getpid())
	admin.MustExec("CREATE SCHEMA " + schema)
	defer admin.MustExec("DROP SCHEMA " + schema + " CASCADE")
	t.Setenv("C360_TEST_STORE", at+" search_path="+schema)

	dir, files := t.TempDir(), os.DirFS(filepath.Join("..", "..", "testdata", "demo"))
	if err := demo.Ensure(t.Context(), files, dir, nil); err != nil {
		t.Fatal(err)
	}
	ring, err := keys.Create()
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var both []*Gateway
	var readers sync.Map // by source, the gateway that reads it
	for i := range 2 {
		conf := &Config{Store: keys.Secret{Env: "C360_TEST_STORE"}}
		if err := UseDemo(conf, files, dir); err != nil {
			t.Fatal(err)
		}
		o := Options{Keys: ring, Log: slog.New(slog.DiscardHandler), Session: DemoSession()}
		o.Before = func(_ context.Context, s idgraph.Source, _ string) error {
			who, _ := readers.LoadOrStore(s, i)
			if who != i {
				t.Errorf("both gateways read %s", s)
			}
			return nil
		}
		g, err := Open(ctx, conf, o)
		if err != nil {
			t.Fatal(err)
		}
		learned := make(chan struct{})
		go func() { defer close(learned); g.Learn(ctx) }()
		defer func() {
			stop()
			<-learned
			if err := g.Close(); err != nil {
				t.Error(err)
			}
		}()
		both = append(both, g)
	}
	for i, g := range both {
		wait, giveUp := context.WithTimeout(ctx, 60*time.Second)
		defer giveUp()
		if err := g.WaitReady(wait); err != nil {
			t.Fatalf("gateway %d: %v", i, err)
		}
	}
	pages := make([][]idgraph.Customer, 2)
	for i, g := range both {
		if pages[i], err = g.Store.Page(ctx, 0, 100_000); err != nil {
			t.Fatal(err)
		}
	}
	if fmt.Sprint(pages[0]) != fmt.Sprint(pages[1]) || len(pages[0]) == 0 {
		t.Fatalf("%d customers on one gateway, %d on the other", len(pages[0]), len(pages[1]))
	}
	seen := map[idgraph.Ref]bool{}
	for _, c := range pages[0] {
		for _, ref := range c.Refs {
			if seen[ref] {
				t.Errorf("record %s belongs to two customers", ref)
			}
			seen[ref] = true
		}
	}

	e := consent.Event{Ref: pages[0][0].Refs[0], Purpose: "marketing.email", State: consent.Withdrawn, At: time.Now(), HeldBy: "test"}
	if err := both[0].Store.Append(ctx, []consent.Event{e}); err != nil {
		t.Fatal(err)
	}
	recorded := time.Now()
	want, err := both[0].Store.Revision(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for have := int64(-1); have < want; time.Sleep(10 * time.Millisecond) {
		if have, err = both[1].Store.Revision(ctx); err != nil {
			t.Fatal(err)
		}
		if time.Since(recorded) > time.Second {
			t.Fatalf("a second later the other gateway is at %d of %d", have, want)
		}
	}

	read := 0
	readers.Range(func(any, any) bool { read++; return true })
	if read != len(both[0].sources) {
		t.Errorf("%d of %d sources were read", read, len(both[0].sources))
	}

	var out bytes.Buffer
	var written bytes.Buffer
	if err := ring.Write(&written); err != nil {
		t.Fatal(err)
	}
	t.Setenv("C360_TEST_KEYS", written.String())
	conf := &Config{Store: keys.Secret{Env: "C360_TEST_STORE"}, Keys: keys.Secret{Env: "C360_TEST_KEYS"}}
	if err := Check(ctx, conf, &out); err != nil || !strings.Contains(out.String(), "store    PostgreSQL, ok") {
		t.Errorf("check says %q, %v", out.String(), err)
	}
}
