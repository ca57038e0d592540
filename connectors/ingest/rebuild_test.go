package ingest_test

import (
	"flag"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"customer360/connectors"
	"customer360/idgraph"
)

// A deed is something that happens at a source just before a call is answered,
// or to the call itself.
type deed struct {
	kind, id, value string
	late            int // ticks by which it is committed after its own time
}

func drawDeeds(t *rapid.T, label string, kinds ...string) []deed {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) deed {
		return deed{
			kind: rapid.SampledFrom(kinds).Draw(t, "kind"), id: rapid.SampledFrom([]string{"1", "2", "3", "4", "5", "6", "7"}).Draw(t, "id"),
			value: rapid.SampledFrom([]string{"ada.byron.%d@example.com", "a.byron.%d@example.com", "byron.a%d@example.com", "ada%d@byron.example"}).Draw(t, "value"),
			late:  rapid.IntRange(0, 2).Draw(t, "late"),
		}
	}), 0, 40).Draw(t, label)
}

// script has one deed done before each call, and the call fail where it says so.
func (s *simulated) script(world int, deeds []deed) {
	s.before = func(int) error {
		if len(deeds) == 0 {
			return nil
		}
		d := deeds[0]
		deeds = deeds[1:]
		_, there := s.people[d.id]
		switch d.kind {
		case "add", "edit":
			s.people[d.id] = human{name: "Ada Byron", mail: fmt.Sprintf(d.value, world), stamp: max(s.tick-d.late, 0)}
		case "edit a child":
			if there {
				s.edit(d.id, func(h *human) { h.phone = fmt.Sprintf("+49171%03d%04d", world, len(d.value)) })
			}
		case "delete":
			delete(s.people, d.id)
		case "fail":
			return connectors.ErrUnavailable
		}
		return nil
	}
}

// However reading, sweeping, changes and interruptions fall together, in the end
// the graph is what a first reading of the sources would make it. What is
// committed late, within the margin, is found by changes and ids alone; what
// moves no stamp, once everything has been read anew.
func TestBitByBitEndsWhereAFirstReadingWould(t *testing.T) {
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue {
		_ = flag.Set("rapid.checks", "30") // each is some hundred transactions
	}
	for name, c := range map[string]struct {
		kinds []string
		whole bool
	}{
		"by changes and ids":        {[]string{"add", "edit", "delete", "delete", "fail", ""}, false},
		"by reading everybody anew": {[]string{"add", "edit", "edit a child", "delete", "fail", ""}, true},
	} {
		t.Run(name, func(t *testing.T) {
			db, again, n := store(t), store(t), 0
			rapid.Check(t, func(rt *rapid.T) {
				n++ // systems and people of their own
				name := func(s string) idgraph.Source { return idgraph.Source(fmt.Sprint(s, n)) }
				crm, shop := newSimulated(name("crm"), "1", "2", "3"), newSimulated(name("shop"), "2", "3", "4")
				for _, sys := range []*simulated{crm, shop} {
					for id := range sys.people {
						sys.edit(id, func(h *human) { h.mail = fmt.Sprintf("ada.byron.%s.%d@example.com", id, n) })
					}
					sys.script(n, drawDeeds(rt, string(sys.name), c.kinds...))
				}
				s := simulation(db, crm, shop)
				for _, what := range rapid.SliceOfN(rapid.SampledFrom([]string{"read", "sweep", "reread"}), 1, 8).Draw(rt, "we") {
					if what == "read" {
						s.Once(ctx)
					} else {
						s.Sweep(ctx, what == "reread")
					}
				}
				crm.before, shop.before = nil, nil
				for i, sys := range []*simulated{crm, shop} { // well again, and no longer left alone
					s.Sources[i].Asker = &connectors.Asker{Connector: sys}
				}
				s.Once(ctx)
				s.Once(ctx) // behind what was committed late
				s.Sweep(ctx, c.whole)
				s.Sweep(ctx, c.whole) // a source that is left by its last one
				simulation(again, crm, shop).Once(ctx)
				if got, want := partition(rt, db, crm.name, shop.name), partition(rt, again, crm.name, shop.name); got != want {
					rt.Fatalf("bit by bit:\n%s\nat once:\n%s", got, want)
				}
			})
		})
	}
}
