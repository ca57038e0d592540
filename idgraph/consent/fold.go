package consent

import (
	"strings"
	"time"
)

// A Standing is where every purpose stands for one customer: the fold of all
// events about the records that are this customer.
type Standing struct {
	consents   map[Purpose]Event // the winning event by purpose
	objections map[Purpose]Event
	restricted Event
	now        time.Time
	inForce    func(notice string) bool
}

// Fold works out where every purpose stands at now. The latest event wins; of
// events at one moment the stricter. inForce says whether a notice version
// still counts; nil lets every notice count. The order of events is of no
// consequence.
func Fold(events []Event, now time.Time, inForce func(notice string) bool) Standing {
	s := Standing{consents: map[Purpose]Event{}, now: now, inForce: inForce}
	for _, e := range events {
		switch e.State {
		case Objected:
			s.object(e)
		case Restricted:
			s.restrict(e)
		case Lifted:
			if e.Purpose == "" {
				s.restrict(e)
			}
			s.object(e)
		default:
			if old, ok := s.consents[e.Purpose]; !ok || s.wins(e, old) {
				s.consents[e.Purpose] = e
			}
		}
	}
	return s
}

func (s *Standing) object(e Event) {
	if s.objections == nil {
		s.objections = map[Purpose]Event{}
	}
	if old, ok := s.objections[e.Purpose]; !ok || s.wins(e, old) {
		s.objections[e.Purpose] = e
	}
}

func (s *Standing) restrict(e Event) {
	if s.restricted.State == "" || s.wins(e, s.restricted) {
		s.restricted = e
	}
}

// wins says whether e replaces old: it is later, or as late and stricter.
func (s *Standing) wins(e, old Event) bool {
	if !e.At.Equal(old.At) {
		return e.At.After(old.At)
	}
	a, b := strictness(s.effective(e)), strictness(s.effective(old))
	if a != b {
		return a > b
	}
	return e.Seq > old.Seq
}

// effective is what an event amounts to now.
func (s *Standing) effective(e Event) State {
	if e.State != Granted {
		return e.State
	}
	if e.Notice == "" || s.inForce != nil && !s.inForce(e.Notice) {
		return Requested
	}
	if !e.ValidUntil.IsZero() && !s.now.Before(e.ValidUntil) {
		return Expired
	}
	return Granted
}

func strictness(st State) int {
	switch st {
	case Granted, Lifted:
		return 0
	case Requested:
		return 1
	case Expired:
		return 2
	case Withdrawn:
		return 3
	}
	return 4 // denied, objected, restricted, and anything unknown
}

// Allows says whether consent for a purpose is given: granted itself or by a
// parent, and neither itself nor any parent denied. What a purpose's own last
// event does not grant, no parent grants in its place. The purpose "" stands
// above all: it can be denied, never granted.
func (s Standing) Allows(p Purpose) bool {
	granted, own := false, true
	for q := range upwards(p) {
		if e, ok := s.consents[q]; ok {
			switch st := s.effective(e); {
			case st == Granted:
				granted = granted || q != ""
			case own, st != Requested && st != Expired:
				return false
			}
		}
		own = false
	}
	return granted
}

// Objects says whether the customer objects to a purpose, to one of its
// parents, or to every purpose ("").
func (s Standing) Objects(p Purpose) bool {
	for q := range upwards(p) {
		if s.objections[q].State == Objected {
			return true
		}
	}
	return false
}

// Denials are the events by which something is denied now, objected to or
// restricted: all that a record may say about a customer whom it is only
// probably about.
func (s Standing) Denials() []Event {
	var out []Event
	for _, e := range s.consents {
		if st := s.effective(e); st != Granted && st != Requested && st != Expired {
			out = append(out, e)
		}
	}
	for _, e := range s.objections {
		if e.State == Objected {
			out = append(out, e)
		}
	}
	if s.Restricted() {
		out = append(out, s.restricted)
	}
	return out
}

// Restricted says whether processing is restricted.
func (s Standing) Restricted() bool { return s.restricted.State == Restricted }

// Status is where one purpose stands by its own events: the state now and the
// event behind it; false where nothing was ever said.
func (s Standing) Status(p Purpose) (State, Event, bool) {
	e, ok := s.consents[p]
	if !ok {
		return "", Event{}, false
	}
	return s.effective(e), e, true
}

// upwards yields a purpose and its parents: a.b.c, a.b, a, and "" for all.
func upwards(p Purpose) func(yield func(Purpose) bool) {
	return func(yield func(Purpose) bool) {
		for yield(p) && p != "" {
			p = p[:max(0, strings.LastIndexByte(string(p), '.'))]
		}
	}
}
