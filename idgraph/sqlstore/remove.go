package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

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
	for _, name := range []string{"graph.db", "ledger.db"} {
		for _, ending := range []string{"-wal", "-shm", ""} {
			if err := os.Remove(filepath.Join(dir, name+ending)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("remove the store: %w", err)
			}
		}
	}
	return nil
}
