package door

import (
	"context"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/consent"
	"customer360/idgraph/policy"
)

// A SourceStatus is a configured system, and how it is.
type SourceStatus struct {
	Name      idgraph.Source
	Kind      string
	Role      connectors.Role
	State     SourceState
	Answers   []connectors.Kind
	Records   int
	SyncedAt  *time.Time
	Synced    bool
	SyncError *string
	// LeftAloneUntil is when it is asked again, where it did not answer.
	LeftAloneUntil *time.Time

	Lag             *int
	ReadingSince    *time.Time
	RecordsExpected *int
	SweptAt         *time.Time
	RecordsGone     int
	RecordsMissed   int
	SweepError      *string
}

// A wellbeing is how a source is at one moment.
type wellbeing struct {
	state SourceState
	until time.Time // it is left alone; zero where it is asked
}

func (s *source) wellbeing() wellbeing {
	w := wellbeing{state: s.health.state()}
	if alone, ok := s.LeftAlone(); ok {
		w.until = alone.Until
	}
	return w
}

// SourceStatuses lists the configured systems in their order, as they were
// when the operation began: its own calls run beside this field.
func (op *Operation) SourceStatuses(ctx context.Context) ([]SourceStatus, error) {
	d := op.door
	known, err := d.Graph.Sources(ctx)
	if err != nil {
		return nil, err
	}
	out := []SourceStatus{}
	for i, s := range d.order {
		st := SourceStatus{Name: s.name, Kind: s.about.Kind, Role: s.about.Role, State: op.health[i].state, Answers: connectors.CanAnswer(s.Connector)}
		if until := op.health[i].until; !until.IsZero() {
			st.LeftAloneUntil = &until
		}
		if k, ok := known[s.name]; ok {
			st.read(k, op.begun)
		}
		out = append(out, st)
	}
	return out, nil
}

// read fills in how far the source has been read.
func (st *SourceStatus) read(k idgraph.SyncState, now time.Time) {
	st.Records, st.Synced, st.RecordsGone, st.RecordsMissed = k.Records, k.Full, k.Sweep.Gone, k.Sweep.Missed
	st.SyncedAt, st.SyncError = there(k.At), there(k.Error)
	st.ReadingSince, st.SweptAt, st.SweepError = there(k.Began), there(k.Sweep.At), there(k.Sweep.Error)
	if k.Full && !k.ReadTo.IsZero() {
		lag := max(0, int(now.Sub(k.ReadTo)/time.Second))
		st.Lag = &lag
	}
	if !k.Full {
		st.RecordsExpected = there(k.Total)
	}
}

// there is a value that is not the zero one, or nothing.
func there[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// A Viewer is who asks.
type Viewer struct {
	Name     string
	Role     policy.Role
	Purposes []consent.Purpose
	Scopes   []string
	Purpose  *consent.Purpose
}

// Viewer is who asks, as the decisions see it.
func (op *Operation) Viewer() Viewer {
	p := op.door.Policy
	v := Viewer{Name: op.caller.Name, Role: op.caller.Role, Purposes: p.Held(op.caller), Scopes: p.Scopes(op.caller)}
	if v.Purposes == nil {
		v.Purposes = []consent.Purpose{}
	}
	if v.Scopes == nil {
		v.Scopes = []string{}
	}
	if p.Holds(op.caller, op.purpose) {
		v.Purpose = &op.purpose
	}
	return v
}

// A PurposeStatus is a purpose of the registry, and whether the caller holds it.
type PurposeStatus struct {
	Key        consent.Purpose
	Basis      policy.Basis
	Categories []policy.Category
	Held       bool
}

// Purposes lists the registry.
func (op *Operation) Purposes() []PurposeStatus {
	out := []PurposeStatus{}
	for _, key := range policy.Purposes {
		rule, _ := op.door.Policy.Purpose(key)
		out = append(out, PurposeStatus{key, rule.Basis, rule.Categories, op.door.Policy.Holds(op.caller, key)})
	}
	return out
}

// Caller is who asks.
func (op *Operation) Caller() policy.Caller { return op.caller }
