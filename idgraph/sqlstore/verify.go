package sqlstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"

	"github.com/jmoiron/sqlx"

	"customer360/idgraph"
)

// A Flaw is one thing that is not as the store promises. It names records and
// customers by their ids, and holds no value.
type Flaw struct {
	Promise string
	Where   string
}

// A promise is what always holds of a graph. Its text answers where it doesn't.
type promise struct{ what, text string }

// promises are held by the tables alone.
var promises = []promise{
	{
		"a record belongs to a customer that has records",
		`SELECT 'record ' || r.source || '/' || r.id FROM records r LEFT JOIN customers c ON c.id = r.customer WHERE c.id IS NULL OR c.records = 0`,
	},
	{
		"a customer counts its records",
		`SELECT 'customer ' || CAST(c.id AS TEXT) FROM customers c LEFT JOIN (SELECT customer, COUNT(*) AS n FROM records GROUP BY customer) r ON r.customer = c.id
		 WHERE c.records <> COALESCE(r.n, 0)`,
	},
	{
		"a customer that was merged has no records",
		`SELECT 'customer ' || CAST(id AS TEXT) FROM customers WHERE merged_into IS NOT NULL AND records > 0`,
	},
	{
		"whom a customer was merged into was not merged itself",
		`SELECT 'customer ' || CAST(a.id AS TEXT) FROM customers a LEFT JOIN customers b ON b.id = a.merged_into WHERE a.merged_into IS NOT NULL AND (b.id IS NULL OR b.merged_into IS NOT NULL)`,
	},
	{
		"a record's first customer is known",
		`SELECT 'record ' || r.source || '/' || r.id FROM records r LEFT JOIN customers c ON c.id = r.origin WHERE c.id IS NULL`,
	},
	{
		"evidence is of two records, the lesser one first, and of their customer where they have one",
		`SELECT 'edge ' || CAST(e.a AS TEXT) || '–' || CAST(e.b AS TEXT) FROM edges e LEFT JOIN records a ON a.rid = e.a LEFT JOIN records b ON b.rid = e.b
		 WHERE a.rid IS NULL OR b.rid IS NULL OR a.source > b.source OR a.source = b.source AND a.id >= b.id
		 OR e.customer > 0 AND (a.customer <> e.customer OR b.customer <> e.customer)`,
	},
	{
		"who stands in a block is a record",
		`SELECT 'record number ' || CAST(k.rid AS TEXT) FROM blocks k LEFT JOIN records r ON r.rid = k.rid WHERE r.rid IS NULL`,
	},
	{
		"an identifier is a record's",
		`SELECT 'record number ' || CAST(i.rid AS TEXT) FROM identifiers i LEFT JOIN records r ON r.rid = i.rid WHERE r.rid IS NULL`,
	},
	{
		"a frozen customer has records",
		`SELECT 'customer ' || CAST(f.customer AS TEXT) FROM frozen f LEFT JOIN customers c ON c.id = f.customer WHERE c.id IS NULL OR c.records = 0`,
	},
	{
		"a source counts its records",
		`SELECT 'source ' || s.source FROM sources s LEFT JOIN (SELECT source, COUNT(*) AS n FROM records GROUP BY source) r ON r.source = s.source WHERE s.records <> COALESCE(r.n, 0)`,
	},
	{
		"a number is given out before it is used",
		`SELECT 'record number ' || CAST(rid AS TEXT) FROM records WHERE rid > COALESCE((SELECT last FROM counters WHERE name = 'record'), 0)
		 UNION ALL SELECT 'customer ' || CAST(id AS TEXT) FROM customers WHERE id > COALESCE((SELECT last FROM counters WHERE name = 'customer'), 0)`,
	},
	{
		"a customer that has records was minted, and is told of",
		`SELECT 'customer ' || CAST(c.id AS TEXT) FROM customers c WHERE c.records > 0 AND NOT EXISTS (SELECT 1 FROM identity_events e WHERE e.customer = c.id)`,
	},
}

// The promises that take more than the tables.
const (
	promisedFeatures    = "a record can be decrypted, and is as it was learnt"
	promisedIdentifiers = "a record is found by its identifiers, and by no others"
	promisedJoined      = "the records of a customer are joined by links"
	promisedMark        = "the ledger's mark is not below any customer id"
)

// Verify holds the graph against all that the store promises of it, on one
// state of it, and tells of every flaw. Progress is told the stage and how far
// it has come; total is 0 where it isn't known.
func (d *DB) Verify(ctx context.Context, progress func(stage string, done, total int), flaw func(Flaw)) error {
	tx, err := d.read.BeginTxx(ctx, d.dialect.look())
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	defer rollback(tx)
	for i, p := range promises {
		progress("tables", i, len(promises))
		var where []string
		if err := tx.SelectContext(ctx, &where, p.text); err != nil {
			return fmt.Errorf("verify that %s: %w", p.what, err)
		}
		for _, w := range where {
			flaw(Flaw{p.what, w})
		}
	}
	v := &verifying{db: d, ctx: ctx, tx: tx, progress: progress, flaw: flaw}
	if v.keys, err = d.keyingIn((&scope{ctx: ctx, tx: tx, of: newStatements(d.read)}).each); err == nil {
		err = v.keys.unsettled()
	}
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	for _, stage := range []func() error{v.mark, v.records, v.joined, v.rebuilt} {
		if err := stage(); err != nil {
			return fmt.Errorf("verify: %w", err)
		}
	}
	return nil
}

