package table

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"customer360/idgraph"
	"customer360/internal/strict"
)

// What a column may be.
const (
	recordID = iota
	source
	externalID
	fullName
	givenName
	familyName
	email
	phone
	loyaltyID
	nationalID
	birthDate
	street
	houseNumber
	city
	region
	postcode
	country
	ignored
	kinds
)

// names are what columns that map by themselves are called, and what others
// are mapped to; a column that is to be ignored is mapped to the last.
var names = [kinds]string{
	recordID: "record_id", source: "source", externalID: "external_id", fullName: "full_name", givenName: "given_name",
	familyName: "family_name", email: "email", phone: "phone", loyaltyID: "loyalty_id", nationalID: "national_id",
	birthDate: "birth_date", street: "street", houseNumber: "house_number", city: "city", region: "region",
	postcode: "postcode", country: "country", ignored: "ignore",
}

// constant lists what may be the same for a whole file.
var constant = []string{names[source], names[city], names[region], names[country]}

// A Mapping says what the columns of a file are that are not named as
// canonical ones. The zero Mapping says nothing: canonical columns map by themselves.
type Mapping struct {
	columns   []column // in the file's order
	constants map[string]string
	dates     []string // layouts of birth dates whose column names none
}

// A column is what one column is.
type column struct {
	line       int
	name       string
	Is         string         `yaml:"is"`         // a canonical name, or "ignore"
	References idgraph.Source `yaml:"references"` // the source whose external_id it holds
	Kind       string         `yaml:"kind"`       // of national ids: "passport"
	Dates      []string       `yaml:"dates"`      // of birth dates: their formats, tried in order
}

// ReadMapping reads a YAML file. Errors name file, line and key.
func ReadMapping(path string) (*Mapping, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the mapping: %w", err)
	}
	m, err := ParseMapping(text)
	if err != nil {
		return nil, fmt.Errorf("%s:%w", path, err)
	}
	return m, nil
}

// ParseMapping decodes strictly. Errors begin with the line.
func ParseMapping(text []byte) (*Mapping, error) {
	var file struct {
		Columns   ast.Node          `yaml:"columns"`
		Constants map[string]string `yaml:"constants"`
		Dates     []string          `yaml:"dates"`
	}
	err := strict.Decode(text, &file)
	if err != nil && !errors.Is(err, strict.ErrEmpty) { // a mapping may say nothing
		return nil, err
	}
	m := &Mapping{constants: file.Constants}
	for name := range file.Constants {
		if !slices.Contains(constant, name) {
			return nil, strict.At(lineOf(text, name), fmt.Errorf("constants: %s cannot be one%s; a constant is one of %s", name, strict.Nearest(name, constant), strings.Join(constant, ", ")))
		}
	}
	if m.dates, err = layouts(file.Dates); err != nil {
		return nil, strict.At(lineOf(text, "dates"), fmt.Errorf("dates: %w", err))
	}
	if m.columns, err = columnsOf(file.Columns); err != nil {
		return nil, err
	}
	return m, nil
}

// columnsOf reads `name: canonical` and `name: {is: canonical, …}`, in order.
func columnsOf(node ast.Node) ([]column, error) {
	var values []*ast.MappingValueNode
	switch n := node.(type) {
	case nil, *ast.NullNode:
		return nil, nil
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		return nil, strict.At(node.GetToken().Position.Line, errors.New("columns: is a list of `column: canonical name`"))
	}
	out := make([]column, 0, len(values))
	for _, v := range values {
		c := column{line: v.Key.GetToken().Position.Line, name: v.Key.GetToken().Value}
		if err := c.read(v.Value); err != nil {
			return nil, strict.Within(err, c.line, "column %s", c.name)
		}
		out = append(out, c)
	}
	return out, nil
}

func (c *column) read(value ast.Node) error {
	if s, ok := value.(ast.ScalarNode); ok {
		c.Is = s.GetToken().Value
	} else if _, ok := value.(ast.MapNode); !ok {
		return errors.New("it is a canonical name, or {is: …} or {references: …}")
	} else {
		if err := strict.DecodeNode(value, c); err != nil {
			return err
		}
	}
	switch {
	case c.References != "" && c.Is != "":
		return errors.New("it is one of its own or references another source, not both")
	case c.References != "":
		return nil
	case c.Is == "":
		return errors.New("`is` or `references` is missing")
	case !slices.Contains(names[:], c.Is):
		return fmt.Errorf("%s is no canonical name%s; there are %s", c.Is, strict.Nearest(c.Is, names[:]), strings.Join(names[:], ", "))
	case c.Kind != "" && c.Is != names[nationalID]:
		return errors.New("kind: is for national_id alone")
	case len(c.Dates) > 0 && c.Is != names[birthDate]:
		return errors.New("dates: are for birth_date alone")
	}
	var err error
	if c.Dates, err = layouts(c.Dates); err != nil {
		return fmt.Errorf("dates: %w", err)
	}
	return nil
}

// lineOf is the first line that begins with a key.
func lineOf(text []byte, key string) int {
	for i, line := range bytes.Split(text, []byte{'\n'}) {
		if bytes.HasPrefix(bytes.TrimSpace(line), []byte(key)) {
			return i + 1
		}
	}
	return 1
}
