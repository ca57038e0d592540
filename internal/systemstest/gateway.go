package main

import (
	"bytes"
	"cmp"
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
	"sync"
	"syscall"
	"time"
)

// A gateway is the product, as a process of its own.
type gateway struct {
	bin, home, url, token string
	every                 time.Duration // between two readings; 0 is `every`
	cmd                   *exec.Cmd
	ended                 chan error
	mu                    sync.Mutex
	said                  []string // what errors said
}

const configuration = `listen: 127.0.0.1:0
data: %[1]s/data
keys: {file: %[1]s/keys.json}
region: DE
auth:
  tokens:
    - {name: systemstest, role: privacy-officer, sha256: %[2]s}
sources:
`

// A source is one entry of the configuration.
type source struct {
	name, kind, role, url, settings string
	sweep                           time.Duration // 0 is the gateway's own
	env                             string        // SECRET=value, where the settings name the variable
}

// every is how often changes are read.
const every = 2 * time.Second

func (s source) yaml(every time.Duration) string {
	if s.sweep > 0 {
		s.settings += fmt.Sprintf("    sweep: %s\n", s.sweep)
	}
	return fmt.Sprintf(`  - name: %s
    kind: %s
    role: %s
    sync: %s
    timeout: %s
    settings:
      url: %s
%s`, s.name, s.kind, s.role, every, callTimeout, s.url, s.settings)
}

var (
	tokenIn  = regexp.MustCompile(`c360_[A-Za-z0-9_-]+`)
	digestIn = regexp.MustCompile(`sha256: ([0-9a-f]{64})`)
)

// start makes keys, a token and a configuration, starts the gateway and waits
// until it says that it is ready.
func (g *gateway) start(ctx context.Context, sources ...source) error {
	if err := os.MkdirAll(g.home, 0o700); err != nil {
		return err
	}
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
	file, text := filepath.Join(g.home, "customer360.yaml"), fmt.Appendf(nil, configuration, g.home, digest[1])
	env := os.Environ()
	for _, s := range sources {
		text, env = append(text, s.yaml(cmp.Or(g.every, every))...), append(env, s.env)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return err
	}
	ready := filepath.Join(g.home, "ready.json")
	_ = os.Remove(ready)
	log, err := os.Create(g.logFile())
	if err != nil {
		return err
	}
	defer log.Close()
	g.cmd = exec.Command(g.bin, "-config", file, "-ready-file", ready)
	g.cmd.Env = append(env, "C360_LOG_LEVEL=debug")
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
	return nil
}

func (g *gateway) logFile() string { return filepath.Join(g.home, "gateway.log") }

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

// A sourceState is how the gateway says that a source is.
type sourceState struct {
	Name      string
	Synced    bool
	SyncError *string
}

func (g *gateway) sources(ctx context.Context) (map[string]sourceState, error) {
	var data struct{ Sources []sourceState }
	if _, err := g.ask(ctx, `{sources {name synced syncError}}`, nil, &data); err != nil {
		return nil, err
	}
	by := map[string]sourceState{}
	for _, s := range data.Sources {
		by[s.Name] = s
	}
	return by, nil
}

// waitSynced waits until the sources have been read, and nothing is wrong with them.
func (g *gateway) waitSynced(ctx context.Context, names ...string) error {
	return within(ctx, 5*time.Minute, func() error {
		got, err := g.sources(ctx)
		for _, name := range names {
			if !got[name].Synced || got[name].SyncError != nil {
				err = errors.Join(err, fmt.Errorf("%s has not been read yet: %s", name, s(got[name].SyncError)))
			}
		}
		return err
	})
}

// waitCode waits until the last reading of a source has failed with a code.
func (g *gateway) waitCode(ctx context.Context, name, code string) error {
	return within(ctx, 2*time.Minute, func() error {
		got, err := g.sources(ctx)
		return errors.Join(err, wantIf(s(got[name].SyncError) == code, "syncError %s of %s, got %q", code, name, s(got[name].SyncError)))
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
	g.cmd = nil
}

// A gqlError is one entry of a response's errors.
type gqlError struct {
	Message    string
	Path       []any
	Extensions struct{ Code, Source, Kind string }
}

// ask sends one operation as privacy-officer under legal.request.
func (g *gateway) ask(ctx context.Context, query string, variables, data any) ([]gqlError, error) {
	return g.askAll(ctx, query, variables, data, nil)
}

// askAll is ask that reads the extensions too.
func (g *gateway) askAll(ctx context.Context, query string, variables, data, extensions any) ([]gqlError, error) {
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
		Data, Extensions json.RawMessage
		Errors           []gqlError
	}
	if err := json.Unmarshal(said, &reply); err != nil {
		return nil, fmt.Errorf("status %d: %w", resp.StatusCode, err)
	}
	g.mu.Lock()
	for _, e := range reply.Errors {
		g.said = append(g.said, e.Message)
	}
	g.mu.Unlock()
	if len(reply.Data) == 0 || string(reply.Data) == "null" {
		return reply.Errors, fmt.Errorf("status %d without data: %v", resp.StatusCode, reply.Errors)
	}
	if extensions != nil {
		if err := json.Unmarshal(reply.Extensions, extensions); err != nil {
			return reply.Errors, err
		}
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
