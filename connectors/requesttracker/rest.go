package requesttracker

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"customer360/connectors"
	"customer360/connectors/transport"
)

// pageRows is the most rows of one page: the server caps what is asked for
// there, and says nothing (NOTES.md, Pagination).
const pageRows = 100

// mostPages is where a list that does not end is given up.
const mostPages = 200

// A client calls one Request Tracker.
type client struct {
	url   string // ends in REST/2.0/
	leave func(ctx context.Context, call string) error
	rt    http.RoundTripper
	rows  int // pageRows; fewer in tests
}

func newClient(base, token string, s connectors.Setup) *client {
	next := s.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	rt := missing{transport.Cap(authorized{"token " + token, transport.Slots(callLimit.N, transport.Reads(next))})}
	return &client{url: base, leave: s.Leave, rt: transport.Errors(rt), rows: pageRows}
}

// A listing is one page of a list: which rows, and which of their fields.
type listing struct {
	of     string // "users", "tickets", "groups", "group/4/members"
	query  string // TicketSQL, made of integers alone
	where  []entry
	fields []string
	with   url.Values // whatever else the address says
	order  []string   // "id", "Created DESC"
	rows   int
	page   int
	about  string // what is told of the query: "5 requestors"
}

// An entry is one condition of a search for users. Entries on one field are
// OR-ed. One on a field that is not searchable is dropped without a word.
type entry struct {
	Field    string `json:"field"`
	Operator string `json:"operator"`
	Value    string `json:"value"`
}

// A page is what came of a listing. Items that the token's user may not see
// are missing on it.
type page[T any] struct {
	Items *[]T    `json:"items"`
	Total *int64  `json:"total"`
	Next  *string `json:"next_page"`

	at time.Time // by the server's clock
}

// more says whether another page follows. Its address is not followed: the
// server writes its own idea of its host there, and none at all where the
// rights of the token's user keep the total unknown; then an empty page is
// the last.
func (p page[T]) more() bool {
	if p.Next != nil && *p.Next != "" {
		return true
	}
	return p.Total == nil && len(*p.Items) > 0
}

// list reads one page.
func list[T any](ctx context.Context, c *client, l listing) (page[T], error) {
	v := url.Values{"per_page": {strconv.Itoa(l.rows)}, "page": {strconv.Itoa(l.page)}}
	for name, values := range l.with {
		v[name] = values
	}
	if l.query != "" {
		v.Set("query", l.query)
	}
	if len(l.fields) > 0 {
		v.Set("fields", strings.Join(l.fields, ","))
	}
	for _, by := range l.order {
		column, desc, _ := strings.Cut(by, " ")
		v.Add("orderby", column)
		v.Add("order", map[bool]string{true: "DESC", false: "ASC"}[desc != ""])
	}
	method, sent := http.MethodGet, []byte(nil)
	if l.where != nil {
		var err error
		if sent, err = json.Marshal(l.where); err != nil {
			return page[T]{}, fmt.Errorf("write the search: %w", err)
		}
		method = http.MethodPost
	}
	said := strings.Join(append([]string{method, l.of, strings.Join(l.fields, ",")}, l.order...), " ")
	if l.about != "" {
		said += ", " + l.about
	}
	var p page[T]
	body, at, _, err := c.send(ctx, said, method, l.of+"?"+v.Encode(), sent)
	if err != nil {
		return p, err
	}
	if p, err = decode[page[T]](body); err == nil && p.Items == nil {
		err = fmt.Errorf("a list without items: %w", connectors.ErrBadData)
	}
	p.at = at
	return p, err
}

// get reads one record; found is false where there is none. A record comes
// whole, whatever fields are named.
func get[T any](ctx context.Context, c *client, of string, id int64) (record T, found bool, err error) {
	body, _, found, err := c.send(ctx, "GET "+of, http.MethodGet, of+"/"+strconv.FormatInt(id, 10), nil)
	if err != nil || !found {
		return record, false, err
	}
	record, err = decode[T](body)
	return record, err == nil, err
}

// send makes one call, after announcing what is said of it, and reads its
// answer to the end.
func (c *client) send(ctx context.Context, said, method, path string, sent []byte) (body []byte, at time.Time, found bool, err error) {
	if err = c.leave(ctx, said); err != nil {
		return nil, at, false, err
	}
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(sent))
	if err != nil {
		return nil, at, false, fmt.Errorf("make the call: %w", connectors.ErrUnavailable)
	}
	req.Header.Set("Accept", "application/json")
	if sent != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.rt.RoundTrip(req)
	if err != nil {
		return nil, at, false, err
	}
	defer resp.Body.Close()
	if body, err = io.ReadAll(resp.Body); err != nil {
		return nil, at, false, err
	}
	if at, err = http.ParseTime(resp.Header.Get("Date")); err != nil {
		at = time.Now().UTC()
	}
	return body, at, resp.StatusCode != http.StatusNoContent, nil
}

// decode reads a body, whatever it is of: JSON of the right types, or no answer.
func decode[T any](body []byte) (v T, err error) {
	if json.Unmarshal(body, &v) != nil {
		return v, fmt.Errorf("a body of another shape: %w", connectors.ErrBadData)
	}
	return v, nil
}

// authorized sends the token along.
type authorized struct {
	token string
	next  http.RoundTripper
}

func (a authorized) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("Authorization", a.token)
	return a.next.RoundTrip(req)
}

// missing tells a record that is not there from an address where nothing is:
// REST2's own 404 becomes 204, anybody else's stays one.
type missing struct{ next http.RoundTripper }

func (m missing) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := m.next.RoundTrip(req)
	if err != nil || resp.StatusCode != http.StatusNotFound {
		return resp, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	if err != nil {
		return nil, err
	}
	said, err := decode[struct {
		Message string `json:"message"`
	}](body)
	if err == nil && said.Message == "Not Found" {
		resp.StatusCode = http.StatusNoContent
	}
	resp.Body = http.NoBody
	return resp, nil
}
