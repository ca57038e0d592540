package match

import "slices"

// slip says whether two folded names differ only as typing makes them differ:
// a letter left out or doubled, neighbours swapped; once, or twice in a long
// name. A replaced letter is no slip here: it makes other names (Hansen, Jansen).
func slip(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if slices.Equal(undouble(x), undouble(y)) {
		return true
	}
	switch n := len(x); {
	case n < 3:
		return false
	case n < 8:
		return slips(x, y) <= 1
	}
	return slips(x, y) <= 2
}

// undouble makes one of equal neighbours.
func undouble(s []rune) []rune { return slices.Compact(slices.Clone(s)) }

// slips counts the least letters to leave out, put in or swap with their
// neighbour (each pair once) that make x of y; names are short, so plainly.
func slips(x, y []rune) int {
	const never = 1 << 20
	prev2, prev, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			d := never
			if x[i-1] == y[j-1] {
				d = prev[j-1]
			}
			d = min(d, prev[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				d = min(d, prev2[j-2]+1)
			}
			row[j] = d
		}
		prev2, prev, row = prev, row, prev2
	}
	return prev[len(y)]
}
