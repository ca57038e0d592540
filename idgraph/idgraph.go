// Package idgraph says who is who: which records of which sources are one
// person. It holds the words (Source, Ref, Identifier, Customer, Link) and the
// Store that remembers them; idgraph/match decides, idgraph/sqlstore keeps.
package idgraph

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// A Source is the configured name of one existing system, "crm-eu".
type Source string

// A Ref names one record about a person: a source and that source's stable id,
// never an e-mail address or a login.
type Ref struct {
	Source Source
	ID     string
}

// String is "source/id". It may go into errors and logs: ids are not personal values.
func (r Ref) String() string { return string(r.Source) + "/" + r.ID }

// Less orders refs by source, then id.
func (r Ref) Less(o Ref) bool {
	if r.Source != o.Source {
		return r.Source < o.Source
	}
	return r.ID < o.ID
}

// A CustomerID is minted once, rises with time and is never reused. It leaves
// the process sealed only.
type CustomerID int64

// An IdentifierType says what an identifier is.
type IdentifierType string

// The types of identifiers that may link records.
const (
	Email     IdentifierType = "email"
	Phone     IdentifierType = "phone"
	LoyaltyID IdentifierType = "loyalty"
	// NationalID is a number that a state gave a person: of a passport, for
	// social security, for taxes.
	NationalID IdentifierType = "national"
)

// Reference is the type of the numbers by which other systems (and the source
// itself) name the customers of a source: the ERP's "C-10002", say.
func Reference(to Source) IdentifierType { return IdentifierType("ref:" + string(to)) }

// IsReference tells the types made by Reference.
func (t IdentifierType) IsReference() bool { return strings.HasPrefix(string(t), "ref:") }

// An Identifier is a value that may link records. Value is as the source holds
// it until match.Normalise has made it comparable.
type Identifier struct {
	Type  IdentifierType
	Value string
}

// String never shows the value.
func (i Identifier) String() string { return string(i.Type) + ":***" }

// A Rule is why two records are linked.
type Rule string

// The rules of this build, strongest first.
const (
	CrossReference Rule = "CROSS_REFERENCE"
	SameLoyaltyID  Rule = "SAME_LOYALTY_ID"
	SameEmail      Rule = "SAME_EMAIL"
	SamePhone      Rule = "SAME_PHONE"
)

// Strength orders the rules: a higher one is better evidence. It is 0 for a
// rule that this build does not know.
func (r Rule) Strength() int {
	switch r {
	case CrossReference:
		return 4
	case SameLoyaltyID:
		return 3
	case SameEmail:
		return 2
	case SamePhone:
		return 1
	}
	return 0
}

// A Link is one reason for two records to be one person.
type Link struct {
	A, B        Ref // A.Less(B)
	Rule        Rule
	RuleVersion int
	Since       time.Time
}

// A Customer is the person that a cluster of linked records stands for.
type Customer struct {
	ID      CustomerID
	Since   time.Time
	Changed time.Time // when a record or link of it last changed, came or went
	Refs    []Ref     // ordered by Less, at least one
	Links   []Link
	// RedirectedFrom is the id that was asked for, where that customer has
	// been merged into this one; else 0.
	RedirectedFrom CustomerID
}

// Errors of a Store.
var (
	ErrLocked   = errors.New("the store is in use by another process")
	ErrWrongKey = errors.New("the store was written under other keys")
)

// A LockedError says which store, and what to do.
type LockedError struct{ Path string }

func (e *LockedError) Error() string {
	return fmt.Sprintf("%s: %v; stop it, or choose another folder with -data", e.Path, ErrLocked)
}

func (e *LockedError) Unwrap() error { return ErrLocked }
