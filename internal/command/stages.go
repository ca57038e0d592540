package command

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// stages shows how far something long has come, stage after stage: on a
// terminal a bar with rate and remaining time, elsewhere a line when a stage
// is over. It is safe for concurrent use.
type stages struct {
	w        io.Writer
	terminal bool

	mu          sync.Mutex
	name        string
	done, total int
	begun       time.Time
	drawn       time.Time
}

func newStages(w io.Writer) *stages {
	s := &stages{w: w}
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err == nil {
			s.terminal = info.Mode()&os.ModeCharDevice != 0
		}
	}
	return s
}

// at says where a stage stands. A new name ends the stage before it.
func (s *stages) at(name string, done, total int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name != s.name {
		s.over()
		s.name, s.begun = name, time.Now()
	}
	s.done, s.total = done, total
	if s.terminal && time.Since(s.drawn) > 100*time.Millisecond {
		s.drawn = time.Now()
		fmt.Fprintf(s.w, "\r\x1b[K%s", s.line())
	}
}

// end ends the last stage.
func (s *stages) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over()
}

func (s *stages) over() {
	if s.name == "" {
		return
	}
	if s.terminal {
		fmt.Fprint(s.w, "\r\x1b[K")
	}
	fmt.Fprintf(s.w, "%-12s %d in %.1f s\n", s.name, s.done, time.Since(s.begun).Seconds())
	s.name = ""
}

// say prints a line above the bar.
func (s *stages) say(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.terminal {
		fmt.Fprint(s.w, "\r\x1b[K")
	}
	fmt.Fprintf(s.w, format+"\n", args...)
}

func (s *stages) line() string {
	const width = 24
	full := 0
	if s.total > 0 {
		full = min(width, width*s.done/s.total)
	}
	text := fmt.Sprintf("%-12s [%s%s] %d of %d", s.name, strings.Repeat("#", full), strings.Repeat(".", width-full), s.done, max(s.done, s.total))
	took := time.Since(s.begun).Seconds()
	if s.done == 0 || took < 0.2 {
		return text
	}
	rate := float64(s.done) / took
	text += fmt.Sprintf(", %.0f/s", rate)
	if left := float64(s.total-s.done) / rate; left >= 1 {
		text += fmt.Sprintf(", %.0f s left", left)
	}
	return text
}
