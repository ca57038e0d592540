package sqlstore

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"customer360/idgraph"
	"customer360/idgraph/match"
)

// writeAll writes the graph, every table in order of its key.
func (c *construction) writeAll() error {
	c.o.Progress("write", 0, len(c.at))
	return c.withoutIndexes(func() error {
		for _, step := range []func() error{
			c.writeRecords, c.writeIdentifiers, c.writeBlocks, c.writeEdges, c.writeMinted, c.writeOlder, c.writeRedirects,
			c.writeMarks, c.writeFrozen, c.writeSources, c.writeStirred, c.tellAll,
		} {
			if err := step(); err != nil {
				return err
			}
			if err := c.ctx.Err(); err != nil {
				return err
			}
		}
		return nil
	})
}

// withoutIndexes takes away the indexes of the tables that are written anew, and
// makes them again when all is written. Where other processes read the tables
// meanwhile, they stay.
func (c *construction) withoutIndexes(write func() error) error {
	if c.db.dialect.shared {
		return write()
	}
	const which = `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN (`
	tables := []any{"edges"}
	if olds := len(c.at) - int(c.change.Records); c.change.Records > olds {
		tables = append(tables, "records", "customers", "identity_events")
	}
	var texts []string
	var names []string
	err := c.each(which+marks(len(tables)), tables, func(scan func(...any) error) error {
		var name, text string
		err := scan(&name, &text)
		names, texts = append(names, name), append(texts, text)
		return err
	})
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := c.exec(`DROP INDEX "` + name + `"`); err != nil {
			return err
		}
	}
	if err := write(); err != nil {
		return err
	}
	for _, text := range texts {
		if err := c.exec(text); err != nil {
			return fmt.Errorf("index: %w", err)
		}
	}
	return nil
}

// A bulk inserts very many rows, in large statements.
type bulk struct {
	*scope
	insert
	columns, rows int
	stmt          *sqlx.Stmt
	args          []any
}

// bulkArgs is about how many values one statement carries.
const bulkArgs = 2000

func (s *scope) bulk(i insert) *bulk {
	columns := strings.Count(i.columns, ",") + 1
	rows := bulkArgs / columns
	return &bulk{scope: s, insert: i, columns: columns, rows: rows, args: make([]any, 0, rows*columns)}
}

func (b *bulk) add(values ...any) error {
	b.args = append(b.args, values...)
	if len(b.args) < b.rows*b.columns {
		return nil
	}
	if b.stmt == nil {
		stmt, err := b.tx.PreparexContext(b.ctx, b.tx.Rebind(b.text(b.rows)))
		if err != nil {
			return fmt.Errorf("insert into %s: %w", b.table, err)
		}
		b.stmt = stmt
	}
	if _, err := b.stmt.ExecContext(b.ctx, b.args...); err != nil {
		return fmt.Errorf("insert into %s: %w", b.table, err)
	}
	b.args = b.args[:0]
	return nil
}

func (b *bulk) end() error {
	if b.stmt != nil {
		_ = b.stmt.Close()
	}
	if len(b.args) == 0 {
		return nil
	}
	if err := b.exec(b.text(len(b.args)/b.columns), b.args...); err != nil {
		return fmt.Errorf("insert into %s: %w", b.table, err)
	}
	return nil
}

