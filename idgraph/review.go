package idgraph

import (
	"context"
	"time"
)

// A Decision is what a person said of two records. It is durable before it is
// acknowledged, and no machine overrides it; a later one of the same two does.
type Decision struct {
	Seq    int64 // given by the store, rising
	A, B   Ref   // A.Less(B)
	Same   bool  // they are one person; else they are two
	At     time.Time
	Actor  string // who decided, as audit names callers
	Reason string // why, in a few words; it rests encrypted
	Undone bool   // taken back: as if nobody had decided
}

// A ReviewKind says what a person is asked.
type ReviewKind string

// The kinds.
const (
	ReviewPair   ReviewKind = "PAIR"   // are these two records one person?
	ReviewFrozen ReviewKind = "FROZEN" // this customer reached a limit: is it one person?
)

// A Review is one question to a person. The most worthwhile come first.
type Review struct {
	Kind      ReviewKind
	Value     float64 // what deciding is worth: the chance that it is one person times the records that it would join
	Customer  CustomerID
	Other     CustomerID // of a pair: the other customer
	Link      Link       // of a pair: the evidence; Since is when it was first seen
	StoppedBy []string   // what kept a strong pair from being linked: "conflict", "limit", "average", "rival"; none where the evidence is too weak
}

// An EventKind says what became of a customer.
type EventKind string

// The kinds of events.
const (
	Minted   EventKind = "MINTED"
	Merged   EventKind = "MERGED" // Other is the survivor
	SplitOff EventKind = "SPLIT"  // Other is the new customer
	Gone     EventKind = "GONE"
	Linked   EventKind = "LINKED"
	Unlinked EventKind = "UNLINKED"
	Frozen   EventKind = "FROZEN"
	Thawed   EventKind = "THAWED"
	Decided  EventKind = "DECIDED"
)

// An Event is one thing that became of a customer. Events are only ever added.
type Event struct {
	Seq         int64
	At          time.Time
	Kind        EventKind
	Customer    CustomerID
	Other       CustomerID
	A, B        Ref // of a link or a decision; zero where the records are gone
	Rule        Rule
	RuleVersion int
	Cause       string    // "learn crm-eu", "build", "decision 12", …
	Decision    *Decision // of a cause that is one
}

// A Reviewer has what people decide and what they look at first.
type Reviewer interface {
	// Reviews answers up to limit questions behind a place in the queue, the most
	// worthwhile first, and the place behind the last one: it hangs on nothing but
	// that question. It is "" where there were fewer than limit.
	Reviews(ctx context.Context, after string, limit int) ([]Review, string, error)
	// Rivals answers the questions about one customer.
	Rivals(ctx context.Context, id CustomerID) ([]Review, error)
	// Events answers what became of a customer, newest first, before a sequence
	// number (0: the newest).
	Events(ctx context.Context, id CustomerID, before int64, limit int) ([]Event, error)
	// Path answers the links that lead from one record to another of the same
	// customer, the strongest way; empty where there is none.
	Path(ctx context.Context, from, to Ref) ([]Link, error)
	// Compare answers how two records compare, linked or not.
	Compare(ctx context.Context, a, b Ref) (Link, error)
}

// A Decider takes people's decisions. Each answers what became of the customers.
// The two records must be held; ErrUnknownRecord otherwise.
type Decider interface {
	// Decide keeps decisions, all or none, numbers them in the slice that it is
	// given, and re-clusters whom they concern.
	Decide(ctx context.Context, decisions []Decision) (Change, error)
	// Undo takes back the decisions with these numbers, all or none;
	// ErrUnknownDecision where one is not known, or is taken back already.
	Undo(ctx context.Context, seqs []int64, actor, reason string) (Change, error)
}
