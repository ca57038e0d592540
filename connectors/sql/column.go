package sql

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"customer360/idgraph"
)

// A Column is where a value stands: the name of a column, or a mapping with more.
type Column struct {
	// Column is the name of a column; it is quoted.
	Column string `yaml:"column"`
	// SQL is an expression, in the place of a column.
	SQL string `yaml:"sql"`
	// Map says what the source's values mean; "*" stands for all others.
	Map map[string]string `yaml:"map"`
	// Currency of an amount: an ISO 4217 code, or else a column.
	Currency string `yaml:"currency"`
	// Scale is how many digits of a whole number stand behind the point: 2 for cents.
	Scale int `yaml:"scale"`
	// Split is what separates the values, where one column holds several.
	Split string `yaml:"split"`
}

// UnmarshalYAML reads `first_name` as well as `{column: first_name, …}`.
func (c *Column) UnmarshalYAML(read func(any) error) error {
	if read(&c.Column) == nil {
		return nil
	}
	type plain Column // without this method
	var p plain
	if err := read(&p); err != nil {
		return err
	}
	if p.Column == "" && p.SQL == "" {
		return errors.New("a column has a name, as `column`, or an expression, as `sql`")
	}
	*c = Column(p)
	return nil
}

func (c Column) isZero() bool { return c.Column == "" && c.SQL == "" }

// A compiler turns the configuration into pieces of statements. What is wrong
// it notes, all of it, by the path of the key.
type compiler struct {
	source idgraph.Source
	driver string
	path   string // of the section at hand
	row    string // what its row is called in statements
	wrong  []error
}

// in enters a section.
func (cc *compiler) in(path, row string) { cc.path, cc.row = path, row }

func (cc *compiler) note(key string, err error) {
	if err == nil {
		return
	}
	at := strings.Trim(cc.path+"."+key, ".")
	if key == "" {
		at = strings.Trim(cc.path, ".")
	}
	if at != "" {
		err = fmt.Errorf("%s: %w", at, err)
	}
	if slices.ContainsFunc(cc.wrong, func(e error) bool { return e.Error() == err.Error() }) {
		return // a key that is read for several statements
	}
	cc.wrong = append(cc.wrong, err)
}

var columnName = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_ $#-]{0,62}$`)

// column is the expression of a column that must be there.
func (cc *compiler) column(key string, c Column) string {
	if c.isZero() {
		cc.note(key, errors.New("is missing"))
		return ""
	}
	switch {
	case c.Column != "" && c.SQL != "":
		cc.note(key, errors.New("has column or sql, not both"))
	case c.SQL != "":
		return cc.expression(key+".sql", c.SQL)
	case !columnName.MatchString(c.Column):
		cc.note(key, fmt.Errorf("%q is no name of a column; an expression is written {sql: …}", c.Column))
	}
	// A bare "name" that SQLite does not know would be a text to it; t."name" is not.
	return cc.row + `."` + c.Column + `"`
}

// raw is a column whose stored form is wanted: the SQLite driver guesses at
// columns declared as times, and answers the year 1 where it guesses wrong.
func (cc *compiler) raw(key string, c Column) string {
	e := cc.column(key, c)
	if cc.driver == "sqlite" && c.SQL == "" {
		return "+" + e
	}
	return e
}

// table is a table, a view or a select in parentheses, under the row's name.
func (cc *compiler) table(key, from string) string {
	if from == "" {
		cc.note(key, errors.New("is missing"))
		return ""
	}
	if strings.HasPrefix(from, "(") {
		if !regexp.MustCompile(`(?is)^\(\s*(select|with|values)\b.*\)$`).MatchString(from) {
			cc.note(key, errors.New("begins with a parenthesis, but is no (select …)"))
		}
		cc.note(key, checkExpression(from))
		return from + " AS " + cc.row
	}
	names := strings.Split(from, ".")
	for _, n := range names {
		if !columnName.MatchString(n) || len(names) > 2 {
			cc.note(key, fmt.Errorf("%q is neither a table, schema.table, nor a select in parentheses", from))
			break
		}
	}
	return `"` + strings.Join(names, `"."`) + `" AS ` + cc.row
}

// expression is what the configuration may say in SQL's own words.
func (cc *compiler) expression(key, text string) string {
	cc.note(key, checkExpression(text))
	return "(" + text + ")"
}

// condition is an optional expression, ready to stand behind others.
func (cc *compiler) condition(key, text string) string {
	if text == "" {
		return ""
	}
	return " AND " + cc.expression(key, text)
}

// checkExpression holds an expression to being one: it cannot end the
// statement, leave its parentheses, hide behind a comment or bind a value. It
// is a guard against slips; the file is the operator's own.
func checkExpression(s string) error {
	if strings.ContainsAny(s, "?\x00") {
		return errors.New("an expression holds no question mark: values are bound by the gateway alone")
	}
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\'', '"':
			end := strings.IndexByte(s[i+1:], s[i])
			if end < 0 {
				return errors.New("a quote is not closed")
			}
			i += end + 1
		case '(':
			depth++
		case ')':
			if depth--; depth < 0 {
				return errors.New("a parenthesis is closed that was not opened")
			}
		case ';':
			return errors.New("an expression holds no semicolon")
		case '$':
			return errors.New("an expression holds no dollar sign outside of quotes")
		case '-', '/':
			if next := s[i+1:]; (s[i] == '-' && strings.HasPrefix(next, "-")) || (s[i] == '/' && strings.HasPrefix(next, "*")) {
				return errors.New("an expression holds no comment")
			}
		}
	}
	if depth != 0 {
		return errors.New("a parenthesis is not closed")
	}
	return nil
}

// mapped checks the right-hand sides of a map.
func (cc *compiler) mapped(key string, m map[string]string, allowed []string) {
	for from, to := range m {
		if !slices.Contains(allowed, to) {
			cc.note(key+".map."+from, fmt.Errorf("%q is none of %s", to, strings.Join(allowed, ", ")))
		}
	}
}

// unused tells of settings that mean nothing for the field.
func (cc *compiler) unused(key string, set map[string]bool) {
	for _, name := range []string{"map", "currency", "scale", "split"} {
		if set[name] {
			cc.note(key+"."+name, errors.New("means nothing for this field"))
		}
	}
}
