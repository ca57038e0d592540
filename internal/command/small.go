package command

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"customer360/idgraph/consent"
	"customer360/idgraph/policy"
	"customer360/internal/auth"
	"customer360/internal/keys"
	"customer360/internal/server"
)

type tokenTree struct {
	New tokenNew `cmd:"" help:"Make a token, and the line of the configuration that lets it in."`
}

type tokenNew struct {
	Name     string   `help:"Who will hold it; goes into the audit log." required:""`
	Role     string   `help:"A role of the policy." required:""`
	Purposes []string `help:"Narrow the role's purposes; a service's only ones."`
}

// Run prints the token once; only its digest is to be kept.
func (c *tokenNew) Run(p *program) error {
	pol := policy.Default()
	if !pol.HasRole(policy.Role(c.Role)) {
		return usageError{fmt.Errorf("the built-in policy has no role %q; it has %v", c.Role, pol.Roles())}
	}
	for _, key := range c.Purposes {
		if _, ok := pol.Purpose(consent.Purpose(key)); !ok {
			return usageError{fmt.Errorf("the purpose %q does not exist; there are %v", key, policy.Purposes)}
		}
	}
	token, digest := auth.New()
	fmt.Fprintf(p.out, "token, shown this once: %s\n\nfor customer360.yaml:\n\nauth:\n  tokens:\n    - {name: %q, role: %s, sha256: %s", token, c.Name, c.Role, digest)
	if len(c.Purposes) > 0 {
		fmt.Fprintf(p.out, ", purposes: [%s]", strings.Join(c.Purposes, ", "))
	}
	fmt.Fprintln(p.out, "}")
	return nil
}

type keysTree struct {
	New keysNew `cmd:"" help:"Make the deployment's keys in a new file. Back them up apart from the data: without them a backup is noise."`
}

type keysNew struct {
	File string `arg:"" help:"The file, for keys: {file: …}."`
}

// Run refuses to replace a file.
func (c *keysNew) Run(p *program) error {
	if _, err := os.Stat(c.File); err == nil {
		return usageError{fmt.Errorf("%s is there already; keys are never replaced", c.File)}
	}
	if _, err := keys.OpenOrCreate(c.File); err != nil {
		return err
	}
	fmt.Fprintf(p.out, "made %s; in customer360.yaml:\n\nkeys: {file: %s}\n", c.File, c.File)
	return nil
}

type schemaText struct{}

// Run prints the schema as it is served.
func (schemaText) Run(p *program) error {
	_, err := fmt.Fprint(p.out, p.schema)
	return err
}

type version struct{}

// Run prints the version that the build knows of itself.
func (version) Run(p *program) error {
	v, revision := "devel", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "" && info.Main.Version != "(devel)" {
			v = info.Main.Version
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = " " + s.Value
			}
		}
	}
	_, err := fmt.Fprintf(p.out, "customer360 %s%s\n", v, revision)
	return err
}

type check struct {
	Config string `help:"The configuration file." required:"" type:"existingfile"`
}

// Run says of each part whether it would serve.
func (c *check) Run(ctx context.Context, p *program) error {
	conf, err := server.ReadConfig(c.Config)
	if err != nil {
		return usageError{err}
	}
	return server.Check(ctx, conf, p.out)
}
