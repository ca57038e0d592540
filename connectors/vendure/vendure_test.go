package vendure

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"customer360/connectors"
	"customer360/connectors/connectortest"
	"customer360/idgraph"
	"customer360/internal/keys"
)

// opened opens a connector in front of rt.
func opened(t *testing.T, cfg Config, rt http.RoundTripper) *connector {
	t.Helper()
	t.Setenv("VENDURE_KEY", "swordfish")
	c, err := cfg.Open(connectors.Setup{Source: here, Role: connectors.Commerce, Region: "DE", Transport: rt})
	if err != nil {
		t.Fatal(err)
	}
	return c.(*connector)
}

func TestAConfigurationThatCannotBeIsRefused(t *testing.T) {
	t.Setenv("VENDURE_KEY", "swordfish")
	for what, with := range map[string]func(*Config){
		"url: want":              func(c *Config) { c.URL = "vendure.test/admin-api" },
		"url: want http":         func(c *Config) { c.URL = "file:///etc/passwd" },
		"url: the key":           func(c *Config) { c.URL = "http://u:swordfish@vendure.test/" },
		"key: ":                  func(c *Config) { c.Key = keys.Secret{} },
		"channel: ":              func(c *Config) { c.Channel = "a\r\nb" },
		"ids: ":                  func(c *Config) { c.IDs = "letters" },
		"digits: ":               func(c *Config) { c.Digits = p(int32(-1)) },
		"company: ":              func(c *Config) { c.Company = "a{b" },
		"states: Packed: ":       func(c *Config) { c.States = map[string]connectors.OrderStatus{"Packed": "BOXED"} },
		"consents: entry 1: ":    func(c *Config) { c.Consents = []Consent{{Purpose: "marketing.email"}} },
		"consents: entry 1: wan": func(c *Config) { c.Consents = []Consent{{Field: "acceptsMarketing"}} },
	} {
		cfg := config()
		with(&cfg)
		_, err := cfg.Open(connectors.Setup{Source: "x", Role: connectors.Commerce})
		if err == nil || !strings.Contains(err.Error(), what) || strings.Contains(err.Error(), "swordfish") {
			t.Errorf("%v, want %q", err, what)
		}
	}
	cfg := config()
	if _, err := cfg.Open(connectors.Setup{Source: "x", Role: connectors.CRM}); err == nil {
		t.Error("a shop that is a CRM")
	}
}

func TestBeforeMayRefuseACallAndLearnsNoValue(t *testing.T) {
	stop := errors.New("not now")
	var told string
	c := opened(t, config(), nil)
	c.shop.leave = func(_ context.Context, call string) error { told = call; return stop }
	_, err := c.Profiles(t.Context(), connectors.Query{Refs: refs("6"), Fields: connectors.Fields("givenName", "addresses.city"), Limit: 1})
	if want := "customers id firstName addresses.city addresses.id addresses.defaultBillingAddress addresses.defaultShippingAddress"; !errors.Is(err, stop) || told != want {
		t.Errorf("%v after %q", err, told)
	}
}

// A stock shop has no custom fields, and asking for one fails the whole call.
func TestAStockShopIsAskedForNoCustomFields(t *testing.T) {
	s := &shop{people: shoppers(3)}
	cfg := config()
	cfg.Company, cfg.Consents, cfg.Channel = "", nil, "storefront"
	c := opened(t, cfg, s)
	if _, err := c.Profiles(t.Context(), connectors.Query{Refs: refs("1"), Fields: wholeProfile.Plus("company"), Limit: 1}); err != nil {
		t.Error(err)
	}
	got, err := c.Changes(t.Context(), "", 10)
	if err != nil || len(got.Profiles) != 3 || len(got.Consents) != 0 {
		t.Errorf("%d customers, %d consents, %v", len(got.Profiles), len(got.Consents), err)
	}
	for _, asked := range s.asked {
		if strings.Contains(asked, "customFields") {
			t.Errorf("asked %s", asked)
		}
	}
	if s.header.Get("vendure-token") != "storefront" || s.header.Get("vendure-api-key") != "swordfish" {
		t.Error("key or channel is missing")
	}
}

