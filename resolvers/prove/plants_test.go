package prove

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	"customer360/connectors"
	"customer360/idgraph"
)

// TestPlantedLeaks plants leaks around the door, where a connector breaks its
// contract or something in front of the server tells more than it should, and
// sees that the proof notices each of them.
func TestPlantedLeaks(t *testing.T) {
	// hidden is something that differs wherever anything of a row does.
	hidden := func(rows []connectors.Row) int {
		text, err := json.Marshal(rows)
		if err != nil {
			t.Error(err)
		}
		n := len(rows)
		for _, b := range text {
			n = (31*n + int(b)) % 10007
		}
		return n
	}
	asked := func(p plant) func(*side) {
		return func(s *side) {
			for _, src := range s.sources {
				src.plant = p
			}
		}
	}
	wrapped := func(tell func(*side, http.ResponseWriter)) func(*side) {
		return func(s *side) {
			next := s.http
			s.http = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				tell(s, w)
				next.ServeHTTP(w, r)
			})
		}
	}
	all := func(s *side) (n int) {
		for _, kind := range connectors.Kinds {
			for _, rows := range s.sources[0].world[kind] {
				n += len(rows)
			}
		}
		return n
	}
	for name, leak := range map[string]func(*side){
		"ids of rows made out of their values": asked(func(_ *source, owner idgraph.Ref, rows []connectors.Row) ([]connectors.Row, error) {
			out := make([]connectors.Row, len(rows))
			for i, row := range rows {
				out[i] = withID(row, owner, fmt.Sprint(hidden(rows[i:i+1])))
			}
			return out, nil
		}),
		"a source that fails by what it holds": asked(func(_ *source, _ idgraph.Ref, rows []connectors.Row) ([]connectors.Row, error) {
			if hidden(rows)%5 == 0 {
				return nil, connectors.ErrUnavailable
			}
			return rows, nil
		}),
		"an error text that holds a value": asked(func(_ *source, _ idgraph.Ref, rows []connectors.Row) ([]connectors.Row, error) {
			return nil, fmt.Errorf("cannot read %d: %w", hidden(rows), connectors.ErrBadData)
		}),
		"an error of no known kind that holds a value": asked(func(_ *source, _ idgraph.Ref, rows []connectors.Row) ([]connectors.Row, error) {
			return nil, errors.New(fmt.Sprint("cannot read ", hidden(rows)))
		}),
		"a call that depends on what is hidden": asked(func(s *source, owner idgraph.Ref, rows []connectors.Row) ([]connectors.Row, error) {
			if hidden(rows)%3 == 0 {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.calls = append(s.calls, "one more call for "+owner.String())
			}
			return rows, nil
		}),
		"entities that nobody masks": func(s *side) {
			next := s.http
			s.http = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				r.Body = io.NopCloser(bytes.NewReader(body))
				s.unmasked = bytes.Contains(body, []byte("_entities("))
				next.ServeHTTP(w, r)
			})
		},
		"a status by what is hidden": wrapped(func(s *side, w http.ResponseWriter) { w.WriteHeader(200 + all(s)%2) }),
		"a header that counts":       wrapped(func(s *side, w http.ResponseWriter) { w.Header().Set("X-Rows", fmt.Sprint(all(s))) }),
		"a log line that counts": wrapped(func(s *side, w http.ResponseWriter) {
			s.log.mu.Lock()
			defer s.log.mu.Unlock()
			s.log.all = append(s.log.all, fmt.Sprint("rows held: ", all(s)))
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := openRig(t)
			for _, p := range r.policies {
				for _, s := range p.sides {
					leak(s)
				}
			}
			report, err := r.Run(t.Context(), uint64(seed), 2000)
			if err != nil {
				t.Fatal(err)
			}
			if report.Leak == nil {
				t.Fatalf("not noticed in %d operations", report.Operations)
			}
			t.Logf("noticed after %d operations", report.Operations)
		})
	}
}

// withID is a row under another id.
func withID(row connectors.Row, owner idgraph.Ref, id string) connectors.Row {
	head := connectors.NewRecord(owner, id)
	switch r := row.(type) {
	case connectors.Deal:
		r.Record = head
		return r
	case connectors.Invoice:
		r.Record = head
		return r
	case connectors.Payment:
		r.Record = head
		return r
	case connectors.Order:
		r.Record = head
		return r
	case connectors.Ticket:
		r.Record = head
		return r
	}
	return row
}
