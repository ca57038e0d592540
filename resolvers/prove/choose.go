package prove

import "math/rand/v2"

// A Chooser makes every choice of the proof. 0 is the simplest: who shrinks a
// run tries it first.
type Chooser interface {
	// Below answers one of 0 … n-1.
	Below(n int, what string) int
}

type dice struct{ *rand.Rand }

// Dice choose by chance, for a seed always the same.
func Dice(seed, stream uint64) Chooser { return dice{rand.New(rand.NewPCG(seed, stream))} }

func (d dice) Below(n int, _ string) int { return d.IntN(n) }

// percent is true so often; false is the simpler.
func percent(c Chooser, n int, what string) bool { return c.Below(100, what) >= 100-n }

// one picks one of some.
func one[T any](c Chooser, what string, of ...T) T { return of[c.Below(len(of), what)] }

// seeded is chance for what need not shrink: the values of a world.
func seeded(c Chooser, what string) *rand.Rand {
	return rand.New(rand.NewPCG(uint64(c.Below(1<<30, what)), 1))
}
