package ingest

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"customer360/idgraph"
)

// Bar prints progress: on a terminal one line a source that moves, elsewhere a
// line when a source is done, and now and then while it is not. A sweep has a
// line where it found something.
func Bar(w io.Writer) func(Progress) {
	b := &bar{w: w, at: map[idgraph.Source]Progress{}, said: map[idgraph.Source]time.Time{}}
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err == nil {
			b.terminal = info.Mode()&os.ModeCharDevice != 0
		}
	}
	return b.show
}

// sometimes is how often a reading that goes on is told where nothing moves.
const sometimes = 10 * time.Second

type bar struct {
	w        io.Writer
	terminal bool

	mu    sync.Mutex
	at    map[idgraph.Source]Progress
	said  map[idgraph.Source]time.Time
	drawn int // lines on the terminal
}

func (b *bar) show(p Progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p.Sweep {
		b.showSweep(p)
		return
	}
	b.at[p.Source] = p
	if !b.terminal {
		if b.said[p.Source].IsZero() {
			b.said[p.Source] = time.Now()
		}
		if p.Ended || time.Since(b.said[p.Source]) >= sometimes {
			b.said[p.Source] = time.Now()
			fmt.Fprintln(b.w, line(p))
		}
		return
	}
	if b.drawn > 0 {
		fmt.Fprintf(b.w, "\x1b[%dA", b.drawn)
	}
	names := slices.Sorted(maps.Keys(b.at))
	for _, name := range names {
		fmt.Fprintf(b.w, "\r\x1b[K%s\n", line(b.at[name]))
	}
	b.drawn = len(names)
}

// showSweep tells of a sweep that found something, failed, or takes long.
func (b *bar) showSweep(p Progress) {
	long := p.Took >= sometimes && time.Since(b.said[p.Source]) >= sometimes
	if p.Ended && (p.Gone > 0 || p.Missed > 0 || p.Err != nil) || long {
		b.said[p.Source] = time.Now()
		fmt.Fprintln(b.w, sweepLine(p))
	}
}

func sweepLine(p Progress) string {
	at := fmt.Sprintf("sweeping %-9s", p.Source)
	switch {
	case p.Err != nil:
		return fmt.Sprintf("%s stopped: %v", at, p.Err)
	case p.Missed > 0:
		return fmt.Sprintf("%s %d records are missing, too many to believe: none were removed", at, p.Missed)
	case p.Ended:
		return fmt.Sprintf("%s %d records, %d were gone", at, p.Done, p.Gone)
	}
	return fmt.Sprintf("%s %d of %d", at, p.Done, p.Total)
}

// line is one source's progress: a bar, the count, the rate and what remains.
func line(p Progress) string {
	const width = 24
	full := width
	if p.Total > 0 && !p.Ended {
		full = min(width, width*p.Done/p.Total)
	}
	if p.Err != nil {
		return fmt.Sprintf("reading %-10s stopped after %d records: %v", p.Source, p.Done, p.Err)
	}
	if p.Ended && p.Done == 0 {
		return fmt.Sprintf("reading %-10s nothing new", p.Source)
	}
	text := fmt.Sprintf("reading %-10s [%s%s] %6d", p.Source, strings.Repeat("#", full), strings.Repeat(".", width-full), p.Done)
	if p.Total > 0 {
		text += fmt.Sprintf(" of %d", max(p.Total, p.Done))
	}
	if p.Rate() > 0 {
		text += fmt.Sprintf(", %.0f/s", p.Rate())
	}
	if left := p.Remaining(); left > 0 && !p.Ended {
		text += fmt.Sprintf(", %s left", left.Round(time.Second))
	}
	return text
}
