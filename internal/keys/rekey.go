package keys

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrTwoKeys says that a ring has old keys already.
var ErrTwoKeys = errors.New("the ring has an old key already: end that rekey first")

// Next is a ring of new keys for hashes and features, with these as its old
// ones. What is sealed or digested stays valid. A ring that has old keys answers
// ErrTwoKeys.
func (r *Ring) Next() (*Ring, error) {
	if r.old != nil {
		return nil, ErrTwoKeys
	}
	raw := r.raw
	raw.Old = &oldKeys{Hash: raw.Hash, Features: raw.Features}
	raw.Hash, raw.Features = random(keySize), random(keySize)
	return newRing(raw)
}

// Old is a ring of the old keys alone, nil where there are none.
func (r *Ring) Old() *Ring { return r.old }

// Alone is the ring without old keys.
func (r *Ring) Alone() *Ring {
	if r.old == nil {
		return r
	}
	raw := r.raw
	raw.Old = nil
	alone, err := newRing(raw)
	if err != nil {
		panic("keys: a ring's own keys are refused") // they made this one
	}
	return alone
}

// Replace writes the ring over the file of another, mode 0600: a crash leaves
// the one or the other, whole.
func (r *Ring) Replace(path string) error {
	err := r.replace(path)
	if err != nil {
		return fmt.Errorf("replace the keys: %w", err)
	}
	return nil
}

func (r *Ring) replace(path string) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".keys-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if err := errors.Join(r.Write(f), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
