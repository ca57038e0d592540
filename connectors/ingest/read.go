package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
)

// A Progress says how far the reading of one source has come.
type Progress struct {
	Source idgraph.Source
	Done   int           // records taken in so far, those of an earlier, interrupted reading included
	Total  int           // about how many there are, 0 where nobody knows
	Took   time.Duration // so far
	Ended  bool
	Err    error // what ended it early

	before int // of Done, those of the earlier reading
}

// Rate is records per second.
func (p Progress) Rate() float64 {
	if p.Took <= 0 {
		return 0
	}
	return float64(p.Done-p.before) / p.Took.Seconds()
}

// Remaining is about how long it will take yet; 0 where nobody knows.
func (p Progress) Remaining() time.Duration {
	if rate := p.Rate(); rate > 0 && p.Total > p.Done {
		return time.Duration(float64(p.Total-p.Done) / rate * float64(time.Second))
	}
	return 0
}

// read takes in pages until there are no more, and remembers what stopped it.
func (s *Syncer) read(ctx context.Context, src Source, tell func(Progress)) error {
	begun, p := time.Now(), Progress{Source: src.Connector.Source()}
	report := func() {
		if p.Took = time.Since(begun); tell != nil {
			tell(p)
		}
	}
	err := s.pages(ctx, src, &p, report)
	if err != nil && ctx.Err() == nil {
		s.failed(ctx, p.Source, err)
	}
	p.Ended, p.Err = true, err
	report()
	return err
}

// pages learns each page together with the cursor of the next, so that an
// interrupted reading carries on.
func (s *Syncer) pages(ctx context.Context, src Source, p *Progress, report func()) error {
	states, err := s.Store.Sources(ctx)
	if err != nil {
		return fmt.Errorf("read where %s stands: %w", p.Source, err)
	}
	state := states[p.Source]
	if !state.Full {
		p.Done, p.before = state.Records, state.Records
	}
	limit := s.PageSize
	if limit <= 0 {
		limit = 500
	}
	for cursor := state.Cursor; ; {
		page, ok, err := src.Changes(ctx, cursor, limit)
		if err != nil || !ok {
			return err
		}
		p.Total = max(p.Total, page.Total)
		if err := s.learn(ctx, p.Source, page); err != nil {
			return err
		}
		p.Done += len(page.Profiles)
		if !page.More {
			return nil
		}
		if page.Next == cursor {
			return badPage(p.Source, "a cursor that stands still")
		}
		cursor = page.Next
		report()
	}
}

// learn takes one page in: the consents first, so that the cursor never stands
// behind a withdrawal that was not recorded.
func (s *Syncer) learn(ctx context.Context, name idgraph.Source, page connectors.Changes) error {
	b := idgraph.Batch{Source: name, Gone: page.Gone, Cursor: page.Next, Full: !page.More}
	for _, p := range page.Profiles {
		if p.Owner.Source != name || p.Owner.ID == "" {
			return badPage(name, "a record of another source")
		}
		b.Records = append(b.Records, record(p))
	}
	for _, ref := range page.Gone {
		if ref.Source != name {
			return badPage(name, "a deleted record of another source")
		}
	}
	if err := s.consents(ctx, name, page); err != nil {
		return err
	}
	change, err := s.Store.Learn(ctx, b)
	if err == nil && change != (idgraph.Change{}) {
		s.logger().DebugContext(ctx, "learnt", "source", name, "records", change.Records, "gone", change.Gone,
			"customers", change.Customers, "merged", change.Merged, "split", change.Split)
	}
	return err
}

func badPage(name idgraph.Source, what string) error {
	return &connectors.Error{Source: name, Op: "changes", Err: fmt.Errorf("%s: %w", what, connectors.ErrBadData)}
}

// failed remembers what stopped a reading: the source's code, or INTERNAL
// where the source is not to blame.
func (s *Syncer) failed(ctx context.Context, name idgraph.Source, err error) {
	code := "INTERNAL"
	if e := (*connectors.Error)(nil); errors.As(err, &e) {
		code = connectors.Code(err)
	}
	s.logger().WarnContext(ctx, "a source could not be read", "source", name, "code", code, "error", err)
	if err := s.Store.SyncFailed(ctx, name, code); err != nil {
		s.logger().ErrorContext(ctx, "the failure could not be remembered", "source", name, "error", err)
	}
}
