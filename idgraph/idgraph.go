// Package idgraph says who is who: which records of which sources are one
// person. It holds the words (Source, Ref, Identifier, Customer, Link) and the
// Store that remembers them; idgraph/match decides, idgraph/sqlstore keeps.
package idgraph

import (
	"errors"
	"fmt"
	"slices"
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

// NationalIDOf is the type of national ids of one kind, "passport" say: ids of
// different kinds say nothing about one another. It is NationalID where the
// kind is not told.
func NationalIDOf(kind string) IdentifierType {
	if kind == "" {
		return NationalID
	}
	return NationalID + ":" + IdentifierType(kind)
}

// IsNationalID tells NationalID and the types made by NationalIDOf.
func (t IdentifierType) IsNationalID() bool {
	return t == NationalID || strings.HasPrefix(string(t), string(NationalID)+":")
}

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

// A Rule is the strongest reason for two records to be linked.
type Rule string

// The rules of this build, strongest first.
const (
	Confirmed        Rule = "CONFIRMED" // a person decided
	CrossReference   Rule = "CROSS_REFERENCE"
	SameNationalID   Rule = "SAME_NATIONAL_ID"
	SameLoyaltyID    Rule = "SAME_LOYALTY_ID"
	SameEmail        Rule = "SAME_EMAIL"
	SamePhone        Rule = "SAME_PHONE"
	NameAndBirthDate Rule = "NAME_AND_BIRTH_DATE"
	NameAndAddress   Rule = "NAME_AND_ADDRESS"
	SimilarRecords   Rule = "SIMILAR_RECORDS" // many fields agree, none of them alone says enough
)

// Rules are all of this build, strongest first.
var Rules = []Rule{Confirmed, CrossReference, SameNationalID, SameLoyaltyID, SameEmail, SamePhone, NameAndBirthDate, NameAndAddress, SimilarRecords}

// Strength orders the rules: a higher one is better evidence. It is 0 for a
// rule that this build does not know.
func (r Rule) Strength() int {
	if i := slices.Index(Rules, r); i >= 0 {
		return len(Rules) - i
	}
	return 0
}

// VerifiedRules vouch for a link: an identifier that nobody else holds, or a person.
var VerifiedRules = []Rule{Confirmed, CrossReference, SameNationalID, SameLoyaltyID, SameEmail, SamePhone}

// Verified says whether the rule vouches for the link. What is joined by other
// rules, or by one of a later build, is probable: it only takes disclosure away.
func (r Rule) Verified() bool { return slices.Contains(VerifiedRules, r) }

// A Link is why two records are one person.
type Link struct {
	A, B        Ref // A.Less(B)
	Rule        Rule
	RuleVersion int
	Weight      float64    // how many bits the evidence is worth, the prior included
	Evidence    []Evidence // by field, in the order of the weights
	Since       time.Time
}

// Evidence is how two records compare in one field. It holds no value.
type Evidence struct {
	Field string  // "email", "birth_date", …
	Level string  // "exact", "slip", …
	Bits  float64 // log2 of how much more often that is seen of one person than of two
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
	// ErrWrongStore is about a graph and a ledger that don't belong together.
	ErrWrongStore = errors.New("not one store")
	// ErrOtherRules is about a store that was made by other rules than those that
	// it is opened with.
	ErrOtherRules = errors.New("the store was made by other rules")
	// ErrUnknownRecord is about a record that the graph doesn't hold.
	ErrUnknownRecord = errors.New("no such record")
	// ErrUnknownDecision is about a decision that doesn't stand: nobody took it,
	// or it has been taken back.
	ErrUnknownDecision = errors.New("no such decision stands")
	// ErrPlace is about a text that is no place in a queue.
	ErrPlace = errors.New("no place in the queue")
)

// A LockedError says which store, and what to do.
type LockedError struct{ Path string }

func (e *LockedError) Error() string {
	return fmt.Sprintf("%s: %v; stop it, or choose another folder with -data", e.Path, ErrLocked)
}

func (e *LockedError) Unwrap() error { return ErrLocked }
