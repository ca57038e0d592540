// Package demo makes the four existing systems that the demo is put together
// from: a CRM, an ERP, a shop and a helpdesk, each a SQLite database as
// somebody else might have grown it. They are generated once, always the same,
// out of the lists and schemas in testdata/demo. Nothing in here is real.
package demo

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"customer360/idgraph"
)

// The person to show first: linked in all four systems, with something of
// everything.
const (
	ShowcaseName  = "Katherine Müller"
	ShowcaseEmail = "kate.mueller@example.com"
	ShowcaseCard  = "LC48201733"
)

// What the systems hold, together.
const (
	People   = 1000
	Deals    = 800
	Invoices = 3000
	Orders   = 5000
	Tickets  = 2000
)

// today is the day on which the demo's world stands still.
var today = time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC)

// version stands in each database as its user_version. It rises whenever
// anything here or in testdata/demo changes what is generated.
const version = 3

// systems are the four, in the order in which they are told about.
var systems = []idgraph.Source{"crm", "erp", "shop", "helpdesk"}

// Ensure makes the databases in dir where they are not there yet, or were made
// by another version. Each appears whole or not at all. Progress, which may be
// nil, is told of each that was made. fsys is testdata/demo.
func Ensure(ctx context.Context, fsys fs.FS, dir string, progress func(system idgraph.Source, rows int)) error {
	var missing []idgraph.Source
	for _, s := range systems {
		if v, err := versionOf(ctx, path(dir, s)); err != nil || v != version {
			missing = append(missing, s)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the demo's folder: %w", err)
	}
	w, err := newWorld(fsys)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	done := make(chan made, len(missing))
	for _, s := range missing {
		g.Go(func() error {
			schema, err := fs.ReadFile(fsys, "schema/"+string(s)+".sql")
			if err != nil {
				return fmt.Errorf("read the demo's schema: %w", err)
			}
			n, err := write(ctx, path(dir, s), string(schema), w.tables[s])
			if err != nil {
				return fmt.Errorf("make the demo's %s: %w", s, err)
			}
			done <- made{s, n}
			return nil
		})
	}
	err = g.Wait()
	close(done)
	for m := range done {
		if progress != nil {
			progress(m.system, m.rows)
		}
	}
	return err
}

type made struct {
	system idgraph.Source
	rows   int
}

func path(dir string, s idgraph.Source) string { return filepath.Join(dir, string(s)+".db") }

// A world is everybody, and what each system holds.
type world struct {
	people []*person
	tables map[idgraph.Source]tables
}

// newWorld draws the world. Equal lists give equal worlds.
func newWorld(fsys fs.FS) (*world, error) {
	l, err := readLists(fsys)
	if err != nil {
		return nil, err
	}
	w := &world{people: everybody(l, newDice("people")), tables: map[idgraph.Source]tables{}}
	// In this order: the CRM and the helpdesk write down numbers of the others.
	w.tables["erp"] = erp(l, newDice("erp"), w.people)
	w.tables["shop"] = shop(l, newDice("shop"), w.people)
	w.tables["helpdesk"] = helpdesk(l, newDice("helpdesk"), w.people)
	w.tables["crm"] = crm(l, newDice("crm"), w.people)
	return w, nil
}
