package vendure

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"customer360/connectors"
	"customer360/connectors/connectortest"
)

// live is a shop that filters by time as Vendure does: `after` leaves out the
// bound, and a changed address moves no customer.
func live(t *testing.T) connectortest.Live {
	clock := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	type one struct {
		name, city string
		updated    time.Time
	}
	people := map[int]*one{}
	for id := range 5 {
		people[id+1] = &one{"Zoë", "Köln", clock.Add(-time.Hour)}
	}
	shop := connectortest.Trip(func(req *http.Request) (*http.Response, error) {
		var asked struct {
			Variables struct {
				Options struct {
					Skip   int `json:"skip"`
					Take   int `json:"take"`
					Filter struct {
						UpdatedAt struct {
							After time.Time `json:"after"`
						} `json:"updatedAt"`
					} `json:"filter"`
				} `json:"options"`
			} `json:"variables"`
		}
		if err := json.UnmarshalRead(req.Body, &asked); err != nil {
			return nil, err
		}
		o := asked.Variables.Options
		list := []any{}
		for id := 1; id <= len(people); id++ {
			if p := people[id]; p.updated.After(o.Filter.UpdatedAt.After) {
				list = append(list, map[string]any{
					"id": fmt.Sprint(id), "firstName": p.name, "updatedAt": p.updated, "addresses": []any{map[string]any{"id": "1", "city": p.city}},
					"customFields": map[string]any{"companyName": nil, "acceptsMarketing": nil},
				})
			}
		}
		total := len(list)
		body, err := json.Marshal(map[string]any{"data": map[string]any{"customers": map[string]any{
			"totalItems": total, "items": list[min(o.Skip, total):min(o.Skip+o.Take, total)],
		}}})
		resp, _ := connectortest.Says(200, string(body))(req)
		resp.Header.Set("Date", clock.Format(http.TimeFormat))
		return resp, err
	})
	return connectortest.Live{
		Open: func(t *testing.T, s connectors.Setup) connectors.Connector {
			t.Setenv("VENDURE_KEY", "swordfish")
			return behind(shop)(t, s)
		},
		Who: "2", Other: "4",
		Pass: func(d time.Duration) { clock = clock.Add(d) },
		Edit: func(id string, ago time.Duration) {
			p := people[int(id[0]-'0')]
			p.name, p.updated = p.name+"x", clock.Add(-ago)
		},
		Child: func(id string) { people[int(id[0]-'0')].city = "Bonn" },
	}
}
