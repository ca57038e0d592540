package match

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"customer360/idgraph"
)

// rec makes a record of "source/id Given|Family|birth value value …": a value
// with an @ is an e-mail, with a + a phone, with a # a loyalty number, with a
// colon a reference; "at:POSTCODE/NUMBER" is the home.
func rec(s string) idgraph.Record {
	fields := strings.Fields(s)
	r := named(strings.ReplaceAll(fields[1], "_", " "))
	source, id, _ := strings.Cut(fields[0], "/")
	r.Ref = idgraph.Ref{Source: idgraph.Source(source), ID: id}
	for _, v := range fields[2:] {
		switch before, after, _ := strings.Cut(v, ":"); {
		case strings.Contains(v, "@"):
			r.Identifiers = append(r.Identifiers, idgraph.Identifier{Type: idgraph.Email, Value: v})
		case strings.HasPrefix(v, "+"):
			r.Identifiers = append(r.Identifiers, idgraph.Identifier{Type: idgraph.Phone, Value: v})
		case strings.HasPrefix(v, "#"):
			r.Identifiers = append(r.Identifiers, idgraph.Identifier{Type: idgraph.LoyaltyID, Value: v})
		case before == "at":
			r.Postcode, r.Street, _ = strings.Cut(after, "/")
		default:
			r.Identifiers = append(r.Identifiers, idgraph.Identifier{Type: idgraph.Reference(idgraph.Source(before)), Value: after})
		}
	}
	return r
}

