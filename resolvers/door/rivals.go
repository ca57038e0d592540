package door

import (
	"math"
	"slices"

	"customer360/idgraph"
)

// maxRivals is how many questions are told of one customer.
const maxRivals = 20

// A matter is a question about who is who, with the customers whom it concerns. They
// pass the door each for itself: what is not shown of one is not shown.
type matter struct {
	review idgraph.Review
	sides  []*subject // whom it is about and, of a pair, the other
}

// meet reads the questions about the customers of arrivals that ask for them,
// and has the customers whom these concern come too. It answers their arrivals.
func (op *Operation) meet(arrivals []*arrival) ([]*arrival, error) {
	var met []*arrival
	for next := arrivals; len(next) > 0; {
		var further []*arrival
		for _, a := range next {
			came, err := op.meetOf(a)
			if err != nil {
				return nil, err
			}
			if came != nil {
				further = append(further, came)
			}
		}
		met, next = append(met, further...), further
	}
	return met, nil
}

// meetOf is meet for one arrival; nil where nobody comes.
func (op *Operation) meetOf(a *arrival) (*arrival, error) {
	dm := op.demandOf(a)
	if dm == nil || !dm.rivals && !dm.frozen || op.door.Reviews == nil {
		return nil, nil
	}
	came := &arrival{root: a.root, below: dm.others}
	for i, c := range a.handles {
		if c == nil || a.want[i].row != "" {
			continue
		}
		asked := c.subject.shows("Customer", "identity") &&
			(dm.rivals && c.subject.shows("CustomerIdentity", "rivals") || dm.frozen && c.subject.shows("CustomerIdentity", "frozen"))
		if !asked {
			continue
		}
		found, err := op.mattersOf(c.subject)
		if err != nil {
			return nil, err
		}
		if dm.others == nil || !c.subject.shows("CustomerIdentity", "rivals") {
			continue
		}
		op.mu.Lock()
		for _, q := range found {
			for i, s := range q.sides {
				s = op.joins(s)
				q.sides[i] = s
				s.wants(dm.others, "")
				came.want, came.handles = append(came.want, want{id: s.customer.ID}), append(came.handles, &Customer{subject: s})
			}
		}
		op.mu.Unlock()
	}
	if len(came.handles) == 0 {
		return nil, nil
	}
	return came, nil
}

// mattersOf reads the questions about a customer, once, those that are shown.
func (op *Operation) mattersOf(s *subject) ([]matter, error) {
	op.mu.Lock()
	known := s.matters
	op.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	reviews, err := op.door.Reviews.Rivals(op.ctx, s.customer.ID)
	if err != nil {
		return nil, err
	}
	found, err := op.askedOf(reviews)
	if err != nil {
		return nil, err
	}
	if len(found) > maxRivals {
		rest := slices.DeleteFunc(slices.Clone(found[maxRivals:]), func(q matter) bool { return q.review.Kind != idgraph.ReviewFrozen })
		found = append(found[:maxRivals:maxRivals], rest...)
	}
	op.mu.Lock()
	defer op.mu.Unlock()
	if s.matters == nil {
		s.matters = &found
	}
	return *s.matters, nil
}

// joins has a subject that is decided take part in the operation, unless its
// customer does so already. op.mu is held.
func (op *Operation) joins(s *subject) *subject {
	if have := op.subjects[s.customer.ID]; have != nil {
		return have
	}
	op.subjects[s.customer.ID], op.order = s, append(op.order, s)
	return s
}

