package door

import (
	"cmp"
	"context"
	"slices"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/consent"
	"customer360/idgraph/policy"
)

// maxPrivacy bounds the privacy report in bytes.
const maxPrivacy = 16 << 10

// A PrivacyNote is a field that is not shown in full.
type PrivacyNote struct {
	Field   string         `json:"field"`
	Outcome policy.Outcome `json:"outcome"`
	Reason  policy.Reason  `json:"reason"`
	Remedy  policy.Remedy  `json:"remedy"`
}

// A Report is what the caller is told beside the data.
type Report struct {
	Privacy  Privacy        `json:"privacy"`
	Sources  []SourceReport `json:"sources"`
	Failures []Failure      `json:"-"`
}

// Privacy says what is not shown in full, and why.
type Privacy struct {
	Purpose  consent.Purpose `json:"purpose"`
	Policy   string          `json:"policy"`
	Decision string          `json:"decision"`
	Fields   []PrivacyEntry  `json:"fields"`
	More     bool            `json:"more,omitempty"`
}

// A PrivacyEntry is a note, with the customers where they differ.
type PrivacyEntry struct {
	PrivacyNote
	Customers []string `json:"customers,omitempty"`
}

// A SourceReport is how one source answered in this operation.
type SourceReport struct {
	Source    idgraph.Source `json:"source"`
	State     SourceState    `json:"state"`
	Code      string         `json:"code,omitempty"`
	LatencyMs int            `json:"latencyMs"`
	Calls     int            `json:"calls"`
	Saved     int            `json:"saved"`
	Kinds     []KindReport   `json:"kinds,omitempty"`
}

// A KindReport is the same for one record kind.
type KindReport struct {
	Kind  connectors.Kind `json:"kind"`
	Calls int             `json:"calls"`
	Saved int             `json:"saved"`
	Code  string          `json:"code,omitempty"`
}

// A Failure is a source that failed for one record kind; Root is the first
// root field, in document order, that asked for it.
type Failure struct {
	Root   string
	Source idgraph.Source
	Kind   connectors.Kind
	Err    error
}

// A SourceState is how a source answered.
type SourceState string

// The states.
const (
	SourceOK        SourceState = "OK"
	SourcePartial   SourceState = "PARTIAL"
	SourceFailed    SourceState = "FAILED"
	SourceNotCalled SourceState = "NOT_CALLED"
)

// A SourceAnswer is how a source answered, in the data.
type SourceAnswer struct {
	Source                  idgraph.Source
	State                   SourceState
	Code                    *string
	LatencyMs, Calls, Saved int
}

// Privacy says of this customer what is not shown in full. It is known before
// anything is fetched.
func (c *Customer) Privacy() []PrivacyNote {
	notes := c.subject.notes(nil)
	out := make([]PrivacyNote, len(notes))
	for i, n := range notes {
		out[i] = n.note
	}
	return out
}

// Sources says how the sources of this customer's records answered.
func (c *Customer) Sources(ctx context.Context) ([]SourceAnswer, error) {
	s := c.subject
	s.op.mu.Lock()
	calls := slices.Clone(s.op.calls) // all: what is told is of the whole operation
	s.op.mu.Unlock()
	for _, call := range calls {
		if err := call.wait(ctx); err != nil {
			return nil, err
		}
	}
	if err := s.op.waitForHops(ctx); err != nil {
		return nil, err
	}
	out := []SourceAnswer{}
	for _, r := range s.op.sourceReports() {
		if !slices.ContainsFunc(s.customer.Refs, func(ref idgraph.Ref) bool {
			return ref.Source == r.Source && s.link(ref) == policy.Verified
		}) {
			continue
		}
		a := SourceAnswer{Source: r.Source, State: r.State, LatencyMs: r.LatencyMs, Calls: r.Calls, Saved: r.Saved}
		if r.Code != "" {
			a.Code = &r.Code
		}
		out = append(out, a)
	}
	return out, nil
}

// A noted is a note about one customer.
type noted struct {
	note    PrivacyNote
	subject *subject
}

// each visits the columns that the operation asks of this customer, once each.
func (s *subject) each(visit func(*column)) {
	s.op.mu.Lock()
	demands := s.demands // a root field that comes late adds to them
	s.op.mu.Unlock()
	var seen columnSet
	for _, dm := range demands {
		for _, c := range dm.columns {
			if seen.put(c) {
				visit(c)
			}
		}
	}
}

