package tryton

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/oauth2"

	"customer360/connectors"
	"customer360/connectors/transport"
)

// pageRows is how many rows one call asks for.
const pageRows = 1000

// A client calls one database. Calls are JSON-RPC, one per HTTP request; the
// server knows no batch.
type client struct {
	url   string
	leave func(ctx context.Context, call string) error
	plain http.RoundTripper // for the login
	rt    http.RoundTripper // with a session
	id    atomic.Int64
	rows  int // pageRows; fewer in tests
	// context is the last parameter of every call. active_test is off for good:
	// the server adds `active = true` to every nested list of a domain that does
	// not speak of it, an OR's too, and so loses what was just deactivated.
	context map[string]any
}

func newClient(cfg Config, password string, s connectors.Setup) *client {
	base := s.Transport
	if base == nil {
		base = http.DefaultTransport
	}
	slots := transport.Slots(callLimit.N, transport.Reads(base)) // a login, too, may be made twice
	c := &client{
		url:     cfg.URL,
		leave:   s.Leave,
		plain:   transport.Errors(transport.Cap(slots)),
		rows:    pageRows,
		context: map[string]any{"company": cfg.Company, "active_test": false},
	}
	session := transport.NewSession(func(ctx context.Context) (*oauth2.Token, error) {
		return c.login(ctx, cfg.User, password)
	})
	c.rt = transport.Errors(transport.Cap(session.Wrap(slots)))
	return c
}

// login asks for a session. The server answers a wrong password with 401, and
// 429 after the fifth.
func (c *client) login(ctx context.Context, user, password string) (*oauth2.Token, error) {
	const method = "common.db.login"
	if err := c.leave(ctx, method); err != nil {
		return nil, err
	}
	body, id, _, err := c.send(ctx, c.plain, method, []any{user, map[string]string{"password": password}})
	if err != nil {
		return nil, fmt.Errorf("log in: %w", err)
	}
	granted, err := decode[[]jsontext.Value](body, id)
	if err != nil {
		return nil, fmt.Errorf("log in: %w", err)
	}
	var uid int64
	var key string
	if len(granted) < 2 || json.Unmarshal(granted[0], &uid) != nil || json.Unmarshal(granted[1], &key) != nil {
		return nil, fmt.Errorf("log in: no session in the answer: %w", connectors.ErrAuth)
	}
	session := fmt.Sprintf("%s:%d:%s", user, uid, key)
	return &oauth2.Token{TokenType: "Session", AccessToken: base64.StdEncoding.EncodeToString([]byte(session))}, nil
}

// A search is one search_read: which rows of a model, and which of their fields.
type search struct {
	model  string
	where  domain
	limit  int         // 0: all
	order  [][2]string // nil: the model's own
	fields []string
}

// read calls search_read, which leaves out rows that are gone (`read` would
// fail for all of them).
func read[T any](ctx context.Context, c *client, s search) ([]T, error) {
	rows, _, err := readAt[T](ctx, c, s)
	return rows, err
}

// readAt is read, with the time that the server's clock showed at its answer.
func readAt[T any](ctx context.Context, c *client, s search) ([]T, time.Time, error) {
	method := "model." + s.model + ".search_read"
	if err := c.leave(ctx, method+" "+strings.Join(s.fields, " ")); err != nil {
		return nil, time.Time{}, err
	}
	var limit, order any
	if s.limit > 0 {
		limit = s.limit
	}
	if s.order != nil {
		order = s.order
	}
	body, id, at, err := c.send(ctx, c.rt, method, []any{s.where, 0, limit, order, s.fields, c.context})
	if err != nil {
		return nil, time.Time{}, err
	}
	rows, err := decode[[]T](body, id)
	return rows, at, err
}

// count calls search_count.
func (c *client) count(ctx context.Context, model string, where domain) (int, error) {
	method := "model." + model + ".search_count"
	if err := c.leave(ctx, method); err != nil {
		return 0, err
	}
	body, id, _, err := c.send(ctx, c.rt, method, []any{where, c.context})
	if err != nil {
		return 0, err
	}
	return decode[int](body, id)
}

// send makes one call and reads its answer to the end.
func (c *client) send(ctx context.Context, rt http.RoundTripper, method string, params []any) (body []byte, id int64, at time.Time, err error) {
	id = c.id.Add(1)
	asked, err := json.Marshal(map[string]any{"id": id, "method": method, "params": params})
	if err != nil {
		return nil, 0, at, fmt.Errorf("write the call: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(asked))
	if err != nil {
		return nil, 0, at, fmt.Errorf("make the call: %w", connectors.ErrUnavailable)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := rt.RoundTrip(req)
	if err != nil {
		return nil, 0, at, err
	}
	defer resp.Body.Close()
	if body, err = io.ReadAll(resp.Body); err != nil {
		return nil, 0, at, err
	}
	if at, err = http.ParseTime(resp.Header.Get("Date")); err != nil {
		at = time.Now().UTC()
	}
	return body, id, at, nil
}

// A reply is the one answer to a call: a result, or what went wrong.
type reply[T any] struct {
	ID     int64            `json:"id"`
	Result *T               `json:"result"`
	Error  []jsontext.Value `json:"error"`
}

// decode reads a body: the answer to call id, with a result of the right types.
func decode[T any](body []byte, id int64) (result T, err error) {
	var r reply[T]
	if json.Unmarshal(body, &r) != nil {
		return result, fmt.Errorf("a body of another shape: %w", connectors.ErrBadData)
	}
	switch {
	case len(r.Error) > 0:
		return result, ofFault(r.Error[0])
	case r.ID != id:
		return result, fmt.Errorf("the answer to another call: %w", connectors.ErrBadData)
	case r.Result == nil:
		return result, fmt.Errorf("neither result nor error: %w", connectors.ErrBadData)
	}
	return *r.Result, nil
}

// unknownName is how the server says that it has no such model or field: a
// Python KeyError.
var unknownName = regexp.MustCompile(`^'[\w. -]*'$`)

// ofFault gives an error of the server its meaning, without its text: that may
// name records. All come with status 200, the kind in front.
func ofFault(first jsontext.Value) error {
	var kind string
	if json.Unmarshal(first, &kind) != nil {
		return connectors.ErrBadData
	}
	switch {
	case kind == "UserError", kind == "LoginException":
		// Who only reads is told so when the user's groups may not see the model.
		return fmt.Errorf("no access: %w", connectors.ErrAuth)
	case unknownName.MatchString(kind):
		return fmt.Errorf("no such model or field: %w", connectors.ErrBadData)
	}
	return fmt.Errorf("failed inside the server: %w", connectors.ErrUnavailable)
}
