package match

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"customer360/idgraph"
)

// told says all of a resolution that must not depend on how it was made.
func told(t interface{ Fatal(...any) }, records []idgraph.Record, o Options) string {
	res, err := Resolve(context.Background(), slices.Values(records), o)
	if err != nil {
		t.Fatal(err)
	}
	s := fmt.Sprint(res.Groups, res.Of, res.Frozen, len(res.Marks), len(res.Skipped), res.Compared, res.Empty)
	for _, f := range res.Records {
		s += fmt.Sprint("\n", f.Ref)
	}
	for _, e := range res.Edges {
		s += fmt.Sprintf("\n%+v", e)
	}
	return s
}

func TestAWholeSetInAnyOrderByAnyNumberOfWorkers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := drawRecords(t)
		var decisions []Decision
		for i := 1; i < len(records); i += 3 {
			decisions = append(decisions, Decision{records[i-1].Ref, records[i].Ref, rapid.Bool().Draw(t, "same")})
		}
		want := told(t, records, Options{Workers: 1, Decisions: decisions})
		rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)).Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
		if got := told(t, records, Options{Workers: 4, Decisions: decisions}); got != want {
			t.Fatalf("in another order %s, before %s", got, want)
		}
	})
}

func TestEveryRecordOfAWholeSetIsInOneGroupWithWhomAPersonPutItTo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := drawRecords(t)
		var decisions []Decision
		if len(records) > 1 {
			decisions = []Decision{{records[0].Ref, records[1].Ref, true}}
		}
		res, err := Resolve(context.Background(), slices.Values(records), Options{Decisions: decisions})
		if err != nil {
			t.Fatal(err)
		}
		seen := make([]int, len(records))
		for g, members := range res.Groups {
			if !slices.IsSorted(members) || g > 0 && res.Groups[g-1][0] >= members[0] {
				t.Fatalf("groups %v", res.Groups)
			}
			for _, m := range members {
				seen[m]++
				if res.Of[m] != int32(g) {
					t.Fatalf("%d is said to be of group %d, and is in %d", m, res.Of[m], g)
				}
			}
		}
		if slices.ContainsFunc(seen, func(n int) bool { return n != 1 }) {
			t.Fatalf("groups %v of %d records", res.Groups, len(records))
		}
		for _, d := range decisions {
			a := slices.IndexFunc(res.Records, func(f *Features) bool { return f.Ref == d.A })
			b := slices.IndexFunc(res.Records, func(f *Features) bool { return f.Ref == d.B })
			if res.Of[a] != res.Of[b] {
				t.Fatalf("%v are apart in %v", d, res.Groups)
			}
		}
	})
}

// BenchmarkResolve resolves 10,000 records, of which most people have two.
func BenchmarkResolve(b *testing.B) {
	records := make([]idgraph.Record, 10_000)
	for i := range records {
		person := i * 6 / 10
		records[i] = rec(fmt.Sprintf("s%d/%d Given%c%c|Family%d|19%02d-%02d-%02d p%d@example.com +4917%08d at:%05d/%d", i%4, i,
			'a'+person%26, 'a'+person/26%26, person%3000, person%90, person%12+1, person%28+1, person, person, person%2000, person%40))
	}
	b.ReportAllocs()
	for b.Loop() {
		res, err := Resolve(context.Background(), slices.Values(records), Options{Region: "DE"})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(res.Compared), "pairs")
	}
}
