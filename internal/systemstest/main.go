// Systemstest starts a real CRM and a real ERP (testdata/systems), puts the
// gateway before them as a process of its own, and holds its answers against
// what the systems' own APIs say. It imports nothing of the gateway: what it
// knows of it, it knows by GraphQL. `make test-systems N=40` runs it, as root
// on Debian 12: it installs the systems' packages.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
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
	crm, erp := &system{name: "crm", home: home}, &system{name: "erp", home: home}
	defer crm.down()
	defer erp.down()
	if err := upBoth(ctx, crm, erp); err != nil {
		return err
	}
	if err := seedBoth(ctx, n, crm, erp); err != nil {
		return err
	}
	bin := filepath.Join(home, "customer360")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		return fmt.Errorf("build the gateway: %w\n%s", err, out)
	}
	g := &gateway{bin: bin, home: filepath.Join(home, "gateway")}
	defer g.stop()
	began := time.Now()
	if err := g.start(ctx, source{name: "crm", url: crm.url}, source{name: "erp", url: erp.url}); err != nil {
		return err
	}
	if err := g.waitSynced(ctx, "crm", "erp"); err != nil {
		return err
	}
	r.note("the gateway serves and has read both systems after %s", time.Since(began).Round(10*time.Millisecond))
	people, err := checks(ctx, r, g, crm, erp)
	if err != nil {
		return err
	}
	g.stop()
	quiet(r, "the gateway", g, people, []string{adminPassword})
	return behindProxy(ctx, r, &gateway{bin: bin, home: filepath.Join(home, "troubled")}, people, crm, erp)
}

// checks are what issue 2 promises of real systems, in its order. It returns
// what nobody may log.
func checks(ctx context.Context, r *report, g *gateway, crm, erp *system) ([]string, error) {
	answers, err := g.everybody(ctx)
	if err != nil {
		return nil, err
	}
	said, err := readSystems(ctx, crm, erp)
	if err != nil {
		return nil, err
	}
	compareAll(r, answers, said)
	if err := compareLinks(r, answers, crm, erp); err != nil {
		return nil, err
	}
	if err := oneDown(ctx, r, g, answers, erp); err != nil {
		return nil, err
	}
	if err := killed(ctx, r, g, answers, erp); err != nil {
		return nil, err
	}
	if err := sessionExpires(ctx, r, g, answers, crm); err != nil {
		return nil, err
	}
	return personal(said), consentWithdrawn(ctx, r, g, answers, crm)
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
