package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/audit"
)

// A shop's trouble, begun when the first reading is over.
type shopTrouble struct {
	slow    atomic.Int64 // nanoseconds
	down    atomic.Bool
	asked   atomic.Int64 // calls that came
	dropped atomic.Int64 // calls that were given up while they waited
}

func (f *shopTrouble) before(ctx context.Context, source idgraph.Source, _ string) error {
	if source != "shop" || f.slow.Load() == 0 {
		return nil
	}
	f.asked.Add(1)
	select {
	case <-time.After(time.Duration(f.slow.Load())):
	case <-ctx.Done():
		f.dropped.Add(1)
		return ctx.Err()
	}
	if f.down.Load() {
		return connectors.ErrUnavailable
	}
	return nil
}

// panels asks for what the helpdesk says first, and for the shop's when it comes.
const panels = `{ customer(id: "ID") { tickets { nodes { subject } } ... @defer(label: "shop") { orders { nodes { number } } } } viewer { name } }`

func TestWhatIsDeferredComesLater(t *testing.T) {
	f := &shopTrouble{}
	r := startDemo(t, f.before)
	query := strings.ReplaceAll(panels, "ID", r.kate(t))
	const slow = 1500 * time.Millisecond
	f.slow.Store(int64(slow))
	for _, accept := range []string{asMultipart, asEvents} {
		t.Run(accept, func(t *testing.T) {
			f.asked.Store(0)
			all := r.receive(t, accept, query, nil)
			if len(all) != 3 {
				t.Fatalf("%d payloads", len(all))
			}
			first, later, last := all[0], all[1], all[2]
			if first.after > slow*3/4 || later.after < slow {
				t.Errorf("the first part came after %s, the shop's after %s", first.after, later.after)
			}
			if strings.Contains(first.raw, "orders") || !strings.Contains(later.raw, `"label":"shop"`) || !strings.Contains(later.raw, "#104916") {
				t.Errorf("first %s\nlater %s", first.raw, later.raw)
			}
			if strings.Contains(first.raw, `"sources"`) || !strings.Contains(last.raw, `"sources"`) || strings.Contains(last.raw, `"privacy"`) {
				t.Errorf("the report stands where it must not: %s", last.raw)
			}
			if n := f.asked.Load(); n != 1 {
				t.Errorf("the shop was asked %d times", n)
			}
		})
	}
	t.Run("a plain POST waits for all", func(t *testing.T) {
		all := r.receive(t, asJSON, query, nil)
		if len(all) != 1 || all[0].after < slow || !strings.Contains(all[0].raw, "#104916") {
			t.Errorf("%d payloads, %s", len(all), all[0].raw)
		}
	})
}

func TestAFailureIsToldOnceWithThePartThatLacksItsFields(t *testing.T) {
	f := &shopTrouble{}
	r := startDemo(t, f.before)
	id := r.kate(t)
	f.slow.Store(int64(time.Millisecond))
	f.down.Store(true)
	for _, c := range []struct {
		name, query string
		part        int // that tells of the orders
	}{
		{"in the deferred part", panels, 1},
		{"in the first part, though deferred as well", `{ customer(id: "ID") { orders { nodes { number } } ... @defer { b: orders(first: 1) { nodes { status } } tickets { nodes { id } } } } }`, 0},
		{"in the first of two parts", `{ customer(id: "ID") { id ... @defer { a: orders { nodes { number } } } ... @defer { summary { lifetimeValue { amount } } } } }`, 1},
		{"in a part within another", `{ customer(id: "ID") { id ... @defer { tickets { nodes { id } } ... @defer { orders { nodes { number } } } } } }`, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			all := r.receive(t, asMultipart, strings.ReplaceAll(c.query, "ID", id), nil)
			told := 0
			for i, p := range all {
				if n := strings.Count(p.raw, `"kind":"ORDER","source":"shop"`) + strings.Count(p.raw, `shop could not answer for ORDER`); n > 0 {
					if told++; (i == 0) != (c.part == 0) {
						t.Errorf("told in payload %d: %s", i, p.raw)
					}
				}
			}
			a := merged(t, all)
			if errs, _ := a["errors"].([]any); len(errs) != 1 || told == 0 {
				t.Errorf("errors %v", a["errors"])
			}
		})
	}
}

func TestRootFieldsThatAreDeferredKeepNobodyWaiting(t *testing.T) {
	f := &shopTrouble{}
	r := startDemo(t, f.before)
	id := r.kate(t)
	const slow = 1500 * time.Millisecond
	f.slow.Store(int64(slow))
	query := fmt.Sprintf(`{ a: customer(id: %q) { tickets { nodes { subject } } } ... @defer { b: customer(id: %q) { orders { nodes { number } } } }
		... @defer { c: lookup(by: {email: "kate.mueller@example.com"}) { id } } ... @defer { d: lookup(by: {email: "nobody@example.com"}) { id } } ... @defer { e: customer(id: "x") { id } } }`, id, id)
	all := r.receive(t, asMultipart, query, nil)
	if all[0].after > slow*3/4 {
		t.Errorf("the first part came after %s", all[0].after)
	}
	if n := f.asked.Load(); n != 1 {
		t.Errorf("the shop was asked %d times", n)
	}
}

