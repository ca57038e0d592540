package match

import (
	"hash/maphash"
	"slices"
	"strings"
	"sync"
)

// names are the folded names met so far. They are forgotten when there are very
// many: equal names need not be the same one.
type names struct{ of [nameParts]namePart }

// nameParts is how many parts of names may be asked at once.
const nameParts = 64

type namePart struct {
	mu sync.RWMutex
	of map[string]*name
	_  [32]byte // each in cache lines of its own
}

const manyNames = 2_000_000

var nameSeed = maphash.MakeSeed()

func (n *names) get(text string, parts []string, fill func(*name)) *name {
	if text == "" {
		return noName
	}
	p := &n.of[maphash.String(nameSeed, text)%nameParts]
	p.mu.RLock()
	have := p.of[text]
	p.mu.RUnlock()
	if have != nil {
		return have
	}
	made := &name{text: strings.Clone(text), parts: slices.Clone(parts)}
	at := 0
	for i, part := range made.parts { // parts of the text, which keep no other alive
		made.parts[i] = made.text[at : at+len(part)]
		at += len(part) + 1
	}
	fill(made)
	p.mu.Lock()
	defer p.mu.Unlock()
	if have := p.of[text]; have != nil {
		return have
	}
	if p.of == nil || len(p.of) >= manyNames/nameParts {
		p.of = map[string]*name{}
	}
	p.of[made.text] = made
	return made
}

// each calls for all names.
func (n *names) each(call func(*name)) {
	for i := range n.of {
		for _, have := range n.of[i].of {
			call(have)
		}
	}
}
