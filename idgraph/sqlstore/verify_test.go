package sqlstore_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"customer360/idgraph"
	"customer360/idgraph/sqlstore"
)

// verified is a store of three customers, one of which another was merged into.
func verified(t *testing.T) (*sqlstore.DB, *sqlx.DB) {
	t.Helper()
	dir := t.TempDir()
	db, err := sqlstore.Open(ctx, dir, ring(t, dir), sqlstore.Options{Region: "DE"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	person := func(source idgraph.Source, id, given, family, email string) idgraph.Record {
		return idgraph.Record{
			Ref: idgraph.Ref{Source: source, ID: id}, GivenName: given, FamilyName: family, LookupKey: "login-" + id,
			Identifiers: []idgraph.Identifier{{Type: idgraph.Email, Value: email}},
		}
	}
	for _, b := range []idgraph.Batch{
		{Source: "crm", Records: []idgraph.Record{
			person("crm", "1", "Ada", "Lovelace", "ada.lovelace@mail.example"),
			person("crm", "2", "Grace", "Hopper", "grace.hopper@mail.example"),
		}, Cursor: "a", Full: true},
		{Source: "shop", Records: []idgraph.Record{
			person("shop", "1", "Ada", "Lovelace", "ada.byron@mail.example"),
			person("shop", "2", "Alan", "Turing", "alan.turing@mail.example"),
		}, Cursor: "a", Full: true},
		{Source: "shop", Records: []idgraph.Record{person("shop", "1", "Ada", "Lovelace", "ada.lovelace@mail.example")}, Cursor: "b", Full: true},
	} {
		if _, err := db.Learn(ctx, b); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := sqlx.Open("sqlite3", filepath.Join(dir, "graph.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = raw.Close() })
	return db, raw
}

func flaws(t *testing.T, db *sqlstore.DB) (out []string) {
	t.Helper()
	err := db.Verify(ctx, func(string, int, int) {}, func(f sqlstore.Flaw) { out = append(out, f.Promise+": "+f.Where) })
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestVerifyNotices damages a store in one way after the other.
func TestVerifyNotices(t *testing.T) {
	for name, c := range map[string]struct {
		damage string
		want   string // a flaw, or the beginning of one
	}{
		"nothing": {`SELECT 1`, ""},
		"a record of nobody": {
			`UPDATE records SET customer = 99 WHERE source = 'crm' AND id = '2'`, "a record belongs to a customer that has records: record crm/2",
		},
		"a count that is off":     {`UPDATE customers SET records = records + 1 WHERE id = 2`, "a customer counts its records: customer 2"},
		"a chain of redirects":    {`UPDATE customers SET merged_into = 2 WHERE id = 1; UPDATE customers SET merged_into = 4, records = 0 WHERE id = 2`, "whom a customer was merged into was not merged itself: customer 1"},
		"merged, with records":    {`UPDATE customers SET merged_into = 1 WHERE id = 2`, "a customer that was merged has no records: customer 2"},
		"an unknown origin":       {`UPDATE records SET origin = 77 WHERE source = 'shop' AND id = '2'`, "a record's first customer is known: record shop/2"},
		"a link across customers": {`UPDATE records SET customer = 2 WHERE source = 'shop' AND id = '1'`, "evidence is of two records, the lesser one first, and of their customer where they have one"},
		"a link that is gone":     {`DELETE FROM edges`, "the records of a customer are joined by links: customer 1"},
		"edges the wrong way about": {
			`INSERT INTO edges SELECT b.rid, a.rid, 'SAME_EMAIL', 1, x'00', 1, 1, 0, 0, 0, 0 FROM records a, records b WHERE a.source = 'crm' AND a.id = '1' AND b.source = 'shop' AND b.id = '2'`,
			"evidence is of two records, the lesser one first",
		},
		"a decision that is not followed": {
			`UPDATE edges SET decided = 2 WHERE customer > 0`,
			"an edge says what a person decided of the two: records crm/1 and shop/1: 2, not 0",
		},
		"a weight":                    {`UPDATE edges SET weight = weight + 1`, "an edge is what comparing the two says: records crm/1 and shop/1"},
		"an edge of nothing":          {`INSERT INTO edges SELECT a.rid, b.rid, 'SAME_EMAIL', 1, x'00', 1, 1, 0, 0, 0, 0 FROM records a, records b WHERE a.source = 'crm' AND a.id = '1' AND b.source = 'shop' AND b.id = '2'`, "an edge is what comparing the two says: records crm/1 and shop/2, whom nothing speaks for"},
		"an edge that is gone":        {`DELETE FROM edges`, "an edge is what comparing the two says: records crm/1 and shop/1, which have none"},
		"a block that is gone":        {`DELETE FROM blocks WHERE rid = 2`, "a record stands in the blocks of its features, and in no others: record crm/2"},
		"a mark for nothing":          {`INSERT INTO shared (key, mark) VALUES (1, 2)`, "an identifier is marked by who holds it: an identifier that is marked 2, not 0"},
		"a block that is not crowded": {`INSERT INTO crowded VALUES (1, '', 300)`, "a block over its cap is known, and counted"},
		"a stranger of a customer":    {`UPDATE records SET customer = 1 WHERE source = 'crm' AND id = '2'`, "who is one person is one customer, as if all records were resolved at once: customer 1 with 3 records"},
		"a question for nothing":      {`UPDATE edges SET review = 7`, "an edge is of the customer of both ends, or says what asking is worth: records crm/1 and shop/1"},
		"a block of nobody":           {`INSERT INTO blocks VALUES (1, 99)`, "who stands in a block is a record: record number 99"},
		"an identifier of nobody":     {`INSERT INTO identifiers VALUES (x'00', 99)`, "an identifier is a record's: record number 99"},
		"nobody, frozen":              {`INSERT INTO frozen VALUES (99, 0, 0)`, "a frozen customer has records: customer 99"},
		"a source's count":            {`UPDATE sources SET records = 0 WHERE source = 'shop'`, "a source counts its records: source shop"},
		"a number to be used again":   {`UPDATE counters SET last = 2 WHERE name = 'record'`, "a number is given out before it is used: record number 3"},
		"an event that is gone":       {`DROP TRIGGER identity_events_no_delete; DELETE FROM identity_events WHERE customer = 2`, "a customer that has records was minted, and is told of: customer 2"},
		"a ciphertext in another row": {`UPDATE records SET features = (SELECT features FROM records WHERE source = 'crm' AND id = '1') WHERE source = 'crm' AND id = '2'`, "a record can be decrypted, and is as it was learnt: record crm/2"},
		"a byte of a ciphertext":      {`UPDATE records SET features = substr(features, 1, length(features) - 1) || x'00' WHERE source = 'crm' AND id = '2'`, "a record can be decrypted, and is as it was learnt: record crm/2"},
		"a look-up key":               {`UPDATE records SET lookup = x'00' WHERE source = 'crm' AND id = '2'`, "a record can be decrypted, and is as it was learnt: record crm/2"},
		"a fingerprint":               {`UPDATE records SET fingerprint = x'00' WHERE source = 'crm' AND id = '2'`, "a record can be decrypted, and is as it was learnt: record crm/2"},
		"an identifier that is gone":  {`DELETE FROM identifiers WHERE rid = 2`, "a record is found by its identifiers, and by no others: record crm/2"},
		"one too many":                {`INSERT INTO identifiers VALUES (x'00', 2)`, "a record is found by its identifiers, and by no others: record crm/2"},
		"an id past the mark":         {`UPDATE customers SET id = 1000000 WHERE id = 2; UPDATE counters SET last = 1000000`, "the ledger's mark is not below any customer id: customer 1000000"},
	} {
		t.Run(name, func(t *testing.T) {
			db, raw := verified(t)
			if _, err := raw.Exec(c.damage); err != nil {
				t.Fatal(err)
			}
			found := flaws(t, db)
			if c.want == "" && len(found) > 0 {
				t.Errorf("flaws: %q", found)
			}
			if text := strings.Join(found, "\n"); !strings.Contains(text, c.want) {
				t.Errorf("flaws: %q\nwant %q", found, c.want)
			}
		})
	}
}

func TestStats(t *testing.T) {
	db, _ := verified(t)
	s, err := db.Stats(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if s.Records != 4 || s.Customers != 3 || s.Merged != 1 || s.Sizes[2] != 1 || s.Sizes[1] != 2 || s.Links[idgraph.SameEmail] != 1 || s.Sources["crm"].Records != 2 {
		t.Errorf("%+v", s)
	}
}
