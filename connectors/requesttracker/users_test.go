package requesttracker

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"customer360/connectors"
	"customer360/idgraph"
)

// TestLogins goes through what may have become of the logins that were learnt.
func TestLogins(t *testing.T) {
	ref := func(id int) idgraph.Ref { return idgraph.Ref{Source: "helpdesk", ID: strconv.Itoa(id)} }
	user := func(id int, login string) string {
		return fmt.Sprintf(`{"id":"%d","Name":"%s","RealName":"User %d"}`, id, login, id)
	}
	q := connectors.Query{
		Refs: []idgraph.Ref{ref(1), ref(2), ref(3)}, Keys: map[idgraph.Ref]string{ref(1): "one", ref(2): "two", ref(3): "three"},
		Fields: connectors.Fields("name"), Limit: 1,
	}
	for name, c := range map[string]struct {
		found string
		alone []string // who is fetched by id
		err   error
	}{
		"all are as they were":            {user(1, "one") + "," + user(2, "TWO") + "," + user(3, "three"), nil, nil},
		"one has another by now":          {user(1, "one") + "," + user(3, "three"), []string{"2"}, nil},
		"one's is another user's by now":  {user(1, "one") + "," + user(2, "three") + "," + user(9, "two"), []string{"3"}, nil},
		"the server ignores the search":   {user(1, "one") + "," + user(2, "two") + "," + user(3, "three") + "," + user(9, "nine"), nil, connectors.ErrBadData},
		"nobody has any of them any more": {"", []string{"1", "2", "3"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var alone []string
			rt := served(t, func(req *http.Request) string {
				if id, one := strings.CutPrefix(req.URL.Path, "/REST/2.0/user/"); one {
					alone = append(alone, id)
					return `{"id":` + id + `,"Name":"renamed","Privileged":0,"RealName":"User ` + id + `"}`
				}
				return `{"items":[` + c.found + `],"total":null}`
			})
			got, err := rt.Profiles(t.Context(), q)
			if !errors.Is(err, c.err) || !slices.Equal(alone, c.alone) {
				t.Errorf("%v, and fetched alone: %v, want %v", err, alone, c.alone)
			}
			if c.err != nil {
				return
			}
			for _, ref := range q.Refs {
				if rows := got[ref].Rows; len(rows) != 1 || *rows[0].Name != "User "+ref.ID {
					t.Errorf("%s: %d profiles, or another's", ref, len(rows))
				}
			}
		})
	}
}

func TestFewLoginsThatAreNotKnownAreFetchedOneByOne(t *testing.T) {
	fetched := 0
	answer := func(req *http.Request) string {
		return `{"id":` + strings.TrimPrefix(req.URL.Path, "/REST/2.0/user/") + `,"Privileged":0,"RealName":"User"}`
	}
	c := served(t, func(req *http.Request) string { fetched++; return answer(req) })
	q := connectors.Query{Fields: connectors.Fields("name"), Limit: 1}
	for id := range 12 {
		q.Refs = append(q.Refs, idgraph.Ref{Source: "helpdesk", ID: strconv.Itoa(id + 1)})
	}
	got, err := c.Profiles(t.Context(), q)
	if err != nil || fetched != mostAlone {
		t.Errorf("%d fetched, %v", fetched, err)
	}
	for i, ref := range q.Refs {
		if res := got[ref]; i < mostAlone && len(res.Rows) != 1 || i >= mostAlone && !errors.Is(res.Err, connectors.ErrUnavailable) {
			t.Errorf("%s: %d profiles, %v", ref, len(res.Rows), res.Err)
		}
	}
	fetched = 0
	c = served(t, func(*http.Request) string { fetched++; return `{"Privileged":0,"RealName":"User"}` })
	got, err = c.Profiles(t.Context(), q)
	if err != nil || fetched != 1 {
		t.Errorf("%d fetched after a refusal, %v", fetched, err)
	}
	for _, ref := range q.Refs {
		if !errors.Is(got[ref].Err, connectors.ErrAuth) { // all that a user without AdminUsers is told of others
			t.Errorf("%s: %v", ref, got[ref].Err)
		}
	}
}

func TestWhoBecameOneOfTheStaffIsNoCustomer(t *testing.T) {
	c := served(t, func(req *http.Request) string {
		switch {
		case strings.HasSuffix(req.URL.Path, "/members"):
			return `{"items":[{"type":"user","id":1}],"total":1}`
		case strings.Contains(req.URL.Path, "group"):
			return `{"items":[{"id":4,"Name":"Privileged","Domain":"SystemInternal"}],"total":1}`
		}
		return `{"items":[{"id":1,"Name":"one"},{"id":2,"Name":"two"}],"total":2}`
	})
	if _, err := c.staffed(t.Context()); err != nil {
		t.Fatal(err)
	}
	one, two := idgraph.Ref{Source: "helpdesk", ID: "1"}, idgraph.Ref{Source: "helpdesk", ID: "2"}
	got, err := c.Profiles(t.Context(), connectors.Query{Refs: []idgraph.Ref{one, two}, Keys: map[idgraph.Ref]string{one: "one", two: "two"}, Limit: 1})
	if err != nil || len(got[one].Rows) != 0 || len(got[two].Rows) != 1 {
		t.Errorf("%d and %d profiles, %v", len(got[one].Rows), len(got[two].Rows), err)
	}
}
