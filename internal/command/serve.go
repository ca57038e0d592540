package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"customer360/connectors/ingest"
	"customer360/console"
	"customer360/idgraph/sqlstore"
	"customer360/internal/demo"
	"customer360/internal/keys"
	"customer360/internal/server"
)

type serve struct {
	Config    string                   `help:"Serve this configuration; without one, the demo." type:"path"`
	Listen    string                   `help:"Address to serve on; 127.0.0.1:4000 by default. Port 0 takes a free one."`
	Data      string                   `help:"Folder of the gateway's own store; \"data\" by default." type:"path"`
	Fresh     bool                     `help:"Demo: begin with an empty folder; removes what the gateway and the demo have put there."`
	ReadyFile string                   `help:"Write a file of JSON once it serves: URLs, and in the demo tokens." type:"path"`
	Slow      map[string]time.Duration `help:"Demo: let sources take longer: shop=800ms." mapsep:","`
	Down      []string                 `help:"Demo: let sources be down."`
	LogLevel  string                   `help:"debug, info, warn or error." default:"info" enum:"debug,info,warn,error" env:"C360_LOG_LEVEL"`
}

// Run serves until it is told to stop.
func (s *serve) Run(ctx context.Context, p *program) error {
	log, err := logger(p.log, s.LogLevel)
	if err != nil {
		return err
	}
	if s.Config != "" && (s.Fresh || len(s.Slow) > 0 || len(s.Down) > 0) {
		return usageError{errors.New("-fresh, -slow and -down are for the demo; leave out -config")}
	}
	if s.Config == "" {
		return s.demo(ctx, p, log)
	}
	conf, ring, err := configured(s.Config, s.Data, "")
	if err != nil {
		return err
	}
	s.override(conf)
	return s.serve(ctx, p, conf, server.Options{Keys: ring, Log: log, Session: console.Session{Endpoint: "/graphql"}}, nil)
}

func (s *serve) override(c *server.Config) {
	if s.Listen != "" {
		c.Listen = s.Listen
	}
	if s.Data != "" {
		c.Data = s.Data
	}
}

// demo serves four embedded systems, with a fixed token for every role, on loopback alone.
func (s *serve) demo(ctx context.Context, p *program, log *slog.Logger) error {
	conf := &server.Config{Listen: "127.0.0.1:4000", Data: "data"}
	s.override(conf)
	if host, _, err := net.SplitHostPort(conf.Listen); err != nil || !loopback(host) {
		return usageError{fmt.Errorf("-listen %s: the demo's tokens are known to everybody, so it serves loopback alone", conf.Listen)}
	}
	if s.Fresh {
		if err := fresh(ctx, conf.Data); err != nil {
			return err
		}
	}
	faults, err := demo.NewFaults(p.demo, s.Slow, s.Down)
	if err != nil {
		return usageError{err}
	}
	systems := filepath.Join(conf.Data, "demo")
	if err := demo.Ensure(ctx, p.demo, systems, nil); err != nil {
		return err
	}
	if err := server.UseDemo(conf, p.demo, systems); err != nil {
		return err
	}
	ring, err := keys.OpenOrCreate(filepath.Join(conf.Data, "keys.json"))
	if err != nil {
		return err
	}
	o := server.Options{Keys: ring, Log: log, Session: server.DemoSession(), Before: faults.Before}
	return s.serve(ctx, p, conf, o, faults.Arm)
}

func (s *serve) serve(ctx context.Context, p *program, conf *server.Config, o server.Options, ready func()) error {
	if s.ReadyFile != "" {
		if err := os.Remove(s.ReadyFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return usageError{fmt.Errorf("-ready-file: %w", err)}
		}
	}
	o.Progress = ingest.Bar(p.log)
	g, err := server.Open(ctx, conf, o)
	if err != nil {
		return mendable(err)
	}
	l, err := net.Listen("tcp", conf.Listen)
	if err != nil {
		_ = g.Close()
		return fmt.Errorf("listen: %w; choose another address with -listen", err)
	}
	warn(o.Log, conf)
	learned := make(chan struct{})
	go func() {
		defer close(learned)
		g.Learn(ctx)
	}()
	go s.announce(ctx, p, g, conf, l.Addr(), o, ready)
	err = g.Serve(ctx, l)
	<-learned
	return errors.Join(err, g.Close())
}

// announce tells people and scripts once it serves.
func (s *serve) announce(ctx context.Context, p *program, g *server.Gateway, conf *server.Config, addr net.Addr, o server.Options, ready func()) {
	if g.WaitReady(ctx) != nil {
		return
	}
	if ready != nil {
		ready()
	}
	scheme := "http"
	if conf.TLS.Cert != "" {
		scheme = "https"
	}
	base := scheme + "://" + addr.String()
	fmt.Fprintf(p.log, "\ncustomer360 serves GraphQL on %s/graphql, GraphiQL on %s/graphiql\n", base, base)
	said := map[string]any{"graphql": base + "/graphql", "graphiql": base + "/graphiql"}
	if o.Session.Demo {
		tokens := map[string]string{}
		for _, r := range o.Session.Roles {
			tokens[r.Name] = r.Token
		}
		said["tokens"] = tokens
		fmt.Fprintln(p.log, "demo tokens: demo-support-agent, demo-marketing, …: one per role; stop with Ctrl-C")
	}
	if s.ReadyFile == "" {
		return
	}
	if err := writeFile(s.ReadyFile, said); err != nil {
		o.Log.Error("the ready file could not be written", "error", err)
	}
}

// writeFile writes JSON so that nobody ever reads half of it.
func writeFile(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	tmp := path + ".tmp"
	if err := os.WriteFile(tmp, append(text, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

// fresh removes what the gateway and the demo have put into a folder, and nothing else.
func fresh(ctx context.Context, dir string) error {
	if err := sqlstore.Remove(ctx, dir); err != nil {
		return usageError{fmt.Errorf("-fresh: %w", err)}
	}
	for _, name := range []string{"demo", "keys.json"} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("-fresh: %w", err)
		}
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func warn(log *slog.Logger, c *server.Config) {
	host, _, err := net.SplitHostPort(c.Listen)
	if err == nil && !loopback(host) && c.TLS.Cert == "" && !c.Proxy {
		log.Warn("tokens and personal data leave this machine unencrypted: configure tls, or say `proxy: true` where a proxy ends TLS", "listen", c.Listen)
	}
}

func logger(w io.Writer, level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, usageError{fmt.Errorf("-log-level: %w", err)}
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: l})), nil
}
