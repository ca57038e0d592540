package match

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"math"
	"sync"
)

// A field of the comparison of two records.
type field uint8

// The fields, in the order in which evidence is told.
const (
	givenName field = iota
	familyName
	birthDay
	mailbox
	phoneNumber
	nationalID
	loyaltyID
	reference
	postal
	fields
)

var fieldNames = [fields]string{"given_name", "family_name", "birth_date", "email", "phone", "national_id", "loyalty_id", "reference", "address"}

// A level says how two records compare in a field.
type level uint8

// The levels. Not every field has each of them.
const (
	levelMissing level = iota // one of the two says nothing: no evidence
	levelDifferent
	levelShared  // equal, but several people's
	levelInitial // one is an initial or a beginning of the other
	levelSimilar
	levelPart // one is a part of the other
	levelLocal
	levelBorn // a mailbox named after a first name and the year of the other one's birth
	levelCity
	levelNear
	levelStreet
	levelSlipped // a slip of the keyboard apart
	levelSwapped // day and month
	levelNickname
	levelRead      // the same as it is read, in another script
	levelTagged    // one mailbox, as far as can be told, with different tags: ada+shop@ and ada@
	levelHousehold // equal, of several people whom their names tell apart
	levelFull
	levelExact
	levelNamed // equal, and named after the person
	levels
)

var levelNames = [levels]string{"missing", "different", "shared", "initial", "similar", "part", "local", "born", "city", "near", "street", "slip", "swapped", "nickname", "reading", "tagged", "household", "full", "exact", "named"}

// cents are hundredths of a bit: whole numbers add up to the same sum in any order.
type cents int32

func centsOf(bits float64) cents { return cents(math.Round(bits * 100)) }

func (c cents) bits() float64 { return float64(c) / 100 }

// Weights are what the levels are worth. They are versioned and never change
// once read.
type Weights struct {
	Version      string
	auto, review cents
	of           [fields][levels]cents
	has          [fields]uint32 // the levels that are told, a bit each
	least, most  [3]cents       // of what is known as rare or common: given name, family name, city
}

// Name tells weights apart from any others, whatever version they say they are.
func (w *Weights) Name() string {
	sum := sha256.Sum256(fmt.Append(nil, *w))
	return w.Version + "-" + hex.EncodeToString(sum[:4])
}

//go:embed weights.yaml
var shipped string

// Shipped are the weights that this build comes with.
var Shipped = sync.OnceValue(func() *Weights {
	w, err := readWeights([]byte(shipped))
	if err != nil {
		panic(err) // the file is part of the build, and tested
	}
	return w
})