// askedOf are the questions of reviews, those that are shown. Their subjects take no
// part in the operation yet.
func (op *Operation) askedOf(reviews []idgraph.Review) ([]matter, error) {
	var ids []idgraph.CustomerID
	for _, r := range reviews {
		for _, id := range []idgraph.CustomerID{r.Customer, r.Other} {
			if id != 0 && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	of, err := op.bystanders(ids)
	if err != nil {
		return nil, err
	}
	var out []matter
	for _, r := range reviews {
		q := matter{review: r}
		for _, id := range []idgraph.CustomerID{r.Customer, r.Other} {
			if s := of[id]; s != nil && !slices.Contains(q.sides, s) {
				q.sides = append(q.sides, s)
			}
		}
		if q.visible() {
			out = append(out, q)
		}
	}
	return out, nil
}

// bystanders are subjects of customers, decided, that take no part in the
// operation: what is told hangs on what is shown of them. Customers who are not
// known are left out, and who was merged into one is that one.
func (op *Operation) bystanders(ids []idgraph.CustomerID) (map[idgraph.CustomerID]*subject, error) {
	out := map[idgraph.CustomerID]*subject{}
	if len(ids) == 0 {
		return out, nil
	}
	known, err := op.door.Graph.Customers(op.ctx, ids)
	if err != nil {
		return nil, err
	}
	same := map[idgraph.CustomerID]*subject{}
	var all []*subject
	for _, id := range ids {
		c, ok := known[id]
		if !ok {
			continue
		}
		if same[c.ID] == nil {
			same[c.ID] = &subject{op: op, customer: c, doubtful: doubtful(c)}
			all = append(all, same[c.ID])
		}
		out[id] = same[c.ID]
	}
	_ = op.judge(all) // what cannot be read of the ledger withholds
	return out, nil
}

// visible says whether a question is shown at all. The queue goes by the value:
// where that is withheld the place would tell of it.
func (q matter) visible() bool {
	sides := 1
	if q.review.Kind == idgraph.ReviewPair {
		sides = 2
	}
	if len(q.sides) != sides || !q.shows("MatchReview", "") || !q.shows("MatchReview", "value") {
		return false
	}
	return sides == 1 || q.of(q.review.Link.A) != nil && q.of(q.review.Link.B) != nil
}

// shows says whether a field is shown of all whom the question concerns.
func (q matter) shows(typeName, field string) bool {
	return !slices.ContainsFunc(q.sides, func(s *subject) bool { return !s.shows(typeName, field) })
}

// of is whose a record is, where that is shown; else nil.
func (q matter) of(ref idgraph.Ref) *subject {
	for _, s := range q.sides {
		if s.holds(ref) {
			return s
		}
	}
	return nil
}

// holds says whether a record is this customer's, and shown to be.
func (s *subject) holds(ref idgraph.Ref) bool {
	return slices.Contains(s.customer.Refs, ref) && s.showsRecord(ref)
}

// A MatchStop is what kept a strong pair from being linked.
type MatchStop string

// stops are the words of the schema for those of a review.
var stops = map[string]MatchStop{"conflict": "CONFLICT", "limit": "LIMIT", "average": "AVERAGE", "rival": "RIVAL"}

// A MatchReview is a question to a person, as it goes up.
type MatchReview struct {
	Kind            *idgraph.ReviewKind
	Value           *float64
	Customer, Other *Customer
	Link            *IdentityLink
	StoppedBy       []MatchStop
}

// up is a question as it goes up.
func (q matter) up() MatchReview {
	out := MatchReview{Customer: &Customer{subject: q.sides[0]}}
	if len(q.sides) > 1 {
		out.Other = &Customer{subject: q.sides[1]}
	}
	if q.shows("MatchReview", "kind") {
		out.Kind = &q.review.Kind
	}
	if q.shows("MatchReview", "value") {
		out.Value = finite(q.review.Value)
	}
	if q.shows("MatchReview", "link") && q.review.Kind == idgraph.ReviewPair {
		link := linkUp(q.review.Link, q.shows, q.of)
		out.Link = &link
	}
	if q.shows("MatchReview", "stoppedBy") {
		out.StoppedBy = []MatchStop{}
		for _, s := range q.review.StoppedBy {
			if stop := stops[s]; stop != "" {
				out.StoppedBy = append(out.StoppedBy, stop)
			}
		}
	}
	return out
}

// finite is a number that JSON has, or nothing.
func finite(f float64) *float64 {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil
	}
	return &f
}

// Rivals are the questions about this customer that are shown.
func (i *CustomerIdentity) Rivals() []MatchReview {
	if !i.subject.shows("CustomerIdentity", "rivals") {
		return nil
	}
	out := []MatchReview{}
	for _, q := range i.subject.pending() {
		out = append(out, q.up())
	}
	return out
}

// Frozen says whether the customer reached a limit.
func (i *CustomerIdentity) Frozen() *bool {
	if !i.subject.shows("CustomerIdentity", "frozen") {
		return nil
	}
	frozen := slices.ContainsFunc(i.subject.pending(), func(q matter) bool { return q.review.Kind == idgraph.ReviewFrozen })
	return &frozen
}

// pending are the questions that were read of this customer.
func (s *subject) pending() []matter {
	s.op.mu.Lock()
	defer s.op.mu.Unlock()
	if s.matters == nil {
		return nil
	}
	return *s.matters
}
