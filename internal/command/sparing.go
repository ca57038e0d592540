package command

import (
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// headroom is about how much memory may wait to be collected, in bytes. All that
// the program has of the system is kept below enough, unless what is held takes more.
const (
	headroom = 192 << 20
	enough   = 1000 << 20
)

// sparing has memory collected in proportion to headroom, not to what is held:
// seldom while little is, and before there is half as much again where everything
// is held at once. It ends when what it answers is called.
func sparing() func() {
	before, limit := debug.SetGCPercent(mostGarbage), debug.SetMemoryLimit(enough)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		held, set := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}, mostGarbage
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
			}
			metrics.Read(held)
			if percent := garbageFor(held[0].Value.Uint64()); percent != set {
				set = percent
				debug.SetGCPercent(percent)
				debug.SetMemoryLimit(max(enough, int64(held[0].Value.Uint64()+headroom)))
			}
		}
	}()
	return func() {
		close(stop)
		<-done
		debug.SetGCPercent(before)
		debug.SetMemoryLimit(limit)
	}
}

// The bounds of GOGC, in percent of what is held.
const leastGarbage, mostGarbage = 20, 400

// garbageFor is GOGC for so many bytes that are held.
func garbageFor(held uint64) int {
	return int(min(mostGarbage, max(leastGarbage, headroom*100/max(held, 1))))
}
