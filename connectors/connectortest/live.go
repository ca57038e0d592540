package connectortest

import (
	"slices"
	"testing"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
)

// A Live is a system of a test's own, which changes while it is read.
type Live struct {
	Open func(t *testing.T, s connectors.Setup) connectors.Connector
	// Who and Other are the ids of two of its persons.
	Who, Other string
	// Pass lets its clock go on.
	Pass func(d time.Duration)
	// Edit changes a person: the change has the time at which its transaction
	// began, so long ago, and is seen from now on.
	Edit func(id string, ago time.Duration)
	// Child changes what hangs on a person and has a time of its own, by itself:
	// the person's does not move. Nil where nothing does.
	Child func(id string)
}

// overlap is the margin that the checks of a Live are configured with.
const overlap = 10 * time.Minute

// atRest opens a connector in front of a live system, and reads it to its end.
func (s Subject) atRest(t *testing.T) (Live, connectors.ChangeLister, string) {
	t.Helper()
	live := s.Live(t)
	c := live.Open(t, connectors.Setup{Source: s.Source, Role: s.Role, Region: "DE", Overlap: overlap})
	t.Cleanup(func() { _ = c.Close() })
	lister := c.(connectors.ChangeLister)
	next := s.read(t, lister, "", 2).next
	for range 3 {
		live.Pass(time.Hour)
		next = s.read(t, lister, next, 2).next
	}
	if r := s.read(t, lister, next, 2); len(r.who()) > 0 {
		t.Fatalf("told of %v where nothing changed", r.who())
	}
	return live, lister, next
}

// tells reads on from a cursor, as often as a source with several tables needs,
// and holds that a person is told of.
func (s Subject) tells(t *testing.T, c connectors.ChangeLister, next, id string) string {
	t.Helper()
	var who []idgraph.Ref
	for range 2 {
		r := s.read(t, c, next, 2)
		next, who = r.next, append(who, r.who()...)
	}
	if !slices.Contains(who, s.ref(id)) {
		t.Errorf("told of %v, and not of %s", who, id)
	}
	return next
}

func (s Subject) tellsTheLate(t *testing.T) {
	live, c, next := s.atRest(t)
	live.Edit(live.Other, 0)
	next = s.tells(t, c, next, live.Other)
	live.Pass(15 * time.Second)
	live.Edit(live.Who, overlap-time.Minute) // other transactions overtook it
	next = s.tells(t, c, next, live.Who)
	live.Pass(15 * time.Second)
	live.Edit(live.Who, 0)
	live.Edit(live.Other, 0) // at the same time as another
	s.tells(t, c, s.tells(t, c, next, live.Who), live.Other)
}

func (s Subject) tellsOfChildren(t *testing.T) {
	live, c, next := s.atRest(t)
	if live.Child == nil {
		return // nothing hangs on its persons
	}
	before := s.read(t, c, "", 1000)
	live.Child(live.Who)
	live.Pass(time.Second)
	if c.About().Unseen == "" {
		s.tells(t, c, next, live.Who)
		return
	}
	after := s.read(t, c, "", 1000)
	i := slices.IndexFunc(before.profiles, func(p connectors.Profile) bool { return p.Owner == s.ref(live.Who) })
	j := slices.IndexFunc(after.profiles, func(p connectors.Profile) bool { return p.Owner == s.ref(live.Who) })
	if i < 0 || j < 0 || render(before.profiles[i]) == render(after.profiles[j]) {
		t.Error("not even a reading from the beginning tells of it")
	}
}
