package match

import (
	"context"
	"fmt"
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
			r.Identifiers = append(r.Identifiers, idgraph.Identifier{Type: idgraph.Phone, Value: v + "2345678"})
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

		{"a couple's mailbox links each with those of the same name", []string{
			"crm/1 Ada|Byron house@example.com", "shop/1 Ada|Byron house@example.com", "crm/2 George|Byron house@example.com", "shop/3 | house@example.com",
		}, "[crm/1 shop/1] [crm/2] [shop/3]"},
		{
			"what else a couple has still links",
			[]string{
				"crm/1 Ada|Byron home@example.com +491711", "shop/1 Ada|Byron home@example.com +491711", "crm/2 George|Byron home@example.com +491722", "shop/2 George|Byron home@example.com +491722",
			},
			"[crm/1 shop/1] [crm/2 shop/2]",
		},
		{"parent and child of one name are told apart by their birth dates", []string{
			"crm/1 Ada|Byron|1950-01-02 home@example.com", "shop/1 Ada|Byron|1980-06-17 home@example.com",
		}, "[crm/1] [shop/1]"},
		{"a card with a conflict links nobody", []string{"crm/1 Ada|Byron #77", "shop/1 Bob|Kay #77"}, "[crm/1] [shop/1]"},
		{"a reference with a conflict links nobody", []string{"crm/1 Bob|Kay erp:C1", "erp/9 Ada|Byron erp:C1"}, "[crm/1] [erp/9]"},
		{"a role's mailbox links those of one name", []string{"crm/1 Ada|Byron orders@example.com", "shop/1 Ada|Byron orders@example.com"}, "[crm/1 shop/1]"},
		{"and nobody else", []string{"crm/1 Andrew|Byron orders@example.com", "shop/1 Andy|Byron orders@example.com", "shop/2 | orders@example.com"}, "[crm/1] [shop/1] [shop/2]"},
		{"an e-mail with other family names links nobody", []string{"crm/1 Ada|Byron a@example.com", "shop/1 Ada|Kay a@example.com"}, "[crm/1] [shop/1]"},
		{"who married is still named by her mailbox", []string{"crm/1 Ada|Byron " + mail, "shop/1 Ada|King " + mail}, "[crm/1 shop/1]"},
		{"or shares two values", []string{"crm/1 Ada|Byron a@example.com " + phone, "shop/1 Ada|King a@example.com " + phone}, "[crm/1 shop/1]"},
		{"but not with an initial only", []string{"crm/1 Ada|Byron " + mail, "shop/1 A.|King " + mail}, "[crm/1] [shop/1]"},
		{"a typo in the family name is no other name", []string{"crm/1 Ada|Byron " + mail, "shop/1 Ada|Bryon " + mail}, "[crm/1 shop/1]"},
		{"a record without a name may be another one's of the house, whosever name the mailbox bears", []string{"crm/1 Ada|Byron " + mail, "news/1 | " + mail}, "[crm/1] [news/1]"},
		{"not by the mailbox of somebody else", []string{"crm/1 George|Byron " + mail, "news/1 | " + mail}, "[crm/1] [news/1]"},
		{"nor by a phone, which the whole house may have", []string{"crm/1 Ada|Byron " + phone + " at:12345/1", "news/1 | " + phone + " at:12345/1"}, "[crm/1] [news/1]"},
		{"but by two values", []string{"crm/1 George|Byron " + mail + " " + phone, "news/1 | " + mail + " " + phone}, "[crm/1 news/1]"},
		{"two records without names may be two people's of one house", []string{"crm/1 | " + mail, "news/1 | " + mail}, "[crm/1] [news/1]"},

		{"a number that has changed hands: other e-mails, other homes", []string{
			"crm/1 Ada|Byron ada@example.com +491711 at:12345/1", "shop/1 Ada|Byron byron@example.com +491711 at:54321/2",
		}, "[crm/1] [shop/1]"},
		{"other e-mails, and nothing known of their homes", []string{
			"crm/1 Ada|Byron ada@example.com +491711", "shop/1 Ada|Byron byron@example.com +491711",
		}, "[crm/1] [shop/1]"},
		{"other e-mails at one home may be a mother's and a daughter's", []string{
			"crm/1 Ada|Byron ada@example.com +491711 at:12345/1", "shop/1 Ada|Byron byron@example.com +491711 at:12345/1",
		}, "[crm/1] [shop/1]"},
		{"unless one of them is at work", []string{
			"crm/1 Ada|Byron ada@gmail.com +49175 at:12345/1", "shop/1 Ada|Byron byron@engines.example +49175 at:12345/1",
		}, "[crm/1 shop/1]"},
		{"or is named after her year of birth", []string{
			"crm/1 Ada|Byron|1996-03-04 byron@example.com +491711 at:12345/1", "shop/1 Ada|Byron ada96@example.org +491711 at:12345/1",
		}, "[crm/1 shop/1]"},
		{"hers, and not her mother's", []string{
			"crm/1 Ada|Byron|1966-03-04 byron@example.com +491711 at:12345/1", "shop/1 Ada|Byron ada96@example.com +491711 at:12345/1",
		}, "[crm/1] [shop/1]"},
		{"nor that of somebody elsewhere", []string{
			"crm/1 Ada|Byron|1996-03-04 byron@example.com +491711 at:12345/1", "shop/1 Ada|Byron ada96@example.org +491722 at:54321/2",
		}, "[crm/1] [shop/1]"},
		{"an e-mail with a slip in it, at one home", []string{
			"crm/1 Ada|Byron abyron91@example.com at:12345/1", "shop/1 Ada|Byron abyro9n1@example.com at:12345/1",
		}, "[crm/1 shop/1]"},
		{"or without its plus sign", []string{
			"crm/1 Ada|Byron abyron91+news@example.com at:12345/1", "shop/1 Ada|Byron abyron91news@example.com at:12345/1",
		}, "[crm/1 shop/1]"},
		{"with another first letter it is another one's, of whoever has the same name", []string{
			"crm/1 Ada|Byron abyron@example.com", "shop/1 Ada|Byron sbyron@example.com",
		}, "[crm/1] [shop/1]"},
		{"and so with another year behind the name", []string{
			"crm/1 Jennifer|Byron jennifer89@example.com", "shop/1 Jennifer|Byron jenniferb@example.com",
		}, "[crm/1] [shop/1]"},
		{"the next one of a name has other digits", []string{
			"crm/1 Ada|Byron abyron91@example.com at:12345/1", "shop/1 Ada|Byron abyron19@example.com at:12345/1",
		}, "[crm/1] [shop/1]"},
		{"e-mails that differ by what only some providers take for a tag, with both names", []string{
			"crm/1 Ada|Byron ada+crm@example.com", "shop/1 Ada|Byron ada+shop@example.com",
		}, "[crm/1 shop/1]"},
		{"but not where phone and home are others", []string{
			"crm/1 Ada|Byron ada+crm@example.com +491711 at:12345/1", "shop/1 Ada|Byron ada+shop@example.com +4930 at:54321/2",
		}, "[crm/1] [shop/1]"},
		{"nor of another name", []string{
			"crm/1 Ada|Byron ada+crm@example.com +491711", "shop/1 Ada|Kay ada+shop@example.com +491711",
		}, "[crm/1] [shop/1]"},
		{"nor a role's", []string{
			"crm/1 Ada|Byron orders+crm@example.com", "shop/1 Ada|Byron orders+shop@example.com",
		}, "[crm/1] [shop/1]"},
		{"e-mails that differ by a tag", []string{
			"crm/1 Ada|Byron ada+crm@gmail.com +491711", "shop/1 Ada|Byron ada@gmail.com +491711",
		}, "[crm/1 shop/1]"},
		{"a mailbox of nothing but a name, of a provider that everybody uses, is hers", []string{
			"crm/1 Ada|Byron ada.byron@gmail.com +491711", "shop/1 Ada|Byron adabyron@gmail.com at:54321/2",
		}, "[crm/1 shop/1]"},
		{"but not where phone or home differ", []string{
			"crm/1 Ada|Byron ada.byron@gmail.com at:12345/1", "shop/1 Ada|Byron adabyron@gmail.com at:54321/2",
		}, "[crm/1] [shop/1]"},
		{"unless the birth date is the same", []string{
			"crm/1 Ada|Byron|1980-02-03 ada.byron@gmail.com at:12345/1", "shop/1 Ada|Byron|1980-02-03 adabyron@gmail.com at:54321/2",
		}, "[crm/1 shop/1]"},
		{"or the mailbox has a number", []string{
			"crm/1 Ada|Byron ada.byron7@gmail.com at:12345/1", "shop/1 Ada|Byron adabyron7@gmail.com at:54321/2",
		}, "[crm/1 shop/1]"},
		{"one of two people of that name takes more", []string{
			"crm/1 Ada|Byron|1950-01-02 ada.byron@gmail.com", "shop/1 Ada|Byron|1980-06-17 ada.byron@gmail.com", "helpdesk/1 Ada|Byron ada.byron@gmail.com",
		}, "[crm/1] [helpdesk/1] [shop/1]"},
		{"addresses of one name are two people's who chose another sign between its parts", []string{
			"crm/1 Ada|Byron ada.byron@example.com", "shop/1 Ada|Byron ada_byron@example.com",
		}, "[crm/1] [shop/1]"},
		{"a first name's mailbox is hers whose family name is the same", []string{
			"crm/1 Ada|Byron ada84@example.com at:12345/1", "shop/1 Ada|Byron ada84@example.com at:54321/2",
		}, "[crm/1 shop/1]"},
		{"and nobody's whose family name is another", []string{
			"crm/1 Ada|Byron ada84@example.com at:12345/1", "shop/1 Ada|Kay ada84@example.com at:54321/2",
		}, "[crm/1] [shop/1]"},
		{"at one home it is hers", []string{
			"crm/1 Ada|Byron ada84@example.com at:12345/1", "shop/1 Ada|Byron ada84@example.com at:12345/1",
		}, "[crm/1 shop/1]"},
		{"who moved is found by her own mailbox", []string{
			"crm/1 Ada|Byron " + mail + " at:12345/1", "shop/1 Ada|Byron " + mail + " at:54321/2",
		}, "[crm/1 shop/1]"},

		{"of two who exclude one another, the third one goes with whom it has far more in common", []string{
			"crm/1 Ada|Byron " + mail + " #77", "shop/1 A.|Byron " + mail + " #77 +491711", "erp/1 Al|Byron +491711",
		}, "[crm/1 shop/1] [erp/1]"},
		{"where it has as much in common with both, all stay apart", []string{
			"crm/1 Ada|Byron +491711", "shop/1 |Byron +491711 +491722", "erp/1 George|Byron +491722",
		}, "[crm/1] [erp/1] [shop/1]"},
		{"two numbers that others name are two persons", []string{
			"crm/1 Ada|Byron erp:C1 " + mail, "shop/1 Ada|Byron erp:C2 " + mail,
		}, "[crm/1] [shop/1]"},
		{"who names another number of a source may be listed there twice", []string{
			"crm/1 Ada|Byron erp:C1 " + mail, "erp/2 Ada|Byron erp:C2 " + mail,
		}, "[crm/1 erp/2]"},
		{"a duplicate inside one source is found by its e-mail", []string{
			"crm/1 Ada|Byron crm:1 " + mail, "crm/2 Ada|Byron crm:2 " + mail, "shop/1 Ada|Byron " + mail,
		}, "[crm/1 crm/2 shop/1]"},
		{"or by her phone", []string{
			"crm/1 Ada|Byron +491711", "crm/2 Ada|Byron +491711",
		}, "[crm/1 crm/2]"},
		{"but not two who were born on two days", []string{
			"crm/1 Ada|Byron|1950-01-02 +491711", "crm/2 Ada|Byron|1980-07-08 +491711",
		}, "[crm/1] [crm/2]"},
		{"numbers of a house that follow one another are two people's", []string{
			"crm/1 Ada|Byron +491711 at:12345/1_Hill", "crm/2 Ada|Byron +491712 at:12345/1_Hill",
		}, "[crm/1] [crm/2]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var records []idgraph.Record
			for _, s := range c.records {
				records = append(records, rec(s))
			}
			if got := show(groups(t, records)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// groups are who is one person of a set of which nothing has been counted.
func groups(t testing.TB, records []idgraph.Record) (out [][]idgraph.Ref) {
	t.Helper()
	res := resolved(t, records)
	for _, g := range res.Groups {
		var refs []idgraph.Ref
		for _, m := range g {
			refs = append(refs, res.Records[m].Ref)
		}
		out = append(out, refs)
	}
	return out
}

func resolved(t testing.TB, records []idgraph.Record) *Resolution {
	t.Helper()
	res, err := Resolve(context.Background(), slices.Values(records), Options{Region: "DE", Snapshot: NoSnapshot()})
	if err != nil {
		t.Fatal(err)
	}
	return res
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
	if got := resolved(t, records); len(got.Groups) < 2 || len(got.Frozen) == 0 {
		t.Errorf("one person with %d phones: %d groups, %d frozen", len(records), len(got.Groups), len(got.Frozen))
	}
	if got := resolved(t, records[1:]); len(got.Groups) != 1 || len(got.Frozen) != 0 {
		t.Errorf("one phone less: %d groups, %d frozen", len(got.Groups), len(got.Frozen))
	}
}

func TestAValueThatTooManyHoldLinksNobody(t *testing.T) {
	var records []idgraph.Record
	for i := range LimitOf(idgraph.Email).Records + 1 {
		records = append(records, rec(fmt.Sprintf("s%d/1 Ada|Byron ada.byron@example.com", i)))
	}
	if got := resolved(t, records); len(got.Groups) != len(records) || slices.ContainsFunc(got.Edges, func(e Edge) bool { return e.Strong }) {
		t.Errorf("got %d groups, %v", len(got.Groups), got.Edges)
	}
	if got := resolved(t, records[1:]); len(got.Groups) != 1 {
		t.Errorf("one holder less: %d groups", len(got.Groups))
	}
}

func TestAnEdgeSaysTheStrongestReason(t *testing.T) {
	for values, want := range map[string]idgraph.Rule{
		"ada.byron@example.com +491711 #7 erp:C1": idgraph.CrossReference, "ada.byron@example.com +491711 #7": idgraph.SameLoyaltyID,
		"ada.byron@example.com +491711": idgraph.SameEmail, "+491711": idgraph.SamePhone,
	} {
		res := resolved(t, []idgraph.Record{rec("shop/1 Ada|Byron " + values), rec("crm/1 Ada|Byron " + values)})
		if len(res.Edges) != 1 || res.Edges[0].Rule != want || !res.Edges[0].Strong {
			t.Errorf("%s: %+v", values, res.Edges)
		}
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
		out = append(out, rec(s))
	}
	return out
}

func TestNoGroupHoldsAConflict(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		records := drawRecords(rt)
		res := resolved(t, records)
		c := res.Rules.comparer(func(k uint64) Mark { return res.Marks[k] })
		seen := 0
		for _, g := range res.Groups {
			seen += len(g)
			for i, a := range g {
				for _, b := range g[i+1:] {
					x := c.compare(res.Records[a], res.Records[b])
					if c.conflict(res.Records[a], res.Records[b], &x) {
						rt.Fatalf("%s and %s are in one group", res.Records[a].Ref, res.Records[b].Ref)
					}
				}
			}
		}
		if seen != len(records) {
			rt.Fatalf("%d of %d records are in groups", seen, len(records))
		}
	})
}

func TestEveryGroupHangsTogetherByItsStrongEdges(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		res := resolved(t, drawRecords(rt))
		root := make([]int32, len(res.Records))
		for i := range root {
			root[i] = int32(i)
		}
		for _, e := range res.Edges {
			if e.Strong && res.Of[e.A] == res.Of[e.B] {
				union(root, e.A, e.B)
			}
		}
		for _, g := range res.Groups {
			for _, m := range g {
				if find(root, m) != find(root, g[0]) {
					rt.Fatalf("group %v is not held together by %v", g, res.Edges)
				}
			}
		}
	})
}

func TestStrangersChangeNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		records := drawRecords(rt)
		before := groups(t, records)
		stranger := rec("zoo/1 Zoe|Zimmer nobody.else@example.org +491799")
		after := groups(t, append(slices.Clone(records), stranger))
		if got, want := show(after), strings.TrimSpace(show(before)+" [zoo/1]"); got != want {
			rt.Fatalf("with a stranger %s, before %s", got, want)
		}
	})
}
