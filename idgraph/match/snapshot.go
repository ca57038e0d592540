package match

import (
	"math"
)

// A rare kind of value is one whose own frequency weighs.
type rare uint8

// The kinds.
const (
	rareGiven rare = iota
	rareFamily
	rareCity
	rares
	domains = rares // of e-mail addresses: counted, not weighed
)

var rareNames = [rares]string{"given_name", "family_name", "city"}

// A Snapshot says how many records there are and how often names and cities
// occur among them. Under one snapshot the same records always give the same
// edges and the same partition; it is taken on purpose and never changes.
type Snapshot struct {
	Version int            // 0 is the one that nothing has been counted for
	Records int            // how many were counted
	Counts  map[uint64]int // by valueKey; values that occur less than commonFrom times are left out
	// Strangers says that hardly any two people share a mailbox here: what differs
	// between those who do, but for their first names, is an error.
	Strangers bool
	// Once says that hardly any source lists a person twice.
	Once bool
	// OneEach says that every source lists a person once, and no two people of one
	// name at one address: what differs between two sources is an error. Homes and
	// Streets are then what it is worth, in bits, to share one.
	OneEach        bool
	Homes, Streets float64 `json:",omitempty"`
}

// commonFrom is from how many records on a value is kept in a snapshot.
const commonFrom = 3

// NoSnapshot is for a graph that nothing has been counted in yet.
func NoSnapshot() *Snapshot { return &Snapshot{Records: 100_000} }

// valueKey tells values of a kind apart. (FNV-1a; snapshots rest encrypted.)
func valueKey(kind rare, text string) uint64 {
	h := uint64(14695981039346656037) ^ uint64(kind+1)
	h *= 1099511628211
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * 1099511628211
	}
	return h
}

// prior is how much more likely two records are two people's than one's, before
// anything is compared.
func (s *Snapshot) prior() cents {
	n := min(max(s.Records, 1_000), 4_000_000)
	return centsOf(1 - math.Log2(float64(n)))
}

// rarity is log2 of how many records there are for one that holds the value; 0
// where nothing has been counted.
func (s *Snapshot) rarity(kind rare, text string) cents {
	if s.Version == 0 || s.Records == 0 {
		return 0
	}
	n := max(s.Counts[valueKey(kind, text)], commonFrom-1)
	return centsOf(math.Log2(float64(s.Records) / float64(n)))
}

// count is how many records hold the value, 0 for few.
func (s *Snapshot) count(kind rare, text string) int { return s.Counts[valueKey(kind, text)] }
