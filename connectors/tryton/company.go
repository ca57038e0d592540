package tryton

import (
	"context"
	"fmt"
	"sync"
	"time"

	"customer360/connectors"
)

// factsAge is how long what is known of the company stands.
const factsAge = 10 * time.Minute

// A company is what has to be known of it: its currency, and who belongs to
// the house. Own companies and their employees are parties too, and no customers.
type company struct {
	currency *coded
	house    map[int64]bool
}

// facts holds the company for a while.
type facts struct {
	mu   sync.Mutex
	held *company
	at   time.Time
}

type companyRow struct {
	ID        int64  `json:"id"`
	Party     int64  `json:"party"`
	Currency  *coded `json:"currency."`
	Employees []struct {
		Party int64 `json:"party"`
	} `json:"employees."`
}

// company answers from what is held, or asks. Two callers may ask at once;
// nobody waits for another's call.
func (c *connector) company(ctx context.Context) (*company, error) {
	c.facts.mu.Lock()
	held, at := c.facts.held, c.facts.at
	c.facts.mu.Unlock()
	if held != nil && time.Since(at) < factsAge {
		return held, nil
	}
	rows, err := read[companyRow](ctx, c.rpc, search{
		model: "company.company", where: domain{}, fields: []string{"party", "currency.code", "employees.party"},
	})
	if err != nil {
		return nil, fmt.Errorf("the company: %w", err)
	}
	now := &company{house: map[int64]bool{}}
	for _, row := range rows {
		now.house[row.Party] = true
		for _, e := range row.Employees {
			now.house[e.Party] = true
		}
		if row.ID == c.cfg.Company {
			now.currency = row.Currency
		}
	}
	if now.currency == nil {
		return nil, fmt.Errorf("there is no company %d: %w", c.cfg.Company, connectors.ErrBadData)
	}
	c.facts.mu.Lock()
	c.facts.held, c.facts.at = now, time.Now()
	c.facts.mu.Unlock()
	return now, nil
}

// isPerson says whether a party, read with personFields, may be a customer:
// nobody of the house, no employer, and not replaced by another party.
func (c *connector) isPerson(p party, of *company) bool {
	if of.house[p.ID] || p.ReplacedBy != nil {
		return false
	}
	for _, r := range p.Relations {
		if r.Type != nil && r.Type.Name != nil && *r.Type.Name == c.cfg.Employs {
			return false
		}
	}
	return true
}

// personFields are what isPerson needs; a server that is no CRM has no relations.
func (c *connector) personFields() []string {
	if c.setup.Role == connectors.CRM {
		return []string{"replaced_by", "relations.type.name"}
	}
	return []string{"replaced_by"}
}
