package match

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"customer360/idgraph"
)

// dev reads testdata/identity/c360_dev.csv, and who each record is.
func dev(t testing.TB) (records []idgraph.Record, truth map[idgraph.Ref]string) {
	t.Helper()
	table := func(name string) (rows []map[string]string) {
		f, err := os.Open(filepath.Join("..", "..", "testdata", "identity", name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		all, err := csv.NewReader(f).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range all[1:] {
			row := map[string]string{}
			for i, v := range line {
				row[all[0][i]] = v
			}
			rows = append(rows, row)
		}
		return rows
	}
	entity := map[string]string{}
	for _, row := range table("c360_dev_truth.csv") {
		entity[row["record_id"]] = row["entity_id"]
	}
	truth = map[idgraph.Ref]string{}
	for _, row := range table("c360_dev.csv") {
		r := idgraph.Record{
			Ref: idgraph.Ref{Source: idgraph.Source(row["source"]), ID: row["external_id"]}, GivenName: row["first_name"], FamilyName: row["last_name"],
			BirthDate: row["birth_date"], Street: row["street"], City: row["city"], Postcode: row["postcode"], Country: row["country"],
		}
		for typ, column := range map[idgraph.IdentifierType]string{idgraph.Email: "email", idgraph.Phone: "phone", idgraph.LoyaltyID: "loyalty_id", idgraph.Reference("crm"): "crm_ref"} {
			if v := row[column]; v != "" {
				r.Identifiers = append(r.Identifiers, idgraph.Identifier{Type: typ, Value: v})
			}
		}
		if r.Ref.Source == "crm" {
			r.Identifiers = append(r.Identifiers, idgraph.Identifier{Type: idgraph.Reference("crm"), Value: r.Ref.ID})
		}
		if r.Ref.ID == "" || truth[r.Ref] != "" {
			r.Ref.ID += "#" + row["record_id"]
		}
		records, truth[r.Ref] = append(records, r), entity[row["record_id"]]
	}
	return records, truth
}

// TestWeightsOfASetWithAKnownTruth holds what was learnt of a set, with nobody
// saying who is who, against what the truth says; and resolves it by that.
func TestWeightsOfASetWithAKnownTruth(t *testing.T) {
	if testing.Short() {
		t.Skip("resolves 20,000 records")
	}
	records, truth := dev(t)
	learnt, err := Train(context.Background(), slices.Values(records), Options{})
	if err != nil {
		t.Fatal(err)
	}
	res, err := Resolve(context.Background(), slices.Values(records), Options{Weights: learnt.Weights})
	if err != nil {
		t.Fatal(err)
	}
	one := trueShares(res, truth)
	for _, f := range []field{givenName, familyName, birthDay, mailbox, phoneNumber, postal} {
		for _, l := range levelsOf(f) {
			if x := learnt.learnt[f][l]; x.u > 0 {
				t.Logf("%-12s %-10s m %.4f, truly %.4f; %v bits, shipped %v", fieldNames[f], levelNames[l], x.m, one[f][l], learnt.Weights.of[f][l], Shipped().of[f][l])
				if math.Abs(x.m-one[f][l]) > 0.03 {
					t.Errorf("%s %s: m %.4f, truly %.4f", fieldNames[f], levelNames[l], x.m, one[f][l])
				}
			}
		}
	}
	var clusters [][]idgraph.Ref
	for _, g := range res.Groups {
		var refs []idgraph.Ref
		for _, m := range g {
			refs = append(refs, res.Records[m].Ref)
		}
		clusters = append(clusters, refs)
	}
	s := scoreOf(clusters, truth)
	t.Logf("by %s: precision %.4f, recall %.4f", learnt.Weights.Version, s.precision(), s.recall())
	if s.precision() < .997 || s.recall() < .86 {
		t.Errorf("precision %.4f, recall %.4f", s.precision(), s.recall())
	}
}

// trueShares is how often two records of one person compare so.
func trueShares(res *Resolution, truth map[idgraph.Ref]string) (out [fields][levels]float64) {
	c := res.Rules.comparer(func(k uint64) Mark { return res.Marks[k] })
	of := map[string][]*Features{}
	for _, f := range res.Records {
		of[truth[f.Ref]] = append(of[truth[f.Ref]], f)
	}
	var sums [fields]float64
	for _, list := range of {
		for i, a := range list {
			for _, b := range list[:i] {
				for f, l := range c.compare(a, b).level {
					if l != levelMissing {
						out[f][l]++
						sums[f]++
					}
				}
			}
		}
	}
	for f := range out {
		for l := range out[f] {
			out[f][l] /= max(sums[f], 1)
		}
	}
	return out
}

// TestSplit draws pairs of which it knows how many are one person's and how
// these compare, and has that found out.
func TestSplit(t *testing.T) {
	type odds map[level][2]float64 // m, u
	known := map[field]odds{
		givenName:   {levelExact: {.80, .02}, levelNickname: {.12, .01}, levelSlipped: {.06, .005}, levelDifferent: {.02, .965}},
		birthDay:    {levelExact: {.90, .01}, levelSwapped: {.04, .01}, levelDifferent: {.06, .98}},
		mailbox:     {levelExact: {.50, .02}, levelSimilar: {.05, .01}, levelDifferent: {.45, .97}},
		phoneNumber: {levelExact: {.60, .15}, levelDifferent: {.40, .85}}, // a household's
	}
	for _, share := range []float64{.9, .5, .1} {
		r := rand.New(rand.NewPCG(uint64(share*100), 7))
		draw := func(of odds, which int) level {
			x := r.Float64()
			for l := range levels {
				if x -= of[l][which]; x < 0 {
					return l
				}
			}
			return levelDifferent
		}
		patterns, truly := make([]pattern, 100_000), 0.0
		for i := range patterns {
			two := 1
			if r.Float64() < share {
				two, truly = 0, truly+1
			}
			agree := 0
			for _, f := range []field{givenName, birthDay, mailbox, phoneNumber} {
				l := draw(known[f], two)
				patterns[i].levels[f] = l
				if l == levelExact {
					agree++
				}
			}
			patterns[i].n = 1
			patterns[i].likely = agree >= 2 // a rough guess
		}
		e := split(patterns, nil)
		if math.Abs(e.share-share) > .02 {
			t.Errorf("share %.3f, truly %.3f", e.share, share)
		}
		for f, of := range known {
			m, u := shares(&e.one[f], &e.two[f])
			for l, want := range of {
				t.Logf("share %.1f %-12s %-10s m %.4f of %.4f, u %.4f of %.4f", share, fieldNames[f], levelNames[l], m[l], want[0], u[l], want[1])
				if math.Abs(m[l]-want[0]) > .03 || math.Abs(u[l]-want[1]) > .03 {
					t.Errorf("share %.1f: %s %s: m %.4f of %.4f, u %.4f of %.4f", share, fieldNames[f], levelNames[l], m[l], want[0], u[l], want[1])
				}
			}
		}
	}
}

// manyTwice makes n records of which every other one is of who came before.
func manyTwice(n int) []idgraph.Record {
	out := make([]idgraph.Record, n)
	for i := range out {
		who := i / 2
		out[i] = rec(fmt.Sprintf("s%d/%d Given%c%c|Family%d|19%02d-%02d-%02d p%d@example.com +4917%08d at:%05d/%d", i%2, i,
			'a'+who%26, 'a'+who/26%26, who%300, who%90+10, who%12+1, who%28+1, who, who%(n/3), who%200, who%40))
		if i%7 == 1 {
			out[i].BirthDate = ""
			out[i].Identifiers[0].Value = fmt.Sprintf("q%d@example.com", i)
		}
	}
	return out
}

func TestTheSameRecordsTeachTheSameInAnyOrder(t *testing.T) {
	teach := func(t interface{ Fatal(...any) }, records []idgraph.Record, workers int) string {
		learnt, err := Train(context.Background(), slices.Values(records), Options{Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := learnt.Write(&b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		if n++; n > 5 {
			return
		}
		records := manyTwice(rapid.IntRange(500, 600).Draw(t, "records"))
		want := teach(t, records, 1)
		rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)).Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
		if got := teach(t, records, 4); got != want {
			t.Fatalf("in another order\n%s\nbefore\n%s", got, want)
		}
		records[0].FamilyName += "x"
		if got := teach(t, records, 4); got == want {
			t.Fatal("other records have the same version")
		}
	})
}

// TestAFileOfLearntWeightsReadsBack: all of it, rising as the shipped ones do.
func TestAFileOfLearntWeightsReadsBack(t *testing.T) {
	learnt, err := Train(context.Background(), slices.Values(manyTwice(1000)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := learnt.Write(&b); err != nil {
		t.Fatal(err)
	}
	w, err := ReadWeights(&b)
	if err != nil {
		t.Fatal(err)
	}
	if *w != *learnt.Weights || w.Name() == Shipped().Name() {
		t.Errorf("read %+v, written %+v", w, learnt.Weights)
	}
	prior := (&Snapshot{Records: 1000}).prior()
	for f := range fields {
		var last cents = -10_000
		for _, l := range order(f, prior, func(l level) float64 { return w.absolute(f, l, prior).bits() }) {
			now := w.absolute(f, l, prior)
			if now < last || now < -farthest || now > farthest {
				t.Errorf("%s %s weighs %v, the level below %v", fieldNames[f], levelNames[l], now, last)
			}
			last = now
		}
	}
}

func TestNobodyTwiceTeachesNothing(t *testing.T) {
	var records []idgraph.Record
	for i := range 300 {
		records = append(records, rec(fmt.Sprintf("s/%d %x|%x|19%02d-%02d-%02d %x@example.com", i,
			mixed(uint64(i)), mixed(uint64(i+1000)), i%90+10, i%12+1, i%28+1, mixed(uint64(i+2000)))))
	}
	for _, n := range []int{0, 1, 10, 300} {
		_, err := Train(context.Background(), slices.Values(records[:n]), Options{})
		if few := (*TooFewError)(nil); !errors.As(err, &few) || few.Records != n || !strings.Contains(err.Error(), "too few pairs to learn from") {
			t.Errorf("%d records: %v", n, err)
		}
	}
}

// TestEveryKindOfCombinationIsToldByItsWords: what its pairs have in common.
func TestEveryKindOfCombinationIsToldByItsWords(t *testing.T) {
	full := rec("s/1 Ada|Byron|1980-01-02 ada.byron@example.com at:12345/1")
	full.City, full.HouseNumber, full.Street = "Ulm", "7", "Hauptstrasse"
	kinds := 0
	for kind := range combinations(NewRules(Shipped(), NoSnapshot(), nil).Features(NormaliseRecord(full, "DE")), new([]byte)) {
		kinds++
		for word := range strings.SplitSeq(strings.TrimPrefix(kind, "~"), "+") {
			if toldBy[word] == nil {
				t.Errorf("nothing tells what pairs of %s have in common by %s", kind, word)
			}
		}
	}
	if kinds < 15 {
		t.Errorf("only %d kinds", kinds)
	}
}

func TestBrokenWeights(t *testing.T) {
	for _, c := range []struct{ of, by, says string }{
		{"", "", ""},
		{"version: shipped-1", "version: a b", "7: version: "},
		{"auto: 6.7", "auto: .nan", "8: auto: is no number of bits"},
		{"review: 0", "review: 7", "9: review: "},
		{"review: 0", "reviews: 0", `unknown field "reviews"`},
		{"national_id: {exact", "national: {exact", "16: fields.national: there is no such field"},
		{"swapped: 9, ", "", "13: fields.birth_date.swapped: is missing"},
		{"slip: 7", "slip: seven", "13: "},
		{"slip: 7", "slip: 61", "13: fields.birth_date.slip: is no number"},
		{"slip: 7", "slop: 7", "13: fields.birth_date.slop: there is no such level"},
		{"slip: 7", "slip: 7, named: 3", "13: fields.birth_date.named: is no level of this field"},
		{"given_name: {exact: 6.5", "given_name: {exact: 0", "11: fields.given_name.exact: is one bit at least"},
		{"[1, 8]", "[8, 1]", "rarity.city: is two numbers"},
		{"[1, 8]", "[1]", "rarity.city: is two numbers"},
	} {
		if !strings.Contains(shipped, c.of) {
			t.Fatalf("%q is not in the shipped file", c.of)
		}
		_, err := ReadWeights(strings.NewReader(strings.Replace(shipped, c.of, c.by, 1)))
		if broken := (*WeightsError)(nil); c.says == "" && err != nil || c.says != "" && (!errors.As(err, &broken) || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%q for %q: %v, want %q", c.by, c.of, err, c.says)
		}
	}
	for _, text := range []string{"", "version: x", "fields: {", strings.Repeat("x", 1<<21)} {
		if _, err := ReadWeights(strings.NewReader(text)); err == nil {
			t.Errorf("%.20q is read", text)
		}
	}
}
