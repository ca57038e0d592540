// Package connectortest is the suite that every connector passes. A connector's
// test describes a Subject, data that it knows behind a way to open the
// connector, and hands it to Run; the subtests' names say what is promised.
package connectortest

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
)

// A Subject is a connector in front of data that its test knows.
type Subject struct {
	Source idgraph.Source
	Role   connectors.Role
	// Open opens the connector in front of the known data, with the given
	// setup. Each check opens its own, and closes it.
	Open func(t *testing.T, s connectors.Setup) connectors.Connector
	// Want is what the data holds, whole, as the connector must answer it:
	// every person, and at least for one person two rows of each other kind.
	Want Records
	// Unknown are ids that the system does not have, and some that it cannot have.
	Unknown []string
	// Find says who holds an identifier, given its normal form. Exact identifiers
	// are those for which nobody else may be found.
	Find map[idgraph.Identifier][]string
	// Gone are records that Changes reports as such. Records that it may
	// report or not (companies) belong in neither list.
	Gone []string
	// Names are the words by which announced calls name a field: its column,
	// or the source's own name of it. A word must stand in the calls for its
	// field, and in no call for other fields alone.
	Names map[connectors.Kind]map[string]string
	// Live makes a system of the test's own, that changes while it is read; nil
	// leaves out what only such a one can show.
	Live func(t *testing.T) Live
	// Stuck opens the connector in front of a system that takes a call and
	// never answers it.
	Stuck func(t *testing.T, s connectors.Setup) connectors.Connector
	// Faults are the ways in which the system can fail.
	Faults []Fault
	// Secrets must stand in no error and no log line, nor may any personal value of Want.
	Secrets []string
}

// A Fault opens the connector in front of a system that fails, and names the
// sentinel that every call must then answer.
type Fault struct {
	Name string
	Open func(t *testing.T, s connectors.Setup) connectors.Connector
	Want error
	// Only narrows the fault to some kinds: those that stumble over it.
	Only []connectors.Kind
}

// Records are all rows behind a connector. Rows of one person stand in the
// order of the source's ids.
type Records struct {
	Profiles []connectors.Profile
	Deals    []connectors.Deal
	Invoices []connectors.Invoice
	Payments []connectors.Payment
	Orders   []connectors.Order
	Tickets  []connectors.Ticket
	// Messages have their tickets' refs as owners.
	Messages []connectors.Message
	Balances []connectors.Balance
	Consents []connectors.Consent
}

// Run holds a connector against the contract of package connectors: all that it
// implements, and all that its subject promises.
func Run(t *testing.T, s Subject) {
	t.Run("it says what it is and what it answers", s.declares)
	for _, k := range s.kinds() {
		t.Run("of each "+strings.ToLower(string(k.kind)), func(t *testing.T) {
			t.Run("every field comes as the source holds it", k.answersWhole)
			t.Run("who is unknown is left out", k.leavesOutTheUnknown)
			t.Run("many at once are many one by one", k.batches)
			t.Run("a limit cuts, and says so", k.limits)
			t.Run("the newest come first", k.ordersByTime)
			t.Run("only fields asked for are asked of the source", k.projects)
			t.Run("every call is announced, and may be refused", k.announces)
			if k.kind == connectors.KindProfile {
				t.Run("a look-up key that is unknown or stale makes no difference", k.doesWithoutKeys)
			}
		})
	}
	c := s.open(t, s.Open, nil).Connector
	if _, ok := c.(connectors.Finder); ok || len(s.Find) > 0 {
		t.Run("persons are found by normalised identifiers", s.finds)
	}
	if _, ok := c.(connectors.ChangeLister); ok || s.Live != nil || len(s.Gone) > 0 {
		t.Run("changes are read in pages of any size, each once", s.readsChanges)
		t.Run("a reading goes on from any cursor", s.resumes)
		t.Run("a cursor of nobody's is refused", s.refusesCursors)
	}
	if s.Live != nil {
		t.Run("what is committed late, within the margin, is told", s.tellsTheLate)
		t.Run("what hangs on a person and changes alone is told", s.tellsOfChildren)
	}
	if _, ok := c.(connectors.IDLister); ok {
		t.Run("the ids of everybody are listed, and no others", s.listsIDs)
	}
	t.Run("many may ask at once", s.asksInParallel)
	t.Run("a cancelled call returns at once", s.cancels)
	for _, f := range s.Faults {
		t.Run("fault: "+f.Name, func(t *testing.T) { s.fails(t, f) })
	}
}

