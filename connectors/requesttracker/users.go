package requesttracker

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
)

// userColumns says where a profile's fields come from.
var userColumns = []column{
	{"name", []string{"RealName"}},
	{"emails.address", []string{"EmailAddress"}},
	{"phones.number", []string{"MobilePhone", "WorkPhone", "HomePhone"}},
	{"addresses.street", []string{"Address1", "Address2"}},
	{"addresses.city", []string{"City"}},
	{"addresses.postcode", []string{"Zip"}},
	{"addresses.region", []string{"State"}},
	{"addresses.country", []string{"Country"}},
	{"language", []string{"Lang"}},
	{"company", []string{"Organization"}},
	{"updatedAt", []string{"LastUpdated"}},
}

// Profiles are users, searched by their logins, which are looked up in q.Keys:
// no search goes by ids. Whose login is not known there, or is another's by
// now, is fetched alone. Disabled users, who may no longer log in or write, are
// persons still.
func (c *connector) Profiles(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Profile], error) {
	ids, refs := idsOf(q.Refs)
	answers := make(connectors.Answers[connectors.Profile], len(ids))
	seen := map[int64]bool{}
	for part := range slices.Chunk(ids, userLimit.N) {
		users, err := c.usersOf(ctx, q, part, refs)
		if err != nil {
			return nil, c.fail("profiles", err)
		}
		for _, u := range users {
			id := int64(u.ID)
			if seen[id] = true; !c.staff.knows(u.ID) && !isSystem(u) {
				answers[refs[id]] = connectors.Result[connectors.Profile]{Rows: []connectors.Profile{profileOf(refs[id], u)}}
			}
		}
	}
	c.alone(ctx, slices.DeleteFunc(ids, func(id int64) bool { return seen[id] }), refs, answers)
	return answers, nil
}

// usersOf searches users by their logins. Whoever comes under a login of
// another user has it from there.
func (c *connector) usersOf(ctx context.Context, q connectors.Query, ids []int64, refs map[int64]idgraph.Ref) ([]user, error) {
	var where []entry
	for _, id := range ids {
		if login := q.Keys[refs[id]]; login != "" {
			where = append(where, entry{"Name", "=", login})
		}
	}
	if len(where) == 0 {
		return nil, nil
	}
	p, err := list[user](ctx, c.rest, listing{
		of: "users", where: where, fields: asks(q.Fields, userColumns, "id", "Name"), with: disabledToo,
		order: []string{"id"}, rows: c.rest.rows, page: 1, about: fmt.Sprintf("%d logins", len(where)),
	})
	if err != nil {
		return nil, err
	}
	for _, u := range *p.Items {
		asked := slices.ContainsFunc(where, func(e entry) bool { return strings.EqualFold(e.Value, u.Login) })
		if u.ID <= 0 || !asked && !slices.Contains(ids, int64(u.ID)) {
			return nil, fmt.Errorf("a user that was not asked for: %w", connectors.ErrBadData)
		}
	}
	return slices.DeleteFunc(*p.Items, func(u user) bool { return !slices.Contains(ids, int64(u.ID)) }), nil
}

// mostAlone is how many users one call fetches one by one: a quarter of a
// second each, while somebody waits.
const mostAlone = 5

// alone fetches users by their ids, one by one and whole. What went wrong with
// one is the answer of those behind it too.
func (c *connector) alone(ctx context.Context, ids []int64, refs map[int64]idgraph.Ref, answers connectors.Answers[connectors.Profile]) {
	var failed error
	for i, id := range ids {
		if i == mostAlone && failed == nil {
			failed = fmt.Errorf("too many logins that are not known yet: %w", connectors.ErrUnavailable)
		}
		if failed == nil {
			var u user
			var found bool
			if u, found, failed = c.one(ctx, id); failed == nil {
				if found {
					answers[refs[id]] = connectors.Result[connectors.Profile]{Rows: []connectors.Profile{profileOf(refs[id], u)}}
				}
				continue
			}
		}
		answers[refs[id]] = connectors.Result[connectors.Profile]{Err: c.fail("profiles", failed)}
	}
}

// one fetches a user; found is false where there is no customer of that id.
func (c *connector) one(ctx context.Context, id int64) (u user, found bool, err error) {
	u, found, err = get[user](ctx, c.rest, "user", id)
	switch {
	case err != nil || !found:
		return u, false, err
	case u.ID == 0 && u.Privileged != nil:
		// All that a user without AdminUsers is told of others.
		return u, false, fmt.Errorf("the token's user lacks the right AdminUsers: %w", connectors.ErrAuth)
	case int64(u.ID) != id || u.Privileged == nil:
		return u, false, fmt.Errorf("a user that was not asked for: %w", connectors.ErrBadData)
	}
	return u, *u.Privileged == 0 && !isSystem(u), nil
}

// isSystem tells the two users that no person is behind, and whom Request
// Tracker does not count among the privileged ones.
func isSystem(u user) bool { return slices.Contains([]string{"RT_System", "Nobody"}, u.Login) }

// staffAge is how long what is known of the staff stands: less than the overlap
// of two readings, so that the second one sees who became one of them.
func (c *connector) staffAge() time.Duration { return c.setup.Margin() / 2 }

// staff holds the ids of the privileged users for a while. A list of users
// doesn't say who is privileged; the group of that name does.
type staff struct {
	mu   sync.Mutex
	held map[number]bool
	at   time.Time
}

// knows says whether a user was of the staff when that was last asked: who has
// become one since, the next reading will tell.
func (s *staff) knows(id number) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held[id]
}

// staffed answers from what is held, or asks. Two callers may ask at once;
// nobody waits for another's call.
func (c *connector) staffed(ctx context.Context) (map[number]bool, error) {
	c.staff.mu.Lock()
	held, at := c.staff.held, c.staff.at
	c.staff.mu.Unlock()
	if held != nil && time.Since(at) < c.staffAge() {
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
