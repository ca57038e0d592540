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
	Sweep  bool  // whether it is a sweep: Done counts what the source listed
	Gone   int   // records that a sweep removed
	Missed int   // those that it did not find, and did not remove

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
	state, err := s.state(ctx, src)
	if err != nil {
		return err
	}
	if !state.Full {
		p.Done, p.before = state.Records, state.Records
	}
	began := s.now().UTC()
	for cursor := state.Cursor; ; {
		page, ok, err := src.Changes(ctx, cursor, s.pageSize())
		if err != nil || !ok {
			return err
		}
		if state.Error != "" {
			s.logger().InfoContext(ctx, "a source can be read again", "source", p.Source)
			state.Error = ""
		}
		p.Total = max(p.Total, page.Total)
		b, err := batch(p.Source, page)
		if err != nil {
			return err
		}
		b.Cursor, b.Full, b.Began = page.Next, !page.More, began
		if page.More && page.Next == cursor {
			return badPage(p.Source, "changes", "a cursor that stands still")
		}
		if err := s.learn(ctx, b, page); err != nil {
			return err
		}
		p.Done += len(page.Profiles)
		if !page.More {
			return nil
		}
		cursor = page.Next
		report()
	}
}

// batch is what the graph learns of a page.
func batch(name idgraph.Source, page connectors.Changes) (idgraph.Batch, error) {
	b := idgraph.Batch{Source: name, Gone: page.Gone, Total: page.Total}
	for _, p := range page.Profiles {
		if p.Owner.Source != name || p.Owner.ID == "" {
			return b, badPage(name, "changes", "a record of another source")
		}
		b.Records = append(b.Records, record(p))
	}
	for _, ref := range page.Gone {
		if ref.Source != name {
			return b, badPage(name, "changes", "a deleted record of another source")
		}
	}
	return b, nil
}

// learn takes one page in: the consents first, so that the cursor never stands
// behind a withdrawal that was not recorded.
func (s *Syncer) learn(ctx context.Context, b idgraph.Batch, page connectors.Changes) error {
	if err := s.consents(ctx, b.Source, page); err != nil {
		return err
	}
	s.learnt(b)
	change, err := s.Store.Learn(ctx, b)
	if err == nil && change != (idgraph.Change{}) {
		s.logger().DebugContext(ctx, "learnt", "source", b.Source, "records", change.Records, "gone", change.Gone,
			"customers", change.Customers, "merged", change.Merged, "split", change.Split)
	}
	return err
}

func badPage(name idgraph.Source, op, what string) error {
	return &connectors.Error{Source: name, Op: op, Err: fmt.Errorf("%s: %w", what, connectors.ErrBadData)}
}

// failed remembers what stopped a reading: the source's code, or INTERNAL
// where the source is not to blame. What goes on failing is told once.
func (s *Syncer) failed(ctx context.Context, name idgraph.Source, err error) {
	code := codeOf(err)
	if states, e := s.Store.Sources(ctx); e == nil && states[name].Error == code {
		s.logger().DebugContext(ctx, "a source still cannot be read", "source", name, "code", code, "error", err)
		return
	}
	s.logger().WarnContext(ctx, "a source could not be read", "source", name, "code", code, "error", err)
	if err := s.Store.SyncFailed(ctx, name, code); err != nil {
		s.logger().ErrorContext(ctx, "the failure could not be remembered", "source", name, "error", err)
	}
}

// codeOf is what callers are told of an error.
func codeOf(err error) string {
	if e := (*connectors.Error)(nil); errors.As(err, &e) {
		return connectors.Code(err)
	}
	return "INTERNAL"
}
