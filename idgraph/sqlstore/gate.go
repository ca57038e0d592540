package sqlstore

import "context"

// A gate lets one in at a time. Who waits may give up: building a large graph
// takes a while.
type gate chan struct{}

func (g gate) enter(ctx context.Context) error {
	select {
	case g <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (g gate) leave() { <-g }
