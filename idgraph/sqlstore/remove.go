package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// files are those that a store in a folder has.
var files = []string{"graph.db", "ledger.db"}

// Exists says whether a folder holds a store, or a part of one: the graph may have
// been removed, to be read anew.
func Exists(dir string) bool {
	for _, name := range files {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			return true
		}
	}
	return false
}

// Remove removes the store in a folder, consent and audit with it, and nothing
// else that is there. A store that a process has open answers
// idgraph.LockedError and stays.
func Remove(ctx context.Context, dir string) error {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	lock, err := lockFolder(ctx, dir)
	if err != nil {
		return err
	}
	defer lock.Close()
	for _, name := range files {
		for _, ending := range []string{"-wal", "-shm", ""} {
			if err := os.Remove(filepath.Join(dir, name+ending)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("remove the store: %w", err)
			}
		}
	}
	return nil
}
