package sqlstore

import (
	"cmp"
	"fmt"
	"slices"

	"customer360/idgraph"
	"customer360/idgraph/match"
)

// writeAll writes the graph, every table in order of its key.
func (c *construction) writeAll() error {
	c.o.Progress("write", 0, len(c.res.Records))
	return c.withoutIndexes(func() error {
		for _, step := range []func() error{
			c.writeRecords, c.writeEdges, c.writeMinted, c.writeOlder, c.writeRedirects,
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
	if olds := len(c.res.Records) - int(c.change.Records); c.change.Records > olds {
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
// bulkArgs is about how many values one statement carries.
// writeRecords writes the records that came and deletes those that did not.
func (c *construction) writeRecords() error {
	for _, h := range c.lost {
		if err := c.exec(deleteRecord, h.rid); err != nil {
			return err
		}
	}
	c.change.Gone += len(c.lost)
	places := make([]int32, c.total)
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
		was, now := c.held(int(place)), int64(c.whose[c.res.Of[place]])
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
		pair := c.pair(e)
		customer, review := c.placeOf(e)
		err := b.add(pair[0], pair[1], string(e.Rule), int64(match.RuleVersion), e.Levels[:], int64(e.Weight), int64(flag(e.Strong)), int64(e.decided), since, int64(customer), review)
		if err != nil {
			return err
		}
	}
	c.edges = nil
	return b.end()
}

// writeMinted writes the customers that there were not.
// writeOlder writes what became of the customers that there were.
// writeRedirects points the ids that were merged to the survivors; one that had
// been merged into a customer which is split follows its own records.
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
	for _, s := range c.res.Skipped {
		if err := b.add(int64(s.Key), c.kindOf(s), int64(s.Records)); err != nil {
			return err
		}
	}
	return b.end()
}

// kindOf names a skipped block as the store does: by the whole type of an identifier.
func (c *construction) kindOf(b match.SkippedBlock) (kind string) {
	c.res.Records[b.One].IdentifiersAt(b.Key, func(e match.Entry) { kind = string(e.Type) })
	return kind
}

// writeFrozen writes who has reached a limit.
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
