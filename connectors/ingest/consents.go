package ingest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/consent"
)

// ahead is how far a source's clock may run before ours.
const ahead = 5 * time.Minute

// A held consent is one purpose of one record, as one source holds it.
type held struct {
	ref     idgraph.Ref
	purpose consent.Purpose
}

// A book is what the ledger has of one source about a page's records: by
// consent, its events in the order in which they happened.
type book struct {
	source  idgraph.Source
	now     time.Time
	updated map[idgraph.Ref]time.Time // when each record of the page was last changed, zero where nobody knows
	events  map[held][]consent.Event
}

// consents writes into the ledger what changed of the consents that a source
// holds about the page's records. A grant that it no longer claims was taken back.
func (s *Syncer) consents(ctx context.Context, name idgraph.Source, page connectors.Changes) error {
	if len(page.Profiles) == 0 {
		return nil
	}
	b, err := s.open(ctx, name, page.Profiles)
	if err != nil {
		return err
	}
	var news []consent.Event
	claims := slices.SortedStableFunc(slices.Values(page.Consents), func(x, y connectors.Consent) int { return x.At.Compare(y.At) })
	latest := map[held]int{} // of the claims
	for i, c := range claims {
		latest[held{c.Owner, c.Purpose}] = i
	}
	for i, c := range claims {
		k := held{c.Owner, c.Purpose}
		if _, ours := b.updated[c.Owner]; !ours {
			continue
		}
		if e, isNews := b.news(c, i == latest[k]); isNews {
			news = append(news, e)
		}
	}
	for k, events := range b.events {
		if _, claimed := latest[k]; !claimed && events[len(events)-1].State == consent.Granted {
			news = append(news, b.takenBack(k))
		}
	}
	slices.SortStableFunc(news, func(x, y consent.Event) int {
		return cmp.Or(cmp.Compare(x.Ref.ID, y.Ref.ID), cmp.Compare(x.Purpose, y.Purpose), x.At.Compare(y.At))
	})
	if err := s.Ledger.Append(ctx, news); err != nil {
		return fmt.Errorf("record consents of %s: %w", name, err)
	}
	return nil
}

// open reads what the ledger has from the source about the profiles.
func (s *Syncer) open(ctx context.Context, name idgraph.Source, profiles []connectors.Profile) (*book, error) {
	b := &book{source: name, now: s.now().UTC().Truncate(time.Microsecond), updated: map[idgraph.Ref]time.Time{}, events: map[held][]consent.Event{}}
	refs := make([]idgraph.Ref, len(profiles))
	for i, p := range profiles {
		refs[i], b.updated[p.Owner] = p.Owner, time.Time{}
		if p.UpdatedAt != nil {
			b.updated[p.Owner] = *p.UpdatedAt
		}
	}
	known, err := s.Ledger.Of(ctx, refs)
	if err != nil {
		return nil, fmt.Errorf("read consents of %s: %w", name, err)
	}
	for _, events := range known {
		for _, e := range events {
			if e.HeldBy == string(name) && e.Method == "sync" {
				k := held{e.Ref, e.Purpose}
				b.events[k] = append(b.events[k], e)
			}
		}
	}
	for _, events := range b.events {
		slices.SortFunc(events, func(x, y consent.Event) int { return cmp.Or(x.At.Compare(y.At), cmp.Compare(x.Seq, y.Seq)) })
	}
	return b, nil
}

// news makes an event of a claim; ok is false where the ledger has it.
//
//   - A grant without a notice is a request, and what is said to happen later
//     than now happens now.
//   - Where a claim's time is but that of the record's last change, only another
//     state is news: else any edit of a contact would undo a withdrawal that was
//     recorded elsewhere since.
//   - Where the source no longer says "granted", though it tells an earlier time
//     than when it did, that is so from now on.
func (b *book) news(c connectors.Consent, latest bool) (e consent.Event, ok bool) {
	e = consent.Event{Ref: c.Owner, Purpose: c.Purpose, State: c.State, At: c.At.UTC().Truncate(time.Microsecond), HeldBy: string(b.source), Method: "sync", Notice: c.Notice}
	if e.State == consent.Granted && e.Notice == "" {
		e.State = consent.Requested
	}
	vague := c.At.IsZero() || c.At.Equal(b.updated[c.Owner])
	if c.At.IsZero() || c.At.After(b.now.Add(ahead)) {
		e.At, vague = b.now, true
	}
	events := b.events[held{c.Owner, c.Purpose}]
	if len(events) == 0 {
		return e, true
	}
	if slices.ContainsFunc(events, func(o consent.Event) bool { return o.State == e.State && o.Notice == e.Notice && o.At.Equal(e.At) }) {
		return e, false
	}
	last := events[len(events)-1]
	if vague && last.State == e.State && last.Notice == e.Notice {
		return e, false
	}
	if latest && last.State == consent.Granted && e.State != consent.Granted && !e.At.After(last.At) {
		e.At = b.now
	}
	return e, true
}

// takenBack is the withdrawal of a grant that is no longer claimed: it happened
// when the record was last changed, as far as that can be.
func (b *book) takenBack(k held) consent.Event {
	at, last := b.updated[k.ref].UTC().Truncate(time.Microsecond), b.events[k][len(b.events[k])-1]
	if !at.After(last.At) || at.After(b.now.Add(ahead)) {
		at = b.now
	}
	return consent.Event{Ref: k.ref, Purpose: k.purpose, State: consent.Withdrawn, At: at, HeldBy: string(b.source), Method: "sync"}
}
