package prove

import (
	"context"
	"errors"
	"math/rand/v2"

	"customer360/idgraph"
	"customer360/idgraph/audit"
	"customer360/idgraph/consent"
	"customer360/idgraph/policy"
)

var errUnreadable = errors.New("the ledger cannot be read")

// A ledger holds the consent events of one world.
type ledger struct {
	events   map[idgraph.Ref][]consent.Event
	revision int64
	broken   bool
}

func (l *ledger) Append(context.Context, []consent.Event) error {
	return errors.New("nothing is written in a proof")
}

func (l *ledger) Of(_ context.Context, refs []idgraph.Ref) (map[idgraph.Ref][]consent.Event, error) {
	if l.broken {
		return nil, errUnreadable
	}
	out := map[idgraph.Ref][]consent.Event{}
	for _, ref := range refs {
		out[ref] = l.events[ref]
	}
	return out, nil
}

func (l *ledger) Revision(context.Context) (int64, error) {
	if l.broken {
		return 0, errUnreadable
	}
	return l.revision, nil
}

// spoken are the purposes that events may be about, parents and all among them.
var spoken = append([]consent.Purpose{"", "marketing", "sharing", "sales", "support", "analytics", "fraud"}, policy.Purposes...)

// newEvents are the events about all records, by chance. About every second
// customer the purpose that is asked for has been granted, so that there is
// something to see.
func newEvents(p *people, asked consent.Purpose, rnd *rand.Rand) map[idgraph.Ref][]consent.Event {
	states := []consent.State{consent.Requested, consent.Granted, consent.Denied, consent.Withdrawn, consent.Expired, consent.Objected, consent.Restricted, consent.Lifted}
	out, seq := map[idgraph.Ref][]consent.Event{}, int64(0)
	say := func(ref idgraph.Ref, e consent.Event) {
		seq++
		e.Ref, e.Seq, e.HeldBy, e.Method = ref, seq, string(ref.Source), "sync"
		out[ref] = append(out[ref], e)
	}
	for _, c := range p.customers {
		for _, ref := range c.Refs {
			for range rnd.IntN(4) {
				e := consent.Event{Purpose: spoken[rnd.IntN(len(spoken))], State: states[rnd.IntN(len(states))], At: randomTime(rnd), Notice: "form@1"}
				if e.State == consent.Restricted || e.State == consent.Denied && e.Purpose == "" {
					e.Purpose = ""
					if rnd.IntN(4) > 0 {
						e.State = consent.Lifted
					}
				}
				if rnd.IntN(5) == 0 {
					e.ValidUntil = randomTime(rnd).AddDate(0, 0, 10)
				}
				say(ref, e)
			}
		}
		if rnd.IntN(2) == 0 {
			for _, purpose := range []consent.Purpose{asked, "sharing.support"} {
				say(c.Refs[0], consent.Event{Purpose: purpose, State: consent.Granted, At: now.AddDate(0, 0, -rnd.IntN(2)), Notice: "form@1"})
			}
		}
	}
	return out
}

// An auditor takes entries down, or cannot.
type auditor struct {
	broken  bool
	entries []audit.Entry
}

func (a *auditor) Record(_ context.Context, e audit.Entry, _ bool) error {
	if a.broken {
		return audit.ErrNotWritable
	}
	a.entries = append(a.entries, e)
	return nil
}

// A finder asks the sources for somebody unknown, and finds nobody.
type finder struct {
	source *source // where it notes its calls
	broken bool
}

// note takes a call down.
func (s *source) note(call string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, call)
}

func (f *finder) Discover(_ context.Context, id idgraph.Identifier) error {
	f.source.note("find " + string(id.Type))
	if f.broken {
		return errors.New("a source could not be asked")
	}
	return nil
}
