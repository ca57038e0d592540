package match

import (
	"cmp"
	"slices"
	"sync"
)

// inOrder sorts features by their refs, and those of one ref as they came in, by
// so many goroutines.
func inOrder(list []*Features, workers int) []*Features {
	if workers < 2 || len(list) < 2*chunk {
		slices.SortFunc(list, func(a, b *Features) int { return cmp.Or(compareFeatures(a, b), cmp.Compare(a.came, b.came)) })
		return list
	}
	first, second := list[:len(list)/2], list[len(list)/2:]
	var half sync.WaitGroup
	half.Go(func() { first = inOrder(first, workers/2) })
	second = inOrder(second, workers-workers/2)
	half.Wait()
	out := make([]*Features, 0, len(list))
	for len(first) > 0 && len(second) > 0 {
		if compareFeatures(first[0], second[0]) <= 0 { // of one ref, those of the first half came before
			out, first = append(out, first[0]), first[1:]
		} else {
			out, second = append(out, second[0]), second[1:]
		}
	}
	return append(append(out, first...), second...)
}
