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
	name, unit  string
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

// at says where a stage stands, in a unit where it is worth naming: "records".
// A new name ends the stage before it.
func (s *stages) at(name, unit string, done, total int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name != s.name {
		s.over()
		s.name, s.unit, s.begun = name, unit, time.Now()
	}
	s.done, s.total = done, total
	if s.terminal && time.Since(s.drawn) > 100*time.Millisecond {
		s.drawn = time.Now()
		fmt.Fprintf(s.w, "\r\x1b[K%s", s.line())
	}
}

// engine tells how far the engine has come, in a unit; of its reading the reader
// tells.
func (s *stages) engine(unit string) func(stage string, done, total int) {
	return func(stage string, done, total int) {
		if stage != "read" {
			s.at(stage, unit, done, total)
		}
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
	took := time.Since(s.begun).Seconds()
	if s.unit != "" && took > 0 {
		fmt.Fprintf(s.w, "%-10s %6.1f s, %d %s, %.0f/s\n", s.name, took, s.done, s.unit, float64(s.done)/took)
	} else {
		fmt.Fprintf(s.w, "%-10s %6.1f s\n", s.name, took)
	}
	s.name = ""
}

// say prints a line above the bar.
func (s *stages) say(format string, args ...any) {
	s.clear()
	fmt.Fprintf(s.w, format+"\n", args...)
}

// clear takes the bar away, until the stage goes on.
func (s *stages) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.terminal {
		fmt.Fprint(s.w, "\r\x1b[K")
	}
}

func (s *stages) line() string {
	const width = 24
	share := 0.0
	if s.total > 0 {
		share = min(1, float64(s.done)/float64(s.total))
	}
	full := int(share * width)
	text := fmt.Sprintf("%-10s [%s%s] %3.0f %%", s.name, strings.Repeat("#", full), strings.Repeat(".", width-full), 100*share)
	took := time.Since(s.begun).Seconds()
	if s.done == 0 || took < 0.2 {
		return text
	}
	if s.unit != "" {
		text += fmt.Sprintf(", %d %s, %.0f/s", s.done, s.unit, float64(s.done)/took)
	}
	if left := took * (1/share - 1); share > 0 && left >= 1 {
		text += fmt.Sprintf(", %.0f s left", left)
	}
	return text
}
