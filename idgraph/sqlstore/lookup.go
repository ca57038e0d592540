package sqlstore

import (
	"context"
	"fmt"

	"customer360/idgraph"
	"customer360/internal/keys"
)

const selectLookup = `SELECT id, lookup FROM records WHERE lookup IS NOT NULL AND source = ? AND id IN (`

// LookupKeys answers the look-up keys of records of one source.
func (d *DB) LookupKeys(ctx context.Context, s idgraph.Source, refs []idgraph.Ref) (map[idgraph.Ref]string, error) {
	found, ids := map[idgraph.Ref]string{}, make([]string, len(refs))
	for i, ref := range refs {
		ids[i] = ref.ID
	}
	err := in(ids, func(marks string, args []any) error {
		return d.reads.each(ctx, selectLookup+marks, append([]any{string(s)}, args...), func(scan func(...any) error) error {
			ref, encrypted := idgraph.Ref{Source: s}, []byte(nil)
			if err := scan(&ref.ID, &encrypted); err != nil {
				return err
			}
			key, err := d.ring.Decrypt(encrypted, lookupPlace(ref))
			if err != nil {
				return fmt.Errorf("record %s: %w", ref, err)
			}
			found[ref] = string(key)
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read the look-up keys of %s: %w", s, err)
	}
	return found, nil
}

// lookupPlace is what a look-up key is bound to: it decrypts in its own row and column only.
func lookupPlace(ref idgraph.Ref) []byte {
	return []byte("lookup\x00" + string(ref.Source) + "\x00" + ref.ID)
}

// encryptLookup makes the column `lookup` of a record: nil where it has no key.
func encryptLookup(ring *keys.Ring, ref idgraph.Ref, key string) ([]byte, error) {
	if key == "" {
		return nil, nil
	}
	b, err := ring.Encrypt([]byte(key), lookupPlace(ref))
	if err != nil {
		return nil, fmt.Errorf("encrypt record %s: %w", ref, err)
	}
	return b, nil
}
