package door

import (
	"math/bits"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"customer360/idgraph/policy"
)

// A column is a personal field of the schema, or the rows of a type.
type column struct {
	index      int    // in columns.all
	coordinate string // "Order.number", or "Order" for the rows
	category   policy.Category
	class      class
	level      Level
	form       policy.Form
	path       wanted // what a source is asked for where it is a record's field
	needs      int    // 1 + the place in needed of the scope that it takes besides; 0 for none
}

// maxColumns bounds the columns, so that a set of them is a small value.
const maxColumns = 256

// columns are all personal fields of the schema. They are made when a door
// opens and never change.
type columns struct {
	all     []*column // in the order of their coordinates
	byName  map[string]*column
	byField map[string]map[string]*column // by type and field, "" for the rows
}

// of is the column of a field, or of a type's rows with field ""; nil where
// nothing there is personal.
func (c *columns) of(typeName, field string) *column { return c.byField[typeName][field] }

func (c *columns) add(typeName, field string, col *column) {
	if c.byName == nil {
		c.byName, c.byField = map[string]*column{}, map[string]map[string]*column{}
	}
	if c.byField[typeName] == nil {
		c.byField[typeName] = map[string]*column{}
	}
	c.byName[col.coordinate], c.byField[typeName][field] = col, col
	at, _ := slices.BinarySearchFunc(c.all, col, func(a, b *column) int { return strings.Compare(a.coordinate, b.coordinate) })
	c.all = slices.Insert(c.all, at, col)
	for i, have := range c.all {
		have.index = i
	}
}

// A columnSet is a set of columns.
type columnSet [maxColumns / 64]uint64

// put adds a column, and says whether it is new.
func (s *columnSet) put(c *column) bool {
	word, bit := &s[c.index/64], uint64(1)<<(c.index%64)
	fresh := *word&bit == 0
	*word |= bit
	return fresh
}

func (s *columnSet) has(c *column) bool { return s[c.index/64]&(1<<(c.index%64)) != 0 }

func (s *columnSet) add(more *columnSet) {
	for i := range s {
		s[i] |= more[i]
	}
}

func (s *columnSet) len() (n int) {
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n
}

// of yields the columns of the set, in the order of their coordinates.
func (s *columnSet) of(columns *columns) func(yield func(*column) bool) {
	return func(yield func(*column) bool) {
		for i, word := range s {
			for ; word != 0; word &= word - 1 {
				if !yield(columns.all[64*i+bits.TrailingZeros64(word)]) {
					return
				}
			}
		}
	}
}

// kin lists what each type may be spread as: itself, its interfaces and unions.
func kin(in *ast.Schema) map[string][]string {
	out := map[string][]string{}
	for name := range in.Types {
		out[name] = []string{name}
		for _, abstract := range in.Implements[name] {
			out[name] = append(out[name], abstract.Name)
		}
	}
	return out
}
