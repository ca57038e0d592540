package door

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
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
	out := []PrivacyNote{}
	s := c.subject
	for _, coordinate := range s.coordinates() {
		if note, ok := s.note(coordinate); ok {
			out = append(out, note)
		}
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
	out := []SourceAnswer{}
	for _, r := range s.op.sourceReports() {
		if !slices.ContainsFunc(s.customer.Refs, func(ref idgraph.Ref) bool { return ref.Source == r.Source }) {
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

// coordinates lists what the operation asks of this customer, once each.
func (s *subject) coordinates() []string {
	s.op.mu.Lock()
	demands := slices.Clone(s.demands) // a root field that comes late adds to them
	s.op.mu.Unlock()
	if len(demands) == 1 {
		return demands[0].fields
	}
	var out []string
	for _, dm := range demands {
		for _, f := range dm.fields {
			if !slices.Contains(out, f) {
				out = append(out, f)
			}
		}
	}
	return out
}

// note says of one coordinate what becomes of it, where that is not SHOWN.
func (s *subject) note(coordinate string) (PrivacyNote, bool) {
	c, ok := s.op.door.columns[coordinate]
	if !ok {
		return PrivacyNote{}, false
	}
	out := s.of(c)
	if out == policy.Shown {
		return PrivacyNote{}, false
	}
	d := s.decisions[c.class]
	return PrivacyNote{coordinate, out, d.Reason, d.Remedy}, true
}

func (op *Operation) report() *Report {
	return &Report{Privacy: op.privacy(), Sources: op.sourceReports(), Failures: op.failures()}
}

// privacy groups the notes of all customers.
func (op *Operation) privacy() Privacy {
	p := Privacy{Purpose: op.purpose, Policy: op.door.Policy.Digest, Decision: op.decisionKey(), Fields: []PrivacyEntry{}}
	about := map[PrivacyNote][]*subject{}
	var notes []PrivacyNote
	for _, s := range op.order {
		for _, coordinate := range s.coordinates() {
			note, ok := s.note(coordinate)
			if !ok {
				continue
			}
			if about[note] == nil {
				notes = append(notes, note)
			}
			about[note] = append(about[note], s)
		}
	}
	slices.SortFunc(notes, func(a, b PrivacyNote) int {
		return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Reason, b.Reason))
	})
	size := 0
	for _, note := range notes {
		e := PrivacyEntry{PrivacyNote: note}
		if len(about[note]) < len(op.order) {
			for _, s := range about[note] {
				e.Customers = append(e.Customers, op.door.SealCustomer(s.customer.ID))
			}
		}
		if b, err := json.Marshal(e); err == nil {
			size += len(b) + 1
		}
		if size > maxPrivacy-512 {
			p.More = true
			break
		}
		p.Fields = append(p.Fields, e)
	}
	return p
}

// sourceReports says of every source of the configuration how it answered.
func (op *Operation) sourceReports() []SourceReport {
	op.mu.Lock()
	defer op.mu.Unlock()
	out := []SourceReport{}
	for _, src := range op.door.order {
		r := SourceReport{Source: src.name}
		failed := 0
		for _, kind := range connectors.Kinds {
			t := op.tallies[tallyKey{src.name, kind}]
			if t == nil {
				continue
			}
			r.Calls, r.Saved = r.Calls+t.calls, r.Saved+t.saved
			r.LatencyMs = max(r.LatencyMs, int((t.latency+time.Millisecond-1)/time.Millisecond))
			if t.err != nil {
				failed++
				r.Code = cmp.Or(r.Code, connectors.Code(t.err))
			}
			r.Kinds = append(r.Kinds, KindReport{kind, t.calls, t.saved, connectors.Code(t.err)})
		}
		called := 0
		for _, k := range r.Kinds {
			if k.Calls > 0 {
				called++
			}
		}
		r.State = stateOf(called, failed)
		out = append(out, r)
	}
	return out
}

// failures lists what failed, one entry per source and record kind, in a fixed order.
func (op *Operation) failures() []Failure {
	op.mu.Lock()
	defer op.mu.Unlock()
	var out []Failure
	for _, src := range op.door.order {
		for _, kind := range connectors.Kinds {
			t := op.tallies[tallyKey{src.name, kind}]
			if t == nil || t.err == nil {
				continue
			}
			f := Failure{Source: src.name, Kind: kind, Err: t.err}
			for _, dm := range op.demands {
				if dm.kinds[kind] != nil || dm.rows[kind] != nil {
					f.Root = dm.root
					break
				}
			}
			out = append(out, f)
		}
	}
	return out
}

// shown counts what was shown of what was asked, by coordinate and outcome.
func (op *Operation) shown() map[string]map[policy.Outcome]int {
	out := map[string]map[policy.Outcome]int{}
	for _, s := range op.order {
		for _, coordinate := range s.coordinates() {
			c, ok := op.door.columns[coordinate]
			if !ok {
				continue
			}
			if out[coordinate] == nil {
				out[coordinate] = map[policy.Outcome]int{}
			}
			out[coordinate][s.of(c)]++
		}
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
