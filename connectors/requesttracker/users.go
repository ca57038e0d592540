package requesttracker

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"customer360/connectors"
)

// Profiles are users, each fetched by itself: no search goes by their ids, and
// a user on its own comes whole. Disabled users, who may no longer log in or
// write, are persons still.
func (c *connector) Profiles(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Profile], error) {
	ids, refs := idsOf(q.Refs)
	answers := make(connectors.Answers[connectors.Profile], len(ids))
	for _, id := range ids {
		u, found, err := get[user](ctx, c.rest, "user", id)
		switch {
		case err != nil:
		case !found:
			continue
		case u.ID == 0 && u.Privileged != nil:
			// All that a user without AdminUsers is told of others.
			err = fmt.Errorf("the token's user lacks the right AdminUsers: %w", connectors.ErrAuth)
		case int64(u.ID) != id || u.Privileged == nil:
			err = fmt.Errorf("a user that was not asked for: %w", connectors.ErrBadData)
		case *u.Privileged != 0 || isSystem(u):
			continue
		default:
			answers[refs[id]] = connectors.Result[connectors.Profile]{Rows: []connectors.Profile{profileOf(refs[id], u)}}
		}
		if err != nil {
			return nil, c.fail("profiles", err)
		}
	}
	return answers, nil
}

// isSystem tells the two users that no person is behind, and whom Request
// Tracker does not count among the privileged ones.
func isSystem(u user) bool { return slices.Contains([]string{"RT_System", "Nobody"}, u.Login) }

// staffAge is how long what is known of the staff stands: less than the overlap
// of two readings, so that the second one sees who became one of them.
const staffAge = overlap / 2

// staff holds the ids of the privileged users for a while. A list of users
// doesn't say who is privileged; the group of that name does.
type staff struct {
	mu   sync.Mutex
	held map[number]bool
	at   time.Time
}

// staffed answers from what is held, or asks. Two callers may ask at once;
// nobody waits for another's call.
func (c *connector) staffed(ctx context.Context) (map[number]bool, error) {
	c.staff.mu.Lock()
	held, at := c.staff.held, c.staff.at
	c.staff.mu.Unlock()
	if held != nil && time.Since(at) < staffAge {
		return held, nil
	}
	now, err := c.readStaff(ctx)
	if err != nil {
		return nil, fmt.Errorf("the staff: %w", err)
	}
	c.staff.mu.Lock()
	c.staff.held, c.staff.at = now, time.Now()
	c.staff.mu.Unlock()
	return now, nil
}

func (c *connector) readStaff(ctx context.Context) (map[number]bool, error) {
	groups, err := list[group](ctx, c.rest, listing{
		of: "groups", where: []entry{{"Domain", "=", "SystemInternal"}}, fields: []string{"id", "Name", "Domain"}, rows: pageRows, page: 1,
	})
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(*groups.Items, func(g group) bool { return g.Name == "Privileged" && g.Domain == "SystemInternal" && g.ID > 0 })
	if i < 0 {
		return nil, fmt.Errorf("the token's user lacks the right SeeGroup: %w", connectors.ErrAuth)
	}
	ids := map[number]bool{}
	for n := 1; n <= mostPages; n++ {
		members, err := list[member](ctx, c.rest, listing{of: fmt.Sprintf("group/%d/members", (*groups.Items)[i].ID), rows: c.rest.rows, page: n})
		if err != nil {
			return nil, err
		}
		for _, m := range *members.Items {
			ids[m.ID] = true
		}
		// This list names no next page.
		if len(*members.Items) == 0 || members.Total != nil && int64(n*c.rest.rows) >= *members.Total {
			return ids, nil
		}
	}
	return nil, connectors.ErrTooLarge
}
