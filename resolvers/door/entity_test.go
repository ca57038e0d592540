package door_test

import (
	"fmt"
	"strings"
	"testing"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/resolvers/door"
)

const entities = `query($r: [_Any!]!) { _entities(representations: $r) {
	__typename
	... on Customer { id name }
	... on SourceRecord { source number: id customer { name } }
} }`

type rep = map[string]any

func customer(id any) rep { return rep{"__typename": "Customer", "id": id} }

func record(source, id any) rep {
	return rep{"__typename": "SourceRecord", "source": source, "id": id}
}

func TestEntitiesComeInTheOrderOfTheirRepresentations(t *testing.T) {
	r := house(t, nil)
	a := r.ask(agent, entities, "r", []any{
		customer(r.id(2)), record("shop", "1"), customer(r.id(1)), record("erp", 2), record("shop", "1"),
		rep{"__typename": "Customer", "id": r.id(1), "name": "somebody else", "more": []any{1, nil}},
	}).fine()
	a.is("_entities.0", fmt.Sprintf(`{"__typename":"Customer","id":%q,"name":"Otto Stein"}`, r.id(2)))
	a.is("_entities.1", `{"__typename":"SourceRecord","customer":{"name":"Maria Gold"},"number":"1","source":"shop"}`)
	a.is("_entities.2.name", `"Maria Gold"`)
	a.is("_entities.3.customer.name", `"Otto Stein"`)
	a.is("_entities.4.customer.name", `"Maria Gold"`)
	a.is("_entities.5.name", `"Maria Gold"`)
	for _, s := range []string{"crm", "erp"} {
		if n := len(r.sources[idgraph.Source(s)].asked(connectors.KindProfile)); n != 1 {
			t.Errorf("%s was asked %d times for everybody", s, n)
		}
	}
	if n := len(r.audit.entries); n != 1 || !r.audit.entries[0].Lookup || len(r.audit.entries[0].Subjects) != 2 {
		t.Errorf("audit: %+v", r.audit.entries)
	}
}

// Each stands between two good ones, which it must not disturb.
func TestABadRepresentationIsNullAndNobodyElse(t *testing.T) {
	r := house(t, nil)
	forged := r.id(1)[:len(r.id(1))-2] + "AA"
	for name, c := range map[string]struct {
		of   any
		code string
		is   string
	}{
		"a forged id":                  {customer(forged), "", "null"},
		"an id of nobody":              {customer(r.id(99)), "", "null"},
		"an id of another kind":        {customer(r.ring.Seal("node", "Order", "shop", "1", "401")), "", "null"},
		"an id sealed for another use": {customer(r.ring.Seal("cursor", "Customer", "1")), "", "null"},
		"the id inside the process":    {customer("1"), "", "null"},
		"a number for an id":           {customer(1), "BAD_INPUT", "null"},
		"no id":                        {rep{"__typename": "Customer"}, "BAD_INPUT", "null"},
		"a null id":                    {customer(nil), "BAD_INPUT", "null"},
		"a list for an id":             {customer([]any{r.id(1)}), "BAD_INPUT", "null"},
		"an object for an id":          {customer(rep{"id": r.id(1)}), "BAD_INPUT", "null"},
		"a customer named by a record": {rep{"__typename": "Customer", "source": "shop", "id": "1"}, "", "null"},
		"a record named by an id":      {rep{"__typename": "SourceRecord", "id": r.id(1)}, "BAD_INPUT", "null"},
		"no source":                    {rep{"__typename": "SourceRecord", "source": nil, "id": "1"}, "BAD_INPUT", "null"},
		"an unknown source":            {record("nowhere", "1"), "BAD_INPUT", "null"},
		"a number for a source":        {record(1, "1"), "BAD_INPUT", "null"},
		"no number":                    {record("shop", 1.5), "BAD_INPUT", "null"},
		"an empty record id":           {record("shop", ""), "BAD_INPUT", "null"},
		"an unknown record":            {record("shop", "999"), "", `{"__typename":"SourceRecord","customer":null,"number":"999","source":"shop"}`},
		"another type":                 {rep{"__typename": "Order", "id": r.id(1)}, "BAD_INPUT", "null"},
		"no type":                      {rep{"id": r.id(1)}, "BAD_INPUT", "null"},
		"a number for a type":          {rep{"__typename": 1, "id": r.id(1)}, "BAD_INPUT", "null"},
		"a text":                       {r.id(1), "BAD_INPUT", "null"},
		"a list":                       {[]any{customer(r.id(1))}, "BAD_INPUT", "null"},
	} {
		t.Run(name, func(t *testing.T) {
			a := r.ask(agent, entities, "r", []any{customer(r.id(1)), c.of, record("shop", "2")})
			a.is("_entities.0.name", `"Maria Gold"`)
			a.is("_entities.1", c.is)
			a.is("_entities.2.customer.name", `"Otto Stein"`)
			if a.codes() != c.code {
				t.Errorf("errors %q, want %q: %s", a.codes(), c.code, a.body)
			}
			if c.code != "" && fmt.Sprint(a.Errs[0].Path) != "[_entities 1]" {
				t.Errorf("path %v", a.Errs[0].Path)
			}
			if strings.Contains(a.body, `AA"`) {
				t.Errorf("repeats what was sent: %s", a.body)
			}
		})
	}
	t.Run("null", func(t *testing.T) {
		a := r.ask(agent, entities, "r", []any{customer(r.id(1)), nil})
		if a.Data != nil || len(a.Errs) == 0 {
			t.Errorf("answered: %s", a.body)
		}
	})
	t.Run("more than a hundred", func(t *testing.T) {
		many := make([]any, 101)
		for i := range many {
			many[i] = customer(r.id(1))
		}
		a := r.ask(agent, entities, "r", many)
		if a.codes() != "BAD_INPUT" || strings.Contains(a.body, "Maria") || len(r.ask(agent, entities, "r", many[:100]).fine().at("_entities").([]any)) != 100 {
			t.Errorf("answered: %s", a.body)
		}
	})
}

