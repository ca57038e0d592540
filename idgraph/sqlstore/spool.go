package sqlstore

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
)

// A spool keeps what is written of records, encrypted as it is, until it is
// known whose they are. It is a file without a name.
type spool struct {
	mu   sync.Mutex
	file *os.File
	w    *bufio.Writer
	size int64
	at   []int64 // by number: where it begins, plus one

	window []byte // what was read last, and where from
	from   int64
}

const spoolWindow = 256 << 10

func newSpool(dir string) (*spool, error) {
	f, err := os.CreateTemp(dir, "build-*")
	if err != nil {
		return nil, fmt.Errorf("make a file beside the graph: %w", err)
	}
	_ = os.Remove(f.Name()) // where open files can't be removed, close does
	return &spool{file: f, w: bufio.NewWriterSize(f, 1<<20)}, nil
}

func (s *spool) close() {
	_ = s.file.Close()
	_ = os.Remove(s.file.Name())
}

// put keeps three texts by a number. It is safe for concurrent use.
func (s *spool) put(n int, fingerprint, features, lookup []byte) error {
	var head [3 * binary.MaxVarintLen64]byte
	b := head[:0]
	for _, part := range [][]byte{fingerprint, features, lookup} {
		b = binary.AppendUvarint(b, uint64(len(part)))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if n >= len(s.at) {
		s.at = append(s.at, make([]int64, n+1-len(s.at))...)
	}
	s.at[n] = s.size + 1
	var errs error
	for _, part := range [][]byte{b, fingerprint, features, lookup} {
		_, err := s.w.Write(part)
		errs = errors.Join(errs, err)
		s.size += int64(len(part))
	}
	return errs
}

// flush ends putting.
func (s *spool) flush() error { return s.w.Flush() }

// has says whether something was put by a number.
func (s *spool) has(n int) bool { return n < len(s.at) && s.at[n] > 0 }

// get answers what was put by a number; a lookup of no length is nil.
func (s *spool) get(n int) (fingerprint, features, lookup []byte, err error) {
	at := s.at[n] - 1
	var parts [3][]byte
	need := 3 * binary.MaxVarintLen64
	for {
		b, err := s.read(at, need)
		if err != nil {
			return nil, nil, nil, err
		}
		whole := 0
		var sizes [3]int
		rest := b
		for i := range sizes {
			size, width := binary.Uvarint(rest)
			if width <= 0 {
				return nil, nil, nil, errors.New("the spool is broken")
			}
			rest, sizes[i], whole = rest[width:], int(size), whole+int(size)
		}
		if whole > len(rest) {
			need = len(b) - len(rest) + whole
			continue
		}
		for i, size := range sizes {
			parts[i], rest = slices.Clone(rest[:size]), rest[size:]
		}
		break
	}
	if len(parts[2]) == 0 {
		parts[2] = nil
	}
	return parts[0], parts[1], parts[2], nil
}

// read answers what begins at a place: as much as is needed, if there is so much.
func (s *spool) read(at int64, need int) ([]byte, error) {
	need = int(min(int64(need), s.size-at))
	if at < s.from || at+int64(need) > s.from+int64(len(s.window)) {
		s.window = slices.Grow(s.window[:0], max(need, spoolWindow))[:min(int64(max(need, spoolWindow)), s.size-at)]
		s.from = at
		if _, err := s.file.ReadAt(s.window, at); err != nil {
			return nil, fmt.Errorf("read the spool: %w", err)
		}
	}
	return s.window[at-s.from:], nil
}
