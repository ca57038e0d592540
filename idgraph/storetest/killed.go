package storetest

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"
)

// Killed runs this test program as a child in a further environment, and kills
// it after a while that grows, over and over until one comes to its end. It
// answers how often, and fails where that is never.
func Killed(t testing.TB, env ...string) (kills int) {
	t.Helper()
	for round := 0; ; round++ {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), env...)
		child.Stderr = os.Stderr
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- child.Wait() }()
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("round %d: %v", round, err)
			}
			t.Logf("killed %d times", kills)
			if kills == 0 {
				t.Error("nothing was killed")
			}
			return kills
		case <-time.After(time.Duration(100+50*round+rand.IntN(100)) * time.Millisecond):
			kills++
			_ = child.Process.Kill()
			<-ended
		}
	}
}
