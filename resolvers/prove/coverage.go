package prove

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"customer360/idgraph/policy"
)

// Coverage counts the operations that saw each field of the schema with each
// outcome, and those that gave each argument. A personal field was seen SHOWN
// where it had a value; any other where it was answered, null or not.
type Coverage struct {
	fields    map[string]map[policy.Outcome]int // SHOWN for what is not personal
	arguments map[string]int
	personal  map[string]bool
	possible  map[string][]policy.Outcome
}

// NewCoverage knows every field and argument of a schema.
func NewCoverage(s *ast.Schema) *Coverage {
	c := &Coverage{map[string]map[policy.Outcome]int{}, map[string]int{}, map[string]bool{}, map[string][]policy.Outcome{}}
	o := newOracle(s)
	for _, def := range s.Types {
		if def.Kind != ast.Object || strings.HasPrefix(def.Name, "__") {
			continue
		}
		for _, f := range def.Fields {
			at := def.Name + "." + f.Name
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			c.fields[at] = map[policy.Outcome]int{}
			for _, a := range f.Arguments {
				c.arguments[at+"("+a.Name+")"] = 0
			}
			c.possible[at] = []policy.Outcome{policy.Shown}
			if _, c.personal[at] = o.categories[at]; c.personal[at] {
				c.possible[at] = append(c.possible[at], policy.Withheld)
				if shapeOf(at) != "" {
					c.possible[at] = append(c.possible[at], policy.Partial)
				}
			}
		}
	}
	return c
}

// Gap is the smallest count of the table, and where it stands.
func (c *Coverage) Gap() (at string, n int) {
	n = -1
	see := func(what string, count int) {
		if n < 0 || count < n {
			at, n = what, count
		}
	}
	for _, field := range slices.Sorted(maps.Keys(c.possible)) {
		for _, o := range c.possible[field] {
			see(field+" "+string(o), c.fields[field][o])
		}
	}
	for _, a := range slices.Sorted(maps.Keys(c.arguments)) {
		see(a, c.arguments[a])
	}
	return at, n
}

// Print writes the table.
func (c *Coverage) Print(w io.Writer) {
	fmt.Fprintf(w, "%-34s %9s %9s %9s\n", "field", "SHOWN", "PARTIAL", "WITHHELD")
	for _, at := range slices.Sorted(maps.Keys(c.possible)) {
		fmt.Fprintf(w, "%-34s", at)
		for _, o := range []policy.Outcome{policy.Shown, policy.Partial, policy.Withheld} {
			if slices.Contains(c.possible[at], o) {
				fmt.Fprintf(w, " %9d", c.fields[at][o])
			} else {
				fmt.Fprintf(w, " %9s", "-")
			}
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "%-34s %9s\n", "argument", "given")
	for _, a := range slices.Sorted(maps.Keys(c.arguments)) {
		fmt.Fprintf(w, "%-34s %9d\n", a, c.arguments[a])
	}
}

// note adds one operation to the counts.
func (r *Report) note(s *scenario, o *operation, a answer) error {
	seen := map[string]map[policy.Outcome]bool{}
	given := map[string]bool{}
	answered, differing := false, false
	roots := map[*node]bool{}
	for _, n := range o.document.roots {
		roots[n] = true
		for _, in := range n.below {
			if n.name == "" { // a fragment around them
				roots[in] = true
			}
		}
	}
	err := o.document.walk(a.data, func(v visit) {
		answered = answered || roots[v.node] && v.value != nil
		at := v.node.typeName + "." + v.node.name
		for _, arg := range v.node.args {
			given[at+"("+arg.name+")"] = true
		}
		outcome := policy.Shown
		if r.Coverage.personal[at] {
			c, known := s.customers[v.customer]
			if !known {
				return
			}
			outcome = s.views(c, surest(c)).of(at)
			differing = differing || s.isDifferent(c.ID, at)
			if outcome == policy.Withheld && v.value != nil {
				r.Told = append(r.Told, at)
			}
		}
		if v.value == nil && outcome != policy.Withheld && r.Coverage.personal[at] {
			return
		}
		if seen[at] == nil {
			seen[at] = map[policy.Outcome]bool{}
		}
		seen[at][outcome] = true
	})
	if err != nil {
		return err
	}
	for at, outcomes := range seen {
		for outcome := range outcomes {
			if r.Coverage.fields[at] != nil {
				r.Coverage.fields[at][outcome]++
			}
		}
	}
	for a := range given {
		if _, known := r.Coverage.arguments[a]; known {
			r.Coverage.arguments[a]++
		}
	}
	if answered {
		r.Answered++
	}
	if differing {
		r.Differing++
	}
	return nil
}
