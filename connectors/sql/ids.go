package sql

import (
	"context"

	"customer360/connectors"
)

// IDs reads the persons by their ids alone, and in their order.
func (c *connector) IDs(ctx context.Context, after string, limit int) (connectors.IDs, error) {
	at, err := parseCursor(after)
	if err != nil {
		return connectors.IDs{}, &connectors.Error{Source: c.setup.Source, Op: "ids", Err: err}
	}
	there := c.changes
	there.op, there.key, there.where, there.gone = "ids", "", there.where+" AND ("+there.gone+") = 0", "0"
	rows, more, err := c.read(ctx, there, at.Persons, max(limit, 1))
	if err != nil {
		return connectors.IDs{}, err
	}
	page := connectors.IDs{More: more}
	for _, row := range rows {
		page.IDs = append(page.IDs, row.id)
		at.Persons = row.place
	}
	if more {
		page.Next = at.String()
	}
	return page, nil
}
