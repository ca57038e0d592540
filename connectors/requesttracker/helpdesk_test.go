package requesttracker

import (
	"bufio"
	"context"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"customer360/connectors"
	"customer360/idgraph"
)

// TestHelpdesk reads a helpdesk of 25 people, and holds it against
// testdata/systems/people.jsonl.
func TestHelpdesk(t *testing.T) {
	rec := newTape(t, "helpdesk")
	var said []string
	var mu sync.Mutex
	c := opened(t, config(), connectors.Setup{
		Source: "helpdesk", Role: connectors.Helpdesk, Transport: rec,
		Before: func(_ context.Context, call string) error {
			mu.Lock()
			defer mu.Unlock()
			said = append(said, call)
			return nil
		},
	})
	everybody, err := c.Changes(t.Context(), "", 500)
	if err != nil || everybody.More || everybody.Total != 27 || len(everybody.Profiles) != 25 {
		t.Fatalf("%d of %d persons, more: %t, %v", len(everybody.Profiles), everybody.Total, everybody.More, err)
	}
	wrote, names := written(t, 25)
	var refs []idgraph.Ref
	mails, logins := map[idgraph.Ref]string{}, map[idgraph.Ref]string{}
	for _, p := range everybody.Profiles {
		refs = append(refs, p.Owner)
		mails[p.Owner], logins[p.Owner] = *p.Emails[0].Address, p.LookupKey
		if *p.Name != names[mails[p.Owner]] {
			t.Errorf("%s has another name", p.Owner)
		}
	}
	asker := &connectors.Asker{Connector: c, Timeout: time.Minute}
	ask := func(refs ...idgraph.Ref) (connectors.Answers[connectors.Ticket], connectors.Tally) {
		q := connectors.Query{Refs: refs, Fields: connectors.Fields("subject"), Limit: 10}
		return connectors.Ask(t.Context(), asker, connectors.KindTicket, q, c.Tickets)
	}

	t.Run("the tickets of twenty at once are those of one by one, and what people wrote", func(t *testing.T) {
		said = nil
		got, tally := ask(refs[:20]...)
		if tally.Err != nil || tally.Calls != 4 || len(said) != 4 {
			t.Fatalf("%d calls, %d announced, %v", tally.Calls, len(said), tally.Err)
		}
		for _, call := range said {
			if !strings.HasSuffix(call, ", 5 requestors") {
				t.Errorf("a call said %q", call)
			}
		}
		n := 0
		for _, ref := range refs[:20] {
			one, tally := ask(ref)
			if tally.Err != nil || !reflect.DeepEqual(one[ref], got[ref]) {
				t.Errorf("%s: %d tickets among others, %d alone, %v", ref, len(got[ref].Rows), len(one[ref].Rows), tally.Err)
			}
			var subjects []string
			for _, row := range got[ref].Rows {
				subjects = append(subjects, *row.Subject)
			}
			if n += len(subjects); !slices.Equal(subjects, wrote[mails[ref]]) {
				t.Errorf("%s: %d tickets, wrote %d", ref, len(subjects), len(wrote[mails[ref]]))
			}
		}
		if n < 20 {
			t.Errorf("%d tickets of 20 people", n)
		}
	})
	t.Run("pages and limits make no difference", func(t *testing.T) {
		q := connectors.Query{Refs: refs[:5], Fields: connectors.Fields("number"), Limit: 2}
		for _, q.Order = range []connectors.Ordering{connectors.ByID, connectors.NewestFirst} {
			c.rest.rows = pageRows
			want, err := c.Tickets(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			c.rest.rows = 2
			got, err := c.Tickets(t.Context(), q)
			if err != nil || !reflect.DeepEqual(numbers(got), numbers(want)) {
				t.Errorf("in order %d: %v, want %v, %v", q.Order, numbers(got), numbers(want), err)
			}
		}
		c.rest.rows = pageRows
	})
	t.Run("twenty profiles are one search by their logins", func(t *testing.T) {
		said = nil
		calls := rec.calls
		q := connectors.Query{Refs: refs[:20], Keys: logins, Fields: connectors.Fields("name"), Limit: 1}
		got, tally := connectors.Ask(t.Context(), asker, connectors.KindProfile, q, c.Profiles)
		if tally.Err != nil || len(got) != 20 || tally.Calls != 1 || rec.calls-calls != 1 {
			t.Errorf("%d profiles by %d calls, counted %d, %v", len(got), rec.calls-calls, tally.Calls, tally.Err)
		}
		if len(said) != 1 || said[0] != "POST users id,Name,RealName id, 20 logins" {
			t.Errorf("announced %q", said)
		}
		for _, ref := range refs[:20] {
			if rows := got[ref].Rows; len(rows) != 1 || *rows[0].Name != names[mails[ref]] || rows[0].Emails != nil {
				t.Errorf("%s: %d profiles, or another's, or more of it than was asked for", ref, len(rows))
			}
		}
	})
	t.Run("many are found by one search", func(t *testing.T) {
		var ids []idgraph.Identifier
		for _, ref := range refs {
			ids = append(ids, idgraph.Identifier{Type: idgraph.Email, Value: strings.ToLower(mails[ref])})
		}
		said = nil
		found, err := c.Find(t.Context(), ids)
		for i, ref := range refs {
			if !slices.Equal(found[ids[i]], []idgraph.Ref{ref}) {
				t.Errorf("%s: %v", ref, found[ids[i]])
			}
		}
		if err != nil || len(said) != 1 || said[0] != "POST users id,Name,EmailAddress id, 25 addresses" {
			t.Errorf("%q, %v", said, err)
		}
	})
}

func numbers(got connectors.Answers[connectors.Ticket]) map[idgraph.Ref]string {
	out := map[idgraph.Ref]string{}
	for ref, res := range got {
		for _, row := range res.Rows {
			out[ref] += *row.Number + " "
		}
		out[ref] += strconv.FormatBool(res.More)
	}
	return out
}

// written are the subjects and names of the first n people of the helpdesk, by
// their addresses as they stand there.
func written(t *testing.T, n int) (subjects map[string][]string, names map[string]string) {
	t.Helper()
	f, err := os.Open("../../testdata/systems/people.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	subjects, names = map[string][]string{}, map[string]string{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var person struct {
			Records []struct {
				System  string   `json:"system"`
				Email   string   `json:"email"`
				Given   string   `json:"first_name"`
				Family  string   `json:"last_name"`
				Tickets []string `json:"tickets"`
			} `json:"records"`
		}
		if err := json.Unmarshal(lines.Bytes(), &person); err != nil {
			t.Fatal(err)
		}
		for _, r := range person.Records {
			if r.System == "helpdesk" && n > 0 {
				mail := strings.TrimSpace(r.Email)
				subjects[mail], names[mail] = append(subjects[mail], r.Tickets...), r.Given+" "+r.Family
				n--
			}
		}
	}
	return subjects, names
}
