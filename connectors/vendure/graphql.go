package vendure

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"customer360/connectors"
	"customer360/connectors/transport"
)

// A client asks one shop.
type client struct {
	url, key, channel string
	leave             func(ctx context.Context, call string) error
	rt                http.RoundTripper
}

func newClient(cfg Config, key string, s connectors.Setup) *client {
	base := s.Transport
	if base == nil {
		base = http.DefaultTransport
	}
	return &client{
		url: cfg.URL, key: key, channel: cfg.Channel, leave: s.Leave,
		rt: transport.Errors(transport.Cap(transport.Slots(callLimit.N, transport.Reads(base)))),
	}
}

// A request asks for a list of customers: the document, its variables, and the
// names of the fields for those who watch.
type request struct {
	Query     string         `json:"query"`
	Variables map[string]any `json:"variables"`
	fields    []string
}

// customers sends a request, and answers with the time that the server's clock
// showed.
func (c *client) customers(ctx context.Context, r request) (list customerList, at time.Time, err error) {
	if err := c.leave(ctx, "customers "+strings.Join(r.fields, " ")); err != nil {
		return list, at, err
	}
	body, at, err := c.send(ctx, r)
	if err != nil {
		return list, at, err
	}
	data, err := decode[struct {
		Customers *customerList `json:"customers"`
	}](body)
	if err != nil {
		return list, at, err
	}
	if data.Customers == nil {
		return list, at, fmt.Errorf("an answer without its list: %w", connectors.ErrBadData)
	}
	return *data.Customers, at, nil
}

// send makes one call and reads its answer to the end.
func (c *client) send(ctx context.Context, r request) (body []byte, at time.Time, err error) {
	asked, err := json.Marshal(r)
	if err != nil {
		return nil, at, fmt.Errorf("write the call: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(asked))
	if err != nil {
		return nil, at, fmt.Errorf("make the call: %w", connectors.ErrUnavailable)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("vendure-api-key", c.key)
	if c.channel != "" {
		req.Header.Set("vendure-token", c.channel)
	}
	resp, err := c.rt.RoundTrip(req)
	if err != nil {
		return nil, at, err
	}
	defer resp.Body.Close()
	if body, err = io.ReadAll(resp.Body); err != nil {
		return nil, at, err
	}
	if at, err = http.ParseTime(resp.Header.Get("Date")); err != nil {
		at = time.Now().UTC()
	}
	return body, at, nil
}

// A reply is an answer in GraphQL. Its errors come with status 200.
type reply struct {
	Data   jsontext.Value `json:"data"`
	Errors []struct {
		Extensions struct {
			Code string `json:"code"`
		} `json:"extensions"`
	} `json:"errors"`
}

// decode reads a body: whole data of the right shape, and nothing besides. What
// comes beside an error is only a part, and is left.
func decode[T any](body []byte) (data T, err error) {
	var r reply
	if json.Unmarshal(body, &r) != nil {
		return data, fmt.Errorf("a body of another shape: %w", connectors.ErrBadData)
	}
	if len(r.Errors) > 0 {
		return data, ofCode(r.Errors[0].Extensions.Code)
	}
	if len(r.Data) == 0 || r.Data.Kind() != '{' {
		return data, fmt.Errorf("neither data nor error: %w", connectors.ErrBadData)
	}
	if json.Unmarshal(r.Data, &data, json.RejectUnknownMembers(true)) != nil {
		return data, fmt.Errorf("data of another shape: %w", connectors.ErrBadData)
	}
	return data, nil
}

// ofCode gives an error of the shop its meaning, without its text: that may
// name records.
func ofCode(code string) error {
	switch code {
	case "FORBIDDEN", "UNAUTHORIZED":
		return fmt.Errorf("no access: %w", connectors.ErrAuth)
	case "CHANNEL_NOT_FOUND":
		return fmt.Errorf("no such channel: %w", connectors.ErrAuth)
	case "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED", "BAD_USER_INPUT", "USER_INPUT_ERROR", "ILLEGAL_OPERATION", "ENTITY_NOT_FOUND":
		return fmt.Errorf("the question is none that the shop takes: %w", connectors.ErrBadData)
	}
	return fmt.Errorf("failed inside the shop: %w", connectors.ErrUnavailable)
}

// A column says which of the shop's fields one of ours is mapped from.
type column struct {
	field string
	from  []string
}

// asks are the shop's fields for ours, each once, and no others.
func asks(wanted connectors.FieldSet, columns []column, always ...string) []string {
	var fields []string
	add := func(names []string) {
		for _, name := range names {
			if !slices.Contains(fields, name) {
				fields = append(fields, name)
			}
		}
	}
	add(always)
	for _, col := range columns {
		if wanted.Has(col.field) {
			add(col.from)
		}
	}
	return fields
}

// selection writes fields by their paths as GraphQL does: "addresses.id" and
// "addresses.country.code" become addresses{id country{code}}.
func selection(paths []string) string {
	var names []string
	below := map[string][]string{}
	for _, path := range paths {
		name, rest, deeper := strings.Cut(path, ".")
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
		if deeper {
			below[name] = append(below[name], rest)
		}
	}
	for i, name := range names {
		if len(below[name]) > 0 {
			names[i] = name + "{" + selection(below[name]) + "}"
		}
	}
	return strings.Join(names, " ")
}
