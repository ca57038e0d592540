package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"time"
)

// A gateway is the product, as a process of its own.
type gateway struct {
	bin, home, url, token string
	cmd                   *exec.Cmd
	ended                 chan error
}

const configuration = `listen: 127.0.0.1:0
data: %[1]s/gateway
keys: {file: %[1]s/keys.json}
region: DE
auth:
  tokens:
    - {name: systemstest, role: privacy-officer, sha256: %[2]s}
sources:
  - name: crm
    kind: tryton
    role: CRM
    sync: 2s
    settings:
      url: %[3]s
      user: admin
      password: {env: TRYTON_PASSWORD}
      references: erp
      consents:
        - {purpose: marketing.email, list: Newsletter, notice: newsletter-form@2024}
        - {purpose: marketing.profiling, category: Consent / profiling, notice: account-form@2024}
        - {purpose: sharing.support, category: Consent / share_support_history, notice: account-form@2024}
  - name: erp
    kind: tryton
    role: ERP
    sync: 2s
    settings:
      url: %[4]s
      user: admin
      password: {env: TRYTON_PASSWORD}
`

var (
	tokenIn  = regexp.MustCompile(`c360_[A-Za-z0-9_-]+`)
	digestIn = regexp.MustCompile(`sha256: ([0-9a-f]{64})`)
)

// start makes keys, a token and a configuration, starts the gateway and waits
// until it has read both systems.
func (g *gateway) start(ctx context.Context, crm, erp *system) error {
	keys := filepath.Join(g.home, "keys.json")
	if _, err := os.Stat(keys); err != nil {
		if out, err := exec.CommandContext(ctx, g.bin, "keys", "new", keys).CombinedOutput(); err != nil {
			return fmt.Errorf("make keys: %w\n%s", err, out)
		}
	}
	made, err := exec.CommandContext(ctx, g.bin, "token", "new", "-name", "systemstest", "-role", "privacy-officer").CombinedOutput()
	if err != nil {
		return fmt.Errorf("make a token: %w\n%s", err, made)
	}
	digest := digestIn.FindSubmatch(made)
	if digest == nil {
		return fmt.Errorf("no digest in what token new says")
	}
	g.token = string(tokenIn.Find(made))
	file := filepath.Join(g.home, "customer360.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, configuration, g.home, digest[1], crm.url, erp.url), 0o600); err != nil {
		return err
	}
	ready := filepath.Join(g.home, "ready.json")
	_ = os.Remove(ready)
	log, err := os.Create(filepath.Join(g.home, "gateway.log"))
	if err != nil {
		return err
	}
	defer log.Close()
	g.cmd = exec.Command(g.bin, "-config", file, "-ready-file", ready)
	g.cmd.Env = append(os.Environ(), "TRYTON_PASSWORD="+adminPassword)
	g.cmd.Stdout, g.cmd.Stderr = log, log
	if err := g.cmd.Start(); err != nil {
		return err
	}
	g.ended = make(chan error, 1)
	go func() { g.ended <- g.cmd.Wait() }()
	if err := g.waitReady(ctx, ready); err != nil {
		said, _ := os.ReadFile(log.Name())
		return fmt.Errorf("start the gateway: %w\n%s", err, said)
	}
	return g.waitSynced(ctx)
}

func (g *gateway) waitReady(ctx context.Context, file string) error {
	return within(ctx, 2*time.Minute, func() error {
		select {
		case err := <-g.ended:
			g.ended <- err
			return fatal{fmt.Errorf("it ended: %w", err)}
		default:
		}
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var said struct {
			GraphQL string `json:"graphql"`
		}
		if err := json.Unmarshal(b, &said); err != nil {
			return err
		}
		g.url = said.GraphQL
		return nil
	})
}

func (g *gateway) waitSynced(ctx context.Context) error {
	return within(ctx, 5*time.Minute, func() error {
		var data struct {
			Sources []struct {
				Name   string
				Synced bool
			}
		}
		if _, err := g.ask(ctx, `{sources {name synced}}`, nil, &data); err != nil {
			return err
		}
		for _, s := range data.Sources {
			if !s.Synced {
				return fmt.Errorf("%s has not been read yet", s.Name)
			}
		}
		return nil
	})
}

// stop ends the process that start started, and waits for it.
func (g *gateway) stop() {
	if g.cmd == nil || g.cmd.Process == nil {
		return
	}
	_ = g.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-g.ended:
	case <-time.After(15 * time.Second):
		_ = g.cmd.Process.Kill()
		<-g.ended
	}
}

// A gqlError is one entry of a response's errors.
type gqlError struct {
	Message    string
	Path       []any
	Extensions struct{ Code, Source, Kind string }
}

// ask sends one operation as privacy-officer under legal.request.
func (g *gateway) ask(ctx context.Context, query string, variables, data any) ([]gqlError, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, g.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+g.token)
	req.Header.Set("X-Purpose", "legal.request")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	var reply struct {
		Data   json.RawMessage
		Errors []gqlError
	}
	if err := json.Unmarshal(said, &reply); err != nil {
		return nil, fmt.Errorf("status %d: %w", resp.StatusCode, err)
	}
	if len(reply.Data) == 0 || string(reply.Data) == "null" {
		return reply.Errors, fmt.Errorf("status %d without data: %v", resp.StatusCode, reply.Errors)
	}
	return reply.Errors, json.Unmarshal(reply.Data, data)
}

// fatal ends waiting.
type fatal struct{ error }

// within tries until it works, the time is over, or it never will.
func within(ctx context.Context, d time.Duration, try func() error) error {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	for {
		err := try()
		if err == nil {
			return nil
		}
		if never := (fatal{}); errors.As(err, &never) {
			return never.error
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("after %s: %w", d, err)
		case <-time.After(200 * time.Millisecond):
		}
	}
}