func TestResolve(t *testing.T) {
	const mail, phone = "ada.byron@example.com", "+491711"
	for _, c := range []struct {
		name    string
		records []string
		want    string // the clusters
	}{
		{"a shared e-mail links", []string{"crm/1 Ada|Byron " + mail, "shop/1 A.|Byron " + mail}, "[crm/1 shop/1]"},
		{"a shared phone links", []string{"crm/1 Ada|Byron " + phone, "shop/1 Ada|Byron " + phone}, "[crm/1 shop/1]"},
		{"a shared card links", []string{"crm/1 Ada|Byron #77", "shop/1 Ada|Byron #77"}, "[crm/1 shop/1]"},
		{"a reference links", []string{"crm/1 Ada|Byron erp:C1", "erp/9 Ada|Byron erp:C1"}, "[crm/1 erp/9]"},
		{"nothing shared, nothing linked", []string{"crm/1 Ada|Byron " + mail, "shop/1 Ada|Byron"}, "[crm/1] [shop/1]"},
		{"links chain", []string{"crm/1 Ada|Byron " + mail, "erp/1 Ada|Byron " + mail + " " + phone, "shop/1 Ada|Byron " + phone}, "[crm/1 erp/1 shop/1]"},
		{"equal values of two types don't link", []string{"crm/1 Ada|Byron #77", "shop/1 Ada|Byron erp:#77"}, "[crm/1] [shop/1]"},

		{"a couple's mailbox links nobody, themselves included", []string{
			"crm/1 Ada|Byron home@example.com", "shop/1 Ada|Byron home@example.com", "crm/2 George|Byron home@example.com",
		}, "[crm/1] [crm/2] [shop/1]"},
		{
			"what else a couple has still links",
			[]string{
				"crm/1 Ada|Byron home@example.com +491711", "shop/1 Ada|Byron home@example.com +491711", "crm/2 George|Byron home@example.com +491722", "shop/2 George|Byron home@example.com +491722",
			},
			"[crm/1 shop/1] [crm/2 shop/2]",
		},
		{"parent and child of one name are told apart by their birth dates", []string{
			"crm/1 Ada|Byron|1950-01-02 home@example.com", "shop/1 Ada|Byron|1980-01-02 home@example.com",
		}, "[crm/1] [shop/1]"},
		{"a card with a conflict links nobody", []string{"crm/1 Ada|Byron #77", "shop/1 Bob|Kay #77"}, "[crm/1] [shop/1]"},
		{"a reference with a conflict links nobody", []string{"crm/1 Bob|Kay erp:C1", "erp/9 Ada|Byron erp:C1"}, "[crm/1] [erp/9]"},
		{"a role's mailbox links nobody", []string{"crm/1 Ada|Byron orders@example.com", "shop/1 Ada|Byron orders@example.com"}, "[crm/1] [shop/1]"},
		{"an e-mail with other family names links nobody", []string{"crm/1 Ada|Byron a@example.com", "shop/1 Ada|Kay a@example.com"}, "[crm/1] [shop/1]"},
		{"who married is still named by her mailbox", []string{"crm/1 Ada|Byron " + mail, "shop/1 Ada|King " + mail}, "[crm/1 shop/1]"},
		{"or shares two values", []string{"crm/1 Ada|Byron a@example.com " + phone, "shop/1 Ada|King a@example.com " + phone}, "[crm/1 shop/1]"},
		{"but not with an initial only", []string{"crm/1 Ada|Byron " + mail, "shop/1 A.|King " + mail}, "[crm/1] [shop/1]"},
		{"a typo in the family name is no other name", []string{"crm/1 Ada|Byron " + mail, "shop/1 Ada|Bryon " + mail}, "[crm/1 shop/1]"},
		{"a record without a name is linked by a mailbox that is named after the other", []string{"crm/1 Ada|Byron " + mail, "news/1 | " + mail}, "[crm/1 news/1]"},
		{"not by the mailbox of somebody else", []string{"crm/1 George|Byron " + mail, "news/1 | " + mail}, "[crm/1] [news/1]"},
		{"nor by a phone, which the whole house may have", []string{"crm/1 Ada|Byron " + phone + " at:12345/1", "news/1 | " + phone + " at:12345/1"}, "[crm/1] [news/1]"},
		{"but by two values", []string{"crm/1 George|Byron " + mail + " " + phone, "news/1 | " + mail + " " + phone}, "[crm/1 news/1]"},
		{"two records without names are linked by an e-mail", []string{"crm/1 | " + mail, "news/1 | " + mail}, "[crm/1 news/1]"},

		{"a number that has changed hands: other e-mails, other homes", []string{
			"crm/1 Ada|Byron ada@example.com +491711 at:12345/1", "shop/1 Ada|Byron byron@example.com +491711 at:54321/2",
		}, "[crm/1] [shop/1]"},
		{"other e-mails, and nothing known of their homes", []string{
			"crm/1 Ada|Byron ada@example.com +491711", "shop/1 Ada|Byron byron@example.com +491711",
		}, "[crm/1] [shop/1]"},
		{"other e-mails at one home", []string{
			"crm/1 Ada|Byron ada@example.com +491711 at:12345/1", "shop/1 Ada|Byron byron@example.com +491711 at:12345/1",
		}, "[crm/1 shop/1]"},
		{"e-mails that differ by a tag are no sign of another owner", []string{
			"crm/1 Ada|Byron ada+crm@example.com +491711", "shop/1 Ada|Byron ada@example.com +491711",
		}, "[crm/1 shop/1]"},
		{"a first name's mailbox may be another one's of that name", []string{
			"crm/1 Ada|Byron ada84@example.com at:12345/1", "shop/1 Ada|Byron ada84@example.com at:54321/2",
		}, "[crm/1] [shop/1]"},
		{"at one home it is hers", []string{
			"crm/1 Ada|Byron ada84@example.com at:12345/1", "shop/1 Ada|Byron ada84@example.com at:12345/1",
		}, "[crm/1 shop/1]"},
		{"who moved is found by her own mailbox", []string{
			"crm/1 Ada|Byron " + mail + " at:12345/1", "shop/1 Ada|Byron " + mail + " at:54321/2",
		}, "[crm/1 shop/1]"},

		{"a conflict through a third one drops the weakest links", []string{
			"crm/1 Ada|Byron " + mail, "shop/1 |Byron " + mail + " +491711", "erp/1 George|Byron +491711",
		}, "[crm/1 shop/1] [erp/1]"},
		{"where no kind is weaker, all stay apart", []string{
			"crm/1 Ada|Byron +491711", "shop/1 |Byron +491711 +491722", "erp/1 George|Byron +491722",
		}, "[crm/1] [erp/1] [shop/1]"},
		{"two numbers that others name are two persons", []string{
			"crm/1 Ada|Byron erp:C1 " + mail, "shop/1 Ada|Byron erp:C2 " + mail,
		}, "[crm/1] [shop/1]"},
		{"who names a number is not the record of another number", []string{
			"crm/1 Ada|Byron erp:C1 " + mail, "erp/2 Ada|Byron erp:C2 " + mail,
		}, "[crm/1] [erp/2]"},
		{"a duplicate inside one source is found by its e-mail", []string{
			"crm/1 Ada|Byron crm:1 " + mail, "crm/2 Ada|Byron crm:2 " + mail, "shop/1 Ada|Byron " + mail,
		}, "[crm/1 crm/2 shop/1]"},
		{"a source that lists two people is believed against a phone", []string{
			"crm/1 Ada|Byron +491711", "crm/2 Ada|Byron +491711",
		}, "[crm/1] [crm/2]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var records []idgraph.Record
			for _, s := range c.records {
				records = append(records, rec(s))
			}
			if got := show(ResolveExact(records).Clusters); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func show(clusters [][]idgraph.Ref) string {
	var out []string
	for _, c := range clusters {
		out = append(out, fmt.Sprint(c))
	}
	return strings.Join(out, " ")
}

func TestTooManyValuesAreNotOnePerson(t *testing.T) {
	var records []idgraph.Record
	for i := range LimitOf(idgraph.Phone).PerPerson + 1 {
		records = append(records, rec(fmt.Sprintf("s%d/1 Ada|Byron ada.byron@example.com +49170%d", i, i)))
	}
	if got := ResolveExact(records); len(got.Clusters) != 1+LimitOf(idgraph.Phone).PerPerson {
		t.Errorf("one person with %d phones: %s", len(records), show(got.Clusters))
	}
	if got := ResolveExact(records[1:]); len(got.Clusters) != 1 {
		t.Errorf("one phone less: %s", show(got.Clusters))
	}
}

func TestAValueThatTooManyHoldLinksNobody(t *testing.T) {
	var records []idgraph.Record
	for i := range LimitOf(idgraph.Email).Records + 1 {
		records = append(records, rec(fmt.Sprintf("s%d/1 Ada|Byron ada.byron@example.com", i)))
	}
	if got := ResolveExact(records); len(got.Clusters) != len(records) || len(got.Links) != 0 {
		t.Errorf("got %d clusters, %d links", len(got.Clusters), len(got.Links))
	}
	if got := ResolveExact(records[1:]); len(got.Clusters) != 1 {
		t.Errorf("one holder less: %d clusters", len(got.Clusters))
	}
}

func TestLinksSayWhy(t *testing.T) {
	got := ResolveExact([]idgraph.Record{rec("shop/1 Ada|Byron ada@example.com +491711 #7 erp:C1 at:1/1"), rec("crm/1 Ada|Byron ada@example.com +491711 #7 erp:C1 at:1/1")}).Links
	var rules []idgraph.Rule
	for _, l := range got {
		if l.A != (idgraph.Ref{Source: "crm", ID: "1"}) || l.B != (idgraph.Ref{Source: "shop", ID: "1"}) || l.RuleVersion != RuleVersion {
			t.Errorf("link %+v", l)
		}
		rules = append(rules, l.Rule)
	}
	if !slices.Equal(rules, []idgraph.Rule{idgraph.CrossReference, idgraph.SameLoyaltyID, idgraph.SameEmail, idgraph.SamePhone}) {
		t.Errorf("rules %v", rules)
	}
}

// drawRecords draws records out of so few values that they meet.
func drawRecords(t *rapid.T) []idgraph.Record {
	var out []idgraph.Record
	for i := range rapid.IntRange(0, 9).Draw(t, "records") {
		pick := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
		s := fmt.Sprintf("%s/%d %s|%s|%s", pick("source", "crm", "erp", "shop"), i, pick("given", "", "Anna", "Anne", "A.", "Bob", "Robert"),
			pick("family", "", "Byron", "Bryon", "Kay"), pick("birth", "", "", "", "1980-02-03", "1990-02-03"))
		for range rapid.IntRange(0, 3).Draw(t, "values") {
			s += " " + pick("value", "a.byron@example.com", "anna@example.com", "kay@example.com", "info@example.com", "+491711", "+491722", "#7", "#8", "erp:C1", "erp:C2", "crm:77", "at:1/1", "at:2/2")
		}
		r := NormaliseRecord(rec(s), "DE")
		r.Identifiers = rec(s).Identifiers // short numbers are no phones elsewhere
		slices.SortFunc(r.Identifiers, compareIdentifiers)
		r.Identifiers = slices.Compact(r.Identifiers)
		out = append(out, r)
	}
	return out
}

func TestTheOrderOfRecordsMakesNoDifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := drawRecords(t)
		want := fmt.Sprint(ResolveExact(records))
		seed := rapid.Uint64().Draw(t, "seed")
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
		if got := fmt.Sprint(ResolveExact(records)); got != want {
			t.Fatalf("in another order %s, before %s", got, want)
		}
	})
}

