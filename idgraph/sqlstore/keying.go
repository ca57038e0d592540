package sqlstore

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"customer360/idgraph"
	"customer360/idgraph/match"
	"customer360/internal/keys"
)

// A keying is under which keys a graph is. The index is what look-ups, blocks
// and marks go by. While a rekey is under way there are two: first all is added
// under the new key, then that becomes the index, then what is under the old one
// is taken away.
type keying struct {
	index  *keys.Ring
	other  *keys.Ring // nil unless a rekey is under way
	adding bool       // other is the new key, not yet the old one
}

// under is what records are written under.
func (k keying) under() *keys.Ring {
	if k.adding {
		return k.other
	}
	return k.index
}

const (
	selectKeying = `SELECT name, value FROM meta WHERE name IN ('keys', 'rekey')`
	updateMeta   = `INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`
	deleteMeta   = `DELETE FROM meta WHERE name = ?`
)

// A strangeKey says which of a ring's keys a store misses.
type strangeKey struct{ text string }

func (e strangeKey) Error() string { return e.text }
func (strangeKey) Unwrap() error   { return idgraph.ErrWrongKey }

// errRekeyed says that another process moves the store to keys that this one
// doesn't have, or away from them.
var errRekeyed = strangeKey{"the store is being moved between two keys by customer360 identity rekey, of which this ring has one: give every gateway the file with both that it wrote, and start it again"}

// ringOf is the ring of a check value, nil where it is of neither.
func ringOf(ring *keys.Ring, check []byte) *keys.Ring {
	for r := ring; r != nil; r = r.Old() {
		if subtle.ConstantTimeCompare(check, r.Check()) == 1 {
			return r
		}
	}
	return nil
}

// ringNamed is the ring of a record's key id, nil where it is of neither.
func (d *DB) ringNamed(id string) *keys.Ring {
	for r := d.ring; r != nil; r = r.Old() {
		if r.ID() == id {
			return r
		}
	}
	return nil
}

// keyingIn reads under which keys the graph is.
func (d *DB) keyingIn(each func(text string, args []any, row func(scan func(...any) error) error) error) (keying, error) {
	values := map[string][]byte{}
	err := each(selectKeying, nil, func(scan func(...any) error) error {
		var name string
		var value []byte
		err := scan(&name, &value)
		values[name] = value
		return err
	})
	if err != nil {
		return keying{}, fmt.Errorf("read the key's check value: %w", err)
	}
	k := keying{index: ringOf(d.ring, values["keys"])}
	if other, on := values["rekey"]; on {
		k.other = ringOf(d.ring, other)
		if k.index == nil || k.other == nil {
			return keying{}, errRekeyed
		}
		k.adding = k.other == d.ring
	}
	if k.index == nil {
		return keying{}, idgraph.ErrWrongKey
	}
	d.keyed.Store(&k)
	return k, nil
}

func (d *DB) readKeying(ctx context.Context) (keying, error) {
	return d.keyingIn(func(text string, args []any, row func(scan func(...any) error) error) error {
		return d.reads.each(ctx, text, args, row)
	})
}

// lookUp runs a reading by the hash of an identifier, from begin on. Its text
// adds a row where the index is under another key than was thought, which row
// answers by false: then all is read again, under that.
func (d *DB) lookUp(ctx context.Context, text string, id idgraph.Identifier, begin func(), row func(scan func(...any) error) (bool, error)) error {
	k := *d.keyed.Load()
	for range 3 {
		moved := false
		begin()
		err := d.reads.each(ctx, text, []any{k.index.Hash(string(id.Type), id.Value), k.index.Check()}, func(scan func(...any) error) error {
			right, err := row(scan)
			moved = moved || !right
			return err
		})
		if err != nil || !moved {
			return err
		}
		if k, err = d.readKeying(ctx); err != nil {
			return err
		}
	}
	return errors.New("the keys change all the time")
}

// hashUnder makes the keys of blocks under a ring.
func hashUnder(ring *keys.Ring) match.Hash { return ring.Short }

// inUse are rules with the ring that their keys are under.
type inUse struct {
	*match.Rules
	ring *keys.Ring
}

// checkKeys compares a check value, or leaves one in a new store.
func checkKeys(ctx context.Context, db *sqlx.DB, table, what string, ring *keys.Ring) error {
	var have []byte
	err := db.GetContext(ctx, &have, `SELECT value FROM `+table+` WHERE name = 'keys'`)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		_, err = db.ExecContext(ctx, db.Rebind(`INSERT INTO `+table+` (name, value) VALUES ('keys', ?)`), ring.Check())
		return err
	case err != nil:
		return err
	case ringOf(ring, have) == nil:
		return strangeKey{what + ": " + idgraph.ErrWrongKey.Error() + ": give it the key file that it was made with, or the one that identity rekey wrote"}
	}
	return nil
}

// unsettled refuses what must not be done while a rekey is under way.
func (k keying) unsettled() error {
	if k.other != nil {
		return errors.New("a rekey is under way: run customer360 identity rekey to its end first")
	}
	return nil
}