func TestWhetherARecordExistsIsToldToThoseWhoMayLookUpAlone(t *testing.T) {
	r := house(t, nil)
	for _, as := range []who{marketing, analyst, {agent.caller, ""}, {agent.caller, "legal.request"}} {
		there, gone := r.ask(as, entities, "r", []any{record("shop", "1")}).fine(), r.ask(as, entities, "r", []any{record("shop", "9")}).fine()
		if strings.ReplaceAll(gone.body, `"9"`, `"1"`) != there.body {
			t.Errorf("as %s for %q the two differ:\n%s\n%s", as.caller.Name, as.purpose, there.body, gone.body)
		}
		there.is("_entities.0", `{"__typename":"SourceRecord","customer":null,"number":"1","source":"shop"}`)
	}
	if len(r.audit.entries) != 0 || len(r.sources["crm"].asked(connectors.KindProfile)) != 0 {
		t.Errorf("something was read: %+v", r.audit.entries)
	}
}

func TestRecordsCountAgainstTheCallersLookUps(t *testing.T) {
	left := 3
	r := house(t, func(c *door.Config) {
		c.MayName = func(_ string, n int) bool {
			if n > left {
				return false
			}
			left -= n
			return true
		}
	})
	two := []any{record("shop", "1"), record("shop", "2"), record("shop", "1")}
	r.ask(agent, entities, "r", two).fine().is("_entities.2.customer.name", `"Maria Gold"`)
	out := r.ask(agent, entities, "r", append(two, customer(r.id(2))))
	out.is("_entities.0", `{"__typename":"SourceRecord","customer":null,"number":"1","source":"shop"}`)
	out.is("_entities.3.name", `"Otto Stein"`)
	if out.codes() != "RATE_LIMITED" || left != 1 {
		t.Errorf("errors %q, %d left", out.codes(), left)
	}
	echo := `query($r: [_Any!]!) { _entities(representations: $r) { ... on SourceRecord { source id customer @include(if: false) { id } } } }`
	if r.ask(agent, echo, "r", two).fine(); left != 1 {
		t.Error("counted, although no customer was asked for")
	}
}

func TestARecordOfACustomerLeadsBackToIt(t *testing.T) {
	r := house(t, nil)
	a := r.ask(agent, `query($id: ID!) { customer(id: $id) { identity { records { source customer { name orders(first: 1) { nodes { number } } } } links { from { customer { id } } } } } }`, "id", r.id(1)).fine()
	a.is("customer.identity.records.3.customer", `{"name":"Maria Gold","orders":{"nodes":[{"number":"A2"}]}}`)
	a.is("customer.identity.links.0.from.customer.id", fmt.Sprintf("%q", r.id(1)))
	if n := len(r.sources["shop"].asked(connectors.KindOrder)); n != 1 {
		t.Errorf("the shop was asked %d times", n)
	}
}

func TestEntitiesAreMaskedLikeAnyCustomer(t *testing.T) {
	r := house(t, nil)
	a := r.ask(marketing, `query($r: [_Any!]!) { _entities(representations: $r) { ... on Customer { name emails { address } privacy { field outcome } } } }`,
		"r", []any{customer(r.id(1)), customer(r.id(2))}).fine()
	a.is("_entities.0", `{"emails":[{"address":"maria@mail.example"}],"name":"M. G.","privacy":[{"field":"Customer.name","outcome":"PARTIAL"}]}`)
	a.is("_entities.1.emails", `null`)
	a.is("_entities.1.name", `null`)
}
