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

// held names what one source holds: a purpose of one record.
type held struct {
	ref     idgraph.Ref
	purpose consent.Purpose
}

// consents writes into the ledger what changed of the consents that a source
// holds about the page's records. What it says again is not news, whatever
// time it gives: else any edit of a contact would undo a withdrawal that was
// recorded elsewhere since. What it no longer says was taken back.
func (s *Syncer) consents(ctx context.Context, name idgraph.Source, page connectors.Changes) error {
	if len(page.Profiles) == 0 {
		return nil
	}
	now := s.now()
	changed := map[idgraph.Ref]time.Time{}
	refs := make([]idgraph.Ref, len(page.Profiles))
	for i, p := range page.Profiles {
		refs[i], changed[p.Owner] = p.Owner, now
		if p.UpdatedAt != nil && p.UpdatedAt.Before(now) {
			changed[p.Owner] = *p.UpdatedAt
		}
	}
	known, err := s.Ledger.Of(ctx, refs)
	if err != nil {
		return fmt.Errorf("read the ledger: %w", err)
	}
	last := map[held]consent.Event{}
	for _, events := range known {
		for _, e := range events {
			if k := (held{e.Ref, e.Purpose}); e.HeldBy == string(name) && e.Seq >= last[k].Seq {
				last[k] = e
			}
		}
	}
	var news []consent.Event
	said := map[held]bool{}
	claims := slices.SortedStableFunc(slices.Values(page.Consents), func(a, b connectors.Consent) int { return a.At.Compare(b.At) })
	for _, c := range claims {
		k := held{c.Owner, c.Purpose}
		if _, ours := changed[c.Owner]; !ours {
			continue
		}
		said[k] = true
		e := consent.Event{Ref: c.Owner, Purpose: c.Purpose, State: c.State, At: c.At, HeldBy: string(name), Method: "sync", Notice: c.Notice}
		if e.At.After(now.Add(ahead)) || e.At.IsZero() {
			e.At = now
		}
		if e.State == consent.Granted && e.Notice == "" {
			e.State = consent.Requested
		}
		if old, ok := last[k]; ok && old.State == e.State && old.Notice == e.Notice {
			continue
		}
		news, last[k] = append(news, e), e
	}
	for k, e := range last {
		if _, here := changed[k.ref]; here && !said[k] && (e.State == consent.Granted || e.State == consent.Requested) {
			news = append(news, consent.Event{Ref: k.ref, Purpose: k.purpose, State: consent.Withdrawn, At: changed[k.ref], HeldBy: string(name), Method: "sync"})
		}
	}
	slices.SortStableFunc(news, func(a, b consent.Event) int {
		return cmp.Or(cmp.Compare(a.Ref.ID, b.Ref.ID), cmp.Compare(a.Purpose, b.Purpose), a.At.Compare(b.At))
	})
	if len(news) == 0 {
		return nil
	}
	return s.Ledger.Append(ctx, news)
}
