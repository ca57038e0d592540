// Package consent keeps what each customer allowed, for which purpose: an
// append-only ledger of events, and the fold that says where each purpose
// stands now. CONSENT.md §3 is its law.
package consent

import (
	"context"
	"time"

	"customer360/idgraph"
)

// A Purpose is a dotted key of the registry, "marketing.email". A parent
// ("marketing") may be granted or denied, but not asked for.
type Purpose string

// A State is what one event says, or where a purpose stands.
type State string

// The states. OBJECTED, RESTRICTED and LIFTED feed gates of their own.
const (
	Requested  State = "REQUESTED"
	Granted    State = "GRANTED"
	Denied     State = "DENIED"
	Withdrawn  State = "WITHDRAWN"
	Expired    State = "EXPIRED"
	Objected   State = "OBJECTED"
	Restricted State = "RESTRICTED"
	Lifted     State = "LIFTED"
)

// An Event is one line of the ledger. Nothing in it is ever edited.
type Event struct {
	Seq        int64       // given by the ledger, rising without gaps
	Ref        idgraph.Ref // the record it was said about
	Purpose    Purpose     // "" with RESTRICTED: every purpose
	State      State
	At         time.Time // when it happened
	RecordedAt time.Time // when the ledger took it in
	HeldBy     string    // the source or surface that holds it
	Method     string    // how: "sync", "form", "call"
	Notice     string    // notice and version, "newsletter-form@2024"; a grant without one is a request
	ValidUntil time.Time // zero: no end
}

// A Ledger remembers events. What Append has acknowledged is durable.
type Ledger interface {
	Append(ctx context.Context, events []Event) error
	// Of answers all events of the refs, in Seq order.
	Of(ctx context.Context, refs []idgraph.Ref) (map[idgraph.Ref][]Event, error)
	// Revision rises with every append; equal revisions mean equal answers.
	Revision(ctx context.Context) (int64, error)
}
