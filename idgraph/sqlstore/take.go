package sqlstore

import (
	"bytes"
	"fmt"
	"slices"

	"customer360/idgraph"
	"customer360/idgraph/match"
	"customer360/internal/keys"
)

// An incoming record is one of a batch, made ready outside of the transaction.
type incoming struct {
	rec         idgraph.Record // normalised
	packed      []byte
	lookup      string // its look-up key
	fingerprint []byte
}

// makeReady makes a batch ready. Of a record that comes twice the last counts,
// and what is gone is gone.
func (d *DB) makeReady(b idgraph.Batch) ([]incoming, error) {
	at := map[idgraph.Ref]int{}
	news := make([]incoming, 0, len(b.Records))
	for _, r := range b.Records {
		if r.Ref.Source != b.Source || r.Ref.ID == "" {
			return nil, fmt.Errorf("a record %s", r.Ref)
		}
		n := incoming{rec: match.NormaliseRecord(r, d.region), lookup: r.LookupKey}
		n.packed = pack(n.rec)
		n.fingerprint = fingerprint(d.ring, r.Ref, n.packed, n.lookup)
		if i, ok := at[r.Ref]; ok {
			news[i] = n
			continue
		}
		at[r.Ref] = len(news)
		news = append(news, n)
	}
	for _, ref := range b.Gone {
		if ref.Source != b.Source {
			return nil, fmt.Errorf("a deleted record %s", ref)
		}
		if i, ok := at[ref]; ok {
			news[i].packed = nil
		}
	}
	return slices.DeleteFunc(news, func(n incoming) bool { return n.packed == nil }), nil
}

// encrypt makes the encrypted columns of a record.
func (n incoming) encrypt(ring *keys.Ring) (features, lookup []byte, err error) {
	if features, err = encrypt(ring, n.rec.Ref, n.packed); err != nil {
		return nil, nil, err
	}
	lookup, err = encryptLookup(ring, n.rec.Ref, n.lookup)
	return features, lookup, err
}

const (
	selectKnown  = `SELECT rid, id, key_id, fingerprint FROM records WHERE source = ? AND id IN (`
	selectRows   = `SELECT rid, source, id, customer, origin, features FROM records WHERE rid IN (`
	updateRecord = `UPDATE records SET key_id = ?, fingerprint = ?, features = ?, lookup = ? WHERE rid = ?`
	deleteRecord = `DELETE FROM records WHERE rid = ?`
	deleteHash   = `DELETE FROM identifiers WHERE hash = ? AND rid = ?`
)

var (
	insertRecords     = insert{table: "records", columns: "rid, source, id, customer, origin, key_id, fingerprint, features, lookup"}
	insertIdentifiers = insert{table: "identifiers", columns: "hash, rid"}
)

// takeIn writes what is changed and the identifiers of what is new, and
// remembers both in l.rows; new records are written by settle.
func (l *learning) takeIn(news []incoming) error {
	known, err := l.known(refIDs(news))
	if err != nil {
		return err
	}
	var changed []int64
	var identifiers [][]any
	packed := map[int64]incoming{}
	for _, n := range news {
		k, ok := known[n.rec.Ref.ID]
		if ok && k.keyID == l.db.ring.ID() && bytes.Equal(k.fingerprint, n.fingerprint) {
			continue
		}
		l.change.Records++
		if ok {
			changed = append(changed, k.rid)
			packed[k.rid] = n
			continue
		}
		rid, err := l.next("record")
		if err != nil {
			return err
		}
		features, lookup, err := n.encrypt(l.db.ring)
		if err != nil {
			return err
		}
		r := &row{rid: rid, ref: n.rec.Ref, rec: n.rec, hashes: hashesOf(l.db.ring, n.rec), fresh: &fresh{l.db.ring.ID(), n.fingerprint, features, lookup}}
		l.rows[rid] = r
		l.records++
		for i, h := range r.hashes {
			l.count(l.added, h, r.rec.Identifiers[i].Type)
			identifiers = append(identifiers, []any{[]byte(h), rid})
		}
	}
	before, err := l.load(changed)
	if err != nil {
		return err
	}
	for _, old := range before {
		more, err := l.replace(old, packed[old.rid])
		if err != nil {
			return err
		}
		identifiers = append(identifiers, more...)
	}
	slices.SortFunc(identifiers, func(a, b []any) int { return bytes.Compare(a[0].([]byte), b[0].([]byte)) }) // neighbours share pages
	return l.scope.rows(insertIdentifiers, identifiers)
}

