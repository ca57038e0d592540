package sqlstore

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"customer360/idgraph"
)

// What was learnt comes into the file beside the learning, and is never in
// neither of file and log.
func TestWhatWasLearntComesIntoTheFile(t *testing.T) {
	ctx, d := context.Background(), opened(t)
	for page := range 3 {
		var records []idgraph.Record
		for r := range crowd(page*tendEvery, tendEvery) {
			if r.Ref.Source == "crm" {
				records = append(records, r)
			}
		}
		if _, err := d.Learn(ctx, idgraph.Batch{Source: "crm", Records: records, Cursor: fmt.Sprint(page)}); err != nil {
			t.Fatal(err)
		}
		d.tending.under.Wait()
		file, err := openSQLite(filepath.Join(d.dir, "graph.db"), "immutable=1", 1) // the file as it is, without its log
		if err != nil {
			t.Fatal(err)
		}
		var inFile int
		if err := file.Get(&inFile, `SELECT COUNT(*) FROM records`); err != nil || inFile != (page+1)*tendEvery {
			t.Errorf("the file holds %d records after page %d, %v", inFile, page, err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if n := sound(t, d); n != 3*tendEvery {
		t.Errorf("%d customers", n)
	}
}
