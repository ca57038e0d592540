package server

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"customer360/connectors"
	"customer360/connectors/ingest"
	"customer360/console"
	"customer360/idgraph"
	"customer360/idgraph/audit"
	"customer360/idgraph/policy"
	"customer360/idgraph/sqlstore"
	"customer360/internal/auth"
	"customer360/internal/keys"
	"customer360/internal/limits"
	"customer360/resolvers/door"
)

// lookupsPerMinute is how often one caller may look somebody up.
const lookupsPerMinute = 30

// recordsPerMinute is how many records one caller may have resolved to their
// customers through _entities: six full batches of a router.
const recordsPerMinute = 600

// Options are what a gateway is opened with besides its configuration.
type Options struct {
	Keys     *keys.Ring
	Log      *slog.Logger
	Progress func(ingest.Progress)
	Session  console.Session
	// Before is told of every call that leaves for a source; the demo's faults
	// and the tests' counters stand here.
	Before func(ctx context.Context, source idgraph.Source, call string) error
	// Driver wraps the driver of a source's database; nil leaves it as it is.
	Driver func(source idgraph.Source, to driver.Connector) driver.Connector
	// Decide replaces the decision: for the proof alone.
	Decide func(policy.Question) policy.Decision
	Now    func() time.Time
}

// A Gateway is the whole process but its listener.
type Gateway struct {
	Store  *sqlstore.DB
	Door   *door.Door
	Syncer *ingest.Syncer
	HTTP   http.Handler

	config  *Config
	log     *slog.Logger
	audit   *audit.Log
	sources []*connectors.Asker
	ready   chan struct{}
}

// Open opens stores, sources and the door, in this order. What it opened is
// closed again where a later part fails.
func Open(ctx context.Context, c *Config, o Options) (_ *Gateway, err error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	g := &Gateway{config: c, log: o.Log, ready: make(chan struct{})}
	defer func() {
		if err != nil {
			_ = g.Close()
		}
	}()
	pol, err := loadPolicy(c.Policy)
	if err != nil {
		return nil, err
	}
	keyring, err := auth.NewKeyring(c.Auth.Tokens, pol)
	if err != nil {
		return nil, err
	}
	if g.Store, err = openStore(ctx, c, sqlstore.Options{Now: o.Now}, o.Keys); err != nil {
		return nil, err
	}
	g.audit = audit.New(g.Store, audit.Options{})
	if err := g.openSources(o); err != nil {
		return nil, err
	}
	g.Syncer = g.syncer(o)
	if o.Decide == nil {
		o.Decide = pol.Decide
	}
	lookups, records := &limits.Lookups{PerMinute: lookupsPerMinute}, &limits.Lookups{PerMinute: recordsPerMinute}
	g.Door, err = door.New(door.Config{
		Schema: Schema(), Graph: g.Store, Reviews: g.Store, Decider: g.Store, Ledger: g.Store, Policy: pol, Sources: g.sources, Seal: o.Keys,
		Audit: g.audit, Finder: g.Syncer, MayLookUp: lookups.Allow, MayName: records.AllowN, Region: c.Region, Log: o.Log, Decide: o.Decide, Now: o.Now,
	})
	if err != nil {
		return nil, err
	}
	h := &Handler{
		Door: g.Door, Keyring: keyring, Policy: pol, Hosts: c.Hosts, Origins: c.Origins,
		Session: o.Session, Ready: g.Ready, Log: o.Log,
	}
	if g.HTTP, err = h.HTTP(); err != nil {
		return nil, err
	}
	return g, nil
}

// openStore opens the gateway's own store: a folder of its own, or the database
// that it shares.
func openStore(ctx context.Context, c *Config, o sqlstore.Options, ring *keys.Ring) (*sqlstore.DB, error) {
	weights, err := ReadWeights(c.Identity.Weights)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	o.Region, o.Weights = c.Region, weights
	if c.Store.IsZero() {
		return sqlstore.Open(ctx, c.Data, ring, o)
	}
	at, err := c.Store.Reveal()
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return sqlstore.OpenPostgres(ctx, at, ring, o)
}