// fresh is what is written of a record once it is known whose it is.
type fresh struct {
	keyID                         string
	fingerprint, features, lookup []byte
}

// columns are those of insertRecords.
func (f *fresh) columns(r *row, customer idgraph.CustomerID) []any {
	return []any{r.rid, string(r.ref.Source), r.ref.ID, customer, customer, f.keyID, f.fingerprint, f.features, f.lookup}
}

// replace writes a changed record; it answers the identifiers to be added.
func (l *learning) replace(old *row, n incoming) ([][]any, error) {
	features, lookup, err := n.encrypt(l.db.ring)
	if err != nil {
		return nil, err
	}
	if err := l.exec(updateRecord, l.db.ring.ID(), n.fingerprint, features, lookup, old.rid); err != nil {
		return nil, err
	}
	now := &row{rid: old.rid, ref: old.ref, customer: old.customer, origin: old.origin, rec: n.rec, hashes: hashesOf(l.db.ring, n.rec), changed: true}
	l.rows[now.rid] = now
	var add [][]any
	for i, h := range old.hashes {
		if !slices.Contains(now.hashes, h) {
			l.count(l.removed, h, old.rec.Identifiers[i].Type)
			if err := l.exec(deleteHash, []byte(h), old.rid); err != nil {
				return nil, err
			}
		}
	}
	for i, h := range now.hashes {
		l.types[h] = now.rec.Identifiers[i].Type
		if !slices.Contains(old.hashes, h) {
			l.count(l.added, h, now.rec.Identifiers[i].Type)
			add = append(add, []any{[]byte(h), old.rid})
		}
	}
	return add, nil
}

// forget deletes records that the source no longer has, with all that tells of them.
func (l *learning) forget(gone []idgraph.Ref) error {
	ids := make([]string, len(gone))
	for i, ref := range gone {
		ids[i] = ref.ID
	}
	known, err := l.known(ids)
	if err != nil {
		return err
	}
	rids := make([]int64, 0, len(known))
	for _, k := range known {
		rids = append(rids, k.rid)
	}
	slices.Sort(rids)
	rows, err := l.load(rids)
	if err != nil {
		return err
	}
	for _, r := range rows {
		for i, h := range r.hashes {
			l.count(l.removed, h, r.rec.Identifiers[i].Type)
			if err := l.exec(deleteHash, []byte(h), r.rid); err != nil {
				return err
			}
		}
		if err := l.exec(deleteRecord, r.rid); err != nil {
			return err
		}
		l.gone = append(l.gone, r)
		l.records--
		l.change.Gone++
	}
	return nil
}

func (l *learning) count(in map[string]int, hash string, t idgraph.IdentifierType) {
	in[hash]++
	l.types[hash] = t
}

// A knownRecord is what comparing takes.
type knownRecord struct {
	rid         int64
	keyID       string
	fingerprint []byte
}

// known answers which of the source's records the store has.
func (l *learning) known(ids []string) (map[string]knownRecord, error) {
	found := make(map[string]knownRecord, len(ids))
	err := in(ids, func(marks string, args []any) error {
		return l.each(selectKnown+marks, append([]any{string(l.source)}, args...), func(scan func(...any) error) error {
			var id string
			var k knownRecord
			err := scan(&k.rid, &id, &k.keyID, &k.fingerprint)
			found[id] = k
			return err
		})
	})
	return found, err
}

// load reads rows by their numbers, in that order.
func (l *learning) load(rids []int64) ([]*row, error) {
	found := make([]*row, 0, len(rids))
	err := in(rids, func(marks string, args []any) error {
		return l.each(selectRows+marks, args, func(scan func(...any) error) error {
			r, features := &row{}, []byte(nil)
			if err := scan(&r.rid, &r.ref.Source, &r.ref.ID, &r.customer, &r.origin, &features); err != nil {
				return err
			}
			var err error
			if r.rec, err = decrypt(l.db.ring, r.ref, features); err != nil {
				return err
			}
			r.hashes = hashesOf(l.db.ring, r.rec)
			found = append(found, r)
			return nil
		})
	})
	slices.SortFunc(found, func(a, b *row) int { return int(a.rid - b.rid) })
	return found, err
}

func refIDs(news []incoming) []string {
	out := make([]string, len(news))
	for i, n := range news {
		out[i] = n.rec.Ref.ID
	}
	return out
}
