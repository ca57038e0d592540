package demo

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/goccy/go-yaml"

	"customer360/connectors"
	"customer360/idgraph"
)

// Faults are what is wrong with the demo's systems, to watch partial answers:
// -slow shop=800ms, -down erp. They do nothing until they are armed, so that
// the first reading of the sources passes.
type Faults struct {
	slow  map[idgraph.Source]time.Duration
	down  map[idgraph.Source]bool
	armed atomic.Bool
}

// NewFaults checks the names against the demo's configuration in fsys.
func NewFaults(fsys fs.FS, slow map[string]time.Duration, down []string) (*Faults, error) {
	names, err := sourceNames(fsys)
	if err != nil {
		return nil, err
	}
	f := &Faults{slow: map[idgraph.Source]time.Duration{}, down: map[idgraph.Source]bool{}}
	for name, by := range slow {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("-slow: %q is none of the demo's sources: %s", name, strings.Join(names, ", "))
		}
		if by < 0 {
			return nil, fmt.Errorf("-slow %s: nobody answers before being asked", name)
		}
		f.slow[idgraph.Source(name)] = by
	}
	for _, name := range down {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("-down: %q is none of the demo's sources: %s", name, strings.Join(names, ", "))
		}
		f.down[idgraph.Source(name)] = true
	}
	return f, nil
}

func sourceNames(fsys fs.FS) ([]string, error) {
	text, err := fs.ReadFile(fsys, "customer360.yaml")
	if err != nil {
		return nil, fmt.Errorf("read the demo's configuration: %w", err)
	}
	var conf struct {
		Sources []struct{ Name string }
	}
	if err := yaml.Unmarshal(text, &conf); err != nil {
		return nil, fmt.Errorf("customer360.yaml: %w", err)
	}
	names := make([]string, len(conf.Sources))
	for i, s := range conf.Sources {
		names[i] = s.Name
	}
	return names, nil
}

// Arm lets the faults begin.
func (f *Faults) Arm() { f.armed.Store(true) }

// Before stands in the way of a call to a source: once armed, a slow source
// takes its time, as long as the caller has it, and one that is down refuses.
func (f *Faults) Before(ctx context.Context, s idgraph.Source, _ string) error {
	if !f.armed.Load() {
		return nil
	}
	if f.down[s] {
		return connectors.ErrUnavailable
	}
	if f.slow[s] == 0 {
		return nil
	}
	select {
	case <-time.After(f.slow[s]):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
