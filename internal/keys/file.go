package keys

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// FileName is what the file of a ring is called beside a store.
const FileName = "keys.json"

// Open reads the ring of a file.
func Open(path string) (*Ring, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the keys: %w", err)
	}
	defer f.Close()
	ring, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return ring, nil
}

// OpenOrCreate reads the ring of a file, or makes one (mode 0600) where there
// is no file. A file that is there and no ring is never overwritten.
func OpenOrCreate(path string) (*Ring, error) {
	ring, err := Open(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return ring, err
	}
	if ring, err = Create(); err != nil {
		return nil, err
	}
	if err := ring.create(path); err != nil {
		if errors.Is(err, fs.ErrExist) { // somebody else was faster
			return Open(path)
		}
		return nil, fmt.Errorf("create the keys: %w", err)
	}
	return ring, nil
}

// create writes a new file whole: a crash leaves the file, or none.
func (r *Ring) create(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".keys-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	err = errors.Join(r.Write(f), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return os.Link(f.Name(), path) // unlike a rename, it fails where a file is
}