// A verifying is one Verify under way.
type verifying struct {
	db       *DB
	ctx      context.Context
	tx       *sqlx.Tx
	keys     keying
	progress func(stage string, done, total int)
	flaw     func(Flaw)

	customers map[int64]int64 // record number → customer
}

// mark holds the counters against the ledger, which outlives the graph.
func (v *verifying) mark() error {
	mark, err := v.db.mark(v.ctx, v.db.ledger)
	if err != nil {
		return err
	}
	var last int64
	if err := v.tx.GetContext(v.ctx, &last, `SELECT COALESCE(MAX(id), 0) FROM customers`); err != nil {
		return err
	}
	if last > mark {
		v.flaw(Flaw{promisedMark, fmt.Sprintf("customer %d", last)})
	}
	return nil
}

// A digest tells sets of hashes apart, whatever their order.
type digest struct{ n, sum, mix uint64 }

func (d *digest) add(hash []byte) {
	var b [16]byte
	copy(b[:], hash)
	d.n++
	d.sum += binary.BigEndian.Uint64(b[:8])
	d.mix ^= binary.BigEndian.Uint64(b[8:])
}

// records decrypts every record, and holds it against its fingerprint and its
// identifiers.
func (v *verifying) records() error {
	found := map[int64]digest{}
	err := v.each(`SELECT rid, hash FROM identifiers`, func(scan func(...any) error) error {
		var rid int64
		var hash []byte
		err := scan(&rid, &hash)
		d := found[rid]
		d.add(hash)
		found[rid] = d
		return err
	})
	if err != nil {
		return err
	}
	var total int
	if err := v.tx.GetContext(v.ctx, &total, `SELECT COUNT(*) FROM records`); err != nil {
		return err
	}
	v.customers = make(map[int64]int64, total)
	return v.each(`SELECT rid, source, id, customer, fingerprint, features, lookup, stale FROM records`, func(scan func(...any) error) error {
		var rid, customer, stale int64
		var ref idgraph.Ref
		var print, features, lookup []byte
		if err := scan(&rid, &ref.Source, &ref.ID, &customer, &print, &features, &lookup, &stale); err != nil {
			return err
		}
		v.customers[rid] = customer
		if n := len(v.customers); n%1024 == 0 || n == total {
			v.progress("records", n, total)
		}
		have, err := v.intact(ref, print, features, lookup, stale == 0)
		switch {
		case err != nil:
			v.flaw(Flaw{promisedFeatures, "record " + ref.String()})
		case have != found[rid]:
			v.flaw(Flaw{promisedIdentifiers, "record " + ref.String()})
		}
		return nil
	})
}

// intact answers the identifiers of a record that decrypts to what was learnt,
// where that was under the rules of now.
func (v *verifying) intact(ref idgraph.Ref, print, features, lookup []byte, now bool) (d digest, err error) {
	rec, err := decrypt(v.db.ring, ref, features)
	if err != nil {
		return d, err
	}
	var key []byte
	if lookup != nil {
		if key, err = v.db.ring.Decrypt(lookup, lookupPlace(ref)); err != nil {
			return d, err
		}
	}
	if now && !bytes.Equal(print, fingerprint(v.keys.index, ref, pack(rec), string(key))) {
		return d, errFeatures
	}
	for _, h := range hashesOf(v.keys.index, rec) {
		d.add([]byte(h))
	}
	return d, nil
}

// joined sees that links lead from each record of a customer to every other.
func (v *verifying) joined() error {
	root := map[int64]int64{}
	var find func(rid int64) int64
	find = func(rid int64) int64 {
		up, ok := root[rid]
		if !ok {
			return rid
		}
		top := find(up)
		root[rid] = top
		return top
	}
	v.progress("links", 0, 0)
	err := v.each(`SELECT a, b FROM edges WHERE customer > 0 AND (decided = 1 OR strong > decided)`, func(scan func(...any) error) error {
		var a, b int64
		err := scan(&a, &b)
		if a, b = find(a), find(b); a != b {
			root[a] = b
		}
		return err
	})
	if err != nil {
		return err
	}
	parts, apart := map[int64]int64{}, map[int64]bool{}
	for rid, customer := range v.customers {
		part := find(rid)
		if first, ok := parts[customer]; !ok {
			parts[customer] = part
		} else if first != part {
			apart[customer] = true
		}
	}
	for customer := range apart {
		v.flaw(Flaw{promisedJoined, fmt.Sprintf("customer %d", customer)})
	}
	return nil
}

// each hands over the rows of a query, one by one.
func (v *verifying) each(text string, row func(scan func(...any) error) error) error {
	rows, err := v.tx.QueryxContext(v.ctx, text)
	if err != nil {
		return err
	}
	return handOver(rows, row)
}
