package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
)

// A sweep goes over all that a source has, to find what the graph holds of it
// and the source no longer has: most systems leave no trace of what they
// delete. It goes over ids alone, or, where it is whole, reads everybody anew,
// and so finds also what changed unseen.
type sweep struct {
	src    Source
	whole  bool
	at     time.Time // when it began
	known  []string  // what the graph held then, in order
	seen   []bool    // of known
	listed []string  // what the source has besides
	cursor string    // of the next page
	p      Progress
	begun  time.Time

	learnt map[string]bool // since it began; under Syncer.mu
}

// pageIDs is how many ids one page is asked for.
const pageIDs = 1000

// Sweep sweeps every source to its end, beside one another; whole has
// everybody read anew.
func (s *Syncer) Sweep(ctx context.Context, whole bool) {
	s.each(func(src Source) {
		state, err := s.state(ctx, src)
		if err == nil && state.Full {
			err = s.sweep(ctx, src, whole, nil)
		}
		if err != nil && ctx.Err() == nil {
			s.sweepFailed(ctx, src.Connector.Source(), err)
		}
	})
}

// sweep sweeps one source to its end. Between its pages it calls meanwhile,
// which may be nil and ends it by an error.
func (s *Syncer) sweep(ctx context.Context, src Source, whole bool, meanwhile func() error) error {
	w, err := s.begin(ctx, src, whole)
	if err != nil {
		return err
	}
	defer s.end(w)
	for more := true; more; {
		begun := time.Now()
		if more, err = s.sweepPage(ctx, w); err != nil {
			return err
		}
		s.tellSweep(w)
		if meanwhile == nil || !more {
			continue
		}
		if err := meanwhile(); err != nil {
			return err
		}
		rest(ctx, min(time.Since(begun), time.Second)) // others want the source's time too
	}
	// Who came while it went on is learnt first, and so nobody that it misses.
	if err := s.read(ctx, src, nil); err != nil {
		return err
	}
	return s.settle(ctx, w)
}

// begin begins a sweep: whom it may remove is whom the graph holds now.
func (s *Syncer) begin(ctx context.Context, src Source, whole bool) (*sweep, error) {
	name := src.Connector.Source()
	if _, ok := src.Connector.(connectors.IDLister); !ok {
		whole = true
	}
	w := &sweep{src: src, whole: whole, at: s.now().UTC(), begun: time.Now(), learnt: map[string]bool{}, p: Progress{Source: name, Sweep: true}}
	s.mu.Lock()
	if s.sweeps == nil {
		s.sweeps = map[idgraph.Source]*sweep{}
	}
	s.sweeps[name] = w
	s.mu.Unlock()
	held, err := s.Store.Held(ctx, name)
	if err != nil {
		s.end(w)
		return nil, err
	}
	w.known, w.seen = held, make([]bool, len(held))
	w.p.Total = len(held)
	return w, nil
}

// end ends a sweep, however it went.
func (s *Syncer) end(w *sweep) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sweeps[w.p.Source] == w {
		delete(s.sweeps, w.p.Source)
	}
}

// learnt tells a sweep under way whom the graph has learnt since it began: they
// are at the source, whatever its list says.
func (s *Syncer) learnt(b idgraph.Batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w := s.sweeps[b.Source]; w != nil {
		for _, r := range b.Records {
			w.learnt[r.Ref.ID] = true
		}
	}
}

// sweepPage takes one page in.
func (s *Syncer) sweepPage(ctx context.Context, w *sweep) (more bool, err error) {
	var page connectors.IDs
	if w.whole {
		page, err = s.readPage(ctx, w)
	} else {
		page, _, err = w.src.IDs(ctx, w.cursor, pageIDs)
	}
	if err != nil {
		return false, err
	}
	if page.More && page.Next == w.cursor {
		return false, badPage(w.p.Source, "ids", "a cursor that stands still")
	}
	w.cursor = page.Next
	for _, id := range page.IDs {
		if id == "" {
			return false, badPage(w.p.Source, "ids", "a record without an id")
		}
		if i, ok := slices.BinarySearch(w.known, id); ok {
			w.seen[i] = true
		} else {
			w.listed = append(w.listed, id)
		}
	}
	w.p.Done += len(page.IDs)
	w.p.Total = max(w.p.Total, page.Total, w.p.Done)
	return page.More, nil
}

// readPage reads a page of everybody, and learns it besides the reading.
func (s *Syncer) readPage(ctx context.Context, w *sweep) (ids connectors.IDs, err error) {
	page, ok, err := w.src.Changes(ctx, w.cursor, s.pageSize())
	if err != nil || !ok {
		return ids, err
	}
	b, err := batch(w.p.Source, page)
	if err != nil {
		return ids, err
	}
	b.Aside = true
	if err := s.learn(ctx, b, page); err != nil {
		return ids, err
	}
	for _, p := range page.Profiles {
		ids.IDs = append(ids.IDs, p.Owner.ID)
	}
	ids.Next, ids.More, ids.Total = page.Next, page.More, page.Total
	return ids, nil
}

