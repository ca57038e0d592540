package match

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"customer360/idgraph"
)

func TestFeaturesAreSortedByRefAndArrival(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 100, 5000} {
		for workers := 1; workers < 5; workers++ {
			list := make([]*Features, n)
			for i := range list {
				ref := idgraph.Ref{Source: idgraph.Source(fmt.Sprint(r.IntN(3))), ID: fmt.Sprint(r.IntN(n))}
				list[i] = &Features{Ref: ref, came: int32(i)}
			}
			want := slices.Clone(list)
			slices.SortStableFunc(want, compareFeatures)
			if got := inOrder(list, workers); !slices.Equal(got, want) {
				t.Errorf("%d records by %d workers are out of order", n, workers)
			}
		}
	}
}
