package sql

import (
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"customer360/connectors"
	"customer360/internal/keys"
)

// smallest is a configuration with nothing too much.
const smallest = `
driver: sqlite
file: shop.db
profiles:
  from: customers
  id: id
  fields: {name: name}
`

func TestTheSmallestConfigurationOpens(t *testing.T) {
	c := opened(t, decoded(t, Config{}, smallest), connectors.Setup{Source: "shop", Role: connectors.Commerce})
	if got := connectors.CanAnswer(c); len(got) != 1 || got[0] != connectors.KindProfile {
		t.Errorf("answers %v, want profiles alone", got)
	}
}

func TestMistakesAreNamed(t *testing.T) {
	for name, c := range map[string]struct{ change, to, want string }{
		"no driver":                           {"driver: sqlite", "", `driver: "" is none of sqlite, postgres`},
		"another driver":                      {"driver: sqlite", "driver: mysql", `driver: "mysql" is none of sqlite, postgres`},
		"SQLite without a file":               {"file: shop.db", "", "driver sqlite takes a file, and no dsn"},
		"Postgres without a dsn":              {"driver: sqlite\nfile: shop.db", "driver: postgres\nids: text", "driver postgres takes a dsn, and no file"},
		"a dsn from nowhere":                  {"driver: sqlite\nfile: shop.db", "driver: postgres\nids: text\ndsn: {env: C360_THIS_IS_NOT_SET}", "dsn: the environment variable C360_THIS_IS_NOT_SET is not set"},
		"Postgres without the form of ids":    {"driver: sqlite\nfile: shop.db", "driver: postgres\ndsn: {env: HOME}", "ids: say whether ids are text, integer or uuid"},
		"ids of another form":                 {"driver: sqlite", "driver: sqlite\nids: number", `ids: "number" is none of text, integer, uuid`},
		"no table":                            {"from: customers", "", "profiles.from: is missing"},
		"no id":                               {"id: id", "", "profiles.id: is missing"},
		"a table that is none":                {"from: customers", "from: customers; drop", `profiles.from: "customers; drop" is neither a table`},
		"three names for a table":             {"from: customers", "from: a.b.c", `profiles.from: "a.b.c" is neither a table`},
		"parentheses, but no select":          {"from: customers", "from: (customers)", "profiles.from: begins with a parenthesis, but is no (select …)"},
		"a column that is an expression":      {"id: id", "id: lower(id)", `profiles.id: "lower(id)" is no name of a column; an expression is written {sql: …}`},
		"a column with a quote":               {"id: id", `id: 'a"b'`, `profiles.id: "a\"b" is no name of a column`},
		"a column and an expression":          {"{name: name}", "{name: {column: name, sql: name}}", "profiles.fields.name: has column or sql, not both"},
		"a field with a setting too much":     {"{name: name}", "{name: {column: name, currency: EUR}}", "profiles.fields.name.currency: means nothing for this field"},
		"an expression with a second one":     {"id: id", "id: id\n  where: a = 1; delete from customers", "profiles.where: an expression holds no semicolon"},
		"an expression that gets out":         {"id: id", "id: id\n  where: 1 = 1) or (1 = 1", "profiles.where: a parenthesis is closed that was not opened"},
		"an expression that stays open":       {"id: id", "id: id\n  where: (a = 1", "profiles.where: a parenthesis is not closed"},
		"an expression with a comment":        {"id: id", "id: id\n  where: a = 1 -- all", "profiles.where: an expression holds no comment"},
		"an expression with a parameter mark": {"id: id", "id: id\n  where: a = ?", "profiles.where: an expression holds no question mark"},
		"an expression with an open quote":    {"id: id", "id: id\n  where: a = 'b", "profiles.where: a quote is not closed"},
		"an identifier of no type":            {"id: id", "id: id\n  identifiers: {email: email}", "profiles.identifiers.email: is neither loyalty nor ref:<source>"},
		"a way to find what is no type":       {"id: id", "id: id\n  find: {name: name}", "profiles.find.name: is none of email, phone, loyalty, ref:<source>"},
		"a map to a word of nobody's": {
			"{name: name}", "{name: name}\norders: {from: o, id: id, owner: c, fields: {status: {column: s, map: {paid: PAYED}}}}",
			`orders.fields.status.map.paid: "PAYED" is none of DRAFT, QUOTATION`,
		},
		"money without a currency": {
			"{name: name}", "{name: name}\norders: {from: o, id: id, owner: c, fields: {total: total}}",
			"orders.fields.total.currency: is missing",
		},
		"lines without their order": {
			"{name: name}", "{name: name}\norders: {from: o, id: id, owner: c, items: {from: l, id: id, fields: {sku: {column: sku, scale: 2}}}}",
			"orders.items.order: is missing",
		},
		"rows of nobody": {
			"{name: name}", "{name: name}\ntickets: {from: t, id: id}",
			"tickets.owner: is missing",
		},
		"messages of no ticket": {
			"{name: name}", "{name: name}\ntickets: {from: t, id: id, owner: o}\nmessages: {from: m, id: id}",
			"messages.ticket: is missing",
		},
		"messages without tickets": {
			"{name: name}", "{name: name}\nmessages: {from: m, id: id, ticket: t}",
			"messages: there are no tickets",
		},
		"consents without a meaning": {
			"{name: name}", "{name: name}\nconsents: {from: c, owner: id, purpose: p, state: s, at: a}",
			"consents.state.map: is missing",
		},
		"a consent for no purpose": {
			"{name: name}", "{name: name}\nconsents: {from: c, owner: id, purpose: {column: p, map: {n: newsletter}}, state: {column: s, map: {y: GRANTED}}, at: a}",
			`consents.purpose.map.n: "newsletter" is no purpose`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(smallest, c.change, c.to, 1)
			if text == smallest {
				t.Fatal("the case changes nothing")
			}
			_, err := decoded(t, Config{}, text).Open(connectors.Setup{Source: "shop"})
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "source shop: ") {
				t.Errorf("%v\nwant %s", err, c.want)
			}
		})
	}
}

