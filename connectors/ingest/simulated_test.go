package ingest_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"customer360/connectors"
	"customer360/connectors/ingest"
	"customer360/idgraph"
	"customer360/idgraph/sqlstore"
)

// A simulated system keeps people as most systems do: an edit moves a person's
// stamp, an edit of what hangs on a person does not, and what is deleted leaves
// no trace. Its changes are read in rounds, like those of the real connectors.
type simulated struct {
	name   idgraph.Source
	margin int // ticks that a round goes back behind the last one

	mu     sync.Mutex
	tick   int
	people map[string]human
	calls  int
	before func(call int) error // each call; may change the people, and refuse
	hidden func(id string) bool // whom the list of ids leaves out
	room   int                  // how many who are not found one call has room for; 0 is any number
}

type human struct {
	name, mail, phone string
	stamp             int
}

func newSimulated(name idgraph.Source, ids ...string) *simulated {
	s := &simulated{name: name, margin: 3, people: map[string]human{}}
	for _, id := range ids {
		s.people[id] = human{name: "Ada Byron", mail: "ada.byron" + id + "@example.com"}
	}
	return s
}

// numbered are n ids in byte order.
func numbered(n int) (ids []string) {
	for i := range n {
		ids = append(ids, fmt.Sprintf("%04d", i+1))
	}
	return ids
}

func (s *simulated) edit(id string, with func(*human)) {
	h := s.people[id]
	with(&h)
	s.people[id] = h
}

func (s *simulated) Source() idgraph.Source  { return s.name }
func (s *simulated) About() connectors.About { return connectors.About{Kind: "simulated"} }
func (s *simulated) Close() error            { return nil }

// called begins a call.
func (s *simulated) called() (unlock func(), err error) {
	s.mu.Lock()
	s.tick++
	s.calls++
	if s.before != nil {
		err = s.before(s.calls)
	}
	return s.mu.Unlock, err
}

func (s *simulated) profile(id string) connectors.Profile {
	h := s.people[id]
	p := profile(ref(s.name, id), h.name, h.mail)
	if h.phone != "" {
		p.Phones = []connectors.PhoneNumber{{Number: &h.phone}}
	}
	return p
}

// A cursor is "since began after".
func (s *simulated) Changes(_ context.Context, cursor string, limit int) (page connectors.Changes, err error) {
	unlock, err := s.called()
	defer unlock()
	if err != nil {
		return page, err
	}
	since, began, after := 0, 0, ""
	if cursor != "" {
		parts := strings.Split(cursor, " ")
		since, _ = strconv.Atoi(parts[0])
		began, _ = strconv.Atoi(parts[1])
		after = parts[2]
	}
	if began == 0 {
		began = s.tick
	}
	for _, id := range slices.Sorted(maps.Keys(s.people)) {
		if id <= after || s.people[id].stamp < since {
			continue
		}
		if len(page.Profiles) == limit {
			page.More = true
			break
		}
		page.Profiles, after = append(page.Profiles, s.profile(id)), id
	}
	page.Next, page.Total = fmt.Sprintf("%d 0 ", max(began-s.margin, 0)), len(s.people)
	if page.More {
		page.Next = fmt.Sprintf("%d %d %s", since, began, after)
	}
	return page, nil
}

func (s *simulated) IDs(_ context.Context, after string, limit int) (page connectors.IDs, err error) {
	unlock, err := s.called()
	defer unlock()
	for _, id := range slices.Sorted(maps.Keys(s.people)) {
		if id <= after || s.hidden != nil && s.hidden(id) {
			continue
		}
		if len(page.IDs) == min(limit, 3) {
			page.More = true
			break
		}
		page.IDs, page.Next = append(page.IDs, id), id
	}
	return page, err
}

func (s *simulated) Profiles(_ context.Context, q connectors.Query) (connectors.Answers[connectors.Profile], error) {
	unlock, err := s.called()
	defer unlock()
	answers, missed := connectors.Answers[connectors.Profile]{}, 0
	for _, ref := range q.Refs {
		if _, ok := s.people[ref.ID]; ok {
			answers[ref] = connectors.Result[connectors.Profile]{Rows: []connectors.Profile{s.profile(ref.ID)}}
		} else if missed++; s.room > 0 && missed > s.room {
			answers[ref] = connectors.Result[connectors.Profile]{Err: connectors.ErrUnavailable}
		}
	}
	return answers, err
}

// following is a syncer of simulated systems, in small pages.
func simulation(db *sqlstore.DB, systems ...*simulated) *ingest.Syncer {
	s := &ingest.Syncer{Store: db, Ledger: db, PageSize: 2}
	for _, sys := range systems {
		s.Sources = append(s.Sources, ingest.Source{Asker: &connectors.Asker{Connector: sys}})
	}
	return s
}

// held are the ids that a store has of a source.
func held(t testing.TB, db *sqlstore.DB, name idgraph.Source) []string {
	t.Helper()
	ids, err := db.Held(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// partition is who is who among the records of two sources, without the customers' ids.
func partition(t interface{ Fatal(...any) }, db *sqlstore.DB, a, b idgraph.Source) string {
	var out []string
	for after := idgraph.CustomerID(0); ; {
		page, err := db.Page(ctx, after, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range page {
			if after = c.ID; c.Refs[0].Source == a || c.Refs[0].Source == b {
				out = append(out, fmt.Sprint(c.Refs))
			}
		}
		if len(page) == 0 {
			slices.Sort(out)
			return strings.Join(out, "\n")
		}
	}
}
