package connectortest

import (
	"slices"
	"testing"

	"customer360/connectors"
	"customer360/idgraph"
)

// doesWithoutKeys asks with no look-up keys, with those of nobody, and with
// those of others: the answers stay the same.
func (k kind) doesWithoutKeys(t *testing.T) {
	o := k.open(t, k.Open, nil)
	known := k.keys()
	if !o.About().NeedsKeys {
		if len(known) > 0 {
			t.Error("it tells look-up keys, and does not say that it needs them")
		}
		return // and so whatever keys it is given
	}
	persons := slices.DeleteFunc(k.persons(), func(ref idgraph.Ref) bool { return known[ref] == "" })
	if len(persons) < 2 {
		t.Fatal("the known data has no two persons with look-up keys")
	}
	persons = persons[:2] // whoever is asked for without one may cost a call
	a, b := persons[0], persons[1]
	for name, keys := range map[string]map[idgraph.Ref]string{
		"none":         nil,
		"one of them":  {a: known[a]},
		"empty ones":   {a: "", b: ""},
		"nobody's":     {a: "nobody.at.all", b: "nobody.at.all.either"},
		"each other's": {a: known[b], b: known[a]},
		"the same":     {a: known[a], b: known[a]},
	} {
		t.Run(name, func(t *testing.T) {
			q := k.everything()
			q.Refs, q.Keys = persons, keys
			got, tally := k.ask(t.Context(), o.asker, q)
			if tally.Err != nil {
				t.Fatal(tally.Err)
			}
			k.same(t, got, map[idgraph.Ref][]connectors.Row{a: k.want[a], b: k.want[b]})
		})
	}
}
