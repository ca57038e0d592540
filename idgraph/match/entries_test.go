package match

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestEntriesAreSortedByKeyAndRecord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		few := rapid.Uint64Range(0, 5) // keys that agree in the sorted bits, or in all
		records := make([]*Features, rapid.IntRange(0, 60).Draw(t, "records"))
		var want []entry
		for at := range records {
			records[at] = &Features{}
			for range rapid.IntRange(0, 4).Draw(t, "keys") {
				k := few.Draw(t, "top")<<56 | few.Draw(t, "middle")<<40 | few.Draw(t, "low")
				records[at].keys = append(records[at].keys, k)
			}
			slices.Sort(records[at].keys)
			records[at].keys = slices.Compact(records[at].keys)
			for _, k := range records[at].keys {
				want = append(want, newEntry(k, int32(at), false))
			}
		}
		slices.SortFunc(want, compareEntries)
		b := enter(records)
		for p := range parts {
			sortEntries(b.part(p), make([]entry, len(b.entries)))
		}
		if !slices.Equal(b.entries, want) {
			t.Fatalf("got %v, want %v", b.entries, want)
		}
	})
}

func TestAResidenceHoldsAnAddress(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := func(name string) string { return rapid.StringN(0, 8, -1).Draw(t, name) }
		want := address{text("number"), text("unit"), text("street"), text("city"), text("postcode"), text("region"), text("country")}
		var b strings.Builder
		var r residence
		r.write(&b, &want)
		r.text = b.String()
		if got := r.open(); got != want || r.city() != want.city || len(r.text) != want.size() {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	})
}

func TestAVeryLongAddressIsComparedByItsBeginning(t *testing.T) {
	long := address{street: strings.Repeat("x", 70_000), city: "berlin"}
	var b strings.Builder
	var r residence
	r.write(&b, &long)
	r.text = b.String()
	if got := r.open(); len(got.street) != longestPart || got.city != "berlin" {
		t.Errorf("a street of %d letters in %q", len(got.street), got.city)
	}
}
