package tryton

import (
	"context"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"customer360/connectors"
)

// pageParties is the most parties of one page, with everything that hangs on them.
const pageParties = 200

// A cursor says how far the reading has come. A round goes over everything that
// changed since Since, in the order of the ids, and what changes meanwhile is
// left to the next one. Since is zero in the first round: everything.
type cursor struct {
	Since time.Time `json:"since"`
	Began time.Time `json:"began"` // when the round began, by the server's clock
	Lists bool      `json:"lists"` // in the round's second half: mailing lists
	After int64     `json:"after"`
	Total int       `json:"total"`
}

// Changes reads parties that changed, and parties whose newsletter subscription
// did: a subscription belongs to an address and moves no party. What was
// deleted leaves no trace here: of a party the list of ids tells, of a row that
// hung on one a reading from the beginning.
func (c *connector) Changes(ctx context.Context, since string, limit int) (connectors.Changes, error) {
	var at cursor
	if since != "" && json.Unmarshal([]byte(since), &at, json.RejectUnknownMembers(true)) != nil {
		return connectors.Changes{}, c.fail("changes", fmt.Errorf("a cursor that this kind has not written: %w", connectors.ErrBadData))
	}
	page, err := c.page(ctx, at, min(max(limit, 1), pageParties))
	if err != nil {
		return connectors.Changes{}, c.fail("changes", err)
	}
	return page, nil
}

func (c *connector) page(ctx context.Context, at cursor, limit int) (page connectors.Changes, err error) {
	of, err := c.company(ctx)
	if err != nil {
		return page, err
	}
	if at.Since.IsZero() && at.Began.IsZero() {
		if at.Total, err = c.rpc.count(ctx, "party.party", domain{}); err != nil {
			return page, err
		}
	}
	read := c.changedParties
	if at.Lists {
		read = c.resubscribed
	}
	parties, next, err := read(ctx, at, limit)
	if err != nil {
		return page, err
	}
	people := parties[:0:0]
	for _, p := range parties {
		if !c.isPerson(p, of) {
			page.Gone = append(page.Gone, c.ref(p.ID))
			continue
		}
		profile, err := c.profileOf(c.ref(p.ID), p)
		if err != nil {
			return page, err
		}
		people, page.Profiles = append(people, p), append(page.Profiles, profile)
	}
	if page.Consents, err = c.consentsOf(ctx, people); err != nil {
		return page, err
	}
	page.Total, page.More = next.Total, !next.Began.IsZero()
	written, err := json.Marshal(next)
	page.Next = string(written)
	return page, err
}

// changedParties is a page of the round's first half.
func (c *connector) changedParties(ctx context.Context, at cursor, limit int) ([]party, cursor, error) {
	where := domain{clause("id", ">", at.After)}
	if !at.Since.IsZero() {
		where = append(where, changedParty(at.Since, c.parts()...))
	}
	parties, clock, err := readAt[party](ctx, c.rpc, search{
		model: "party.party", where: where, limit: limit, order: [][2]string{{"id", "ASC"}}, fields: c.wholeParty(),
	})
	if err != nil {
		return nil, at, err
	}
	if at.Began.IsZero() {
		at.Began = clock
	}
	if len(parties) == limit {
		at.After = parties[len(parties)-1].ID
		return parties, at, nil
	}
	if !at.Since.IsZero() && c.hasLists() {
		at.Lists, at.After = true, 0
		return parties, at, nil
	}
	return parties, at.done(c.setup.Margin()), nil
}

// resubscribed is a page of the second half: the parties that hold the
// addresses whose subscription changed.
func (c *connector) resubscribed(ctx context.Context, at cursor, limit int) ([]party, cursor, error) {
	limit = min(limit, findLimit.N)
	rows, err := read[subscription](ctx, c.rpc, search{
		model: "marketing.email", where: domain{clause("id", ">", at.After), clause("list_.name", "in", c.lists()), changed(at.Since)},
		limit: limit, order: [][2]string{{"id", "ASC"}}, fields: []string{"email"},
	})
	if err != nil {
		return nil, at, err
	}
	next := at.done(c.setup.Margin())
	if len(rows) == limit {
		next = at
		next.After = rows[len(rows)-1].ID
	}
	if len(rows) == 0 {
		return nil, next, nil
	}
	values := make([]domain, 0, len(rows))
	for _, row := range rows {
		values = append(values, contains("value", row.Email))
	}
	parties, err := read[party](ctx, c.rpc, search{
		model:  "party.party",
		where:  clause("contact_mechanisms", "where", domain{clause("type", "in", emailTypes), clause("active", "=", true), anyOf(values...)}),
		fields: c.wholeParty(),
	})
	return parties, next, err
}

// done is the cursor at a round's end: the next one begins where this one's
// time ran out, and a little before. A row's time is that of its transaction's
// beginning, and it may be seen only at its end. A clock that
// was put back puts the reading back, too.
func (at cursor) done(margin time.Duration) cursor {
	return cursor{Since: at.Began.Add(-margin), Total: at.Total}
}

// parts are the rows that hang on a party and tell who it is.
func (c *connector) parts() []string {
	parts := []string{"contact_mechanisms", "addresses", "identifiers"}
	if c.setup.Role == connectors.CRM {
		parts = append(parts, "relations")
	}
	return parts
}

// wholeParty are all fields that Changes maps.
func (c *connector) wholeParty() []string {
	fields := asks(wholeProfile, c.profileColumns(), c.personFields()...)
	if c.hasCategories() {
		fields = append(fields, "categories.rec_name", "categories.active")
	}
	return distinct(fields)
}
