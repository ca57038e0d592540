package sqlstore_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"customer360/idgraph"
	"customer360/idgraph/sqlstore"
	"customer360/internal/keys"
)

// bulk makes records of a source: one e-mail and one phone each, the same for
// the same number in every source.
func bulk(source idgraph.Source, from, to int) []idgraph.Record {
	records := make([]idgraph.Record, 0, to-from)
	for i := from; i < to; i++ {
		records = append(records, idgraph.Record{
			Ref:       idgraph.Ref{Source: source, ID: fmt.Sprint(i)},
			GivenName: fmt.Sprintf("Given%d", i%977), FamilyName: fmt.Sprintf("Family%d", i%9973), City: "Springfield", Postcode: fmt.Sprint(10000 + i%80000),
			Identifiers: []idgraph.Identifier{{Type: idgraph.Email, Value: mailOf(i)}, {Type: idgraph.Phone, Value: fmt.Sprintf("+49171%08d", i)}},
		})
	}
	return records
}

func mailOf(i int) string { return fmt.Sprintf("person.%d@example.com", i) }

func openBench(b *testing.B) *sqlstore.DB {
	b.Helper()
	ring, err := keys.Create()
	if err != nil {
		b.Fatal(err)
	}
	db, err := sqlstore.Open(ctx, b.TempDir(), ring, sqlstore.Options{Region: "DE"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	return db
}

// BenchmarkByIdentifierMillion looks random people up among a million records.
// Building them takes a minute or so, and is not counted.
func BenchmarkByIdentifierMillion(b *testing.B) {
	if testing.Short() {
		b.Skip("builds a million records")
	}
	const million, sources, page = 1_000_000, 4, 5000
	db := openBench(b)
	begun := time.Now()
	for s := range sources {
		source := idgraph.Source(fmt.Sprint("source-", s))
		for from := 0; from < million/sources; from += page {
			records := bulk(source, from, from+page)
			for i := range records {
				records[i].Identifiers = records[i].Identifiers[:1] // reading phone numbers would take most of the time
			}
			if _, err := db.Learn(ctx, idgraph.Batch{Source: source, Records: records, Cursor: fmt.Sprint(from)}); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Logf("built %d records in %s", million, time.Since(begun).Round(time.Second))
	took := make([]time.Duration, 0, 1<<20)
	for b.Loop() {
		id := idgraph.Identifier{Type: idgraph.Email, Value: mailOf(rand.IntN(million / sources))}
		begun := time.Now()
		found, err := db.ByIdentifier(ctx, id)
		took = append(took, time.Since(begun))
		if err != nil || len(found) != 1 {
			b.Fatalf("found %v, %v", found, err)
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds())/1000, "µs-p50")
	b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds())/1000, "µs-p99")
}

// BenchmarkFullSync takes in four sources of a thousand people each, who are
// the same people.
func BenchmarkFullSync(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		db := openBench(b)
		b.StartTimer()
		for s := range 4 {
			source := idgraph.Source(fmt.Sprint("source-", s))
			for from := 0; from < 1000; from += 500 {
				if _, err := db.Learn(ctx, idgraph.Batch{Source: source, Records: bulk(source, from, from+500), Cursor: fmt.Sprint(from)}); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
}

// BenchmarkUnchanged takes in a page that holds no news.
func BenchmarkUnchanged(b *testing.B) {
	db := openBench(b)
	batch := idgraph.Batch{Source: "crm", Records: bulk("crm", 0, 500), Cursor: "1"}
	for b.Loop() {
		if _, err := db.Learn(ctx, batch); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCustomers reads customers of four records each, by their ids.
func BenchmarkCustomers(b *testing.B) {
	db := openBench(b)
	for s := range 4 {
		source := idgraph.Source(fmt.Sprint("source-", s))
		if _, err := db.Learn(ctx, idgraph.Batch{Source: source, Records: bulk(source, 0, 1000), Cursor: "1"}); err != nil {
			b.Fatal(err)
		}
	}
	for _, n := range []int{1, 50} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			ids := make([]idgraph.CustomerID, n)
			b.ReportAllocs()
			for b.Loop() {
				for i := range ids {
					ids[i] = idgraph.CustomerID(1 + rand.IntN(1000))
				}
				if _, err := db.Customers(ctx, ids); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