func loadPolicy(path string) (*policy.Policy, error) {
	if path == "" {
		return policy.Default(), nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the policy: %w", err)
	}
	return policy.Parse(text)
}

func (g *Gateway) openSources(o Options) error {
	for i := range g.config.Sources {
		s := &g.config.Sources[i]
		setup := connectors.Setup{Region: g.config.Region, Overlap: s.Overlap, Log: g.log}
		if o.Before != nil {
			setup.Before = func(ctx context.Context, call string) error { return o.Before(ctx, s.Name, call) }
		}
		if o.Driver != nil {
			setup.Driver = func(to driver.Connector) driver.Connector { return o.Driver(s.Name, to) }
		}
		conn, err := s.Open(setup)
		if err != nil {
			return err
		}
		a, err := s.asker(conn)
		if err != nil {
			_ = conn.Close()
			return err
		}
		a.Now, a.Log = o.Now, g.log
		g.sources = append(g.sources, a)
	}
	return nil
}

func (g *Gateway) syncer(o Options) *ingest.Syncer {
	s := &ingest.Syncer{Store: g.Store, Ledger: g.Store, Leads: g.Store.Leads, Progress: o.Progress, Log: g.log, Now: o.Now}
	s.Renew = g.renew
	for i, a := range g.sources {
		c := g.config.Sources[i]
		s.Sources = append(s.Sources, ingest.Source{Asker: a, Interval: c.Sync, Sweep: c.Sweep, Reread: c.Reread})
	}
	return s
}

// renew builds the graph anew where the records have doubled since they were
// counted.
func (g *Gateway) renew(ctx context.Context) error {
	begun := time.Now()
	var once sync.Once
	report, done, err := g.Store.Renew(ctx, sqlstore.BuildOptions{Progress: func(string, int, int) {
		once.Do(func() {
			g.log.InfoContext(ctx, "the graph is built anew: its records have doubled since they were counted")
		})
	}})
	if done {
		g.log.InfoContext(ctx, "the graph has been built anew", "snapshot", report.Snapshot, "records", report.Held, "edges", report.Edges,
			"merged", report.Merged, "split", report.Split, "took", time.Since(begun).Round(time.Millisecond).String())
	}
	return err
}

// Learn reads every source once, then follows changes until ctx ends. Ready is
// nil from the moment every source has been read or has failed once, and what
// has been read is counted.
func (g *Gateway) Learn(ctx context.Context) {
	g.Syncer.Once(ctx)
	g.Syncer.CountGraph(ctx)
	close(g.ready)
	g.Syncer.Follow(ctx)
}

// Ready says whether the first reading is over.
func (g *Gateway) Ready() error {
	select {
	case <-g.ready:
		return nil
	default:
		return errors.New("the first reading of the sources is still under way")
	}
}

// WaitReady waits for the first reading.
func (g *Gateway) WaitReady(ctx context.Context) error {
	select {
	case <-g.ready:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Serve answers on a listener until ctx ends, then lets what is under way come to its end.
func (g *Gateway) Serve(ctx context.Context, l net.Listener) error {
	srv := &http.Server{
		Handler: g.HTTP, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second,
		WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(g.log.Handler(), slog.LevelDebug),
	}
	done := make(chan error, 1)
	go func() {
		if t := g.config.TLS; t.Cert != "" {
			done <- srv.ServeTLS(l, t.Cert, t.Key)
		} else {
			done <- srv.Serve(l)
		}
	}()
	select {
	case err := <-done:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	g.log.Info("draining")
	drain, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := srv.Shutdown(drain); err != nil {
		return fmt.Errorf("drain: %w", err)
	}
	return nil
}

// Close closes everything, the audit log first.
func (g *Gateway) Close() error {
	var errs []error
	if g.audit != nil {
		errs = append(errs, g.audit.Close())
	}
	for _, a := range g.sources {
		errs = append(errs, a.Connector.Close())
	}
	if g.Store != nil {
		errs = append(errs, g.Store.Close())
	}
	return errors.Join(errs...)
}
