package policy

import (
	"time"

	"customer360/idgraph/consent"
)

// The whole finite state space of a decision, as dimensions. Every dimension's
// values stand in an order that laws_test.go knows.
type space struct {
	policy     *Policy
	roles      []Role
	tokens     []token
	purposes   []consent.Purpose
	categories []Category
	subjects   []state
	links      []LinkQuality
	surfaces   []Surface
}

// A token is what a caller's token says of a purpose: nothing (the role's), that one, or none.
type token int

const (
	silent token = iota
	names
	empty
)

// A state is what the ledger says of a customer, for the purpose that is asked
// for, for all above it, and for a consent that is needed beside it.
type state struct {
	unreadable, objected, restricted bool
	own, parent, beside              consent.State
}

var (
	ownStates    = []consent.State{"", consent.Requested, consent.Granted, consent.Denied, consent.Withdrawn, consent.Expired}
	parentStates = []consent.State{"", consent.Granted, consent.Denied, consent.Withdrawn}
	besideStates = []consent.State{"", consent.Granted, consent.Denied}
)

func newSpace(p *Policy) *space {
	s := &space{
		policy: p, roles: append(p.Roles(), "", "nobody"), tokens: []token{silent, names, empty},
		purposes:   append(append([]consent.Purpose{}, Purposes...), "", "marketing", "world.domination"),
		categories: append(append([]Category{}, Categories...), "contact.email", "gossip"),
		links:      []LinkQuality{Verified, Probable}, surfaces: []Surface{Single, List},
	}
	s.subjects = []state{{unreadable: true}}
	for _, own := range ownStates {
		for _, parent := range parentStates {
			for _, beside := range besideStates {
				for _, objected := range []bool{false, true} {
					for _, restricted := range []bool{false, true} {
						s.subjects = append(s.subjects, state{false, objected, restricted, own, parent, beside})
					}
				}
			}
		}
	}
	return s
}

// A point is one state of the space, by its place in each dimension.
type point struct{ role, token, purpose, category, subject, link, surface int }

func (s *space) size() int {
	return len(s.roles) * len(s.tokens) * len(s.purposes) * len(s.categories) * len(s.subjects) * len(s.links) * len(s.surfaces)
}

func (s *space) index(at point) int {
	i := at.role
	for _, d := range [][2]int{
		{at.token, len(s.tokens)},
		{at.purpose, len(s.purposes)},
		{at.category, len(s.categories)},
		{at.subject, len(s.subjects)},
		{at.link, len(s.links)},
		{at.surface, len(s.surfaces)},
	} {
		i = i*d[1] + d[0]
	}
	return i
}

// each visits every point.
func (s *space) each(visit func(point)) {
	for r := range s.roles {
		for t := range s.tokens {
			for p := range s.purposes {
				for u := range s.subjects {
					for c := range s.categories {
						for l := range s.links {
							for f := range s.surfaces {
								visit(point{r, t, p, c, u, l, f})
							}
						}
					}
				}
			}
		}
	}
}

// question is what a point asks. Standings are made once: folding is not what is tested here.
func (s *space) question(at point, standings map[[2]int]Subject) Question {
	q := Question{
		Caller: Caller{Name: "test", Role: s.roles[at.role]}, Purpose: s.purposes[at.purpose],
		Category: s.categories[at.category], Link: s.links[at.link], Surface: s.surfaces[at.surface],
	}
	switch s.tokens[at.token] {
	case names:
		q.Caller.Purposes = []consent.Purpose{q.Purpose}
	case empty:
		q.Caller.Purposes = []consent.Purpose{}
	}
	key := [2]int{at.purpose, at.subject}
	subject, ok := standings[key]
	if !ok {
		subject = subjectOf(s.subjects[at.subject], q.Purpose, s.policy)
		standings[key] = subject
	}
	q.Subject = subject
	return q
}

func subjectOf(st state, p consent.Purpose, pol *Policy) Subject {
	if st.unreadable {
		return Subject{}
	}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var events []consent.Event
	say := func(p consent.Purpose, state consent.State) {
		if state != "" {
			events = append(events, consent.Event{Seq: int64(len(events) + 1), Purpose: p, State: state, At: at, Notice: "form@1"})
		}
	}
	say(p, st.own)
	if parent := parentOf(p); parent != "" {
		say(parent, st.parent)
	}
	if rule, ok := pol.Purpose(p); ok {
		for _, need := range rule.Needs {
			if need != p {
				say(need, st.beside)
			}
		}
	}
	if st.objected {
		say(p, consent.Objected)
	}
	if st.restricted {
		say("", consent.Restricted)
	}
	return Subject{Known: true, Standing: consent.Fold(events, at.AddDate(1, 0, 0), pol.InForce)}
}

func parentOf(p consent.Purpose) consent.Purpose {
	for i := len(p) - 1; i > 0; i-- {
		if p[i] == '.' {
			return p[:i]
		}
	}
	return ""
}
