package prove

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"

	"customer360/idgraph/consent"
	"customer360/idgraph/policy"
)

// A Coverage counts what the operations of a proof touched.
type Coverage struct {
	mu       sync.Mutex
	Pairs    int
	Answered int
	Telling  int
	fields   map[string]map[policy.Outcome]int
	args     map[string]int
	plain    map[string]int
}

// Count adds a pair: every field that it selected, by what becomes of it for
// the customers of the ground.
func (c *Coverage) Count(p *Proof, pair Pair) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fields == nil {
		c.fields, c.args, c.plain = map[string]map[policy.Outcome]int{}, map[string]int{}, map[string]int{}
	}
	c.Pairs++
	if pair.Answered {
		c.Answered++
	}
	if pair.Telling {
		c.Telling++
	}
	for a, n := range pair.Operation.args {
		c.args[a] += n
	}
	see := p.ground.see(p.ground.caller(pair.Operation.role), consent.Purpose(pair.Operation.purpose))
	v := variation{schema: p.schema}
	for f := range pair.Operation.fields {
		typeName, name, _ := strings.Cut(f, ".")
		category := v.category(typeName, name)
		if category == "" {
			c.plain[f]++
			continue
		}
		if c.fields[f] == nil {
			c.fields[f] = map[policy.Outcome]int{}
		}
		seen := map[policy.Outcome]bool{}
		for ref := range p.ground.of {
			seen[see(cell{owner: ref})(category)] = true
		}
		for o := range seen {
			c.fields[f][o]++
		}
	}
}

// Print writes the table: every field of the schema that can be reached, and
// every argument.
func (c *Coverage) Print(w io.Writer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fmt.Fprintf(w, "%-34s %8s %8s %9s\n", "personal field", "SHOWN", "PARTIAL", "WITHHELD")
	for _, f := range slices.Sorted(maps.Keys(c.fields)) {
		o := c.fields[f]
		fmt.Fprintf(w, "%-34s %8d %8d %9d\n", f, o[policy.Shown], o[policy.Partial], o[policy.Withheld])
	}
	fmt.Fprintf(w, "%-34s %8s\n", "argument", "given")
	for _, a := range slices.Sorted(maps.Keys(c.args)) {
		fmt.Fprintf(w, "%-34s %8d\n", a, c.args[a])
	}
	fewest := slices.SortedFunc(maps.Keys(c.plain), func(x, y string) int { return cmp.Or(cmp.Compare(c.plain[x], c.plain[y]), cmp.Compare(x, y)) })
	if len(fewest) > 0 {
		fmt.Fprintf(w, "%d fields that are not personal, the rarest %s: %d times\n", len(fewest), fewest[0], c.plain[fewest[0]])
	}
}

// Holes lists the fields and arguments of the schema that were covered less
// than least times.
func (c *Coverage) Holes(schema *ast.Schema, least int) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for _, name := range slices.Sorted(maps.Keys(schema.Types)) {
		def := schema.Types[name]
		if def.Kind != ast.Object || strings.HasPrefix(name, "__") {
			continue
		}
		for _, f := range def.Fields {
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			coordinate := name + "." + f.Name
			n := c.plain[coordinate]
			for _, k := range c.fields[coordinate] {
				n += k
			}
			if n < least {
				out = append(out, fmt.Sprintf("%s: %d", coordinate, n))
			}
			for _, a := range f.Arguments {
				if key := coordinate + "(" + a.Name + ")"; c.args[key] < least {
					out = append(out, fmt.Sprintf("%s: %d", key, c.args[key]))
				}
			}
		}
	}
	return out
}
