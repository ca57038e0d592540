package command

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"customer360/idgraph"
	"customer360/idgraph/sqlstore"
	"customer360/internal/keys"
)

// BenchmarkLearnOne learns records one by one into the store of the folder
// C360_STORE, which identity resolve -data has made of the file C360_RECORDS by
// the mapping C360_MAPPING: of each, one thing has changed. Look-ups follow.
func BenchmarkLearnOne(b *testing.B) {
	dir, path := os.Getenv("C360_STORE"), os.Getenv("C360_RECORDS")
	if dir == "" || path == "" {
		b.Skip("C360_STORE and C360_RECORDS name no store and its records")
	}
	ctx := context.Background()
	in, err := (&file{Records: path, Mapping: os.Getenv("C360_MAPPING")}).open(ctx, newStages(io.Discard))
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	const each = 100 // so many records of the file are one that may change
	var records []idgraph.Record
	n := 0
	for r := range in.records {
		if n++; n%each == 0 {
			records = append(records, r)
		}
	}
	ring, err := keys.OpenOrCreate(filepath.Join(dir, keys.FileName))
	if err != nil {
		b.Fatal(err)
	}
	db, err := sqlstore.Open(ctx, dir, ring, sqlstore.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	r := rand.New(rand.NewPCG(7, uint64(time.Now().UnixNano())))
	measure(b, "learn", func() {
		one := changed(r, records[r.IntN(len(records))], records[r.IntN(len(records))])
		if _, err := db.Learn(ctx, idgraph.Batch{Source: one.Ref.Source, Records: []idgraph.Record{one}, Cursor: "1"}); err != nil {
			b.Fatal(err)
		}
	})
	measure(b, "ref", func() {
		if _, err := db.ByRef(ctx, records[r.IntN(len(records))].Ref); err != nil {
			b.Fatal(err)
		}
	})
	measure(b, "identifier", func() {
		ids := records[r.IntN(len(records))].Identifiers
		if len(ids) == 0 {
			return
		}
		if _, err := db.ByIdentifier(ctx, ids[0]); err != nil {
			b.Fatal(err)
		}
	})
	var customers []idgraph.CustomerID
	for _, one := range records[:1000] {
		id, err := db.ByRef(ctx, one.Ref)
		if err != nil {
			b.Fatal(err)
		}
		customers = append(customers, id)
	}
	measure(b, "customer", func() {
		if _, err := db.Customers(ctx, customers[r.IntN(len(customers)):][:1]); err != nil {
			b.Fatal(err)
		}
	})
}

// changed is a record of which one thing is another: its phone, its mailbox, its
// home or a letter of its name.
func changed(r *rand.Rand, one, other idgraph.Record) idgraph.Record {
	one.Identifiers = slices.Clone(one.Identifiers)
	set := func(t idgraph.IdentifierType, value string) {
		for i := range one.Identifiers {
			if one.Identifiers[i].Type == t {
				one.Identifiers[i].Value = value
				return
			}
		}
		one.Identifiers = append(one.Identifiers, idgraph.Identifier{Type: t, Value: value})
	}
	switch r.IntN(4) {
	case 0:
		set(idgraph.Phone, fmt.Sprintf("+4477%08d", r.IntN(100_000_000)))
	case 1:
		set(idgraph.Email, fmt.Sprintf("new.%d@example.com", r.IntN(1<<30)))
	case 2:
		one.Street, one.HouseNumber, one.City, one.Postcode = other.Street, other.HouseNumber, other.City, other.Postcode
	case 3:
		one.GivenName += string(rune('a' + r.IntN(26)))
	}
	return one
}

// measure runs a call as often as the benchmark asks, and tells of the clock, and
// of the processor time of the whole process.
func measure(b *testing.B, name string, call func()) {
	b.Run(name, func(b *testing.B) {
		var wall, cpu []time.Duration
		b.ReportAllocs()
		for b.Loop() {
			before, begun := processorTime(), time.Now()
			call()
			wall, cpu = append(wall, time.Since(begun)), append(cpu, processorTime()-before)
		}
		for _, m := range []struct {
			name string
			of   []time.Duration
		}{{"", wall}, {"cpu-", cpu}} {
			slices.Sort(m.of)
			b.ReportMetric(float64(m.of[len(m.of)/2].Nanoseconds())/1000, "µs-"+m.name+"p50")
			b.ReportMetric(float64(m.of[len(m.of)*99/100].Nanoseconds())/1000, "µs-"+m.name+"p99")
		}
	})
}

func processorTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
