package parts

import (
	"encoding/json"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Told is what a caller has of an answer so far: a part may only add to an
// object that is there.
type Told struct {
	root   any
	errors map[string]bool
}

// Begin notes the first part.
func (t *Told) Begin(data json.RawMessage, errors gqlerror.List) {
	_ = json.Unmarshal(data, &t.root) // what is no JSON holds no objects
	t.errors = map[string]bool{}
	for _, e := range errors {
		t.fresh(e)
	}
}

// fresh says whether an error has not been told yet, and notes it.
func (t *Told) fresh(e *gqlerror.Error) bool {
	key := e.Path.String() + "\n" + e.Message
	told := t.errors[key]
	t.errors[key] = true
	return !told
}

// Add is what of a part's items can follow: one whose object came out as null is
// left out, and the errors within it that nobody has told are told by themselves.
func (t *Told) Add(p *Part, items []Item) []Item {
	var out []Item
	var homeless gqlerror.List
	for _, item := range items {
		if t.take(item) {
			for _, e := range item.Errors {
				t.fresh(e)
			}
			out = append(out, item)
			continue
		}
		for _, e := range item.Errors {
			if t.fresh(e) {
				homeless = append(homeless, e)
			}
		}
	}
	if _, object := t.root.(map[string]any); object && len(homeless) > 0 {
		out = append(out, p.Nothing(homeless))
	}
	return out
}

// take puts an item where its path leads; false where there is no object.
func (t *Told) take(item Item) bool {
	at := t.root
	for _, step := range item.Path {
		switch s := step.(type) {
		case ast.PathName:
			in, _ := at.(map[string]any)
			at = in[string(s)]
		case ast.PathIndex:
			in, ok := at.([]any)
			if !ok || int(s) >= len(in) {
				return false
			}
			at = in[s]
		}
	}
	object, ok := at.(map[string]any)
	if !ok {
		return false
	}
	var more map[string]any
	_ = json.Unmarshal(item.Data, &more) // null adds nothing
	mix(object, more)
	return true
}

func mix(into, from map[string]any) {
	for name, v := range from {
		into[name] = mixed(into[name], v)
	}
}

// mixed is a value with what another part says of it: objects and lists of
// objects have the fields of both.
func mixed(have, more any) any {
	switch more := more.(type) {
	case map[string]any:
		if in, ok := have.(map[string]any); ok {
			mix(in, more)
			return in
		}
	case []any:
		if in, ok := have.([]any); ok && len(in) == len(more) {
			for i := range in {
				in[i] = mixed(in[i], more[i])
			}
			return in
		}
	}
	return more
}
