package requesttracker

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
)

// ticketColumns says where a ticket's fields come from; its number is its id.
func (c *connector) ticketColumns() []column {
	columns := []column{
		{"subject", []string{"Subject"}},
		{"status", []string{"Status"}},
		{"openedAt", []string{"Created"}},
		{"updatedAt", []string{"LastUpdated"}},
	}
	if len(c.cfg.Priorities) > 0 {
		columns = append(columns, column{"priority", []string{"Priority"}})
	}
	return columns
}

// Tickets are those that the users requested, deleted ones left out, as
// Request Tracker leaves them out. A ticket with several requestors is each
// one's. Whoever asks for more than five users at once gets five at a time.
func (c *connector) Tickets(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Ticket], error) {
	ids, refs := idsOf(q.Refs)
	answers := make(connectors.Answers[connectors.Ticket], len(ids))
	for open := range slices.Chunk(ids, ticketLimit.N) {
		for len(open) > 0 {
			for _, id := range open {
				delete(answers, refs[id])
			}
			left, err := c.ticketsOf(ctx, q, open, refs, answers)
			if err != nil {
				return nil, c.fail("tickets", err)
			}
			open = left
		}
	}
	return answers, nil
}

// ticketsOf reads the tickets of some users in q's order. Request Tracker knows
// no "latest K of each", so it is one list over all of them, in pages. It is
// left when one user has all that was asked for and others have not: for
// those, who are returned, the list begins anew and without that one.
func (c *connector) ticketsOf(
	ctx context.Context, q connectors.Query, open []int64, refs map[int64]idgraph.Ref, answers connectors.Answers[connectors.Ticket],
) ([]int64, error) {
	l := listing{
		of: "tickets", query: requestedBy(open), about: fmt.Sprintf("%d requestors", len(open)),
		fields: asks(q.Fields, c.ticketColumns(), "id", "Requestor"), with: map[string][]string{"fields[Requestor]": {"id"}},
		order: []string{"id"}, rows: min(c.rest.rows, len(open)*(q.Limit+1)),
	}
	if q.Order == connectors.NewestFirst {
		l.order = []string{"Created DESC", "id"}
		if !slices.Contains(l.fields, "Created") {
			l.fields = append(l.fields, "Created")
		}
	}
	seen, last := map[number]bool{}, ticket{}
	for l.page = 1; l.page <= mostPages; l.page++ {
		p, err := list[ticket](ctx, c.rest, l)
		if err != nil {
			return nil, err
		}
		for _, t := range *p.Items {
			if seen[t.ID] { // what was written meanwhile moved it to the next page
				continue
			}
			if t.ID <= 0 || len(seen) > 0 && !follows(t, last, q.Order) {
				return nil, fmt.Errorf("tickets in another order: %w", connectors.ErrBadData)
			}
			seen[t.ID], last = true, t
			if err := c.put(q, t, open, refs, answers); err != nil {
				return nil, err
			}
		}
		if !p.more() {
			return nil, nil
		}
		if left := unfinished(open, refs, answers); len(left) < len(open) {
			return left, nil
		}
	}
	return nil, connectors.ErrTooLarge
}

// requestedBy is TicketSQL, out of integers alone.
func requestedBy(users []int64) string {
	clauses := make([]string, len(users))
	for i, id := range users {
		clauses[i] = fmt.Sprintf("Requestor.id = %d", id)
	}
	return strings.Join(clauses, " OR ")
}

func follows(t, last ticket, order connectors.Ordering) bool {
	if order != connectors.NewestFirst {
		return t.ID > last.ID
	}
	switch d := moment(t.Created).Compare(moment(last.Created)); d {
	case 0:
		return t.ID > last.ID
	default:
		return d < 0
	}
}

func moment(s stamp) (t time.Time) {
	if s.Time != nil {
		t = *s.Time
	}
	return t
}

// put adds a ticket to each of the open users who requested it, unless they are
// complete. One that cannot be mapped spoils theirs alone. A ticket that none
// of them requested was not asked for, unless it is there by a group.
func (c *connector) put(
	q connectors.Query, t ticket, open []int64, refs map[int64]idgraph.Ref, answers connectors.Answers[connectors.Ticket],
) error {
	asked := false
	for _, m := range t.Requestors {
		if m.Type == "group" {
			asked = true
		}
		if m.Type != "user" || !slices.Contains(open, int64(m.ID)) {
			continue
		}
		asked = true
		owner := refs[int64(m.ID)]
		res := answers[owner]
		if len(res.Rows) >= q.Limit {
			res.More = true
		} else if row, err := c.ticketOf(owner, q.Fields, t); err != nil {
			res.Err = c.fail("tickets", err)
		} else {
			res.Rows = append(res.Rows, row)
		}
		answers[owner] = res
	}
	if !asked {
		return fmt.Errorf("a ticket of a user that was not asked for: %w", connectors.ErrBadData)
	}
	return nil
}

func unfinished(open []int64, refs map[int64]idgraph.Ref, answers connectors.Answers[connectors.Ticket]) []int64 {
	return slices.DeleteFunc(slices.Clone(open), func(id int64) bool {
		res := answers[refs[id]]
		return res.More || res.Err != nil
	})
}
