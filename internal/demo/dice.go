package demo

import (
	"hash/fnv"
	"math"
	"time"
)

// dice are thrown the same for ever: SplitMix64 (Steele, Lea and Flood 2014),
// not math/rand, whose methods may change what they draw.
type dice struct{ state uint64 }

// newDice gives every subject its own dice, so that one more throw for people
// does not turn all orders over.
func newDice(subject string) *dice {
	h := fnv.New64a()
	_, _ = h.Write([]byte("customer360 demo: " + subject))
	return &dice{h.Sum64()}
}

func (d *dice) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below is at least 0 and less than n.
func (d *dice) below(n int) int { return int(d.next() % uint64(n)) }

// percent is true in so many cases of a hundred.
func (d *dice) percent(p int) bool { return d.below(100) < p }

// between is a moment from a to b, to the second.
func (d *dice) between(a, b time.Time) time.Time {
	span := int(b.Sub(a) / time.Second)
	if span <= 0 {
		return a
	}
	return a.Add(time.Duration(d.below(span)) * time.Second)
}

// few picks one of n where the first are the most likely: some customers come
// again and again.
func (d *dice) few(n int) int {
	u := float64(d.next()>>11) / (1 << 53)
	return min(int(math.Pow(u, 1.6)*float64(n)), n-1)
}

func pick[T any](d *dice, from []T) T { return from[d.below(len(from))] }

// weighted picks an index; weights add up to 100.
func (d *dice) weighted(weights ...int) int {
	throw := d.below(100)
	for i, w := range weights {
		if throw -= w; throw < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// shuffled is a copy in another order.
func shuffled[T any](d *dice, from []T) []T {
	out := append([]T(nil), from...)
	for i := len(out) - 1; i > 0; i-- {
		j := d.below(i + 1)
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// letters draws n of an alphabet.
func (d *dice) letters(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[d.below(len(alphabet))]
	}
	return string(b)
}
