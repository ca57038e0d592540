package parts

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// An Item adds to one object of what was answered before.
type Item struct {
	Data   json.RawMessage `json:"data"`
	Path   ast.Path        `json:"path"`
	Label  string          `json:"label,omitempty"`
	Errors gqlerror.List   `json:"errors,omitempty"`
}

// Items are what a part's answer adds, in the order of its lists. Errors above
// its objects are left out: the part that it is within has told them.
func (p *Part) Items(resp *graphql.Response) []Item {
	var out []Item
	p.below(resp.Data, p.path, ast.Path{}, &out)
	errors := slices.Clone(resp.Errors) // in the order in which they happened, which hangs on the machine
	slices.SortStableFunc(errors, func(a, b *gqlerror.Error) int {
		return cmp.Or(strings.Compare(a.Path.String(), b.Path.String()), strings.Compare(a.Message, b.Message))
	})
	for i, n := range p.owners(&out, errors) {
		if n >= 0 {
			out[n].Errors = append(out[n].Errors, errors[i])
		}
	}
	return out
}

// owners are the items that errors belong to, by their numbers; -1 for none.
// What failed and may not be null took its object along: that has an item, too.
func (p *Part) owners(items *[]Item, errors gqlerror.List) []int {
	owners := make([]int, len(errors))
	if len(errors) == 0 {
		return owners
	}
	known := make(map[string]int, len(*items))
	for i, item := range *items {
		known[item.Path.String()] = i
	}
	for i, e := range errors {
		at, ok := p.place(e.Path)
		if !ok {
			owners[i] = -1
			continue
		}
		n, ok := known[at.String()]
		if !ok {
			n = len(*items)
			known[at.String()] = n
			*items = append(*items, Item{Data: json.RawMessage("null"), Path: at, Label: p.Label})
		}
		owners[i] = n
	}
	return owners
}

// Nothing is an item that adds nothing, for errors that belong to no object.
func (p *Part) Nothing(errors gqlerror.List) Item {
	return Item{Data: json.RawMessage("{}"), Path: ast.Path{}, Label: p.Label, Errors: errors}
}

// below finds the objects that a path leads to, through lists.
func (p *Part) below(data json.RawMessage, path []string, at ast.Path, out *[]Item) {
	switch data = bytes.TrimLeft(data, " "); {
	case len(data) == 0:
	case data[0] == '[':
		var list []json.RawMessage
		if json.Unmarshal(data, &list) == nil {
			for i, in := range list {
				p.below(in, path, append(at[:len(at):len(at)], ast.PathIndex(i)), out)
			}
		}
	case data[0] != '{':
	case len(path) == 0:
		if len(data) > len("{}") { // an object of a type that the fragment is not for has nothing
			*out = append(*out, Item{Data: data, Path: at, Label: p.Label})
		}
	default:
		var object map[string]json.RawMessage
		if json.Unmarshal(data, &object) == nil {
			p.below(object[path[0]], path[1:], append(at[:len(at):len(at)], ast.PathName(path[0])), out)
		}
	}
}

// place is the object that an error's path leads through; ok is false for one
// that ends before.
func (p *Part) place(path ast.Path) (at ast.Path, ok bool) {
	names, end := 0, 0
	for i, el := range path {
		if _, index := el.(ast.PathIndex); index && names == len(p.path) && end == i {
			end = i + 1 // of the list that the last name is
			continue
		}
		if names < len(p.path) {
			if name, is := el.(ast.PathName); is && string(name) == p.path[names] {
				names++
			}
			end = i + 1
		}
	}
	return path[:end:end], names == len(p.path) && end < len(path)
}