// writeRecords writes the records that came and deletes those that did not.
func (c *construction) writeRecords() error {
	for _, h := range c.lost {
		if err := c.exec(deleteRecord, h.rid); err != nil {
			return err
		}
	}
	c.change.Gone += len(c.lost)
	places := make([]int32, len(c.came))
	for place := range c.res.Records {
		places[c.res.Came(place)] = int32(place)
	}
	added := c.bulk(insertRecords)
	keyID := any(c.keys.index.ID())
	for n, rid := range c.rids {
		if rid == 0 {
			continue
		}
		if n%4096 == 0 {
			c.o.Progress("write", n, len(c.rids))
			if err := c.ctx.Err(); err != nil {
				return err
			}
		}
		place := places[n]
		was, now := c.came[n], int64(c.whose[c.res.Of[place]])
		if was.origin != 0 {
			if err := c.writeHeld(n, was, idgraph.CustomerID(now)); err != nil {
				return err
			}
			continue
		}
		fingerprint, features, lookup, err := c.spool.get(n)
		if err != nil {
			return err
		}
		ref := &c.res.Records[place].Ref
		if err := added.add(rid, string(ref.Source), ref.ID, now, now, keyID, fingerprint, features, lookup); err != nil {
			return err
		}
	}
	if err := added.end(); err != nil {
		return err
	}
	return c.exec(`UPDATE records SET stale = 0 WHERE stale <> 0`)
}

// writeHeld writes what is new of a record that the store held.
func (c *construction) writeHeld(n int, was heldRecord, now idgraph.CustomerID) error {
	if c.spool != nil && c.spool.has(n) {
		fingerprint, features, lookup, err := c.spool.get(n)
		if err != nil {
			return err
		}
		if err := c.exec(updateRecord, c.keys.index.ID(), fingerprint, features, lookup, was.rid); err != nil {
			return err
		}
		c.change.Records++
		c.stirred[now] = true
	}
	if was.customer == now {
		return nil
	}
	c.stirred[was.customer], c.stirred[now] = true, true
	return c.exec(updateMember, int64(now), was.rid)
}

func (c *construction) writeIdentifiers() error {
	if err := c.exec(`DELETE FROM identifiers`); err != nil {
		return err
	}
	b := c.bulk(insert{table: "identifiers", columns: "hash, rid"})
	if err := c.hashes.inOrder(c.rids, func(hash []byte, rid int64) error { return b.add(hash, rid) }); err != nil {
		return err
	}
	return b.end()
}

func (c *construction) writeBlocks() error {
	<-c.sorted
	if err := c.exec(`DELETE FROM blocks`); err != nil {
		return err
	}
	b := c.bulk(insertBlocks)
	for _, p := range c.places {
		if err := b.add(p.key, p.rid); err != nil {
			return err
		}
	}
	c.places = nil
	return b.end()
}

func (c *construction) writeEdges() error {
	if err := c.exec(`DELETE FROM edges`); err != nil {
		return err
	}
	b, now := c.bulk(insertEdges), stamp(c.now)
	for i := range c.edges {
		e := &c.edges[i]
		since := e.since
		if since == 0 {
			since = now
		}
		err := b.add(e.pair[0], e.pair[1], string(e.Rule), int64(match.RuleVersion), e.Levels[:], int64(e.Weight), int64(flag(e.Strong)), int64(e.decided), since, int64(e.customer), e.review)
		if err != nil {
			return err
		}
	}
	c.edges = nil
	return b.end()
}

// writeMinted writes the customers that there were not.
func (c *construction) writeMinted() error {
	sizes := make([]int, c.minted[1]-c.minted[0])
	for g, id := range c.whose {
		if int64(id) > c.minted[0] && int64(id) <= c.minted[1] {
			sizes[int64(id)-c.minted[0]-1] = len(c.res.Groups[g])
		}
	}
	b, now := c.bulk(insertCustomers), stamp(c.now)
	for i, n := range sizes {
		if err := b.add(c.minted[0]+1+int64(i), now, int64(n), now); err != nil {
			return err
		}
	}
	return b.end()
}

