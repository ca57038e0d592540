package connectortest

import (
	"context"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"customer360/connectors"
)

func (s Subject) asksInParallel(t *testing.T) {
	o := s.open(t, s.Open, nil)
	var wg sync.WaitGroup
	for range 4 {
		for _, k := range s.kinds() {
			wg.Go(func() {
				got, tally := k.ask(t.Context(), o.asker, k.everything())
				if tally.Err != nil {
					t.Error(tally.Err)
					return
				}
				k.same(t, got, k.want)
			})
		}
		if c, ok := o.Connector.(connectors.ChangeLister); ok {
			wg.Go(func() {
				if _, err := c.Changes(t.Context(), "", 1000); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
}

// cancels goes without the Asker: that one returns in time even where a
// connector does not listen, and leaves it running.
func (s Subject) cancels(t *testing.T) {
	if s.Stuck == nil {
		t.Fatal("the subject has no Stuck")
	}
	for name, call := range s.calls() {
		o := s.open(t, s.Stuck, nil)
		for how, ctx := range map[string]func() (context.Context, context.CancelFunc){
			"in the middle": func() (context.Context, context.CancelFunc) {
				return context.WithTimeout(t.Context(), 100*time.Millisecond)
			},
			"before it began": func() (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				return ctx, cancel
			},
		} {
			ctx, cancel := ctx()
			began := time.Now()
			err := call(ctx, o)
			cancel()
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("%s, cancelled %s, returned after %s", name, how, took)
			}
			t.Run(name+", "+how, func(t *testing.T) { s.speaksTheContract(t, err, connectors.ErrTimeout) })
		}
	}
}

// calls are all ways to ask, without the framework.
func (s Subject) calls() map[string]func(context.Context, *session) error {
	calls := map[string]func(context.Context, *session) error{}
	for _, k := range s.kinds() {
		calls[string(k.kind)] = func(ctx context.Context, o *session) error { return k.call(ctx, o.Connector, k.everything()) }
	}
	if len(s.Find) > 0 {
		calls["find"] = func(ctx context.Context, o *session) error {
			_, err := o.Connector.(connectors.Finder).Find(ctx, slices.Collect(maps.Keys(s.Find)))
			return err
		}
	}
	calls["changes"] = func(ctx context.Context, o *session) error {
		c, ok := o.Connector.(connectors.ChangeLister)
		if !ok {
			return nil
		}
		_, err := c.Changes(ctx, "", 10)
		return err
	}
	calls["ids"] = func(ctx context.Context, o *session) error {
		c, ok := o.Connector.(connectors.IDLister)
		if !ok {
			return nil
		}
		_, err := c.IDs(ctx, "", 10)
		return err
	}
	return calls
}

// fails holds every way to ask against a system that fails.
func (s Subject) fails(t *testing.T, f Fault) {
	o := s.open(t, f.Open, nil)
	for name, call := range s.calls() {
		if len(f.Only) > 0 && !slices.Contains(f.Only, connectors.Kind(name)) {
			continue
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		t.Run(name, func(t *testing.T) { s.speaksTheContract(t, call(ctx, o), f.Want) })
		cancel()
	}
}
