package vendure

import (
	"context"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"customer360/connectors"
)

const (
	// pageCustomers is the most customers of one page: their addresses are one
	// SQL query each inside Vendure.
	pageCustomers = 100
	// lookBack is how many rows a page reads again, to see where it stands;
	// leap is how far it goes back where that was not enough.
	lookBack, leap = 5, 500
	// mostTries is how often a page looks for its place.
	mostTries = 100
)

// A cursor says how far the reading has come. A round goes over everybody who
// changed since Since, in the order of the ids, and what changes meanwhile is
// left to the next one. Since is zero in the first round: everybody. Vendure
// compares no ids, so a page begins at a position; After tells whether that has
// shifted.
type cursor struct {
	Since time.Time `json:"since"`
	Began time.Time `json:"began"` // when the round began, by the server's clock
	After string    `json:"after"` // the last id that was read
	Skip  int       `json:"skip"`  // how many rows came up to it
	Total int       `json:"total"`
}

// Changes reads customers who changed, by their updatedAt. New orders move none
// and tell of nobody; a changed address moves none either, which a reading from
// the beginning finds, and a deleted customer is in no list any more.
func (c *connector) Changes(ctx context.Context, since string, limit int) (connectors.Changes, error) {
	at, err := c.cursorOf(since)
	if err != nil {
		return connectors.Changes{}, c.fail("changes", err)
	}
	page, err := c.page(ctx, at, min(max(limit, 1), pageCustomers))
	if err != nil {
		return connectors.Changes{}, c.fail("changes", err)
	}
	return page, nil
}

// IDs reads all customers by their ids alone.
func (c *connector) IDs(ctx context.Context, after string, limit int) (connectors.IDs, error) {
	at, err := c.cursorOf(after)
	if err != nil {
		return connectors.IDs{}, c.fail("ids", err)
	}
	people, next, err := c.changed(ctx, at, min(max(limit, 1), mostRows-lookBack), []string{"id"})
	if err != nil {
		return connectors.IDs{}, c.fail("ids", err)
	}
	page := connectors.IDs{More: !next.Began.IsZero(), Total: next.Total}
	for _, p := range people {
		page.IDs = append(page.IDs, p.ID)
	}
	written, err := json.Marshal(next)
	page.Next = string(written)
	return page, err
}

// cursorOf reads a cursor; "" is the beginning.
func (c *connector) cursorOf(s string) (at cursor, err error) {
	if s != "" && (json.Unmarshal([]byte(s), &at, json.RejectUnknownMembers(true)) != nil || at.Skip < 0) {
		return at, fmt.Errorf("a cursor that this kind has not written: %w", connectors.ErrBadData)
	}
	return at, nil
}

func (c *connector) page(ctx context.Context, at cursor, limit int) (page connectors.Changes, err error) {
	fields := asks(wholeProfile, c.profileColumns(), "id", "updatedAt")
	for _, k := range c.cfg.Consents {
		fields = append(fields, "customFields."+k.Field)
	}
	people, next, err := c.changed(ctx, at, limit, fields)
	if err != nil {
		return page, err
	}
	for _, p := range people {
		profile, err := c.profileOf(c.ref(p.ID), p, wholeProfile)
		if err != nil {
			return page, err
		}
		consents, err := c.consentsOf(p)
		if err != nil {
			return page, err
		}
		page.Profiles, page.Consents = append(page.Profiles, profile), append(page.Consents, consents...)
	}
	page.Total, page.More = next.Total, !next.Began.IsZero()
	written, err := json.Marshal(next)
	page.Next = string(written)
	return page, err
}

// changed are the next customers of a round. The rows before them may have
// become fewer (somebody was deleted) or more (somebody changed) since the last
// page, so it looks back until it sees rows that were read.
func (c *connector) changed(ctx context.Context, at cursor, limit int, fields []string) ([]customer, cursor, error) {
	from := max(0, at.Skip-lookBack)
	for range mostTries {
		list, clock, err := c.slice(ctx, at.Since, from, limit+at.Skip-min(at.Skip, from), fields)
		if err != nil {
			return nil, at, err
		}
		if at.Began.IsZero() {
			at.Began = clock
		}
		if at.Since.IsZero() {
			at.Total = list.TotalItems
		}
		read, err := c.readBefore(list.Items, at.After)
		if err != nil {
			return nil, at, err
		}
		end := from + len(list.Items)
		switch {
		case read == 0 && from > 0:
			from = max(0, from-leap)
			at.Skip = min(at.Skip, from+leap)
			continue
		case read == len(list.Items) && end < list.TotalItems && read > 0:
			at.Skip, from = end, end-1
			continue
		}
		people := list.Items[read:]
		people = people[:min(limit, len(people))]
		if from+read+len(people) >= list.TotalItems {
			return people, at.done(c.setup.Margin()), nil
		}
		if len(people) == 0 {
			break
		}
		at.After, at.Skip = people[len(people)-1].ID, from+read+len(people)
		return people, at, nil
	}
	return nil, at, fmt.Errorf("fewer customers than were counted: %w", connectors.ErrBadData)
}

// slice reads rows by their position among those that changed.
func (c *connector) slice(ctx context.Context, since time.Time, from, rows int, fields []string) (customerList, time.Time, error) {
	options := map[string]any{"sort": map[string]string{"id": "ASC"}, "skip": from, "take": min(rows, mostRows)}
	if !since.IsZero() {
		options["filter"] = filter{"updatedAt": {"after": since.UTC().Format(time.RFC3339Nano)}}
	}
	return c.shop.customers(ctx, request{
		Query:     "query($options:CustomerListOptions!){customers(options:$options){totalItems items{" + selection(fields) + "}}}",
		Variables: map[string]any{"options": options}, fields: fields,
	})
}

// readBefore is how many of the rows stand up to the last id that was read.
func (c *connector) readBefore(rows []customer, after string) (read int, err error) {
	for i, p := range rows {
		if !c.isID(p.ID) || i > 0 && compareIDs(rows[i-1].ID, p.ID) >= 0 {
			return 0, fmt.Errorf("customers out of their order: %w", connectors.ErrBadData)
		}
		if after != "" && compareIDs(p.ID, after) <= 0 {
			read = i + 1
		}
	}
	return read, nil
}

// done is the cursor at a round's end: the next one begins where this one's
// time ran out, and a little before. A row's time is that of its transaction's
// beginning, and it may be seen only at its end; clocks of shop and database
// may differ a little, too. A clock that was put back puts the reading back.
func (at cursor) done(margin time.Duration) cursor {
	return cursor{Since: at.Began.Add(-margin), Total: at.Total}
}