func TestNoClusterHoldsAConflict(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := drawRecords(t)
		by := map[idgraph.Ref]idgraph.Record{}
		for _, r := range records {
			by[r.Ref] = r
		}
		seen := 0
		for _, c := range ResolveExact(records).Clusters {
			seen += len(c)
			for i, a := range c {
				for _, b := range c[i+1:] {
					if Conflict(by[a], by[b]) {
						t.Fatalf("%+v and %+v are in one cluster", by[a], by[b])
					}
				}
			}
		}
		if seen != len(records) {
			t.Fatalf("%d of %d records are in clusters", seen, len(records))
		}
	})
}

func TestEveryClusterHangsTogetherByItsLinks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		res := ResolveExact(drawRecords(t))
		in := map[idgraph.Ref]int{}
		for i, c := range res.Clusters {
			for _, r := range c {
				in[r] = i
			}
		}
		near := map[idgraph.Ref][]idgraph.Ref{}
		for _, l := range res.Links {
			if in[l.A] != in[l.B] || !l.A.Less(l.B) {
				t.Fatalf("link %+v", l)
			}
			near[l.A], near[l.B] = append(near[l.A], l.B), append(near[l.B], l.A)
		}
		for _, c := range res.Clusters {
			reached, next := map[idgraph.Ref]bool{c[0]: true}, []idgraph.Ref{c[0]}
			for len(next) > 0 {
				r := next[0]
				next = next[1:]
				for _, n := range near[r] {
					if !reached[n] {
						reached[n], next = true, append(next, n)
					}
				}
			}
			if len(reached) != len(c) {
				t.Fatalf("cluster %v is not held together by %v", c, res.Links)
			}
		}
	})
}

func TestStrangersChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := drawRecords(t)
		before := ResolveExact(records)
		stranger := rec("zoo/1 Anna|Byron nobody.else@example.com +491799")
		after := ResolveExact(append(slices.Clone(records), stranger))
		if got, want := show(after.Clusters), strings.TrimSpace(show(before.Clusters)+" [zoo/1]"); got != want {
			t.Fatalf("with a stranger %s, before %s", got, want)
		}
	})
}
