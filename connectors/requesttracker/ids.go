package requesttracker

import (
	"context"
	"fmt"
	"strconv"

	"customer360/connectors"
)

// IDs reads the users who are no staff, by number; its cursor is the next
// page's number and how many rows its pages have.
func (c *connector) IDs(ctx context.Context, after string, limit int) (connectors.IDs, error) {
	nth, rows := 1, min(max(limit, 1), pageRows)
	if after != "" {
		if n, err := fmt.Sscanf(after, "%d of %d", &nth, &rows); n != 2 || err != nil || nth < 1 || rows < 1 || rows > pageRows {
			return connectors.IDs{}, c.fail("ids", fmt.Errorf("a cursor that this kind has not written: %w", connectors.ErrBadData))
		}
	}
	p, err := list[user](ctx, c.rest, listing{
		of: "users", where: everybody, fields: []string{"id", "Name"}, with: disabledToo, order: []string{"id"}, rows: rows, page: nth,
	})
	if err != nil {
		return connectors.IDs{}, c.fail("ids", err)
	}
	staff, err := c.staffed(ctx)
	if err != nil {
		return connectors.IDs{}, c.fail("ids", err)
	}
	page := connectors.IDs{Next: fmt.Sprintf("%d of %d", nth+1, rows), More: p.more()}
	if p.Total != nil {
		page.Total = int(*p.Total)
	}
	last := number(0)
	for _, u := range *p.Items {
		if u.ID <= last {
			return connectors.IDs{}, c.fail("ids", fmt.Errorf("users in another order, or without id: %w", connectors.ErrBadData))
		}
		if last = u.ID; !staff[u.ID] && !isSystem(u) {
			page.IDs = append(page.IDs, strconv.FormatInt(int64(u.ID), 10))
		}
	}
	return page, nil
}
