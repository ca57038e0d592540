package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// A system is one server with a database of its own, and the scripts that
// drive it.
type system struct {
	what
	home string
	port int
	url  string // where its API is
	rpc  *rpcClient
	api  *apiClient
}

func (s *system) scripts() string { return filepath.Join("testdata", "systems", s.folder) }
func (s *system) state() string   { return filepath.Join(s.home, s.name) }

// script runs one of the system's scripts to its end.
func (s *system) script(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	// A group of its own, so that an end reaches what a script runs, and as
	// Ctrl-C: a package manager finishes what it must.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = 20 * time.Second
	cmd.Env = append(os.Environ(),
		"STATE_DIR="+s.state(), "PORT="+strconv.Itoa(s.port), "TRYTON_PASSWORD="+adminPassword,
		"PGSOCK="+filepath.Join(s.home, s.name+".sock"), "PYTHONDONTWRITEBYTECODE=1")
	var wrong strings.Builder
	cmd.Stderr = &wrong
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, wrong.String())
	}
	return strings.TrimSpace(string(out)), nil
}

// up starts the system on a free port and lets the test in; started again, it
// comes back where it was.
func (s *system) up(ctx context.Context) error {
	if s.port == 0 {
		if err := s.choosePort(); err != nil {
			return err
		}
	}
	began := time.Now()
	said, err := s.script(ctx, filepath.Join(s.scripts(), "up.sh"))
	if err != nil {
		return err
	}
	fmt.Printf("      %s is up after %s\n", s.name, time.Since(began).Round(time.Second))
	lines := strings.Split(said, "\n")
	s.url = lines[len(lines)-1] + s.path
	return s.enter(ctx, s)
}

// choosePort keeps the port of a server that an earlier run has left, since
// up.sh finds it running.
func (s *system) choosePort() error {
	if _, err := os.Stat(filepath.Join(s.state(), s.server)); err == nil {
		if b, err := os.ReadFile(filepath.Join(s.state(), "port")); err == nil {
			s.port, err = strconv.Atoi(string(b))
			return err
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.port = l.Addr().(*net.TCPAddr).Port
	if err := os.MkdirAll(s.state(), 0o755); err != nil {
		return err
	}
	return errors.Join(l.Close(), os.WriteFile(filepath.Join(s.state(), "port"), []byte(strconv.Itoa(s.port)), 0o644))
}

// down stops the system by its pid files. It runs when the context may have
// ended already.
func (s *system) down() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, err := s.script(ctx, filepath.Join(s.scripts(), "down.sh")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		s.signal(s.server, syscall.SIGTERM)
		s.signal(filepath.Join("pg", "data", "postmaster.pid"), syscall.SIGQUIT)
	}
}

// signal tells the process of a pid file to end, for when the script cannot.
func (s *system) signal(file string, sig syscall.Signal) {
	if pid, err := s.pid(file); err == nil {
		_ = syscall.Kill(pid, sig)
	}
}

// pid is the number in the first line of a file.
func (s *system) pid(file string) (int, error) {
	said, err := os.ReadFile(filepath.Join(s.state(), file))
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(said), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err == nil && pid < 2 {
		err = fmt.Errorf("%s: %d is no process of ours", file, pid)
	}
	return pid, err
}

// kill ends the server at once, in the middle of whatever it does, and waits
// until it is gone, so that up starts another.
func (s *system) kill(ctx context.Context) error {
	pid, err := s.pid(s.server)
	if err != nil {
		return err
	}
	if err := syscall.Kill(-pid, syscall.SIGKILL); err != nil {
		return err
	}
	gone := within(ctx, 5*time.Second, func() error { return wantIf(syscall.Kill(pid, 0) != nil, "process %d gone", pid) })
	if gone != nil { // dead, but nobody has asked how it died
		fmt.Printf("      %v\n", gone)
	}
	return os.Remove(filepath.Join(s.state(), s.server))
}

// sql runs a statement in the system's database: for what an API cannot do.
func (s *system) sql(ctx context.Context, statement string) error {
	_, err := s.script(ctx, "psql", "-h", filepath.Join(s.home, s.name+".sock"), "-U", "app", "-d", s.name, "-c", statement)
	return err
}

// A fleet is the systems that run, in their order.
type fleet []*system

// get is the system of a name, nil where it does not run.
func (f fleet) get(name string) *system {
	for _, s := range f {
		if s.name == name {
			return s
		}
	}
	return nil
}

func (f fleet) names() []string {
	var names []string
	for _, s := range f {
		names = append(names, s.name)
	}
	return names
}

func (f fleet) down() {
	var all sync.WaitGroup
	for _, s := range f {
		all.Go(s.down)
	}
	all.Wait()
}

// ready starts the systems and fills each with n people and what the seeders
// leave empty, all at the same time: making databases and seeding take most of
// a run. It says which run, and why the others do not start.
func (f fleet) ready(ctx context.Context, n int) (running fleet, wrong map[string]error, err error) {
	tell, quiet := context.WithCancel(ctx)
	defer quiet()
	go f.progress(tell, n)
	missing := make([]error, len(f))
	all, ctx := errgroup.WithContext(ctx)
	for i, s := range f {
		all.Go(func() error {
			if missing[i] = s.up(ctx); missing[i] != nil {
				return nil
			}
			return s.seed(ctx, n)
		})
	}
	err = all.Wait()
	wrong = map[string]error{}
	for i, s := range f {
		if missing[i] != nil {
			wrong[s.name] = missing[i]
		} else {
			running = append(running, s)
		}
	}
	return running, wrong, err
}

// seed fills the system with n people, where it does not hold them yet, and
// adds what the seeder leaves empty.
func (s *system) seed(ctx context.Context, n int) error {
	began := time.Now()
	if s.seeded() < n {
		if _, err := s.script(ctx, s.seeder[0], filepath.Join(s.scripts(), s.seeder[1]), strconv.Itoa(n)); err != nil {
			return err
		}
	}
	if err := s.add(ctx, s); err != nil {
		return fmt.Errorf("%s: what the seeder leaves out: %w", s.name, err)
	}
	fmt.Printf("      %s holds %d records of people after %s more\n", s.name, s.seeded(), time.Since(began).Round(time.Second))
	return nil
}

// progress says from time to time how far the seeders are.
func (f fleet) progress(ctx context.Context, n int) {
	for every := time.NewTicker(15 * time.Second); ; {
		select {
		case <-ctx.Done():
			every.Stop()
			return
		case <-every.C:
		}
		var far []string
		for _, s := range f {
			far = append(far, fmt.Sprintf("%s %d", s.name, s.seeded()))
		}
		fmt.Printf("      records of people, up to %d each: %s\n", n, strings.Join(far, ", "))
	}
}

// seeded is how many records of people the seeder has made.
func (s *system) seeded() int {
	made, _ := os.ReadFile(filepath.Join(s.state(), "seeded.jsonl"))
	return strings.Count(string(made), "\n")
}
