package match

// Blocks are who stands in which block, of a whole set.
type Blocks struct {
	records []*Features
	blocks
}

// A Standing is a record in a block, by its place.
type Standing struct {
	Place      int32
	Identifier bool // whether the block is one of the record's identifiers
}

// InOrder calls for every block, in order of their keys as the columns of a
// database hold them where they are signed, with who stands in it: those slices
// are used again.
func (b *Blocks) InOrder(signed bool, call func(key uint64, in []Standing) error) error {
	var list []Standing
	for i := range parts {
		p := i
		if signed { // the upper half is below zero
			p = (i + parts/2) % parts
		}
		part := b.part(p)
		for i := 0; i < len(part); {
			key := part[i].key()
			list = list[:0]
			for ; i < len(part) && part[i].key() == key; i++ {
				list = append(list, Standing{part[i].at(), part[i].identifier()})
			}
			if err := call(key, list); err != nil {
				return err
			}
		}
	}
	return nil
}

// IdentifiersAt calls for the identifiers of a record whose block has this key.
func (f *Features) IdentifiersAt(key uint64, call func(Entry)) {
	for _, id := range f.ids {
		if id.key == key {
			call(Entry{id.Identifier, key})
		}
	}
}
