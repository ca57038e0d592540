package match

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"customer360/idgraph"
)

// A town is households of two, whom two lists know.
type town struct {
	r    *rand.Rand
	list []idgraph.Record
}

var (
	womens = []string{"Mary", "Anna", "Laura", "Susan", "Karen", "Helen", "Nina", "Julia", "Emma", "Paula"}
	mens   = []string{"Peter", "John", "Robert", "George", "Walter", "Frank", "Simon", "Oscar", "Henry", "Louis"}
)

func (t *town) birth() string {
	return fmt.Sprintf("19%02d-%02d-%02d", t.r.IntN(80), 1+t.r.IntN(12), 1+t.r.IntN(28))
}

func (t *town) add(source idgraph.Source, house int, given, birth string) {
	t.list = append(t.list, NormaliseRecord(idgraph.Record{
		Ref: idgraph.Ref{Source: source, ID: fmt.Sprint(len(t.list))}, GivenName: given, FamilyName: fmt.Sprintf("Family%c%c", 'a'+house%26, 'a'+house/26),
		BirthDate: birth, HouseNumber: fmt.Sprint(1 + house%90), Street: fmt.Sprintf("Road%c Lane", 'a'+house%17), Postcode: fmt.Sprint(20000 + house),
	}, "DE"))
}

func (t *town) snapshot(test *testing.T) *Snapshot {
	res, err := Resolve(context.Background(), slices.Values(t.list), Options{Region: "DE"})
	if err != nil {
		test.Fatal(err)
	}
	return res.Rules.Snapshot()
}

func TestWhatContradictionsMeanShowsInTheSet(t *testing.T) {
	const houses = 1000
	for _, c := range []struct {
		name string
		fill func(town *town, house int, her, his, born, hisBirth string)
		want bool
	}{
		{"two lists of one person each, with errors in one field or another", func(town *town, house int, her, his, born, hisBirth string) {
			town.add("a", house, her, born)
			switch town.r.IntN(4) {
			case 0:
				town.add("b", house, his, born)
			case 1:
				town.add("b", house, her, hisBirth)
			default:
				town.add("b", house, her, born)
			}
		}, true},
		{"her in one list, him in the other one", func(town *town, house int, her, his, born, hisBirth string) {
			town.add("a", house, her, born)
			town.add("b", house, his, hisBirth)
		}, false},
		{"her in both lists, and often him in the second", func(town *town, house int, her, his, born, hisBirth string) {
			town.add("a", house, her, born)
			if house%2 == 0 {
				town.add("b", house, his, hisBirth)
			} else {
				town.add("b", house, her, born)
			}
		}, false},
		{"all of a household in both lists", func(town *town, house int, her, his, born, hisBirth string) {
			for _, source := range []idgraph.Source{"a", "b"} {
				town.add(source, house, her, born)
				town.add(source, house, his, hisBirth)
			}
		}, false},
		{"birth dates that nobody knows", func(town *town, house int, her, his, _, _ string) {
			town.add("a", house, her, "")
			town.add("b", house, his, "")
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			town := &town{r: rand.New(rand.NewPCG(7, 7))}
			for house := range houses {
				c.fill(town, house, womens[town.r.IntN(len(womens))], mens[town.r.IntN(len(mens))], town.birth(), town.birth())
			}
			s := town.snapshot(t)
			if s.OneEach != c.want {
				t.Errorf("one person each: %v, want %v", s.OneEach, c.want)
			}
			if s.OneEach && (s.Homes < 10 || s.Streets < 10) {
				t.Errorf("a home of %.1f bits, a street of %.1f, where hardly two share one", s.Homes, s.Streets)
			}
		})
	}
}

func TestWhetherASourceListsAPersonTwiceShowsInTheSet(t *testing.T) {
	const phone = "+49171%07d"
	people := func(sources ...idgraph.Source) (list []idgraph.Record) {
		for i := range 400 {
			name := fmt.Sprintf("Family%c%c", 'a'+i%26, 'a'+i/26)
			for n, source := range sources {
				list = append(list, NormaliseRecord(idgraph.Record{
					Ref: idgraph.Ref{Source: source, ID: fmt.Sprint(i, "-", n)}, GivenName: womens[i%len(womens)], FamilyName: name,
					Identifiers: []idgraph.Identifier{{Type: idgraph.Email, Value: name + "@example.com"}},
				}, "DE"))
			}
		}
		return list
	}
	of := func(source idgraph.Source, id, mail string) idgraph.Record {
		return NormaliseRecord(idgraph.Record{
			Ref: idgraph.Ref{Source: source, ID: id}, GivenName: "Ada", FamilyName: "Byron", Street: "Lindenweg 5", Postcode: "50667", City: "Köln",
			Identifiers: []idgraph.Identifier{{Type: idgraph.Email, Value: mail}, {Type: idgraph.Phone, Value: fmt.Sprintf(phone, 7)}},
		}, "DE")
	}
	for _, c := range []struct {
		name  string
		list  []idgraph.Record
		other idgraph.Source // of the second of two mailboxes with one name, phone and home
		once  bool
		one   bool
	}{
		{"once in each: who is in another one by another mailbox is the same", people("crm", "shop"), "shop", true, true},
		{"but not who is in the same one by it", people("crm", "shop"), "crm", true, false},
		{"twice in each: it may be a mother and a daughter", people("crm", "shop", "crm", "shop"), "shop", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := of("crm", "mother", "ada@example.com"), of(c.other, "daughter", "byron@example.com")
			res, err := Resolve(context.Background(), slices.Values(append(c.list, a, b)), Options{Region: "DE"})
			if err != nil {
				t.Fatal(err)
			}
			if once := res.Rules.Snapshot().Once; once != c.once {
				t.Errorf("a source lists a person once: %v, want %v", once, c.once)
			}
			at := func(ref idgraph.Ref) int32 {
				return res.Of[slices.IndexFunc(res.Records, func(f *Features) bool { return f.Ref == ref })]
			}
			if one := at(a.Ref) == at(b.Ref); one != c.one {
				t.Errorf("one customer: %v, want %v", one, c.one)
			}
		})
	}
}