// writeOlder writes what became of the customers that there were.
func (c *construction) writeOlder() error {
	s, lost := c.settling, map[idgraph.CustomerID]int{}
	for _, h := range c.lost {
		lost[h.customer]++
		c.stirred[h.customer] = true
	}
	for g, id := range c.whose {
		if was, ok := s.before[id]; ok && was+lost[id] != len(c.res.Groups[g]) {
			if err := c.exec(updateCount, len(c.res.Groups[g]), int64(id), len(c.res.Groups[g])); err != nil {
				return err
			}
			c.stirred[id] = true
		}
	}
	for _, id := range sorted(s.merged) {
		into := c.whose[s.merged[id]]
		if err := c.exec(`UPDATE customers SET records = 0, merged_into = ? WHERE id = ?`, int64(into), int64(id)); err != nil {
			return err
		}
		c.change.Merged++
		c.stirred[id], c.stirred[into] = true, true
		c.events = append(c.events, event{kind: idgraph.Merged, customer: id, other: into})
	}
	for _, id := range sorted(s.split) {
		c.change.Split++
		slices.SortFunc(s.split[id], func(x, y int32) int { return cmp.Compare(c.oldest[x], c.oldest[y]) })
		for _, g := range s.split[id] {
			c.stirred[id], c.stirred[c.whose[g]] = true, true
			c.events = append(c.events, event{kind: idgraph.SplitOff, customer: id, other: c.whose[g]})
		}
	}
	for _, id := range sorted(lost) {
		if _, came := s.before[id]; came {
			continue
		}
		if err := c.exec(`UPDATE customers SET records = 0 WHERE id = ?`, int64(id)); err != nil {
			return err
		}
		c.events = append(c.events, event{kind: idgraph.Gone, customer: id})
	}
	return nil
}