// settle removes whom the source no longer has, and has everybody read anew
// where it has somebody whom the graph should know and does not.
func (s *Syncer) settle(ctx context.Context, w *sweep) error {
	name := w.p.Source
	state, err := s.state(ctx, w.src)
	if err != nil {
		return err
	}
	held, err := s.Store.Held(ctx, name)
	if err != nil {
		return err
	}
	gone, strangers := w.missing(s, held), w.strangers(held)
	result := idgraph.Sweep{At: w.at, WholeAt: state.Sweep.WholeAt}
	switch {
	case w.whole:
		result.WholeAt = w.at
	case strangers > 0:
		s.logger().WarnContext(ctx, "a source has records that its changes did not tell of: it is read anew", "source", name, "records", strangers)
		result.WholeAt = time.Time{}
	}
	if reason := w.implausible(gone, state.Sweep.MissedAre); reason != "" {
		result.Missed, result.MissedAre, result.Error = len(gone), digest(gone), connectors.Code(connectors.ErrBadData)
		s.logger().ErrorContext(ctx, "a source no longer lists too many of its records: none were removed", "source", name,
			"missed", len(gone), "held", len(w.known), "listed", w.p.Done, "reason", reason)
		w.p.Missed = len(gone)
	} else if result.Gone, err = s.remove(ctx, w, gone); err != nil {
		return err
	}
	w.p.Gone, w.p.Ended = result.Gone, true
	s.tellSweep(w)
	if result.Gone > 0 {
		s.logger().InfoContext(ctx, "records that a source no longer has were removed", "source", name, "records", result.Gone)
	}
	return s.Store.Swept(ctx, name, result)
}

// missing are the records that the graph held when the sweep began and holds
// still, that the source did not list, and that nobody has learnt of since.
func (w *sweep) missing(s *Syncer, held []string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var gone []string
	for i, id := range w.known {
		if _, still := slices.BinarySearch(held, id); still && !w.seen[i] && !w.learnt[id] {
			gone = append(gone, id)
		}
	}
	return gone
}

// strangers is how many records the source listed that the graph does not hold.
func (w *sweep) strangers(held []string) (n int) {
	for _, id := range w.listed {
		if _, known := slices.BinarySearch(held, id); !known {
			n++
		}
	}
	return n
}

// More than a tenth of a source's records, and more than twenty, are too many
// to be believed at once.
const (
	manyGone  = 20
	shareGone = 10
)

// implausible says why what is missing is not removed, "" where it is. A source
// that lists none of many records has more likely lost its rights than its
// people, however often it says so. Of fewer, those are believed to be gone that
// two sweeps in succession miss, the very same ones.
func (w *sweep) implausible(gone []string, before string) string {
	switch none := len(gone) > 0 && !slices.Contains(w.seen, true); {
	case none && len(w.known) > manyGone:
		return "none of them is listed: where that is so, take the source out of the configuration"
	case none || len(gone) > manyGone && len(gone)*shareGone > len(w.known):
		if digest(gone) != before {
			return "the next sweep removes them, where it misses the same ones"
		}
	}
	return ""
}

// digest tells a set of ids, in order.
func digest(ids []string) string {
	h := sha256.New()
	for _, id := range ids {
		fmt.Fprintf(h, "%d %s", len(id), id)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// remove removes the records that the source does not know by their ids either,
// and says how many they were.
func (s *Syncer) remove(ctx context.Context, w *sweep, ids []string) (n int, err error) {
	refs := make([]idgraph.Ref, len(ids))
	for i, id := range ids {
		refs[i] = idgraph.Ref{Source: w.p.Source, ID: id}
	}
	gone, err := s.unknown(ctx, w.src, refs)
	if err != nil {
		return 0, err
	}
	for part := range slices.Chunk(gone, s.pageSize()) {
		change, err := s.Store.Learn(ctx, idgraph.Batch{Source: w.p.Source, Gone: part, Aside: true})
		if err != nil {
			return n, err
		}
		n += change.Gone
	}
	return n, nil
}

// unknown asks a source for records by their ids, and answers those that it does
// not know. Some may fail alone, where a call has room for few who are not
// found: they are asked for again.
func (s *Syncer) unknown(ctx context.Context, src Source, refs []idgraph.Ref) (gone []idgraph.Ref, err error) {
	lister, ok := src.Connector.(connectors.ProfileLister)
	if !ok {
		return refs, nil
	}
	about := src.Connector.About()
	most := about.Keys[connectors.KindProfile].N
	if most <= 0 {
		most = connectors.DefaultKeys
	}
	for len(refs) > 0 {
		part := refs[:min(most, len(refs))]
		q := connectors.Query{Refs: part, Fields: connectors.Fields("updatedAt"), Limit: 1}
		if about.NeedsKeys {
			if q.Keys, err = s.Store.LookupKeys(ctx, src.Connector.Source(), part); err != nil {
				return nil, err
			}
		}
		answers, tally := connectors.Ask(ctx, src.Asker, connectors.KindProfile, q, lister.Profiles)
		var again []idgraph.Ref
		for _, ref := range part {
			switch answer, known := answers[ref]; {
			case answer.Err != nil:
				again = append(again, ref)
			case !known || len(answer.Rows) == 0:
				gone = append(gone, ref)
			}
		}
		if len(again) == len(part) {
			return nil, tally.Err
		}
		refs = append(again, refs[len(part):]...)
	}
	return gone, nil
}

// sweepFailed remembers what stopped a sweep: nothing was removed.
func (s *Syncer) sweepFailed(ctx context.Context, name idgraph.Source, err error) {
	code := codeOf(err)
	s.logger().WarnContext(ctx, "a source could not be swept", "source", name, "code", code, "error", err)
	if s.Progress != nil {
		s.Progress(Progress{Source: name, Sweep: true, Ended: true, Err: err})
	}
	if err := s.Store.SweepFailed(ctx, name, code); err != nil {
		s.logger().ErrorContext(ctx, "the failure could not be remembered", "source", name, "error", err)
	}
}

func (s *Syncer) tellSweep(w *sweep) {
	if w.p.Took = time.Since(w.begun); s.Progress != nil {
		s.Progress(w.p)
	}
}

// rest waits, or until nobody waits any more.
func rest(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
