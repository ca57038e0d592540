package match

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strings"
	"sync"

	"customer360/idgraph"
)

// Features are what a normalised record says of a person, ready to be compared.
// They are never changed.
type Features struct {
	Ref           idgraph.Ref
	given, family *name
	generation    string
	birth         string // YYYY-MM-DD
	home          address
	ids           []identifier
	keys          []uint64 // of the blocks that the record stands in, rising
	empty         bool
}

// An identifier is a normalised one, with the key of its block.
type identifier struct {
	idgraph.Identifier
	key uint64
}

// A name is one field of a name, folded.
type name struct {
	text  string   // the parts, joined by blanks
	parts []string // in the order in which they are written
	sound string   // phonetic key of all parts
	rare  cents    // of the snapshot, 0 where it doesn't know
	count int      // of the snapshot
	known bool     // whether it stands among the given names that this build knows
}

var noName = &name{}

// Empty says that nothing but its own number can tell who it is.
func (f *Features) Empty() bool { return f.empty }

// Keys are the keys of the blocks that the record stands in, rising.
func (f *Features) Keys() []uint64 { return f.keys }

// A Hash makes the key of a block: a kind and a normal form. The store's is keyed.
type Hash func(kind, text string) uint64

// unkeyed hashes differ in every process.
func unkeyed() Hash {
	seed := maphash.MakeSeed()
	return func(kind, text string) uint64 {
		var h maphash.Hash
		h.SetSeed(seed)
		_, _ = h.WriteString(kind)
		_ = h.WriteByte(0)
		_, _ = h.WriteString(text)
		return h.Sum64()
	}
}

// Rules compare and cluster, under one set of weights and one snapshot. They
// are safe for concurrent use and never change.
type Rules struct {
	weights  *Weights
	snapshot *Snapshot
	hash     Hash
	prior    cents
	names    [2]names
	cities   sync.Map
}

// NewRules answers rules; a nil hash is one of this process alone.
func NewRules(w *Weights, s *Snapshot, h Hash) *Rules {
	if h == nil {
		h = unkeyed()
	}
	return &Rules{weights: w, snapshot: s, hash: h, prior: s.prior()}
}

// Snapshot is the one that the rules go by.
func (r *Rules) Snapshot() *Snapshot { return r.snapshot }

// names are the folded names met so far. They are forgotten when there are very
// many: equal names need not be the same one.
type names struct {
	mu sync.RWMutex
	of map[string]*name
}

const manyNames = 2_000_000

func (n *names) get(text string, parts []string, fill func(*name)) *name {
	if text == "" {
		return noName
	}
	n.mu.RLock()
	have := n.of[text]
	n.mu.RUnlock()
	if have != nil {
		return have
	}
	made := &name{text: strings.Clone(text), parts: slices.Clone(parts)}
	fill(made)
	n.mu.Lock()
	defer n.mu.Unlock()
	if have := n.of[text]; have != nil {
		return have
	}
	if n.of == nil || len(n.of) >= manyNames {
		n.of = map[string]*name{}
	}
	n.of[made.text] = made
	return made
}

// Features makes a record that NormaliseRecord has prepared ready to be compared.
func (r *Rules) Features(rec idgraph.Record) *Features {
	p := personOf(rec.GivenName, rec.FamilyName, rec.BirthDate)
	f := &Features{
		Ref: rec.Ref, generation: p.generation, birth: p.birth, home: addressOf(rec),
		given: r.name(rareGiven, p.given), family: r.name(rareFamily, p.family),
		ids: make([]identifier, len(rec.Identifiers)),
	}
	for i, id := range rec.Identifiers {
		f.ids[i] = identifier{id, r.hash(string(id.Type), id.Value)}
	}
	f.keys = r.keysOf(f)
	f.empty = f.given == noName && f.family == noName && f.birth == "" && f.home.street+f.home.city+f.home.postcode == "" &&
		!slices.ContainsFunc(f.ids, func(id identifier) bool { return !ownNumber(f, &id) })
	return f
}

// name answers the folded name of a kind.
func (r *Rules) name(kind rare, parts []string) *name {
	return r.names[kind].get(strings.Join(parts, " "), parts, func(n *name) {
		n.sound = soundOf(n.parts)
		n.rare, n.count = r.snapshot.rarity(kind, n.text), r.snapshot.count(kind, n.text)
		n.known = kind == rareGiven && len(nicknames()[key(strings.Join(n.parts, "-"))]) > 0
	})
}

func compareFeatures(a, b *Features) int {
	return cmp.Or(cmp.Compare(a.Ref.Source, b.Ref.Source), cmp.Compare(a.Ref.ID, b.Ref.ID))
}