func TestOrdersAsTheyMayCome(t *testing.T) {
	cfg := config()
	cfg.Digits, cfg.States = p(int32(0)), map[string]connectors.OrderStatus{"Packed": "PROCESSING", "Shipped": "DONE"}
	c := opened(t, cfg, connectortest.Says(200, `{"data":{"customers":{"items":[{"id":"1","orders":{"totalItems":4,"items":[
		{"id":"1","state":"Packed","totalWithTax":-4500,"currencyCode":"JPY"},{"id":"2","state":"Shipped"},
		{"id":"3","lines":[{"id":"10","quantity":1},{"id":"9","quantity":2}]}]}},
		{"id":"2","orders":{"totalItems":2,"items":[{"id":"4","state":"Gift-wrapped"},{"id":"5","state":"Gift-wrapped"}]}}]}}}`))
	var log bytes.Buffer
	c.setup.Log = slog.New(slog.NewTextHandler(&log, nil))
	q := connectors.Query{Refs: refs("1", "2"), Fields: connectors.Fields("status", "total", "items.quantity"), Limit: 3}
	for range 2 {
		got, err := c.Orders(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		res := got[who("1")]
		if len(res.Rows) != 3 || !res.More {
			t.Fatalf("%d rows, more: %t; want 3 of 4", len(res.Rows), res.More)
		}
		if o := res.Rows[0]; *o.Status != "PROCESSING" || o.Total.Amount.String() != "-4500" || o.Total.Currency != "JPY" {
			t.Errorf("%s, %s %s", *o.Status, o.Total.Amount, o.Total.Currency)
		}
		if *res.Rows[1].Status != "DONE" {
			t.Error("the configuration has the last word on a state")
		}
		if items := res.Rows[2].Items; items[0].Quantity.String() != "2" {
			t.Error("lines come in the order of their ids")
		}
		if res = got[who("2")]; !errors.Is(res.Err, connectors.ErrBadData) || len(res.Rows) > 0 {
			t.Errorf("%d rows and %v, where a state means nothing", len(res.Rows), res.Err)
		}
	}
	if strings.Count(log.String(), "Gift-wrapped") != 1 {
		t.Errorf("a state that nobody knows, told of in\n%s", log.String())
	}
}

func TestAShopWithUUIDs(t *testing.T) {
	const id = "0b8e3a52-6c1f-4e0b-9d37-1f2a3b4c5d6e"
	s := &shop{people: []map[string]any{{"id": id, "firstName": "Zoë", "emailAddress": "zoe@example.org"}}}
	cfg := config()
	cfg.IDs = "uuid"
	c := opened(t, cfg, s)
	got, err := c.Profiles(t.Context(), connectors.Query{Refs: refs(id, "1", strings.ToUpper(id)), Fields: connectors.Fields("givenName"), Limit: 1})
	if err != nil || len(got) != 1 || strings.Contains(s.asked[0], `"1"`) {
		t.Errorf("%d profiles by %s, %v", len(got), s.asked[0], err)
	}
	known := idgraph.Identifier{Type: idgraph.Reference(here), Value: strings.ToUpper(strings.ReplaceAll(id, "-", ""))}
	found, err := c.Find(t.Context(), []idgraph.Identifier{known})
	if err != nil || !slices.Equal(found[known], refs(id)) {
		t.Errorf("found %v, %v", found, err)
	}
}

// The rows before a position may become fewer or more while a round goes on.
func TestARoundSurvivesDeletionsAndNewcomers(t *testing.T) {
	for name, between := range map[string]func(s *shop, page int){
		"nothing happens": func(*shop, int) {},
		"one is deleted each time, far before": func(s *shop, page int) {
			s.people = slices.Delete(s.people, 0, 1)
		},
		"the last that was read is deleted": func(s *shop, page int) {
			s.people = slices.DeleteFunc(s.people, func(p map[string]any) bool { return p["id"] == fmt.Sprint(page*20) })
		},
		"most of what was read is deleted": func(s *shop, page int) {
			if page == 5 {
				s.people = slices.Delete(s.people, 0, 95)
			}
		},
		"some who were read come before others": func(s *shop, page int) {
			for range 30 {
				s.people = slices.Insert(s.people, 0, map[string]any{"id": fmt.Sprint(999 - len(s.people)), "updatedAt": "2026-11-22T07:00:00.000Z"})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := &shop{people: shoppers(120)} // with the ids 1001 to 1120
			for _, person := range s.people {
				person["id"] = fmt.Sprint("1", fmt.Sprintf("%03s", person["id"]))
			}
			cfg := config()
			cfg.Company, cfg.Consents = "", nil
			c := opened(t, cfg, s)
			seen, cursor := map[string]int{}, ""
			for page, more := 1, true; more; page++ {
				got, err := c.Changes(t.Context(), cursor, 20)
				if err != nil || page > 100 {
					t.Fatalf("page %d: %v", page, err)
				}
				for _, person := range got.Profiles {
					seen[person.Owner.ID]++
				}
				cursor, more = got.Next, got.More
				between(s, page)
			}
			for i := 1001; i <= 1120; i++ {
				if id := fmt.Sprint(i); seen[id] != 1 {
					t.Errorf("%s was read %d times", id, seen[id])
				}
			}
		})
	}
}

func TestCountedCustomersThatNeverComeAreBadData(t *testing.T) {
	c := opened(t, config(), connectortest.Says(200, `{"data":{"customers":{"totalItems":9,"items":[]}}}`))
	if _, err := c.Changes(t.Context(), "", 10); !errors.Is(err, connectors.ErrBadData) {
		t.Errorf("%v, want %v", err, connectors.ErrBadData)
	}
}

// A shop answers as Vendure does: ids that were asked for, and slices.
type shop struct {
	people []map[string]any
	asked  []string
	header http.Header
}

func (s *shop) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	s.asked, s.header = append(s.asked, string(body)), req.Header
	var asked struct {
		Query     string `json:"query"`
		Variables struct {
			IDs     []string `json:"ids"`
			Options *struct {
				Skip int `json:"skip"`
				Take int `json:"take"`
			} `json:"options"`
		} `json:"variables"`
	}
	if err := json.Unmarshal(body, &asked); err != nil {
		return nil, err
	}
	list := []map[string]any{}
	for _, person := range s.people {
		if asked.Variables.IDs == nil || slices.Contains(asked.Variables.IDs, person["id"].(string)) {
			list = append(list, person)
		}
	}
	total := len(list)
	if o := asked.Variables.Options; o != nil {
		list = list[min(o.Skip, total):min(o.Skip+o.Take, total)]
	}
	answer, err := json.Marshal(map[string]any{"data": map[string]any{"customers": map[string]any{"totalItems": total, "items": list}}})
	if err != nil {
		return nil, err
	}
	return connectortest.Says(200, string(answer))(req)
}

// shoppers are n customers with the ids 1 to n.
func shoppers(n int) (people []map[string]any) {
	for i := range n {
		people = append(people, map[string]any{"id": fmt.Sprint(i + 1), "firstName": "Zoë", "updatedAt": "2026-11-22T07:00:00.000Z"})
	}
	return people
}

func refs(ids ...string) (out []idgraph.Ref) {
	for _, id := range ids {
		out = append(out, who(id))
	}
	return out
}