func TestWhoGoesAwayEndsTheOperation(t *testing.T) {
	f := &shopTrouble{}
	r := startDemo(t, f.before)
	query := strings.ReplaceAll(panels, "ID", r.kate(t))
	f.slow.Store(int64(time.Minute))
	before := runtime.NumGoroutine()
	for i, accept := range []string{asMultipart, asEvents} {
		ctx, cancel := context.WithCancel(t.Context())
		resp := r.open(ctx, t, accept, query, nil)
		if _, err := resp.Body.Read(make([]byte, 16)); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		cancel()
		for f.dropped.Load() != int64(i+1) {
			if time.Since(begun) > time.Second { // its own deadline would end it after two
				t.Fatalf("%s: the shop still works on it", accept)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	http.DefaultClient.CloseIdleConnections()
	for begun := time.Now(); runtime.NumGoroutine() > before+5; time.Sleep(20 * time.Millisecond) {
		if time.Since(begun) > 3*time.Second {
			t.Fatalf("%d goroutines are left of %d", runtime.NumGoroutine(), before)
		}
	}
}

func TestTheAuditLogKnowsBeforeAnythingLeaves(t *testing.T) {
	f := &shopTrouble{}
	r := startDemo(t, f.before)
	query := strings.ReplaceAll(panels, "ID", r.kate(t))
	f.slow.Store(int64(500 * time.Millisecond))
	resp := r.open(t.Context(), t, asEvents, query, nil)
	if _, err := resp.Body.Read(make([]byte, 16)); err != nil {
		t.Fatal(err)
	}
	entry := r.lastAudit(t)
	for _, field := range []string{"Ticket.subject", "Order.number"} {
		if !slices.ContainsFunc(entry.Fields, func(f audit.Field) bool { return f.Coordinate == field && f.Count == 1 }) {
			t.Errorf("when the first part leaves, the log has no %s: %+v", field, entry)
		}
	}
	if entry.Calls != 2 {
		t.Errorf("the log says that %d calls are made", entry.Calls)
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Fatal(err)
	}
	if again := r.lastAudit(t); again.Seq != entry.Seq {
		t.Errorf("it was written twice: %+v", again)
	}
}

// lastAudit is the newest entry of the audit log.
func (r *running) lastAudit(t testing.TB) audit.Entry {
	t.Helper()
	all, err := r.Store.Audited(t.Context(), 0, 1000)
	if err != nil || len(all) == 0 {
		t.Fatalf("%d entries, %v", len(all), err)
	}
	return all[len(all)-1]
}

func TestWhatEndsBeforeItBeginsIsJSONWhereverJSONIsTaken(t *testing.T) {
	r := startDemo(t, nil)
	for _, c := range []struct{ name, accept, query, media, code string }{
		{"no GraphQL", asMultipart, `{ x`, "application/json", "GRAPHQL_PARSE_FAILED"},
		{"an unknown field", asURQL, `{ ... @defer { x } }`, "application/graphql-response+json", "GRAPHQL_VALIDATION_FAILED"},
		{"an unknown field, events alone", asEvents, `{ ... @defer { x } }`, "text/event-stream", "GRAPHQL_VALIDATION_FAILED"},
		{"nothing deferred", asMultipart, `{ viewer { name } }`, "application/graphql-response+json", ""},
		{"nothing deferred, events alone", asEvents, `{ viewer { name } }`, "text/event-stream", ""},
		{"nothing deferred, parts alone", "multipart/mixed", `{ viewer { name } }`, "multipart/mixed", ""},
		{"a dialect that is not spoken", "multipart/mixed;incrementalSpec=v0.2, application/json", `{ ... @defer { viewer { name } } }`, "application/json", ""},
		{"parts refused", "multipart/mixed;q=0, application/json", `{ ... @defer { viewer { name } } }`, "application/json", ""},
		{"anything", "*/*", `{ ... @defer { viewer { name } } }`, "application/json", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			resp := r.open(t.Context(), t, c.accept, c.query, nil)
			resp.Body.Close()
			if media, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";"); media != c.media && !(c.media == "application/json" && strings.HasSuffix(media, "+json")) {
				t.Errorf("came as %s", media)
			}
			all := r.receive(t, c.accept, c.query, nil)
			var a struct {
				Errors []struct{ Extensions struct{ Code string } }
			}
			if err := json.Unmarshal([]byte(all[0].raw), &a); err != nil || len(all) != 1 {
				t.Fatal(errors.Join(err, fmt.Errorf("%d payloads", len(all))))
			}
			if c.code == "" != (len(a.Errors) == 0) || c.code != "" && a.Errors[0].Extensions.Code != c.code {
				t.Errorf("says %s", all[0].raw)
			}
		})
	}
}
