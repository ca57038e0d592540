package sqlstore

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"customer360/idgraph"
	"customer360/internal/keys"
)

// ledgerRing is what the ledger's reasons are written under, in a transaction of
// decisions.
func (d *DB) ledgerRing(s *scope) (*keys.Ring, error) {
	var check []byte
	if err := s.get(&check, `SELECT value FROM ledger_meta WHERE name = 'keys'`); err != nil {
		return nil, err
	}
	ring := ringOf(d.ring, check)
	if ring == nil {
		return nil, errRekeyed
	}
	return ring, nil
}

// rekeyLedger writes the reasons of all decisions under the new key, in one
// transaction, in which nobody else decides. The table is append-only before and
// after.
func (d *DB) rekeyLedger(ctx context.Context, _ func(string, int, int)) error {
	return d.appending(ctx, decides, func(s *scope) error {
		ring, err := d.ledgerRing(s)
		if err != nil || ring == d.ring {
			return err
		}
		reasons, err := d.reasons(s)
		if err != nil {
			return err
		}
		if len(reasons) > 0 {
			if err := s.exec(d.dialect.unguard("decisions")); err != nil {
				return err
			}
			for seq, reason := range reasons {
				if err := s.exec(`UPDATE decisions SET reason = ? WHERE seq = ?`, reason, seq); err != nil {
					return err
				}
			}
			for _, q := range d.dialect.guards("decisions") {
				if err := s.exec(q); err != nil {
					return err
				}
			}
		}
		return s.exec(`UPDATE ledger_meta SET value = ? WHERE name = 'keys'`, d.ring.Check())
	})
}

// reasons are the reasons of all decisions, by number, under the new key.
func (d *DB) reasons(s *scope) (map[int64][]byte, error) {
	out := map[int64][]byte{}
	err := s.each(selectDecisions, []any{0}, func(scan func(...any) error) error {
		v, err := scanVerdict(scan)
		if err != nil {
			return err
		}
		plain, err := d.ring.Decrypt(v.reason, reasonPlace(v.a, v.b))
		if err != nil {
			return fmt.Errorf("decision %d: %w", v.seq, err)
		}
		out[v.seq], err = d.ring.Encrypt(plain, reasonPlace(v.a, v.b))
		return err
	})
	return out, err
}

// errPair says that graph and ledger are not one store's.
var errPair = fmt.Errorf("%w: the graph and the ledger are of different stores: put the two together that were made together, or remove the graph, which is then read anew from the sources", idgraph.ErrWrongStore)

// checkPair sees that graph and ledger are one store's: both hold its name. A new
// graph takes the ledger's, for it may be lost; a ledger may not.
func (d *DB) checkPair(ctx context.Context) error {
	inLedger, err := nameIn(ctx, d.ledger, "ledger_meta")
	if err != nil {
		return err
	}
	inGraph, err := nameIn(ctx, d.write, "meta")
	switch {
	case err != nil:
		return err
	case inGraph != nil && !bytes.Equal(inGraph, inLedger):
		return errPair
	case inGraph != nil:
		return nil
	}
	if inLedger == nil {
		inLedger = make([]byte, 16)
		_, _ = rand.Read(inLedger) // it never fails: see crypto/rand
		if err := giveName(ctx, d.ledger, "ledger_meta", inLedger); err != nil {
			return err
		}
	}
	return giveName(ctx, d.write, "meta", inLedger)
}

func nameIn(ctx context.Context, db *sqlx.DB, table string) (name []byte, err error) {
	err = db.GetContext(ctx, &name, `SELECT value FROM `+table+` WHERE name = 'store'`)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return name, err
}

func giveName(ctx context.Context, db *sqlx.DB, table string, name []byte) error {
	_, err := db.ExecContext(ctx, db.Rebind(`INSERT INTO `+table+` (name, value) VALUES ('store', ?)`), name)
	return err
}
