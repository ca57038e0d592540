package idgraph

import (
	"context"
	"time"
)

// A Reader answers who is who. Every look-up is one indexed read.
type Reader interface {
	// Customers answers the customers of many ids, redirects followed; an id
	// that names nobody is left out of the map. Keys are the ids asked for.
	Customers(ctx context.Context, ids []CustomerID) (map[CustomerID]Customer, error)
	// Page answers up to limit customers with ids above after, in id order.
	Page(ctx context.Context, after CustomerID, limit int) ([]Customer, error)
	// List answers up to limit customers of a selection, in its order. Of those
	// with a record that only a probable link joins, it may answer some whom the
	// selection leaves out by that record.
	List(ctx context.Context, s Selection, limit int) ([]Customer, error)
	// ByIdentifier answers the customers, in id order, whose records hold the
	// normalised identifier.
	ByIdentifier(ctx context.Context, id Identifier) ([]CustomerID, error)
	// HeldBy answers the records, ordered by Less, that hold the normalised
	// identifier.
	HeldBy(ctx context.Context, id Identifier) ([]Ref, error)
	// ByRef answers the customer of one record; 0 where it is not known.
	ByRef(ctx context.Context, ref Ref) (CustomerID, error)
	// ByRefs answers the customers of many records; those that are not known
	// are left out of the map.
	ByRefs(ctx context.Context, refs []Ref) (map[Ref]CustomerID, error)
	// LookupKeys answers what a source must be asked by besides the ids of its
	// records; records that have no such key are left out.
	LookupKeys(ctx context.Context, s Source, refs []Ref) (map[Ref]string, error)
	// Sources answers what is known of each source's reading.
	Sources(ctx context.Context) (map[Source]SyncState, error)
}

// A Selection is some of the customers, in an order.
type Selection struct {
	AllOf  []Source // with records of all of these,
	AnyOf  []Source // of any of these (none given: of any at all),
	NoneOf []Source // and of none of these
	// Bounds of Since and Changed: from the first on, before the second; zero is open.
	SinceFrom, SinceUntil     time.Time
	ChangedFrom, ChangedUntil time.Time
	By                        ListKey
	Descending                bool
	After                     *Mark // only customers behind it
}

// A ListKey is what a list of customers goes by; equal ones by their ids, in
// the same direction.
type ListKey int

// The keys.
const (
	ByID ListKey = iota
	BySince
	ByChanged
)

// A Mark is where a customer stands in a list.
type Mark struct {
	Key time.Time // zero where the list goes by ids
	ID  CustomerID
}

// Mark is where a customer stands.
func (k ListKey) Mark(c Customer) Mark {
	switch k {
	case BySince:
		return Mark{c.Since, c.ID}
	case ByChanged:
		return Mark{c.Changed, c.ID}
	}
	return Mark{ID: c.ID}
}

// SyncState is how far the reading of one source has come.
type SyncState struct {
	Source  Source
	Cursor  string    // where to go on; opaque to everyone but the connector
	Full    bool      // whether the first reading has come to its end
	Records int       // records held
	At      time.Time // when a page was last taken in
	Error   string    // code of what stopped the last reading, "" where nothing did
	Began   time.Time // when the reading under way began, interruptions included; zero between readings
	ReadTo  time.Time // all that had changed by then has been read; zero before the first reading's end
	Total   int       // about how many records the first reading has, 0 where unknown
	Sweep   Sweep
}

// A Sweep is what came of comparing all records that a source has with those
// held of it: what it no longer has is removed.
type Sweep struct {
	At        time.Time // when the last one began that came to its end; zero before
	WholeAt   time.Time // when a reading of everything began that came to its end
	Gone      int       // records removed, by all of them
	Missed    int       // records that the last one did not find and did not remove, since they were too many to believe
	MissedAre string    // tells the same ones again
	Error     string    // code of what stopped the last one, or of why it did not remove what it missed
}

// A Record is what the graph learns of one record of a source: everything that
// may tell who it is. It rests hashed or encrypted only.
type Record struct {
	Ref         Ref
	Identifiers []Identifier // as the source holds them
	// LookupKey is what the source must be asked by besides the id, a login say;
	// "" where the id does. It links nobody.
	LookupKey  string
	GivenName  string
	FamilyName string
	BirthDate  string // YYYY-MM-DD, or ""
	// Street is the street with the house number, or without where HouseNumber
	// has it; where a source has no more, the whole address in one line.
	Street      string
	HouseNumber string
	City        string
	Region      string // state, province or county
	Postcode    string
	Country     string // ISO 3166 code: the region for phone numbers without one
}

// A Batch is one page of a source's changes. It is taken in whole or not at all.
type Batch struct {
	Source  Source
	Records []Record  // changed or new
	Gone    []Ref     // deleted at the source
	Cursor  string    // where the next page begins
	Full    bool      // whether with this page the reading is complete
	Began   time.Time // when the reading began that the page belongs to
	Total   int       // about how many records a reading from the beginning has, 0 where unknown
	Aside   bool      // learnt besides the reading: how far that has come stays as it is
}

// A Change is what taking in a Batch did.
type Change struct {
	Records, Gone, Customers, Merged, Split int
}

// A Writer learns. It re-clusters whatever a batch touches in the same
// transaction, so that readers never see half of it.
type Writer interface {
	Learn(ctx context.Context, b Batch) (Change, error)
	// SyncFailed remembers the code of what stopped a reading.
	SyncFailed(ctx context.Context, s Source, code string) error
}

// A Sweeper has what comparing a source with the graph takes.
type Sweeper interface {
	// Held answers the ids of all records held of a source, in byte order.
	Held(ctx context.Context, s Source) ([]string, error)
	// Swept remembers a sweep that came to its end. Its Gone is added to what
	// earlier ones removed; a zero WholeAt has everything read again.
	Swept(ctx context.Context, s Source, end Sweep) error
	// SweepFailed remembers the code of what stopped a sweep.
	SweepFailed(ctx context.Context, s Source, code string) error
}

// A Store reads, learns and forgets.
type Store interface {
	Reader
	Writer
	Sweeper
}
