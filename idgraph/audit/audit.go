// Package audit remembers who read or changed what, and why: append-only
// entries without values, written in groups. A read that must not happen
// unrecorded waits until its entry is durable.
package audit

import (
	"context"
	"errors"
	"time"

	"customer360/idgraph"
)

// ErrNotWritable says that an entry was not remembered. What CONSENT.md §6
// refuses without a record must be refused.
var ErrNotWritable = errors.New("the audit log is not writable")

// An Entry says who read or changed what, and why. It holds no value of a cell
// and no identifier that a caller typed in.
type Entry struct {
	Seq       int64 // given by the storage, rising without gaps
	At        time.Time
	Who       string // the name of the token, or the subject of an identity provider
	Role      string
	Purpose   string
	Operation string // the operation's name, as the caller gave it
	Digest    string // of the operation's text
	Policy    string // digest of the policy that decided
	Subjects  []idgraph.CustomerID
	Fields    []Field
	Calls     int  // made to sources
	Lookup    bool // whether a value that the caller typed in was looked up
}

// A Field is one field coordinate in an Entry, with how often it had an outcome.
type Field struct {
	Coordinate string `json:"field"` // "Customer.birthDate"
	Outcome    string `json:"outcome"`
	Count      int    `json:"count"`
}

// Storage keeps entries for good.
type Storage interface {
	// AppendAudit adds the entries in their order, all or none; when it
	// returns nil they are durable. It numbers them itself.
	AppendAudit(ctx context.Context, entries []Entry) error
}

// Options of a Log. The zero value is what a server wants.
type Options struct {
	Delay time.Duration // the longest that an entry nobody waits for stays unwritten; 0 is 250 ms
	Queue int           // the most entries that may be unwritten; 0 is 4096
}
