// Systemstest starts a real CRM, ERP, shop and helpdesk (testdata/systems),
// puts the gateway before them as a process of its own, and holds its answers
// against what the systems' own APIs say. It imports nothing of the gateway:
// what it knows of it, it knows by GraphQL, but who is probably one person: that
// is told to nobody, and read from the store. `make test-systems N=40` runs it,
// as root on Debian 12: it installs the systems' packages. A system that cannot
// start is told of and left out; with CI=true that is a failure.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

func main() {
	n := flag.Int("n", 40, "people to seed into each system")
	state := flag.String("state", "", "folder for everything that is written, kept for the next run; a temporary one by default")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	ctx, cancel := context.WithCancel(ctx)
	go followParent(ctx, cancel)
	r, began := &report{}, time.Now()
	if err := run(ctx, r, *n, *state); err != nil {
		r.check("the run comes to its end", err)
	}
	cancel()
	stop()
	r.note("took %s", time.Since(began).Round(time.Second))
	fmt.Printf("%d passed, %d failed\n", r.passed, r.failed)
	if r.failed > 0 || r.passed == 0 {
		os.Exit(1)
	}
}

// followParent ends the run when its parent is gone: `go run`, told to
// terminate, leaves its program behind.
func followParent(ctx context.Context, end func()) {
	for parent := os.Getppid(); os.Getppid() == parent; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
	}
	end()
}

// run takes everything down that it has started, however it ends.
func run(ctx context.Context, r *report, n int, state string) error {
	home, kept := state, state != ""
	if !kept {
		var err error
		if home, err = os.MkdirTemp("", "c360-systems-"); err != nil {
			return err
		}
		defer os.RemoveAll(home)
	}
	// The database servers run as users of their own and have to pass through.
	if err := os.MkdirAll(home, 0o755); err != nil {
		return err
	}
	if err := os.Chmod(home, 0o755); err != nil {
		return err
	}
	lock, err := os.OpenFile(filepath.Join(home, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return fmt.Errorf("another run uses %s: %w", home, err)
	}
	bin := filepath.Join(home, "customer360")
	building := make(chan error, 1)
	go func() { building <- build(ctx, bin) }()
	all := everything(home)
	defer all.down()
	running, wrong, err := all.ready(ctx, n)
	if err := errors.Join(err, tellMissing(r, all, wrong)); err != nil {
		return err
	}
	if err := <-building; err != nil {
		return err
	}
	// What gateways remember is of this run alone: a ledger knows since when.
	for _, name := range []string{"gateway", "swept", "watched", "troubled"} {
		if err := os.RemoveAll(filepath.Join(home, name)); err != nil {
			return err
		}
	}
	g := &gateway{bin: bin, home: filepath.Join(home, "gateway")}
	defer g.stop()
	began := time.Now()
	if err := g.start(ctx, running.sources()...); err != nil {
		return err
	}
	if err := g.waitSynced(ctx, running.names()...); err != nil {
		return err
	}
	r.note("the gateway serves and has read %s after %s", strings.Join(running.names(), ", "), time.Since(began).Round(10*time.Millisecond))
	people, err := checks(ctx, r, g, running)
	if err != nil {
		return err
	}
	g.stop()
	quiet(r, "the gateway", g, people, running.secrets())
	if err := deletions(ctx, r, &gateway{bin: bin, home: filepath.Join(home, "swept")}, running); err != nil {
		return err
	}
	if err := watchedChecks(ctx, r, &gateway{bin: bin, home: filepath.Join(home, "watched")}, running); err != nil {
		return err
	}
	if crm, erp := running.get("crm"), running.get("erp"); crm != nil && erp != nil {
		return behindProxy(ctx, r, &gateway{bin: bin, home: filepath.Join(home, "troubled")}, people, crm, erp)
	}
	return nil
}

// watchedChecks count what comes to the systems.
func watchedChecks(ctx context.Context, r *report, g *gateway, running fleet) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer g.stop()
	w, err := watch(ctx, g, running)
	if err != nil {
		return err
	}
	answers, err := w.everybody(ctx)
	if err != nil {
		return err
	}
	if err := countCalls(ctx, r, w); err != nil {
		return err
	}
	if err := dashboard(ctx, r, w, answers); err != nil {
		return err
	}
	if running.get("helpdesk") == nil {
		return nil
	}
	if err := manyRequestors(ctx, r, w, answers); err != nil {
		return err
	}
	return pagedWhileGrowing(ctx, r, w, answers)
}

// build makes the gateway's program.
func build(ctx context.Context, bin string) error {
	out, err := exec.CommandContext(ctx, "go", "build", "-o", bin, ".").CombinedOutput()
	if err != nil {
		return fmt.Errorf("build the gateway: %w\n%s", err, out)
	}
	return nil
}

// tellMissing says which systems did not start, and why. It is a failure where
// that has been promised, or where none runs.
func tellMissing(r *report, all fleet, wrong map[string]error) error {
	for _, s := range all {
		switch err := wrong[s.name]; {
		case err != nil && os.Getenv("CI") == "true":
			r.check(s.name+" starts", err)
		case err != nil:
			r.note("NOT TESTED: %s does not start: %v", s.name, err)
		}
	}
	if len(wrong) == len(all) {
		return errors.New("no system runs")
	}
	return nil
}

// sources are the systems as the gateway is told of them.
func (f fleet) sources() []source {
	var all []source
	for _, s := range f {
		all = append(all, s.source(s.url))
	}
	return all
}

// secrets are what no log may hold.
func (f fleet) secrets() []string {
	var all []string
	for _, s := range f {
		all = append(all, s.secretValue())
	}
	return all
}

// checks are what the gateway promises of real systems. It returns what nobody
// may log.
func checks(ctx context.Context, r *report, g *gateway, running fleet) ([]string, error) {
	answers, err := g.everybody(ctx)
	if err != nil {
		return nil, err
	}
	said, err := readSystems(ctx, running)
	if err != nil {
		return nil, err
	}
	known, err := readGraph(ctx, g)
	if err != nil {
		return nil, err
	}
	compareAll(r, answers, said, known, running)
	if err := compareLinks(r, known, said, running); err != nil {
		return nil, err
	}
	for _, s := range running {
		if err := oneDown(ctx, r, g, answers, s, running); err != nil {
			return nil, err
		}
	}
	if erp := running.get("erp"); erp != nil {
		if err := killed(ctx, r, g, answers, erp); err != nil {
			return nil, err
		}
	}
	if crm := running.get("crm"); crm != nil {
		if err := sessionExpires(ctx, r, g, answers, crm); err != nil {
			return nil, err
		}
		if err := consentWithdrawn(ctx, r, g, answers, crm); err != nil {
			return nil, err
		}
	}
	return personal(said), nil
}

// A report counts and prints.
type report struct{ passed, failed int }

func (r *report) check(what string, err error) {
	if err != nil {
		r.failed++
		fmt.Printf("FAIL  %s: %v\n", what, err)
		return
	}
	r.passed++
	fmt.Printf("ok    %s\n", what)
}

func (r *report) note(format string, args ...any) { fmt.Printf("      "+format+"\n", args...) }
