package match

// An arena is where one goroutine makes many features: a few large pieces of
// memory in place of several small ones for each.
type arena struct {
	features []Features
	ids      []identifier
	hashes   []uint64
	keys     []uint64 // scratch
	text     []byte   // scratch
	many     bool     // whether there will be many
}

// piece is how many values are made room for at once.
const piece = 4096

// room answers how many to make room for where n are needed.
func (a *arena) room(n int) int {
	if a.many {
		return max(n, piece)
	}
	return n
}

func (a *arena) newFeatures() *Features {
	if len(a.features) == 0 {
		a.features = make([]Features, a.room(1))
	}
	f := &a.features[0]
	a.features = a.features[1:]
	return f
}

func (a *arena) newIDs(n int) []identifier {
	if len(a.ids) < n {
		a.ids = make([]identifier, a.room(n))
	}
	out := a.ids[:n:n]
	a.ids = a.ids[n:]
	return out
}

func (a *arena) newKeys(keys []uint64) []uint64 {
	n := len(keys)
	if len(a.hashes) < n {
		a.hashes = make([]uint64, a.room(n))
	}
	out := a.hashes[:n:n]
	a.hashes = a.hashes[n:]
	copy(out, keys)
	return out
}
