package connectortest

import (
	"slices"
	"strings"
	"testing"

	"customer360/connectors"
	"customer360/idgraph"
)

func (s Subject) finds(t *testing.T) {
	o := s.open(t, s.Open, nil)
	nobody := idgraph.Identifier{Type: idgraph.Email, Value: "nobody.at.all@example.net"}
	asked := []idgraph.Identifier{nobody}
	for id := range s.Find {
		asked = append(asked, id)
	}
	slices.SortFunc(asked, func(a, b idgraph.Identifier) int {
		return strings.Compare(string(a.Type)+a.Value, string(b.Type)+b.Value)
	})
	found, tally := o.asker.Find(t.Context(), asked)
	if tally.Err != nil {
		t.Fatal(tally.Err)
	}
	for _, id := range asked {
		one, tally := o.asker.Find(t.Context(), []idgraph.Identifier{id})
		if tally.Err != nil {
			t.Fatal(tally.Err)
		}
		for who, refs := range map[string][]idgraph.Ref{"among others": found[id], "alone": one[id]} {
			if got := namesOf(refs); !slices.Equal(got, s.Find[id]) {
				t.Errorf("%s, asked %s: found %v, want %v", id, who, got, s.Find[id])
			}
		}
	}
	s.keepsQuiet(t, strings.Join(o.announced(), "\n"))
}

func namesOf(refs []idgraph.Ref) []string {
	var out []string
	for _, r := range refs {
		out = append(out, r.ID)
	}
	slices.Sort(out)
	return out
}

// A reading is what pages of changes bring together.
type reading struct {
	profiles []connectors.Profile
	consents []connectors.Consent
	gone     []idgraph.Ref
	pages    []page
	next     string
	total    int
}

// A page is where it began, and whom it told of.
type page struct {
	cursor string
	who    []idgraph.Ref
}

func (r reading) who() []idgraph.Ref {
	var all []idgraph.Ref
	for _, p := range r.pages {
		all = append(all, p.who...)
	}
	return all
}

// read reads from a cursor to the end.
func (s Subject) read(t *testing.T, c connectors.ChangeLister, since string, limit int) reading {
	t.Helper()
	r := reading{next: since}
	for {
		got, err := c.Changes(t.Context(), r.next, limit)
		if err != nil {
			t.Fatal(err)
		}
		p := page{cursor: r.next, who: slices.Clone(got.Gone)}
		for _, person := range got.Profiles {
			p.who = append(p.who, person.Owner)
		}
		r.pages = append(r.pages, p)
		r.profiles, r.consents, r.gone = append(r.profiles, got.Profiles...), append(r.consents, got.Consents...), append(r.gone, got.Gone...)
		r.total, r.next = max(r.total, got.Total), got.Next
		if !got.More {
			return r
		}
		if len(r.pages) > 10*(len(s.Want.Profiles)+len(s.Gone)+10) {
			t.Fatal("the pages have no end")
		}
	}
}

func (s Subject) changer(t *testing.T) connectors.ChangeLister {
	t.Helper()
	c, ok := s.open(t, s.Open, nil).Connector.(connectors.ChangeLister)
	if !ok {
		t.Fatal("it cannot tell what changed")
	}
	return c
}

func (s Subject) readsChanges(t *testing.T) {
	c := s.changer(t)
	for _, limit := range []int{1, 2, 3, 1000} {
		r := s.read(t, c, "", limit)
		s.whole(t, r)
		if r.total != 0 && r.total < len(s.Want.Profiles) {
			t.Errorf("a total of %d, there are %d", r.total, len(s.Want.Profiles))
		}
	}
}

// whole holds a reading from the beginning against all that is known.
func (s Subject) whole(t *testing.T, r reading) {
	t.Helper()
	got := map[idgraph.Ref]string{}
	for _, p := range r.profiles {
		if _, twice := got[p.Owner]; twice {
			t.Errorf("%s was read twice", p.Owner)
		}
		got[p.Owner] = render(p)
	}
	for _, p := range s.Want.Profiles {
		if got[p.Owner] != render(p) {
			t.Errorf("\n got %s\nwant %s", got[p.Owner], render(p))
		}
	}
	if len(got) != len(s.Want.Profiles) {
		t.Errorf("%d persons were read, want %d: companies are no customers", len(got), len(s.Want.Profiles))
	}
	if got, want := lines(r.consents), lines(s.Want.Consents); !slices.Equal(got, want) {
		t.Errorf("consents\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
	for _, id := range s.Gone {
		if !slices.Contains(r.gone, s.ref(id)) {
			t.Errorf("%s is gone, and nobody says so", id)
		}
	}
}

// lines are rows without their order.
func lines[T any](rows []T) []string {
	out := make([]string, len(rows))
	for i, row := range rows {
		out[i] = render(row)
	}
	slices.Sort(out)
	return out
}

func (s Subject) resumes(t *testing.T) {
	c := s.changer(t)
	r := s.read(t, c, "", 2)
	left := r.who()
	for i, p := range r.pages {
		rest := s.read(t, c, p.cursor, 1000).who()
		if !slices.Equal(sorted(rest), sorted(left)) {
			t.Errorf("behind page %d come %v, want %v", i, rest, left)
		}
		left = left[len(p.who):]
	}
	if r.next == "" {
		return // it begins anew each time, and says so
	}
	for range 3 { // a source may take a round for each of its tables to come to rest
		r = s.read(t, c, r.next, 1000)
	}
	if len(r.profiles)+len(r.gone) > 0 {
		t.Errorf("%d changes where nothing changed", len(r.profiles)+len(r.gone))
	}
}

func sorted(refs []idgraph.Ref) []idgraph.Ref {
	refs = slices.Clone(refs)
	slices.SortFunc(refs, func(a, b idgraph.Ref) int { return strings.Compare(a.String(), b.String()) })
	return refs
}

func (s Subject) refusesCursors(t *testing.T) {
	c := s.changer(t)
	_, err := c.Changes(t.Context(), "no cursor", 10)
	s.speaksTheContract(t, err, connectors.ErrBadData)
}

// listsIDs holds the list of ids against a reading from the beginning: who is in
// one is in the other.
func (s Subject) listsIDs(t *testing.T) {
	o := s.open(t, s.Open, nil)
	lister, ok := o.Connector.(connectors.IDLister)
	if !ok {
		t.Fatal("it lists no ids")
	}
	var want []string
	for _, p := range s.Want.Profiles {
		want = append(want, p.Owner.ID)
	}
	slices.Sort(want)
	for _, limit := range []int{2, 1000} {
		var got []string
		for cursor, pages := "", 0; ; pages++ {
			page, err := lister.IDs(t.Context(), cursor, limit)
			if err != nil {
				t.Fatal(err)
			}
			if page.More && page.Next == cursor || pages > 10*(len(want)+10) {
				t.Fatal("the pages have no end")
			}
			got = append(got, page.IDs...)
			if cursor = page.Next; !page.More {
				break
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("in pages of %d: %v, want %v", limit, got, want)
		}
	}
	_, err := lister.IDs(t.Context(), "no cursor", 10)
	s.speaksTheContract(t, err, connectors.ErrBadData)
	s.keepsQuiet(t, strings.Join(o.announced(), "\n"))
}
