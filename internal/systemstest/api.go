package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// An apiClient is a second reading of the shop's and the helpdesk's protocols,
// written apart from the connectors': a mistake there is not made here too.
type apiClient struct {
	url, header, value string
}

// send makes one call and decodes its answer; numbers stay as they are written.
func (c *apiClient) send(ctx context.Context, method, path string, body, reply any) error {
	_, err := c.sent(ctx, method, path, body, reply)
	return err
}

func (c *apiClient) sent(ctx context.Context, method, path string, body, reply any) (http.Header, error) {
	sent, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(sent))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if c.value != "" {
		req.Header.Set(c.header, c.value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 400 {
		return nil, fmt.Errorf("%s %s: status %d: %.300s", method, path, resp.StatusCode, said)
	}
	d := json.NewDecoder(bytes.NewReader(said))
	d.UseNumber()
	if err := d.Decode(reply); err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	return resp.Header, nil
}

// graphql asks the shop.
func (c *apiClient) graphql(ctx context.Context, query string, variables row) (row, error) {
	var reply struct {
		Data   row
		Errors []struct{ Message string }
	}
	header, err := c.sent(ctx, http.MethodPost, "", row{"query": query, "variables": variables}, &reply)
	if err != nil {
		return nil, err
	}
	if len(reply.Errors) > 0 {
		return nil, fmt.Errorf("the shop: %s", reply.Errors[0].Message)
	}
	for name, v := range reply.Data {
		if m, ok := v.(row); ok && m["errorCode"] != nil {
			return nil, fmt.Errorf("the shop: %s: %v", name, m["errorCode"])
		}
	}
	if token := header.Get("vendure-auth-token"); token != "" {
		c.value = "Bearer " + token
	}
	return reply.Data, nil
}

func (c *apiClient) loginShop(ctx context.Context) error {
	_, err := c.graphql(ctx, `mutation {login(username: "superadmin", password: "superadmin-password") {... on CurrentUser {id} ... on ErrorResult {errorCode}}}`, nil)
	return err
}

// shopList reads a whole list of the shop, a thousand at a time.
func (c *apiClient) shopList(ctx context.Context, name, options, fields string) ([]row, error) {
	var all []row
	for {
		query := fmt.Sprintf(`query ($o: %s) {%s(options: $o) {totalItems items {%s}}}`, options, name, fields)
		data, err := c.graphql(ctx, query, row{"o": row{"sort": row{"id": "ASC"}, "take": 200, "skip": len(all)}})
		if err != nil {
			return nil, err
		}
		page, _ := data[name].(row)
		some := list(page, "items")
		all = append(all, some...)
		if total := text(page["totalItems"]); len(some) == 0 || text(json.Number(fmt.Sprint(len(all)))) == total {
			return all, nil
		}
	}
}

// deskList reads a whole list of the helpdesk, a hundred at a time.
func (c *apiClient) deskList(ctx context.Context, method, path string, body any) ([]row, error) {
	var all []row
	for page := 1; ; page++ {
		var reply row
		if err := c.send(ctx, method, fmt.Sprintf("%s&per_page=100&page=%d", path, page), body, &reply); err != nil {
			return nil, err
		}
		all = append(all, list(reply, "items")...)
		if reply["next_page"] == nil {
			return all, nil
		}
	}
}
