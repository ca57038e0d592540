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
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	adminPassword = "tryton-admin-password"
	wrongPassword = "tryton-other-password"
)

// A system is one Tryton server with a database of its own, and the scripts
// that drive it.
type system struct {
	name string // "crm", "erp": its database's name, too
	home string
	port int
	url  string
	rpc  *rpcClient
}

func (s *system) scripts() string { return filepath.Join("testdata", "systems", "tryton-"+s.name) }
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

// up starts the system on a free port and logs in; started again, it comes
// back where it was.
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
	s.url = lines[len(lines)-1]
	s.rpc, err = login(ctx, s.url)
	return err
}

// choosePort keeps the port of a server that an earlier run has left, since
// up.sh finds it running.
func (s *system) choosePort() error {
	if _, err := os.Stat(filepath.Join(s.state(), "trytond.pid")); err == nil {
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
		s.signal("trytond.pid", syscall.SIGTERM)
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
	pid, err := s.pid("trytond.pid")
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
	return os.Remove(filepath.Join(s.state(), "trytond.pid"))
}

// sql runs a statement in the system's database: for what an API cannot do.
func (s *system) sql(ctx context.Context, statement string) error {
	_, err := s.script(ctx, "psql", "-h", filepath.Join(s.home, s.name+".sock"), "-U", "app", "-d", s.name, "-c", statement)
	return err
}

// upBoth starts both systems at the same time: most of it is making databases.
func upBoth(ctx context.Context, crm, erp *system) error {
	both, ctx := errgroup.WithContext(ctx)
	for _, s := range []*system{crm, erp} {
		both.Go(func() error { return s.up(ctx) })
	}
	return both.Wait()
}

// seedBoth fills both systems with n people each, at the same time, and adds
// what the seeders leave empty.
func seedBoth(ctx context.Context, n int, crm, erp *system) error {
	began := time.Now()
	both, seeding := errgroup.WithContext(ctx)
	for _, s := range []*system{crm, erp} {
		both.Go(func() error {
			_, err := s.script(seeding, "python3", filepath.Join(s.scripts(), "seed.py"), strconv.Itoa(n))
			return err
		})
	}
	if err := both.Wait(); err != nil {
		return err
	}
	if err := errors.Join(addToCRM(ctx, crm), addToERP(ctx, erp)); err != nil {
		return err
	}
	fmt.Printf("      seeded %d people each in %s\n", n, time.Since(began).Round(time.Second))
	return nil
}