func TestAllMistakesAreNamedAtOnce(t *testing.T) {
	text := strings.NewReplacer("from: customers", "", "id: id", "id: a.b", "name: name", "name: {column: n, scale: 2}").Replace(smallest)
	_, err := decoded(t, Config{}, text).Open(connectors.Setup{Source: "shop"})
	for _, want := range []string{"profiles.from", "profiles.id", "profiles.fields.name.scale"} {
		if err == nil || strings.Count(err.Error(), want) != 1 {
			t.Errorf("%s should be named once:\n%v", want, err)
		}
	}
}

func TestAnUnknownKeyIsAnError(t *testing.T) {
	for _, text := range []string{"profile: {}", "profiles: {form: customers}", "profiles: {id: {colum: id}}", "profiles: {find: {email: {values: x}}}"} {
		var cfg Config
		if err := yaml.UnmarshalWithOptions([]byte(text), &cfg, yaml.Strict()); err == nil || !strings.Contains(err.Error(), "unknown field") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestAConnectionStringIsNeverQuoted(t *testing.T) {
	t.Setenv("C360_TEST_DSN", "postgres://shop:swordfish@[broken/db")
	cfg := decoded(t, Config{}, smallest)
	cfg.Driver, cfg.File, cfg.IDs, cfg.DSN = "postgres", "", "text", keys.Secret{Env: "C360_TEST_DSN"}
	_, err := cfg.Open(connectors.Setup{Source: "shop"})
	if err == nil || strings.Contains(err.Error(), "swordfish") {
		t.Errorf("%v", err)
	}
}

// What people may write in expressions, that looks like more than it is.
func TestExpressionsMayHoldWhatIsQuoted(t *testing.T) {
	for _, s := range []string{
		"name = 'a; b -- c'", "name = 'it''s (not) over'", `"odd -- name" = 1`, "a - b - -c", "a / b", "note LIKE '%50 %%'", "cast(id as text)",
	} {
		if err := checkExpression(s); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
}
