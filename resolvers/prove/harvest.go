package prove

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"customer360/idgraph"
)

// harvestQuery is what somebody who sees everything asks first: ids and cursors
// that hold times and names which the caller may not see.
var harvestQuery = func() string {
	q := "query {"
	for i, l := range lists() {
		q += fmt.Sprintf(" l%d: customers(first: 100, orderBy: %s", i, literal(l.order))
		if l.filter != nil {
			q += ", filter: " + literal(l.filter)
		}
		q += ") { edges { cursor } }"
	}
	return q + harvestOne
}()

const harvestOne = `
  matchReviews(first: 30) { edges { cursor } }
  customers(first: 100) { edges { cursor node { id
    deals(first: 2) { edges { cursor node { id } } }
    invoices(first: 2) { edges { cursor node { id } } }
    payments(first: 2) { edges { cursor node { id } } }
    orders(first: 2) { edges { cursor node { id } } }
    tickets(first: 2) { edges { cursor node { id } } }
    timeline(first: 3) { edges { cursor } }
  } } }
}`

// harvest asks for ids and cursors in the first world, at both servers, so that
// both have answered the same.
func (s *scenario) harvest(ctx context.Context) error {
	all := s.rules.all()
	body, _ := json.Marshal(map[string]any{"query": harvestQuery})
	o := &operation{declaring: declaring{headers: []string{string(all.purpose)}}, token: caller{all.caller}.secret(), generous: make([]bool, len(systems)), raw: body}
	for _, side := range s.rules.sides {
		for _, src := range side.sources {
			src.shuffle = nil
		}
	}
	answers := s.rules.both(ctx, o, [2]World{s.worlds[0], s.worlds[0]})
	if got := unequal(answers[0], answers[1]); got != "" {
		return fmt.Errorf("the same world twice: %s", got)
	}
	var rolls map[string]struct {
		Edges []struct{ Cursor string }
	}
	if err := json.Unmarshal(answers[0].data, &rolls); err != nil {
		return fmt.Errorf("the harvest: %w", err)
	}
	var found struct {
		MatchReviews struct{ Edges []struct{ Cursor string } }
		Customers    struct {
			Edges []struct {
				Cursor string
				Node   map[string]json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(answers[0].data, &found); err != nil || len(found.Customers.Edges) != persons {
		return fmt.Errorf("the harvest: %d customers (%v): %s", len(found.Customers.Edges), err, answers[0].rest)
	}
	s.values = &values{cursors: map[string][]string{}, own: map[string]map[string][]string{}, owners: map[idgraph.Ref]string{}, known: s.people.known}
	for i, l := range lists() {
		for _, e := range rolls[fmt.Sprint("l", i)].Edges {
			l.cursors = append(l.cursors, e.Cursor)
		}
		if len(l.cursors) == 0 {
			continue
		}
		s.values.cursors["customers"] = append(s.values.cursors["customers"], l.cursors[0])
		s.values.lists = append(s.values.lists, l)
	}
	for _, e := range found.MatchReviews.Edges {
		s.values.cursors["matchReviews"] = append(s.values.cursors["matchReviews"], e.Cursor)
	}
	for _, e := range found.Customers.Edges {
		id, _ := strconv.Unquote(string(e.Node["id"]))
		s.values.customers = append(s.values.customers, id)
		s.values.cursors["customers"] = append(s.values.cursors["customers"], e.Cursor)
		if err := s.values.take(id, e.Node); err != nil {
			return err
		}
	}
	s.know()
	return nil
}

// take keeps the ids and cursors of one customer's lists.
func (v *values) take(id string, customer map[string]json.RawMessage) error {
	v.own[id] = map[string][]string{}
	for list, text := range customer {
		if list == "id" {
			continue
		}
		var page struct {
			Edges []struct {
				Cursor string
				Node   struct{ ID string }
			}
		}
		if err := json.Unmarshal(text, &page); err != nil {
			return fmt.Errorf("the harvest of %s: %w", list, err)
		}
		for _, e := range page.Edges {
			v.cursors[list], v.own[id][list] = append(v.cursors[list], e.Cursor), append(v.own[id][list], e.Cursor)
			if e.Node.ID != "" {
				v.rows = append(v.rows, e.Node.ID)
			}
		}
	}
	return nil
}

// know connects sealed ids with customers and adds ids that name nothing.
func (s *scenario) know() {
	s.customers = map[string]idgraph.Customer{}
	for i, c := range s.people.customers {
		s.customers[s.values.customers[i]] = c
		s.values.refs = append(s.values.refs, c.Refs...)
		for _, ref := range c.Refs {
			s.values.owners[ref] = s.values.customers[i]
		}
	}
	s.values.customers = append(s.values.customers, s.ring.Seal("node", "Customer", strconv.FormatInt(int64(s.people.merged), 10)))
	for n, ref := range s.values.refs {
		near := s.values.refs[(n+1)%len(s.values.refs)]
		s.values.decisions = append(s.values.decisions, s.ring.Seal("decision", strconv.Itoa(n), string(ref.Source), ref.ID, string(near.Source), near.ID))
	}
	first := s.values.customers[0]
	s.values.strange = []string{
		"", "1", "not an id", first[:len(first)-1], strings.ToLower(first), first + "\n", first + "A", strings.Repeat("x", 5000),
		s.ring.Seal("node", "Customer", "999999"), s.ring.Seal("node", "Customer", "-1"), s.ring.Seal("node", "Customer", "x"),
		s.ring.Seal("node", "Nothing", "crm", "100", "1"), s.ring.Seal("node", "Order", "nowhere", "1", "1"), s.ring.Seal("node", "Order", "shop", "100", "none"),
		s.ring.Seal("other kind", "Customer", "1"), s.values.cursors["customers"][0],
	}
	s.values.cursors["customers"] = append(s.values.cursors["customers"], s.ring.Seal("cursor", "customers", "x", "keyed", "0", "0"))
}

// shuffle gives each side's sources an order of their own for what is asked by id.
func (s *scenario) shuffle() {
	for _, side := range s.rules.sides {
		for _, src := range side.sources {
			src.shuffle = rand.New(rand.NewPCG(s.rnd.Uint64(), 1))
		}
	}
}
