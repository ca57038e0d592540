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
	selectKnown  = `SELECT rid, id, key_id, fingerprint, stale FROM records WHERE source = ? AND id IN (`
	selectRows   = `SELECT rid, source, id, customer, origin, features, stale FROM records WHERE rid IN (`
	updateRecord = `UPDATE records SET key_id = ?, fingerprint = ?, features = ?, lookup = ?, stale = 0 WHERE rid = ?`
	updateStale  = `UPDATE records SET stale = 0 WHERE rid = ?`
	deleteRecord = `DELETE FROM records WHERE rid = ?`
	deleteHash   = `DELETE FROM identifiers WHERE hash = ? AND rid = ?`
	deleteBlock  = `DELETE FROM blocks WHERE key = ? AND rid = ?`
	selectFellow = `SELECT rid FROM records WHERE stale = 1 AND customer IN (`
)

var (
	insertRecords     = insert{table: "records", columns: "rid, source, id, customer, origin, key_id, fingerprint, features, lookup"}
	insertIdentifiers = insert{table: "identifiers", columns: "hash, rid", tail: " ON CONFLICT DO NOTHING"}
	insertBlocks      = insert{table: "blocks", columns: "key, rid", tail: " ON CONFLICT DO NOTHING"}
)

// takeIn writes what is changed, and remembers it and what is new in l.news;
// new records are written by settle.
func (l *learning) takeIn(news []incoming) error {
	known, err := l.known(refIDs(news))
	if err != nil {
		return err
	}
	var changed []int64
	changes := map[int64]incoming{}
	for _, n := range news {
		k, ok := known[n.rec.Ref.ID]
		if ok && !k.stale && l.is(k, n) {
			continue
		}
		l.change.Records++
		if ok {
			changed, changes[k.rid] = append(changed, k.rid), n
			continue
		}
		rid, err := l.next("record")
		if err != nil {
			return err
		}
		under, err := l.written(n)
		if err != nil {
			return err
		}
		r := &row{rid: rid, ref: n.rec.Ref, f: l.rules.Features(n.rec), other: l.otherFeatures(n.rec), fresh: under, changed: true}
		l.rows[rid], l.news[rid] = r, r
		l.records++
		l.stand(r, nil)
	}
	before, err := l.load(changed)
	if err != nil {
		return err
	}
	for _, old := range before {
		if err := l.replace(old, changes[old.rid]); err != nil {
			return err
		}
	}
	return l.refresh(before)
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

// is says whether a record is as it was learnt.
func (l *learning) is(k knownRecord, n incoming) bool {
	print := n.fingerprint
	if k.keyID != l.db.ring.ID() {
		ring := l.db.ringNamed(k.keyID)
		if ring == nil {
			return false
		}
		print = fingerprint(ring, n.rec.Ref, n.packed, n.lookup)
	}
	return bytes.Equal(k.fingerprint, print)
}

// written makes the columns of a record that tell of it, under the key of now.
func (l *learning) written(n incoming) (*fresh, error) {
	ring, print := l.keys.under(), n.fingerprint
	if ring != l.db.ring {
		print = fingerprint(ring, n.rec.Ref, n.packed, n.lookup)
	}
	features, lookup, err := n.encrypt(ring)
	return &fresh{ring.ID(), print, features, lookup}, err
}

// otherFeatures are a record's under the other key, nil unless there is one.
func (l *learning) otherFeatures(rec idgraph.Record) *match.Features {
	if l.other == nil {
		return nil
	}
	return l.other.Features(rec)
}

// replace writes a changed record.
func (l *learning) replace(old *row, n incoming) error {
	under, err := l.written(n)
	if err != nil {
		return err
	}
	if err := l.exec(updateRecord, under.keyID, under.fingerprint, under.features, under.lookup, old.rid); err != nil {
		return err
	}
	now := &row{rid: old.rid, ref: old.ref, customer: old.customer, origin: old.origin, f: l.rules.Features(n.rec), other: l.otherFeatures(n.rec), changed: true}
	l.rows[now.rid], l.news[now.rid] = now, now
	l.stand(now, old)
	return l.leave(old, now)
}

// refresh takes in, as they are, the stale records of the customers of others:
// records of one customer come into their blocks together.
func (l *learning) refresh(of []*row) error {
	customers := map[idgraph.CustomerID]bool{}
	for _, r := range of {
		if r.stale {
			customers[r.customer] = true
		}
	}
	var stale []int64
	err := in(sorted(customers), func(marks string, args []any) error {
		var rids []int64
		err := l.selects(&rids, selectFellow+marks, args...)
		stale = append(stale, rids...)
		return err
	})
	if err != nil {
		return err
	}
	rows, err := l.load(stale)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if l.news[r.rid] != nil {
			continue
		}
		if err := l.exec(updateStale, r.rid); err != nil {
			return err
		}
		l.rows[r.rid], l.news[r.rid] = r, r
		l.stand(r, nil)
		r.stale = false
	}
	return nil
}

func refIDs(news []incoming) []string {
	out := make([]string, len(news))
	for i, n := range news {
		out[i] = n.rec.Ref.ID
	}
	return out
}