// A session is one opened connector, with all that it announced and logged.
type session struct {
	connectors.Connector
	asker *connectors.Asker

	mu    sync.Mutex
	calls []string
	log   bytes.Buffer
}

// open opens the connector and watches it; refuse, which may be nil, is what
// Before answers.
func (s Subject) open(t *testing.T, with func(*testing.T, connectors.Setup) connectors.Connector, refuse error) *session {
	t.Helper()
	o := &session{}
	o.Connector = with(t, connectors.Setup{
		Source: s.Source, Role: s.Role, Region: "DE",
		Before: func(_ context.Context, call string) error {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.calls = append(o.calls, call)
			return refuse
		},
		Log: slog.New(slog.NewTextHandler(locked{o}, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	o.asker = &connectors.Asker{Connector: o.Connector, Timeout: 20 * time.Second}
	t.Cleanup(func() {
		_ = o.Close()
		s.keepsQuiet(t, o.logged())
	})
	return o
}

type locked struct{ o *session }

func (l locked) Write(p []byte) (int, error) {
	l.o.mu.Lock()
	defer l.o.mu.Unlock()
	return l.o.log.Write(p)
}

func (o *session) logged() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.log.String()
}

// announced are the calls since the last time.
func (o *session) announced() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	calls := o.calls
	o.calls = nil
	return calls
}

func (s Subject) ref(id string) idgraph.Ref { return idgraph.Ref{Source: s.Source, ID: id} }

// persons are the refs of everybody.
func (s Subject) persons() []idgraph.Ref {
	var refs []idgraph.Ref
	for _, p := range s.Want.Profiles {
		refs = append(refs, p.Owner)
	}
	return refs
}

func (s Subject) declares(t *testing.T) {
	o := s.open(t, s.Open, nil)
	about := o.About()
	if o.Source() != s.Source || about.Role != s.Role || about.Kind == "" {
		t.Errorf("is %s, %s, kind %q", o.Source(), about.Role, about.Kind)
	}
	var want []connectors.Kind
	for _, k := range s.kinds() {
		want = append(want, k.kind)
	}
	if got := connectors.CanAnswer(o.Connector); !slices.Equal(got, want) {
		t.Errorf("answers %v; the known data has rows of %v", got, want)
	}
	limits := map[string]connectors.Limit{"Find": about.FindKeys, "calls at once": about.Calls}
	for k, l := range about.Keys {
		limits[string(k)] = l
	}
	for what, l := range limits {
		if l.N != 0 && l.Says == "" {
			t.Errorf("the limit %d of %s names no place that says so", l.N, what)
		}
	}
	if len(o.announced()) != 0 {
		t.Error("opening it made calls: a source that is down would keep the process from starting")
	}
}

// keepsQuiet holds a text that people may read against what they must not.
func (s Subject) keepsQuiet(t *testing.T, text string) {
	t.Helper()
	for _, secret := range s.Secrets {
		if strings.Contains(text, secret) {
			t.Error("a secret got out")
		}
	}
	for _, v := range personalValues(s.Want) {
		if strings.Contains(text, v) {
			t.Errorf("the personal value %q got out", v)
		}
	}
}

// speaksTheContract holds an error against the contract of errors.
func (s Subject) speaksTheContract(t *testing.T, err, want error) {
	t.Helper()
	if err == nil {
		t.Error("answered as if nothing were wrong")
		return
	}
	var e *connectors.Error
	if !errors.As(err, &e) || e.Source != s.Source || e.Op == "" {
		t.Errorf("%v: does not say which source failed at what", err)
	}
	if !errors.Is(err, want) {
		t.Errorf("%v: want %v", err, want)
	}
	s.keepsQuiet(t, err.Error())
}