// notes appends what is not shown in full of this customer. Records that are
// only probably the customer's are one note: of all their fields the same is true.
func (s *subject) notes(to []noted) []noted {
	s.each(func(c *column) {
		if s.outcome(c) != policy.Shown {
			d := s.decision(c)
			to = append(to, noted{PrivacyNote{c.coordinate, d.Outcome, d.Reason, d.Remedy}, s})
		}
	})
	if len(s.doubtful) > 0 {
		c := s.op.door.columns.of("SourceRecord", "")
		if d := s.decisions[policy.Probable][c.class]; policy.Fit(d.Outcome, c.form) != policy.Shown && s.decision(c).Outcome == policy.Shown {
			to = append(to, noted{PrivacyNote{c.coordinate, policy.Fit(d.Outcome, c.form), d.Reason, d.Remedy}, s})
		}
	}
	return to
}

func (op *Operation) report() *Report {
	return &Report{Privacy: op.privacy(), Sources: op.sourceReports(), Failures: op.failures()}
}

// privacy groups the notes of all customers, as far as there is room.
func (op *Operation) privacy() Privacy {
	p := Privacy{Purpose: op.purpose, Policy: op.door.Policy.Digest, Decision: op.decisionKey(), Fields: []PrivacyEntry{}}
	op.mu.Lock()
	slices.SortFunc(op.order, func(a, b *subject) int { return cmp.Compare(a.customer.ID, b.customer.ID) })
	op.mu.Unlock()
	var all []noted
	for _, s := range op.order {
		all = s.notes(all)
	}
	slices.SortStableFunc(all, func(a, b noted) int {
		return cmp.Or(cmp.Compare(a.note.Field, b.note.Field), cmp.Compare(a.note.Outcome, b.note.Outcome), cmp.Compare(a.note.Reason, b.note.Reason), cmp.Compare(a.note.Remedy, b.note.Remedy))
	})
	for size := maxPrivacy / 32; len(all) > 0; { // what stands around the entries is less
		same := 1
		for same < len(all) && all[same].note == all[0].note {
			same++
		}
		e := PrivacyEntry{PrivacyNote: all[0].note}
		if same < len(op.order) {
			for _, n := range all[:same] {
				e.Customers = append(e.Customers, op.door.SealCustomer(n.subject.customer.ID))
			}
		}
		if size += e.size(); size > maxPrivacy {
			p.More = true
			break
		}
		p.Fields, all = append(p.Fields, e), all[same:]
	}
	return p
}

// size is the most that an entry takes in JSON: none of its texts needs escaping.
func (e PrivacyEntry) size() int {
	n := len(`{"field":"","outcome":"","reason":"","remedy":"","customers":[]},`)
	n += len(e.Field) + len(e.Outcome) + len(e.Reason) + len(e.Remedy)
	for _, id := range e.Customers {
		n += len(id) + len(`"",`)
	}
	return n
}

// sourceReports says of every source of the configuration how it answered.
func (op *Operation) sourceReports() []SourceReport {
	op.mu.Lock()
	defer op.mu.Unlock()
	out := make([]SourceReport, len(op.door.order))
	room := make([]KindReport, 0, 2*len(op.calls))
	for i, src := range op.door.order {
		r := SourceReport{Source: src.name}
		called, failed, from := 0, 0, len(room)
		for j, k := range connectors.Kinds {
			t := tally{}
			if op.tallies != nil {
				t = op.tallies[i][j]
			}
			saved := callsFor(src, k, t.spared)
			asked := t.calls > 0 || t.err != nil // a call that may not leave fails all the same
			if !asked && saved == 0 {
				continue
			}
			r.Calls, r.Saved = r.Calls+t.calls, r.Saved+saved
			r.LatencyMs = max(r.LatencyMs, int((t.latency+time.Millisecond-1)/time.Millisecond))
			if asked {
				called++
			}
			if t.err != nil {
				failed++
				r.Code = cmp.Or(r.Code, connectors.Code(t.err))
			}
			room = append(room, KindReport{k, t.calls, saved, connectors.Code(t.err)})
		}
		r.Kinds = room[from:len(room):len(room)]
		r.State = stateOf(called, failed)
		out[i] = r
	}
	return out
}

// failures lists what failed, one entry per source and record kind, in a fixed order.
func (op *Operation) failures() []Failure {
	op.mu.Lock()
	defer op.mu.Unlock()
	var out []Failure
	for i := range op.tallies {
		for j, k := range connectors.Kinds {
			err := op.tallies[i][j].err
			if err == nil {
				continue
			}
			f := Failure{Source: op.door.order[i].name, Kind: k, Err: err}
			if at := slices.IndexFunc(op.demands, func(dm *demand) bool { return dm.asks(k) }); at >= 0 {
				f.Root = op.demands[at].root
			}
			out = append(out, f)
		}
	}
	return out
}
