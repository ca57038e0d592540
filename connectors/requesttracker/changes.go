package requesttracker

import (
	"context"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"customer360/connectors"
)

// everybody matches all users but one: a search must have an entry, and this
// one leaves out whom isSystem would.
var everybody = []entry{{"Name", "!=", "Nobody"}}

// userFields are all fields that a profile is mapped from, and the login.
var userFields = []string{
	"id", "Name", "RealName", "EmailAddress", "Organization", "Lang", "MobilePhone", "WorkPhone", "HomePhone",
	"Address1", "Address2", "City", "State", "Zip", "Country", "LastUpdated",
}

// A cursor says how far the reading has come. The first round goes over all
// users by their ids: nobody is ever deleted, so that what was read stays on
// its pages. The later ones go from the user that changed last to the first
// that changed before Since. Who changes meanwhile moves to the front, where
// the next round finds it.
type cursor struct {
	Since time.Time `json:"since"` // zero in the first round
	Began time.Time `json:"began"` // when the round began, by the server's clock; zero between rounds
	Rows  int       `json:"rows"`  // of one page: a round's pages are all of one size
	Page  int       `json:"page"`  // the next one
	Total int       `json:"total"`
}

// Changes reads users. Staff are reported as gone: whoever becomes one of them
// is no customer any more.
func (c *connector) Changes(ctx context.Context, since string, limit int) (connectors.Changes, error) {
	var at cursor
	if since != "" && (json.Unmarshal([]byte(since), &at, json.RejectUnknownMembers(true)) != nil || at.Page < 0 || at.Rows < 0 || at.Rows > pageRows) {
		return connectors.Changes{}, c.fail("changes", fmt.Errorf("a cursor that this kind has not written: %w", connectors.ErrBadData))
	}
	users, next, err := c.changed(ctx, at, min(max(limit, 1), pageRows))
	var out connectors.Changes
	if err == nil && len(users) > 0 {
		err = c.sort(ctx, users, &out)
	}
	if err != nil {
		return connectors.Changes{}, c.fail("changes", err)
	}
	written, err := json.Marshal(next)
	out.Next, out.More, out.Total = string(written), !next.Began.IsZero(), next.Total
	return out, err
}

// changed is the next page of users, and the cursor behind it.
func (c *connector) changed(ctx context.Context, at cursor, limit int) ([]user, cursor, error) {
	if at.Began.IsZero() {
		at.Rows, at.Page = limit, 1
		if !at.Since.IsZero() {
			began, any, err := c.anyChange(ctx, at.Since)
			if at.Began = began; err != nil || !any {
				return nil, at.done(c.setup.Margin()), err
			}
		}
	}
	l := listing{of: "users", where: everybody, fields: userFields, with: disabledToo, order: []string{"id"}, rows: max(at.Rows, 1), page: max(at.Page, 1)}
	if !at.Since.IsZero() {
		l.order = []string{"LastUpdated DESC", "id"}
	}
	p, err := list[user](ctx, c.rest, l)
	if err != nil {
		return nil, at, err
	}
	if at.Began.IsZero() {
		at.Began = p.at
	}
	if p.Total != nil && at.Since.IsZero() {
		at.Total = int(*p.Total)
	}
	users := *p.Items
	for i, u := range users {
		if u.ID <= 0 || u.LastUpdated.Time == nil || i > 0 && !at.inOrder(users[i-1], u) {
			return nil, at, fmt.Errorf("users in another order, or without id or time: %w", connectors.ErrBadData)
		}
		if u.LastUpdated.Before(at.Since) {
			return users[:i], at.done(c.setup.Margin()), nil
		}
	}
	if !p.more() {
		return users, at.done(c.setup.Margin()), nil
	}
	at.Page = l.page + 1
	return users, at, nil
}

// anyChange asks for the time of the last change alone: most rounds end here,
// and bring nobody's data.
func (c *connector) anyChange(ctx context.Context, since time.Time) (now time.Time, any bool, err error) {
	p, err := list[user](ctx, c.rest, listing{
		of: "users", where: everybody, fields: []string{"id", "LastUpdated"}, with: disabledToo, order: []string{"LastUpdated DESC", "id"}, rows: 1, page: 1,
	})
	if err != nil {
		return now, false, err
	}
	for _, u := range *p.Items {
		any = any || u.LastUpdated.Time == nil || !u.LastUpdated.Before(since)
	}
	return p.at, any, nil
}

func (at cursor) inOrder(a, b user) bool {
	if at.Since.IsZero() {
		return a.ID < b.ID
	}
	return !b.LastUpdated.After(*a.LastUpdated.Time)
}

// done is the cursor at a round's end: the next one begins where this one's
// time ran out, and a little before. A user's time is that of the statement that
// wrote it, to the second, and it may be seen only when its transaction ends. A
// clock that was put back puts the reading back.
func (at cursor) done(margin time.Duration) cursor {
	return cursor{Since: at.Began.Add(-margin), Total: at.Total}
}

// sort tells customers from staff.
func (c *connector) sort(ctx context.Context, users []user, out *connectors.Changes) error {
	staff, err := c.staffed(ctx)
	if err != nil {
		return err
	}
	for _, u := range users {
		if ref := c.ref(u.ID); staff[u.ID] || isSystem(u) {
			out.Gone = append(out.Gone, ref)
		} else {
			out.Profiles = append(out.Profiles, profileOf(ref, u))
		}
	}
	return nil
}
