package prove

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
)

// A document is one random operation as a tree: it can be written as GraphQL,
// and walked beside its answer.
type document struct {
	roots     []*node
	fragments []*fragment
	variables []variable
	before    string // written before the operation, to spoil it
	kind      string // "mutation", or "" for a query
}

// A node is a field with what is selected below it, or a spread.
type node struct {
	typeName, name string // of the field; name "" is a spread
	alias          string
	args           []argument
	directive      string
	on             string    // of a spread: the type it is on
	named          *fragment // of a spread: the fragment, or nil for an inline one
	below          []*node
	yields         string // the type of the field
}

type fragment struct {
	name, on string
	below    []*node
}

type argument struct{ name, text string }

type variable struct {
	name, typ string
	value     any
	given     bool
	standard  string // its default
}

func (n *node) key() string {
	if n.alias != "" {
		return n.alias
	}
	return n.name
}

// text is the document in GraphQL.
func (d *document) text() string {
	var b strings.Builder
	b.WriteString(d.before)
	b.WriteString(cmp.Or(d.kind, "query"))
	if len(d.variables) > 0 {
		parts := make([]string, len(d.variables))
		for i, v := range d.variables {
			parts[i] = "$" + v.name + ": " + v.typ + v.standard
		}
		b.WriteString(" Q(" + strings.Join(parts, ", ") + ")")
	}
	write(&b, d.roots, 0)
	for _, f := range d.fragments {
		b.WriteString("\nfragment " + f.name + " on " + f.on)
		write(&b, f.below, 0)
	}
	return b.String()
}

func write(b *strings.Builder, nodes []*node, depth int) {
	indent := strings.Repeat("  ", depth+1)
	b.WriteString(" {\n")
	for _, n := range nodes {
		b.WriteString(indent)
		switch {
		case n.named != nil:
			b.WriteString("..." + n.named.name + n.directive + "\n")
			continue
		case n.name == "":
			b.WriteString("...")
			if n.on != "" {
				b.WriteString(" on " + n.on)
			}
		case n.alias != "":
			b.WriteString(n.alias + ": " + n.name)
		default:
			b.WriteString(n.name)
		}
		if len(n.args) > 0 {
			parts := make([]string, len(n.args))
			for i, a := range n.args {
				parts[i] = a.name + ": " + a.text
			}
			b.WriteString("(" + strings.Join(parts, ", ") + ")")
		}
		b.WriteString(n.directive)
		if len(n.below) > 0 {
			write(b, n.below, depth+1)
		}
		b.WriteString("\n")
	}
	b.WriteString(strings.Repeat("  ", depth) + "}")
}

// body is the request's body.
func (d *document) body(declared any) []byte {
	vars := map[string]any{}
	for _, v := range d.variables {
		if v.given {
			vars[v.name] = v.value
		}
	}
	body := map[string]any{"query": d.text(), "variables": vars}
	if declared != nil {
		body["extensions"] = map[string]any{"purpose": declared}
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // it is made of texts and numbers
	}
	return text
}

// literal writes a value as GraphQL does.
func literal(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case enumName:
		return string(v)
	case string:
		text, _ := json.Marshal(v)
		return string(text)
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = literal(x)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case fields:
		parts := make([]string, len(v))
		for i, f := range v {
			parts[i] = f.name + ": " + literal(f.value)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return fmt.Sprint(v)
}

// fields are an input object, in their order.
type fields []struct {
	name  string
	value any
}

func (f fields) MarshalJSON() ([]byte, error) {
	m := map[string]any{}
	for _, x := range f {
		m[x.name] = x.value
	}
	return json.Marshal(m)
}

type enumName string
