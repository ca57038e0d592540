package match

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// dialled makes up how somebody may write a number: mostly of a length that a
// plan knows, abroad and at home, with signs in between.
func dialled(r *rand.Rand) (s, region string) {
	p := plans[r.IntN(len(plans))]
	region = p.region
	if r.IntN(5) == 0 {
		region = []string{"", "GB", "US", "DE", "IT", "MX", "AR"}[r.IntN(7)]
	}
	n := p.least + r.IntN(p.most-p.least+1)
	if r.IntN(6) == 0 {
		n += r.IntN(5) - 2
	}
	s = []string{"+" + p.code, "+" + p.code + " ", "0", "0", "", "", "+", "00" + p.code, p.code, "(0)", "+" + p.code + " (0)", "1"}[r.IntN(12)]
	for i := range n {
		d := r.IntN(10)
		if i == 0 && r.IntN(8) > 0 {
			d = 1 + r.IntN(9)
		}
		s += fmt.Sprint(d)
		if r.IntN(6) == 0 {
			s += []string{" ", "-", ".", "/", " (", ") ", " - ", "  "}[r.IntN(8)]
		}
	}
	return s, region
}

func TestTheQuickWayReadsNumbersAsTheLibraryDoes(t *testing.T) {
	r, quick := rand.New(rand.NewPCG(4, 4)), 0
	for range 100_000 {
		s, region := dialled(r)
		got, ok := quickPhone(s, region)
		if !ok {
			continue
		}
		quick++
		if want := readPhone(s, region); got != want {
			t.Fatalf("%q in %q: %q, by the library %q", s, region, got, want)
		}
	}
	if quick < 20_000 {
		t.Errorf("only %d numbers took the quick way", quick)
	}
}

func BenchmarkPhone(b *testing.B) {
	for _, c := range []struct{ name, s, region string }{
		{"GB at home", "07171 234567", "GB"},
		{"GB abroad", "+44 7171 234567", "US"},
		{"US at home", "(212) 555-0187", "US"},
		{"the library", "011 1234567", "IT"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := quickPhone(c.s, c.region); !ok {
					readPhone(c.s, c.region)
				}
			}
		})
	}
}
