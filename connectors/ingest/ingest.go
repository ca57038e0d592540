// Package ingest learns: it reads who is who, and what they allowed, out of
// every source into the identity graph and the consent ledger. It is the only
// room besides the door that asks connectors.
package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/consent"
)

// pageSize is how many records one page of changes holds.
const pageSize = 500

// Source is one source to be read.
type Source struct {
	*connectors.Asker
	Interval time.Duration // between readings; 0 is 15 s
}

// A Syncer keeps graph and ledger up with the sources.
type Syncer struct {
	Sources  []Source
	Store    idgraph.Store
	Ledger   consent.Ledger
	Progress func(Progress) // may be nil
	Log      *slog.Logger   // nil is slog.Default()
	Now      func() time.Time
	Region   string
}

// Progress is how far the reading of one source has come.
type Progress struct {
	Source idgraph.Source
	Done   int           // records taken in so far, by this reading
	Total  int           // about how many there are, 0 where nobody knows
	Took   time.Duration // so far
	Ended  bool
	Err    error // what ended it early
}

// Rate is records per second.
func (p Progress) Rate() float64 {
	if p.Took <= 0 {
		return 0
	}
	return float64(p.Done) / p.Took.Seconds()
}

// Remaining is about how long it will take yet; 0 where nobody knows.
func (p Progress) Remaining() time.Duration {
	if rate := p.Rate(); rate > 0 && p.Total > p.Done {
		return time.Duration(float64(p.Total-p.Done) / rate * float64(time.Second))
	}
	return 0
}

// Once reads every source up to now, beside one another: from where the last
// reading, in this process or an earlier one, came to. A source that fails is
// remembered with its code and does not keep the others.
func (s *Syncer) Once(ctx context.Context) {
	var wg sync.WaitGroup
	for _, src := range s.Sources {
		wg.Go(func() { _ = s.read(ctx, src, true) })
	}
	wg.Wait()
}

// Follow keeps reading every source at its interval until ctx ends. A source
// that fails is tried again, later and later up to eight intervals.
func (s *Syncer) Follow(ctx context.Context) {
	var wg sync.WaitGroup
	for _, src := range s.Sources {
		wg.Go(func() { s.follow(ctx, src) })
	}
	wg.Wait()
}

func (s *Syncer) follow(ctx context.Context, src Source) {
	interval := src.Interval
	if interval <= 0 {
		interval = 15 * time.Second
	}
	for wait := interval; ; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		if err := s.read(ctx, src, false); err != nil {
			wait = min(2*wait, 8*interval)
		} else {
			wait = interval
		}
	}
}

// read takes in pages until there are no more. Each page is learnt together
// with the cursor of the next, so that an interrupted reading carries on.
func (s *Syncer) read(ctx context.Context, src Source, tell bool) (err error) {
	name := src.Connector.Source()
	begun, p := time.Now(), Progress{Source: name}
	report := func() {
		if p.Took = time.Since(begun); tell && s.Progress != nil {
			s.Progress(p)
		}
	}
	defer func() {
		if err != nil && ctx.Err() == nil {
			s.logger().WarnContext(ctx, "a source could not be read", "source", name, "code", connectors.Code(err), "error", err)
			if note := s.Store.SyncFailed(ctx, name, connectors.Code(err)); note != nil {
				s.logger().ErrorContext(ctx, "the failure could not be remembered", "source", name, "error", note)
			}
		}
		p.Ended, p.Err = true, err
		report()
	}()
	states, err := s.Store.Sources(ctx)
	if err != nil {
		return fmt.Errorf("read where %s stands: %w", name, err)
	}
	p.Done = 0
	cursor := states[name].Cursor
	for {
		page, ok, err := src.Changes(ctx, cursor, pageSize)
		if err != nil || !ok {
			return err
		}
		p.Total = max(p.Total, page.Total)
		report()
		if err := s.learn(ctx, name, page); err != nil {
			return err
		}
		p.Done += len(page.Profiles)
		report()
		if !page.More {
			return nil
		}
		if page.Next == cursor {
			return &connectors.Error{Source: name, Op: "changes", Err: fmt.Errorf("the cursor stands still: %w", connectors.ErrBadData)}
		}
		cursor = page.Next
	}
}

// learn takes one page in: the consents first, so that the cursor never stands
// behind a withdrawal that was not recorded.
func (s *Syncer) learn(ctx context.Context, name idgraph.Source, page connectors.Changes) error {
	b := idgraph.Batch{Source: name, Gone: page.Gone, Cursor: page.Next, Full: !page.More}
	for _, p := range page.Profiles {
		if p.Owner.Source != name {
			return &connectors.Error{Source: name, Op: "changes", Err: fmt.Errorf("a record of another source: %w", connectors.ErrBadData)}
		}
		b.Records = append(b.Records, record(p))
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

// Discover asks every source that can search for an identifier, and learns
// whom they find. An error says which sources could not be asked; what the
// others found is learnt all the same.
func (s *Syncer) Discover(ctx context.Context, id idgraph.Identifier) error {
	errs := make([]error, len(s.Sources))
	var wg sync.WaitGroup
	for i, src := range s.Sources {
		wg.Go(func() { errs[i] = s.discover(ctx, src, id) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (s *Syncer) discover(ctx context.Context, src Source, id idgraph.Identifier) error {
	found, tally := src.Find(ctx, []idgraph.Identifier{id})
	refs := found[id]
	if tally.Err != nil || len(refs) == 0 {
		return tally.Err
	}
	lister, ok := src.Connector.(connectors.ProfileLister)
	if !ok {
		return nil
	}
	answers, tally := connectors.Ask(ctx, src.Asker, connectors.KindProfile,
		connectors.Query{Refs: refs, Fields: identifying, Limit: 1}, lister.Profiles)
	b := idgraph.Batch{Source: src.Connector.Source(), Aside: true}
	for _, ref := range refs {
		for _, p := range answers[ref].Rows {
			b.Records = append(b.Records, record(p))
		}
	}
	if len(b.Records) == 0 {
		return tally.Err
	}
	_, err := s.Store.Learn(ctx, b)
	return errors.Join(tally.Err, err)
}

func (s *Syncer) logger() *slog.Logger {
	if s.Log != nil {
		return s.Log
	}
	return slog.Default()
}

func (s *Syncer) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now().UTC()
}
