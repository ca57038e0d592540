package tryton

import (
	"context"
	"fmt"
	"strconv"

	"customer360/connectors"
)

// IDs reads which parties are persons; its cursor is the last party's id.
func (c *connector) IDs(ctx context.Context, after string, limit int) (connectors.IDs, error) {
	last := int64(0)
	if after != "" {
		n, err := strconv.ParseInt(after, 10, 64)
		if last = n; err != nil || n <= 0 {
			return connectors.IDs{}, c.fail("ids", fmt.Errorf("a cursor that this kind has not written: %w", connectors.ErrBadData))
		}
	}
	of, err := c.company(ctx)
	if err != nil {
		return connectors.IDs{}, c.fail("ids", err)
	}
	limit = min(max(limit, 1), pageRows)
	parties, err := read[party](ctx, c.rpc, search{
		model: "party.party", where: domain{clause("id", ">", last)}, limit: limit, order: [][2]string{{"id", "ASC"}}, fields: c.personFields(),
	})
	if err != nil {
		return connectors.IDs{}, c.fail("ids", err)
	}
	page := connectors.IDs{More: len(parties) == limit}
	for _, p := range parties {
		if p.ID <= last {
			return connectors.IDs{}, c.fail("ids", fmt.Errorf("parties out of their order: %w", connectors.ErrBadData))
		}
		if last = p.ID; c.isPerson(p, of) {
			page.IDs = append(page.IDs, strconv.FormatInt(p.ID, 10))
		}
	}
	page.Next = strconv.FormatInt(last, 10)
	return page, nil
}
