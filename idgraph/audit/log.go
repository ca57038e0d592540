package audit

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// A Log writes entries to its storage in groups: all that gathered while the
// group before was being written. It is safe for concurrent use.
type Log struct {
	storage Storage
	delay   time.Duration
	queue   int

	wake chan struct{} // holds one: somebody waits
	quit chan struct{} // closed by Close
	done chan struct{} // closed when the writer has ended

	mu      sync.Mutex
	pending []item
	writing bool // a group is on its way
	failing bool // the last write failed
	closed  bool
}

// An item is an entry, or nothing but somebody who waits (entry nil).
type item struct {
	entry *Entry
	done  chan error // nil where nobody waits
}

// New starts a log. Close ends it.
func New(storage Storage, o Options) *Log {
	l := &Log{
		storage: storage, delay: o.Delay, queue: o.Queue,
		wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{}),
	}
	if l.delay <= 0 {
		l.delay = 250 * time.Millisecond
	}
	if l.queue <= 0 {
		l.queue = 4096
	}
	go l.run()
	return l
}

// Record remembers an entry. With durable it returns when the entry is safe;
// else the entry is written soon, and Record answers whether the log is
// writable as far as it knows. Every error is an ErrNotWritable.
func (l *Log) Record(ctx context.Context, e Entry, durable bool) error {
	done, err := l.enqueue(e, durable)
	if err != nil || done == nil {
		return err
	}
	return wait(ctx, done)
}

// Flush returns when all that was recorded before is durable.
func (l *Log) Flush(ctx context.Context) error {
	l.mu.Lock()
	if l.closed || len(l.pending) == 0 && !l.writing {
		l.mu.Unlock()
		return nil
	}
	done := make(chan error, 1)
	l.add(item{done: done})
	l.mu.Unlock()
	return wait(ctx, done)
}

// Close writes what is left and ends the log; Record refuses from then on.
func (l *Log) Close() error {
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		close(l.quit)
	}
	l.mu.Unlock()
	<-l.done
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.pending) > 0 {
		return fmt.Errorf("%d entries lost: %w", len(l.pending), ErrNotWritable)
	}
	return nil
}

func (l *Log) enqueue(e Entry, durable bool) (chan error, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.closed || len(l.pending) >= l.queue:
		return nil, ErrNotWritable
	case l.failing && !durable && len(l.pending) > 0:
		return nil, ErrNotWritable // what is pending will tell when it is writable again
	case l.failing:
		durable = true // else this one has to
	}
	if !durable {
		l.pending = append(l.pending, item{entry: &e})
		return nil, nil
	}
	done := make(chan error, 1)
	l.add(item{entry: &e, done: done})
	return done, nil
}

// add appends what somebody waits for, and tells the writer. l.mu is held.
func (l *Log) add(i item) {
	l.pending = append(l.pending, i)
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func wait(ctx context.Context, done <-chan error) error {
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrNotWritable, ctx.Err())
	}
}

// run writes a group whenever somebody waits or the delay is over.
func (l *Log) run() {
	defer close(l.done)
	tick := time.NewTicker(l.delay)
	defer tick.Stop()
	for {
		select {
		case <-l.wake:
		case <-tick.C:
		case <-l.quit:
			l.writeGroup()
			return
		}
		l.writeGroup()
	}
}

// writeGroup writes all that is pending. Where that fails, those who wait are
// refused and their entries dropped, for what they asked for did not happen;
// the others stay for the next try, for what they tell of did.
func (l *Log) writeGroup() {
	l.mu.Lock()
	group := l.pending
	l.pending, l.writing = nil, len(group) > 0
	l.mu.Unlock()
	entries := make([]Entry, 0, len(group))
	for _, i := range group {
		if i.entry != nil {
			entries = append(entries, *i.entry)
		}
	}
	var err error
	if len(entries) > 0 {
		err = l.append(entries)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writing = false
	if len(entries) > 0 { // else nothing was tried
		l.failing = err != nil
	}
	kept := make([]item, 0)
	for _, i := range group {
		switch {
		case i.done != nil:
			i.done <- err
		case err != nil:
			kept = append(kept, i)
		}
	}
	l.pending = append(kept, l.pending...)
}

// append asks the storage, for at most ten seconds.
func (l *Log) append(entries []Entry) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = ErrNotWritable
		}
	}()
	if err := l.storage.AppendAudit(ctx, entries); err != nil {
		return fmt.Errorf("%w: %w", ErrNotWritable, err)
	}
	return nil
}
