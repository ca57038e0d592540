package ingest

import (
	"context"
	"errors"
	"sync"

	"customer360/connectors"
	"customer360/idgraph"
)

// maxFound is the most records of one source that a search takes in: a source
// that finds more has searched too roughly to be of help.
const maxFound = 100

// Discover asks every source that can search for an identifier, all at once,
// and learns whom they find; what they allowed comes with the next reading, and
// until then nothing counts as allowed. An error says which sources could not
// be asked; what the others found is learnt all the same.
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
	q := connectors.Query{Refs: distinct(refs), Fields: identifying, Limit: 1}
	answers, tally := connectors.Ask(ctx, src.Asker, connectors.KindProfile, q, lister.Profiles)
	b := idgraph.Batch{Source: src.Connector.Source(), Aside: true}
	for _, ref := range q.Refs {
		for _, p := range answers[ref].Rows {
			b.Records = append(b.Records, record(p))
		}
	}
	if len(b.Records) == 0 {
		return tally.Err
	}
	s.learnt(b)
	_, err := s.Store.Learn(ctx, b)
	return errors.Join(tally.Err, err)
}

// distinct answers the first refs, each once.
func distinct(refs []idgraph.Ref) []idgraph.Ref {
	seen := map[idgraph.Ref]bool{}
	out := refs[:0:0]
	for _, ref := range refs {
		if !seen[ref] && len(out) < maxFound {
			seen[ref], out = true, append(out, ref)
		}
	}
	return out
}
