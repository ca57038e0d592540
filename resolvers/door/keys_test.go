package door_test

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"customer360/connectors"
	"customer360/idgraph"
)

// keyed is a door over a helpdesk that must be asked by logins, and a CRM that
// need not.
func keyed(t *testing.T) *rig {
	desk := &fake{name: "desk", about: connectors.About{Kind: "fake", Role: connectors.Helpdesk, NeedsKeys: true}, rows: map[connectors.Kind]map[string][]connectors.Row{}}
	crm := &fake{name: "crm", about: connectors.About{Kind: "fake", Role: connectors.CRM}, rows: map[connectors.Kind]map[string][]connectors.Row{}}
	desk.put("1", "1", connectors.Profile{Name: text("Maria Gold")})
	desk.put("1", "5", connectors.Ticket{Subject: text("Where is it?")})
	crm.put("1", "1", connectors.Profile{Name: text("Maria Gold")})
	r := open(t, nil, crm, desk)
	a, b := idgraph.Ref{Source: "crm", ID: "1"}, idgraph.Ref{Source: "desk", ID: "1"}
	r.people.customers[1] = idgraph.Customer{ID: 1, Since: now, Refs: []idgraph.Ref{a, b}, Links: []idgraph.Link{{A: a, B: b, Rule: idgraph.SameEmail, RuleVersion: 1, Since: now}}}
	r.people.lookup.keys = map[idgraph.Ref]string{a: "nobody asked", b: "maria-login"}
	return r
}

func TestLookupKeysGoToTheSourceThatNeedsThemAlone(t *testing.T) {
	r := keyed(t)
	a := r.ask(agent, `query($id: ID!) { customer(id: $id) { name tickets { nodes { subject } } } }`, "id", r.id(1)).fine()
	a.is("customer.name", `"Maria Gold"`)
	want := map[idgraph.Ref]string{{Source: "desk", ID: "1"}: "maria-login"}
	if calls := r.sources["desk"].asked(connectors.KindProfile); len(calls) != 1 || !maps.Equal(calls[0].Keys, want) {
		t.Errorf("the helpdesk was asked %+v", calls)
	}
	for _, c := range append(r.sources["crm"].asked(connectors.KindProfile), r.sources["desk"].asked(connectors.KindTicket)...) {
		if c.Keys != nil {
			t.Errorf("a call that needs no keys has %d", len(c.Keys))
		}
	}
	if n := r.people.lookup.reads.Load(); n != 1 {
		t.Errorf("%d reads of keys, want 1", n)
	}
	r.ask(agent, `query($id: ID!) { customer(id: $id) { tickets { nodes { subject } } } }`, "id", r.id(1)).fine()
	if n := r.people.lookup.reads.Load(); n != 1 {
		t.Errorf("%d more reads for tickets", n-1)
	}
	if strings.Contains(a.body+r.log.String(), "maria-login") {
		t.Error("a look-up key got out")
	}
}

func TestASourceDoesAsWellAsItCanWhereItsKeysCannotBeRead(t *testing.T) {
	r := keyed(t)
	r.people.lookup.keys, r.people.lookup.err = nil, errors.New("the disk is gone")
	a := r.ask(agent, `query($id: ID!) { customer(id: $id) { name } }`, "id", r.id(1)).fine()
	a.is("customer.name", `"Maria Gold"`)
	if calls := r.sources["desk"].asked(connectors.KindProfile); len(calls) != 1 || len(calls[0].Keys) != 0 {
		t.Errorf("the helpdesk was asked %+v", calls)
	}
	if !strings.Contains(r.log.String(), "look-up keys cannot be read") {
		t.Error("nobody was told")
	}
}
