// Package command is the command tree: what a person types.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// A program is what every command is run with.
type program struct {
	demo   fs.FS // testdata/demo, as it is in the binary
	schema string
	out    io.Writer
	log    io.Writer
}

// tree lists the commands.
type tree struct {
	Serve    serve        `cmd:"" default:"withargs" help:"Serve GraphQL: the demo, or with -config the real thing. This is what happens without a command."`
	Check    check        `cmd:"" help:"Check a configuration, its policy and every source, without serving."`
	Token    tokenTree    `cmd:"" help:"Make tokens."`
	Keys     keysTree     `cmd:"" help:"Make the deployment's keys."`
	Identity identityTree `cmd:"" help:"Who is who: resolve records."`
	Schema   schemaText   `cmd:"" help:"Print the GraphQL schema."`
	Version  version      `cmd:"" help:"Print the version."`
}

// A usageError is the operator's to mend: exit 2.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// Run runs one command line and returns the exit code: 0, 1 for what went
// wrong, 2 for what was asked wrongly.
func Run(args []string, demo fs.FS, schema string) int {
	p := &program{demo: demo, schema: schema, out: os.Stdout, log: os.Stderr}
	var t tree
	parser, err := kong.New(&t, kong.Name("customer360"), kong.UsageOnError(),
		kong.Description("A GraphQL customer-360 gateway: one customer, live out of the systems you already have, masked by consent and purpose."))
	if err != nil {
		fmt.Fprintln(p.log, "customer360:", err)
		return 1
	}
	k, err := parser.Parse(doubleDashes(args))
	if err != nil {
		fmt.Fprintf(p.log, "customer360: %v; -help lists what there is\n", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	k.BindTo(ctx, (*context.Context)(nil))
	if err := k.Run(p); err != nil {
		fmt.Fprintln(p.log, "customer360:", err)
		if usage := (usageError{}); errors.As(err, &usage) {
			return 2
		}
		return 1
	}
	return 0
}

// doubleDashes lets flags be written -config as well as --config.
func doubleDashes(args []string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		if len(a) > 2 && a[0] == '-' && a[1] != '-' && !strings.ContainsAny(a[1:2], "0123456789") {
			a = "-" + a
		}
		out[i] = a
	}
	return out
}
