package audit_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"customer360/idgraph/audit"
)

// A shelf is a storage whose writing can be made to fail or to take its time.
type shelf struct {
	mu      sync.Mutex
	broken  error
	hold    chan struct{} // a write waits for it, where it is set
	groups  []int
	entries []audit.Entry
}

func (s *shelf) AppendAudit(ctx context.Context, entries []audit.Entry) error {
	s.mu.Lock()
	hold := s.hold
	s.mu.Unlock()
	if hold != nil {
		<-hold
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return s.broken
	}
	s.groups = append(s.groups, len(entries))
	s.entries = append(s.entries, entries...)
	return nil
}

func (s *shelf) set(broken error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = broken
}

func (s *shelf) whos() (out []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.entries {
		out = append(out, e.Who)
	}
	return out
}

var ctx = context.Background()

const never = time.Hour

func TestADurableEntryIsThereWhenRecordReturns(t *testing.T) {
	s := &shelf{}
	l := audit.New(s, audit.Options{Delay: never})
	defer l.Close()
	if err := l.Record(ctx, audit.Entry{Who: "ada"}, true); err != nil {
		t.Fatal(err)
	}
	if got := s.whos(); !slices.Equal(got, []string{"ada"}) {
		t.Errorf("got %v", got)
	}
}

func TestAnEntryNobodyWaitsForIsWrittenSoon(t *testing.T) {
	s := &shelf{}
	l := audit.New(s, audit.Options{Delay: 5 * time.Millisecond})
	defer l.Close()
	if err := l.Record(ctx, audit.Entry{Who: "ada"}, false); err != nil {
		t.Fatal(err)
	}
	for begun := time.Now(); len(s.whos()) == 0; time.Sleep(time.Millisecond) {
		if time.Since(begun) > time.Second {
			t.Fatal("not written within a second")
		}
	}
}

func TestEntriesKeepTheirOrderAndGather(t *testing.T) {
	s := &shelf{hold: make(chan struct{})}
	l := audit.New(s, audit.Options{Delay: never})
	var wg sync.WaitGroup
	var begun atomic.Int32
	for range 100 {
		wg.Go(func() {
			begun.Add(1)
			if err := l.Record(ctx, audit.Entry{Who: "x"}, true); err != nil {
				t.Error(err)
			}
		})
	}
	for begun.Load() < 100 {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(20 * time.Millisecond)
	close(s.hold)
	wg.Wait()
	_ = l.Close()
	if len(s.whos()) != 100 || len(s.groups) > 50 {
		t.Errorf("%d entries in %d groups", len(s.whos()), len(s.groups))
	}
}

func TestFlushAndCloseWriteWhatIsLeft(t *testing.T) {
	s := &shelf{}
	l := audit.New(s, audit.Options{Delay: never})
	_ = l.Record(ctx, audit.Entry{Who: "ada"}, false)
	if err := l.Flush(ctx); err != nil || len(s.whos()) != 1 {
		t.Errorf("flush: %v, %v", err, s.whos())
	}
	_ = l.Record(ctx, audit.Entry{Who: "bob"}, false)
	if err := l.Close(); err != nil || len(s.whos()) != 2 {
		t.Errorf("close: %v, %v", err, s.whos())
	}
	if err := l.Record(ctx, audit.Entry{}, false); !errors.Is(err, audit.ErrNotWritable) {
		t.Errorf("after close: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
}

func TestAFailedWriteRefusesUntilOneSucceeds(t *testing.T) {
	s := &shelf{}
	l := audit.New(s, audit.Options{Delay: never})
	defer l.Close()
	full := errors.New("disk full")
	s.set(full)
	if err := l.Record(ctx, audit.Entry{Who: "refused"}, true); !errors.Is(err, audit.ErrNotWritable) || !errors.Is(err, full) {
		t.Errorf("durable: %v", err)
	}
	if err := l.Record(ctx, audit.Entry{Who: "refused too"}, false); !errors.Is(err, audit.ErrNotWritable) {
		t.Errorf("not durable, while it fails: %v", err)
	}
	s.set(nil)
	if err := l.Record(ctx, audit.Entry{Who: "first again"}, false); err != nil {
		t.Errorf("after it succeeds: %v", err)
	}
	if got := s.whos(); !slices.Equal(got, []string{"first again"}) {
		t.Errorf("written: %v", got)
	}
}

func TestWhatHappenedIsWrittenOnceItCanBe(t *testing.T) {
	s := &shelf{}
	l := audit.New(s, audit.Options{Delay: never})
	defer l.Close()
	s.set(errors.New("disk full"))
	_ = l.Record(ctx, audit.Entry{Who: "happened"}, false) // nobody knows yet
	if err := l.Flush(ctx); !errors.Is(err, audit.ErrNotWritable) {
		t.Errorf("flush: %v", err)
	}
	if err := l.Record(ctx, audit.Entry{Who: "refused"}, false); !errors.Is(err, audit.ErrNotWritable) {
		t.Errorf("while it fails: %v", err)
	}
	s.set(nil)
	if err := l.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	if err := l.Record(ctx, audit.Entry{Who: "after"}, true); err != nil {
		t.Fatal(err)
	}
	if got := s.whos(); !slices.Equal(got, []string{"happened", "after"}) {
		t.Errorf("written: %v", got)
	}
}

func TestAFullQueueIsNotWritable(t *testing.T) {
	s := &shelf{}
	l := audit.New(s, audit.Options{Delay: never, Queue: 2})
	defer l.Close()
	for range 2 {
		if err := l.Record(ctx, audit.Entry{}, false); err != nil {
			t.Fatal(err)
		}
	}
	for _, durable := range []bool{false, true} {
		if err := l.Record(ctx, audit.Entry{}, durable); !errors.Is(err, audit.ErrNotWritable) {
			t.Errorf("durable %v: %v", durable, err)
		}
	}
	if err := l.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	if err := l.Record(ctx, audit.Entry{}, false); err != nil {
		t.Errorf("after the flush: %v", err)
	}
}

func TestAWaitThatIsCancelledIsNoRecord(t *testing.T) {
	s := &shelf{hold: make(chan struct{})}
	l := audit.New(s, audit.Options{Delay: never})
	short, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel()
	if err := l.Record(short, audit.Entry{}, true); !errors.Is(err, audit.ErrNotWritable) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	close(s.hold)
	_ = l.Close()
}

func TestAStorageThatPanicsIsNotWritable(t *testing.T) {
	l := audit.New(panics{}, audit.Options{})
	defer l.Close()
	if err := l.Record(ctx, audit.Entry{}, true); !errors.Is(err, audit.ErrNotWritable) {
		t.Errorf("got %v", err)
	}
}

type panics struct{}

func (panics) AppendAudit(context.Context, []audit.Entry) error { panic("no") }
