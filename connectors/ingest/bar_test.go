package ingest_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"customer360/connectors"
	"customer360/connectors/ingest"
)

func TestBarPrintsPlainLinesWhereNothingMoves(t *testing.T) {
	var b bytes.Buffer
	bar := ingest.Bar(&b)
	for done := 0; done <= 1000; done += 100 {
		bar(ingest.Progress{Source: "crm", Done: done, Total: 1000, Took: time.Duration(done+1) * time.Millisecond})
	}
	if b.Len() > 0 {
		t.Errorf("a reading that is soon over was told on the way: %q", b.String())
	}
	bar(ingest.Progress{Source: "crm", Done: 1000, Total: 1000, Took: time.Second, Ended: true})
	bar(ingest.Progress{Source: "erp", Ended: true, Err: &connectors.Error{Source: "erp", Op: "changes", Err: connectors.ErrTimeout}})
	out := b.String()
	if strings.Count(out, "\n") != 2 || strings.ContainsAny(out, "\r\x1b") {
		t.Errorf("got %q", out)
	}
	for _, want := range []string{"crm", "1000 of 1000", "1000/s", "erp", "stopped", "timed out"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in %q", want, out)
		}
	}
}
