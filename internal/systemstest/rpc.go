package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// An rpcClient is a second reading of Tryton's protocol, written apart from the
// connector's: a mistake there is not made here too. Rows are left as maps.
type rpcClient struct {
	url, session string
}

type row = map[string]any

func login(ctx context.Context, url string) (*rpcClient, error) {
	c := &rpcClient{url: url}
	got, err := c.call(ctx, "common.db.login", "admin", row{"password": adminPassword})
	if err != nil {
		return nil, err
	}
	pair, ok := got.([]any)
	if !ok || len(pair) < 2 {
		return nil, fmt.Errorf("log in at %s: no session", url)
	}
	c.session = "Session " + base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "admin:%v:%v", pair[0], pair[1]))
	return c, nil
}

func (c *rpcClient) call(ctx context.Context, method string, params ...any) (any, error) {
	body, err := json.Marshal(row{"id": 1, "method": method, "params": params})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if c.session != "" {
		req.Header.Set("Authorization", c.session)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var reply struct{ Result, Error any }
	d := json.NewDecoder(resp.Body)
	d.UseNumber()
	if err := d.Decode(&reply); err != nil {
		return nil, fmt.Errorf("%s: status %d: %w", method, resp.StatusCode, err)
	}
	if reply.Error != nil {
		return nil, fmt.Errorf("%s: %v", method, reply.Error)
	}
	return reply.Result, nil
}

// model calls a method of a model, with the company in the context and, of
// what is given, what it adds.
func (c *rpcClient) model(ctx context.Context, method string, more row, params ...any) (any, error) {
	in := row{"company": 1}
	for k, v := range more {
		in[k] = v
	}
	return c.call(ctx, method, append(params, in)...)
}

// read is a search_read of all rows, by id.
func (c *rpcClient) read(ctx context.Context, model string, domain []any, fields ...string) ([]row, error) {
	got, err := c.model(ctx, "model."+model+".search_read", nil, domain, 0, nil, []any{[]any{"id", "ASC"}}, fields)
	if err != nil {
		return nil, err
	}
	list, _ := got.([]any)
	rows := make([]row, len(list))
	for i := range list {
		rows[i], _ = list[i].(row)
	}
	return rows, nil
}

// write changes rows of a model.
func (c *rpcClient) write(ctx context.Context, model string, ids []any, values row) error {
	_, err := c.model(ctx, "model."+model+".write", nil, ids, values)
	return err
}

// at walks into a row: at(r, "currency.", "code").
func at(r row, path ...string) any {
	for _, name := range path[:len(path)-1] {
		r, _ = r[name].(row)
	}
	return r[path[len(path)-1]]
}

// list is a relation to many.
func list(r row, name string) []row {
	var out []row
	items, _ := r[name].([]any)
	for _, i := range items {
		if m, ok := i.(row); ok {
			out = append(out, m)
		}
	}
	return out
}

// text writes a value of any kind the way the gateway does: null and blank text
// as "", decimals and numbers digit by digit, times as RFC 3339 says.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return strings.TrimSpace(v)
	case row:
		part := func(name string) int {
			n, _ := v[name].(json.Number)
			i, _ := n.Int64()
			return int(i)
		}
		switch v["__class__"] {
		case "Decimal":
			return fmt.Sprint(v["decimal"])
		case "date", "datetime":
			t := time.Date(part("year"), time.Month(part("month")), part("day"), part("hour"), part("minute"), part("second"), part("microsecond")*1000, time.UTC)
			return t.Format(time.RFC3339Nano)
		}
	}
	return fmt.Sprint(v)
}
