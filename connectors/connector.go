// Package connectors says what a source system is: the records it answers, the
// capabilities it may have and the errors it may give. It holds the framework
// that chunks, fans out and checks; each folder below speaks with one kind of
// system. docs/connectors.md shows how to add one.
package connectors

import (
	"context"
	"time"

	"customer360/idgraph"
)

// A Connector speaks with one configured system of record. What it can answer
// it says by implementing capabilities such as OrderLister.
type Connector interface {
	// Source is the configured name.
	Source() idgraph.Source
	// About says what the system is and which limits it declares.
	About() About
	// Close gives back what it holds.
	Close() error
}

// About is what a connector declares of itself.
type About struct {
	Kind string // "sql", "tryton"
	Role Role
	// Keys is the most refs that one call of a capability may carry. A kind
	// that is missing has no such limit in the vendor's words: DefaultKeys.
	Keys map[Kind]Limit
	// NeedsKeys says that profiles are asked for by Query.Keys besides their ids,
	// as Profile.LookupKey has told them.
	NeedsKeys bool
	// FindKeys is the most identifiers that one Find may carry.
	FindKeys Limit
	// Calls is the most calls in flight at once; 0 is 4.
	Calls Limit
	// Windows are the kinds whose lists can be asked for in parts: only their
	// queries carry a Window.
	Windows map[Kind]bool
	// Timeout is how long one call may take where the configuration names
	// nothing; 0 is DefaultTimeout.
	Timeout time.Duration
	// Unseen says what may change about who a person is without Changes telling:
	// an address, say, that moves no time of its owner's. "" is nothing. Only a
	// reading from the beginning finds it, and is made more often.
	Unseen string
}

// DefaultTimeout is how long one call may take.
const DefaultTimeout = 2 * time.Second

// A Limit is a number with the place that says so.
type Limit struct {
	N    int
	Says string // the vendor's page, or a file of this repository
}

// DefaultKeys is the batch size where the vendor names none.
const DefaultKeys = 500

// MaxRows is the most rows that one call reads of one source, kind and customer.
const MaxRows = 1000

// A Role is what a system is to the company.
type Role string

// The roles.
const (
	CRM       Role = "CRM"
	ERP       Role = "ERP"
	Commerce  Role = "COMMERCE"
	Helpdesk  Role = "HELPDESK"
	Marketing Role = "MARKETING"
	Warehouse Role = "WAREHOUSE"
	Events    Role = "EVENTS"
)

// A Query asks one capability for the records of many refs of one source.
type Query struct {
	Refs []idgraph.Ref // at least one, without repeats, all of this source
	// Keys are look-up keys of some of the refs: only where About.NeedsKeys, and
	// only as far as they are known. They may be out of date.
	Keys   map[idgraph.Ref]string
	Fields FieldSet // what is wanted; more may be answered, less may not
	Limit  int      // rows per ref, 1 to MaxRows
	Order  Ordering // which rows come first, where Limit cuts
	Window Window   // which part of the list; the zero Window but with NewestFirst
}

// Ordering is which rows a Limit keeps.
type Ordering int

// The orders of rows.
const (
	ByID        Ordering = iota // ascending by the source's id, in that id's own order
	NewestFirst                 // by the record's time (deals: openedAt, …), newest first, without a time last, then ByID
)

// A Result is what a source says about one ref: nothing (no rows), some rows
// (with More, where the limit cut them), or that it failed for this ref alone.
type Result[T any] struct {
	Rows []T
	More bool
	Err  error
}

// Answers are the results by ref; a ref that the source does not know is left out.
type Answers[T any] map[idgraph.Ref]Result[T]

// The capabilities. Each returns rows with at least q.Fields set (where the
// source has a value), with Owner set to the ref they were asked for, at most
// q.Limit per ref (see Window for what may be more). An error is one of this package's sentinels, wrapped in *Error.
type (
	// A ProfileLister knows who a person is: one row per ref.
	ProfileLister interface {
		Connector
		Profiles(ctx context.Context, q Query) (Answers[Profile], error)
	}
	// A DealLister knows deals.
	DealLister interface {
		Connector
		Deals(ctx context.Context, q Query) (Answers[Deal], error)
	}
	// An InvoiceLister knows invoices.
	InvoiceLister interface {
		Connector
		Invoices(ctx context.Context, q Query) (Answers[Invoice], error)
	}
	// A PaymentLister knows payments.
	PaymentLister interface {
		Connector
		Payments(ctx context.Context, q Query) (Answers[Payment], error)
	}
	// An OrderLister knows orders, with their items.
	OrderLister interface {
		Connector
		Orders(ctx context.Context, q Query) (Answers[Order], error)
	}
	// A TicketLister knows conversations with the helpdesk.
	TicketLister interface {
		Connector
		Tickets(ctx context.Context, q Query) (Answers[Ticket], error)
	}
	// A MessageLister knows the messages of tickets. Here, and here alone, refs
	// are of tickets: as Tickets has named them, each as the owner of its messages.
	MessageLister interface {
		Connector
		Messages(ctx context.Context, q Query) (Answers[Message], error)
	}
	// A BalanceLister knows what a person owes: at most one row per ref and currency.
	BalanceLister interface {
		Connector
		Balances(ctx context.Context, q Query) (Answers[Balance], error)
	}
	// A Finder knows which of its records hold an identifier. Values come
	// normalised; rows found are compared again by the framework, so a source
	// that can only search roughly may answer too much, never too little.
	Finder interface {
		Connector
		Find(ctx context.Context, ids []idgraph.Identifier) (map[idgraph.Identifier][]idgraph.Ref, error)
	}
	// A ChangeLister knows which records of persons changed since a cursor.
	ChangeLister interface {
		Connector
		// Changes returns one page of about limit records, oldest change
		// first; since "" begins at the beginning. Records whose consent or
		// contact data changed count as changed. Companies are left out.
		Changes(ctx context.Context, since string, limit int) (Changes, error)
	}
	// An IDLister lists whom Changes tells of from the beginning, and nobody
	// else, by ids alone: whom it no longer lists was deleted, which leaves no
	// trace among the changes of most systems.
	IDLister interface {
		Connector
		// IDs returns one page of about limit ids, in an order that stands while
		// records come and go; after "" begins at the beginning.
		IDs(ctx context.Context, after string, limit int) (IDs, error)
	}
)

// IDs is one page of the ids of a source's persons.
type IDs struct {
	IDs   []string
	Next  string // where the next page begins
	More  bool   // whether there is one
	Total int    // about how many ids there are in all, 0 where unknown: for progress
}

// Changes is one page of what changed at a source.
type Changes struct {
	Profiles []Profile // whole: all that may identify, and Identifiers
	Consents []Consent // all that the source holds about these profiles' consent
	Gone     []idgraph.Ref
	Next     string // the cursor of the next page
	More     bool   // whether there is a next page now
	Total    int    // about how many records a reading from the beginning has, 0 where unknown: for progress
}
