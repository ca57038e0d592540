package prove

import (
	"encoding/json"
	"fmt"
)

// A visit is one selected field of one object of an answer.
type visit struct {
	node     *node
	customer string // the sealed id of the customer that the object is about; "" for none, or unknown
	value    any    // nil where it is null, or where something above it is
}

// walk goes through an answer beside the document that asked for it. Fields
// below a null are visited as null.
func (d *document) walk(data json.RawMessage, see func(visit)) error {
	var root map[string]any
	if len(data) == 0 || string(data) == "null" {
		return nil
	}
	if err := json.Unmarshal(data, &root); err != nil {
		return fmt.Errorf("read an answer: %w", err)
	}
	object(d.roots, root, "", see)
	return nil
}

func object(nodes []*node, in map[string]any, customer string, see func(visit)) {
	for _, n := range nodes {
		if n.name == "" {
			below := n.below
			if n.named != nil {
				below = n.named.below
			}
			object(below, in, customer, see)
			continue
		}
		v, there := in[n.key()]
		if !there {
			continue // skipped, or of another type
		}
		see(visit{n, customer, v})
		if len(n.below) > 0 {
			within(n, v, customer, see)
		}
	}
}

// within visits what is selected below a field.
func within(n *node, v any, customer string, see func(visit)) {
	switch v := v.(type) {
	case map[string]any:
		if id := ofEntity(n.below, v); n.yields == "_Entity" && id != "" {
			customer = id
		}
		if id := idIn(n.below, v); id != "" && (n.yields == "Customer" || n.yields == "Node" && isCustomer(n.below, v)) {
			customer = id
		}
		object(n.below, v, customer, see)
	case []any:
		for _, x := range v {
			within(n, x, customer, see)
		}
	case nil:
		nothing(n.below, customer, see)
	}
}

// nothing visits fields below a null.
func nothing(nodes []*node, customer string, see func(visit)) {
	for _, n := range nodes {
		switch {
		case n.named != nil:
			nothing(n.named.below, customer, see)
		case n.name == "":
			nothing(n.below, customer, see)
		default:
			see(visit{n, customer, nil})
			nothing(n.below, customer, see)
		}
	}
}

// idIn finds the id that an object was asked for.
func idIn(nodes []*node, in map[string]any) string {
	for _, n := range nodes {
		if n.name == "id" {
			if id, ok := in[n.key()].(string); ok {
				return id
			}
		}
	}
	return ""
}

// ofEntity finds the id that a customer among entities was asked for.
func ofEntity(nodes []*node, in map[string]any) string {
	for _, n := range nodes {
		below := n.below
		if n.named != nil {
			below = n.named.below
		}
		if n.name == "" && n.on == "Customer" {
			if id := idIn(below, in); id != "" {
				return id
			}
		}
	}
	return ""
}

func isCustomer(nodes []*node, in map[string]any) bool {
	for _, n := range nodes {
		if n.name == "__typename" && in[n.key()] == "Customer" {
			return true
		}
	}
	return false
}
