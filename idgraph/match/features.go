package match

import (
	"hash/maphash"
	"slices"
	"strings"
	"sync"

	"customer360/idgraph"
)

// Features are what a normalised record says of a person, ready to be compared.
// They are never changed. Their texts are parts of one, and hold no other alive.
type Features struct {
	Ref           idgraph.Ref
	given, family *name
	generation    string
	birth         string // YYYY-MM-DD
	home          residence
	ids           []identifier
	keys          []uint64 // of the blocks that the record stands in, rising
	empty         bool
	came          int32 // in a whole set: its number as it came in
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

// holds says that a key is of one of the record's identifiers.
func (f *Features) holds(key uint64) bool {
	for i := range f.ids {
		if f.ids[i].key == key {
			return true
		}
	}
	return false
}

// A Hash makes the key of a block: a kind and a normal form, which it must not
// keep. The store's is keyed.
type Hash func(kind string, text []byte) uint64

// unkeyed hashes differ in every process.
func unkeyed() Hash {
	seed := maphash.MakeSeed()
	return func(kind string, text []byte) uint64 {
		var h maphash.Hash
		h.SetSeed(seed)
		_, _ = h.WriteString(kind)
		_ = h.WriteByte(0)
		_, _ = h.Write(text)
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
	few      names // texts of which there are few: sources, types of identifiers
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

// Features makes a record that NormaliseRecord has prepared ready to be compared.
func (r *Rules) Features(rec idgraph.Record) *Features { return r.features(rec, &arena{}) }

// features is Features, in an arena.
func (r *Rules) features(rec idgraph.Record, in *arena) *Features {
	p := personOf(rec.GivenName, rec.FamilyName, rec.BirthDate)
	f := in.newFeatures()
	f.generation = p.generation
	f.given, f.family = r.name(rareGiven, p.given), r.name(rareFamily, p.family)
	f.ids = in.newIDs(len(rec.Identifiers))
	r.textsOf(f, rec, p.birth)
	for i := range f.ids {
		in.text = append(in.text[:0], f.ids[i].Value...)
		f.ids[i].key = r.hash(string(f.ids[i].Type), in.text)
	}
	in.keys = r.appendKeys(in.keys[:0], f, &in.text)
	f.keys = in.newKeys(in.keys)
	f.empty = f.given == noName && f.family == noName && f.birth == "" && f.home.empty() &&
		!slices.ContainsFunc(f.ids, func(id identifier) bool { return !ownNumber(f, &id) })
	return f
}

// textsOf fills in all texts but the names. They are cut out of one.
func (r *Rules) textsOf(f *Features, rec idgraph.Record, birth string) {
	at := addressOf(rec)
	n := len(rec.Ref.ID) + len(birth) + at.size()
	for _, id := range rec.Identifiers {
		n += len(id.Value)
	}
	var b strings.Builder
	b.Grow(n)
	b.WriteString(rec.Ref.ID)
	b.WriteString(birth)
	f.home.write(&b, &at)
	for _, id := range rec.Identifiers {
		b.WriteString(id.Value)
	}
	rest := b.String()
	cut := func(n int) (s string) { s, rest = rest[:n], rest[n:]; return s }
	f.Ref = idgraph.Ref{Source: idgraph.Source(r.fewText(string(rec.Ref.Source))), ID: cut(len(rec.Ref.ID))}
	f.birth = cut(len(birth))
	f.home.text = cut(at.size())
	for i, id := range rec.Identifiers {
		f.ids[i].Identifier = idgraph.Identifier{Type: idgraph.IdentifierType(r.fewText(string(id.Type))), Value: cut(len(id.Value))}
	}
}

// fewText is the same text, one for all.
func (r *Rules) fewText(s string) string { return r.few.get(s, nil, func(*name) {}).text }

// name answers the folded name of a kind.
func (r *Rules) name(kind rare, parts []string) *name {
	return r.names[kind].get(strings.Join(parts, " "), parts, func(n *name) {
		n.sound = soundOf(n.parts)
		n.rare, n.count = r.snapshot.rarity(kind, n.text), r.snapshot.count(kind, n.text)
		n.known = kind == rareGiven && knownGiven(n.text)
	})
}

func compareFeatures(a, b *Features) int {
	if c := strings.Compare(string(a.Ref.Source), string(b.Ref.Source)); c != 0 {
		return c
	}
	return strings.Compare(a.Ref.ID, b.Ref.ID)
}