// writeRedirects points the ids that were merged to the survivors; one that had
// been merged into a customer which is split follows its own records.
func (c *construction) writeRedirects() error {
	s := c.settling
	for _, id := range sorted(s.merged) {
		if err := c.exec(`UPDATE customers SET merged_into = ? WHERE merged_into = ?`, int64(c.whose[s.merged[id]]), int64(id)); err != nil {
			return err
		}
	}
	from := map[idgraph.CustomerID]idgraph.CustomerID{}
	for _, id := range sorted(s.split) {
		var redirects []idgraph.CustomerID
		if err := c.selects(&redirects, `SELECT id FROM customers WHERE merged_into = ?`, int64(id)); err != nil {
			return err
		}
		for _, r := range redirects {
			from[r] = id
		}
	}
	if len(from) == 0 {
		return nil
	}
	parts := map[idgraph.CustomerID]map[int32]int{}
	for place, h := range c.at {
		if _, asked := from[h.origin]; asked {
			if parts[h.origin] == nil {
				parts[h.origin] = map[int32]int{}
			}
			parts[h.origin][c.res.Of[place]]++
		}
	}
	for _, id := range sorted(from) {
		heir, most := int32(-1), 0
		for g, n := range parts[id] {
			if n > most || n == most && c.oldest[g] < c.oldest[heir] {
				heir, most = g, n
			}
		}
		if heir >= 0 && c.whose[heir] != from[id] {
			if err := c.exec(`UPDATE customers SET merged_into = ? WHERE id = ?`, int64(c.whose[heir]), int64(id)); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeMarks writes whose identifiers are that are not one person's, and which
// blocks are over their cap.
func (c *construction) writeMarks() error {
	for _, table := range []string{"shared", "crowded"} {
		if err := c.exec(`DELETE FROM ` + table); err != nil {
			return err
		}
	}
	marks := make([][2]int64, 0, len(c.res.Marks))
	for key, mark := range c.res.Marks {
		if mark != match.OnePersons {
			marks = append(marks, [2]int64{int64(key), int64(mark)})
		}
	}
	slices.SortFunc(marks, func(x, y [2]int64) int { return cmp.Compare(x[0], y[0]) })
	b := c.bulk(insert{table: "shared", columns: "key, mark"})
	for _, m := range marks {
		if err := b.add(m[0], m[1]); err != nil {
			return err
		}
	}
	if err := b.end(); err != nil {
		return err
	}
	b = c.bulk(insert{table: "crowded", columns: "key, kind, records"})
	for i, s := range c.res.Skipped {
		if err := b.add(int64(s.Key), c.kinds[i], int64(s.Records)); err != nil {
			return err
		}
	}
	return b.end()
}

// writeFrozen writes who has reached a limit.
func (c *construction) writeFrozen() error {
	was, now := map[idgraph.CustomerID]int64{}, map[idgraph.CustomerID]int{}
	err := c.each(`SELECT customer, since FROM frozen`, nil, func(scan func(...any) error) error {
		var id idgraph.CustomerID
		var since int64
		err := scan(&id, &since)
		was[id] = since
		return err
	})
	if err != nil {
		return err
	}
	if err := c.exec(`DELETE FROM frozen`); err != nil {
		return err
	}
	for _, g := range c.res.Frozen {
		now[c.whose[g]] = len(c.res.Groups[g])
	}
	for _, id := range sorted(was) {
		if now[id] == 0 {
			c.stirred[id] = true
			c.events = append(c.events, event{kind: idgraph.Thawed, customer: id})
		}
	}
	b := c.bulk(insert{table: "frozen", columns: "customer, since, review"})
	for _, id := range sorted(now) {
		since, froze := was[id]
		if !froze {
			since = stamp(c.now)
			c.stirred[id] = true
			c.events = append(c.events, event{kind: idgraph.Frozen, customer: id})
		}
		if err := b.add(int64(id), since, worthOf(0, now[id])); err != nil {
			return err
		}
	}
	return b.end()
}

// writeSources counts the records of each source.
func (c *construction) writeSources() error {
	if c.spool == nil {
		return nil
	}
	counts := map[idgraph.Source]int{}
	for _, f := range c.res.Records {
		counts[f.Ref.Source]++
	}
	if err := c.exec(`UPDATE sources SET records = 0`); err != nil {
		return err
	}
	for s, n := range counts {
		if err := c.exec(insertSource, string(s)); err != nil {
			return err
		}
		if err := c.exec(`UPDATE sources SET records = ?, at = ? WHERE source = ?`, n, stamp(c.now), string(s)); err != nil {
			return err
		}
	}
	return nil
}

// tellAll tells of the customers that were minted and of the links that are new;
// what else became of customers is among the events.
func (c *construction) tellAll() error {
	const mintedNow = `INSERT INTO identity_events (seq, at, kind, customer, other, a, b, rule, rule_version, cause)
		SELECT CAST(? AS BIGINT) + id, CAST(? AS BIGINT), 'MINTED', id, 0, 0, 0, '', CAST(? AS BIGINT), CAST(? AS TEXT) FROM customers WHERE id > ? AND id <= ? ORDER BY id`
	const linkedNow = `INSERT INTO identity_events (seq, at, kind, customer, other, a, b, rule, rule_version, cause)
		SELECT CAST(? AS BIGINT) + ROW_NUMBER() OVER (ORDER BY a, b), CAST(? AS BIGINT), 'LINKED', customer, 0, a, b, CASE WHEN decided = 1 THEN 'CONFIRMED' ELSE rule END, CAST(? AS BIGINT), CAST(? AS TEXT)
		FROM edges WHERE customer > 0 AND since = ? AND (decided = 1 OR strong = 1 AND decided <> 2) ORDER BY a, b`
	now := stamp(c.now)
	first, err := c.next("event")
	if err != nil {
		return err
	}
	first-- // the last that was given out
	n, err := c.changed(mintedNow, first-c.minted[0], now, match.RuleVersion, c.cause, c.minted[0], c.minted[1])
	if err != nil {
		return fmt.Errorf("tell of customers: %w", err)
	}
	first += n
	if n, err = c.changed(linkedNow, first, now, match.RuleVersion, c.cause, now); err != nil {
		return fmt.Errorf("tell of links: %w", err)
	}
	c.counters["event"] = first + n
	return nil
}
