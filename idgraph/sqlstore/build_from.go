package sqlstore

import (
	"bytes"
	"fmt"
	"iter"

	"customer360/idgraph"
	"customer360/idgraph/match"
)

// A knownBefore is a record that the store held before a build.
type knownBefore struct {
	heldRecord
	keyID       string
	fingerprint []byte
	came        bool
}

// fromOutside resolves records that come from outside; what is to be written of
// them waits in a spool, encrypted.
func (c *construction) fromOutside(records iter.Seq2[idgraph.Record, error]) error {
	o, err := c.options()
	if err != nil {
		return err
	}
	before, err := c.before()
	if err != nil {
		return err
	}
	if c.spool, err = newSpool(c.db.dir); err != nil {
		return err
	}
	o.Each = func(n int, rec idgraph.Record, _ *match.Features) error {
		news := incoming{rec: rec, packed: pack(rec), lookup: rec.LookupKey}
		news.fingerprint = fingerprint(c.keys.index, rec.Ref, news.packed, news.lookup)
		if h := before[rec.Ref]; h != nil && h.keyID == c.keys.index.ID() && bytes.Equal(h.fingerprint, news.fingerprint) {
			return nil // it stands as it is
		}
		features, lookup, err := news.encrypt(c.keys.index)
		if err != nil {
			return err
		}
		return c.spool.put(n, news.fingerprint, features, lookup)
	}
	var broken error
	c.res, err = match.Resolve(c.ctx, func(yield func(idgraph.Record) bool) {
		for rec, err := range records {
			if err == nil && (rec.Ref.Source == "" || rec.Ref.ID == "") {
				err = fmt.Errorf("a record %s", rec.Ref)
			}
			if err == nil && !(c.db.dialect.holds(rec.Ref.ID) && c.db.dialect.holds(string(rec.Ref.Source))) {
				err = fmt.Errorf("record %q: an id that the database can't hold", rec.Ref)
			}
			if broken = err; err != nil {
				return
			}
			if c.total++; len(before) > 0 {
				var h heldRecord
				if b := before[rec.Ref]; b != nil {
					h, b.came = b.heldRecord, true
				}
				c.came = append(c.came, h)
			}
			if !yield(rec) {
				return
			}
		}
	}, o)
	if broken != nil {
		return broken
	}
	if err != nil {
		return err
	}
	for _, h := range before {
		if !h.came {
			c.lost = append(c.lost, h.heldRecord)
		}
	}
	return c.spool.flush()
}

// before reads which records the store holds.
func (c *construction) before() (map[idgraph.Ref]*knownBefore, error) {
	out := map[idgraph.Ref]*knownBefore{}
	const all = `SELECT rid, source, id, customer, origin, key_id, fingerprint FROM records`
	err := c.each(all, nil, func(scan func(...any) error) error {
		h, ref := &knownBefore{}, idgraph.Ref{}
		err := scan(&h.rid, &ref.Source, &ref.ID, &h.customer, &h.origin, &h.keyID, &h.fingerprint)
		out[ref] = h
		return err
	})
	return out, err
}
