package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"
)

// An entry is one of a timeline.
type entry struct {
	Typename                             string `json:"__typename"`
	ID, Source, Number                   string
	OpenedAt, IssuedAt, PaidAt, PlacedAt *string
}

// when is the time that an entry stands at.
func (e entry) when() string { return s(e.OpenedAt) + s(e.IssuedAt) + s(e.PaidAt) + s(e.PlacedAt) }

type timeline struct {
	Nodes     []entry
	Truncated bool
	PageInfo  struct {
		HasNextPage bool
		EndCursor   *string
	}
}

// page reads a page of a customer's timeline.
func (g *gateway) page(ctx context.Context, id string, first int, after *string) (timeline, error) {
	var data struct{ Customer struct{ Timeline timeline } }
	wrong, err := g.ask(ctx, `query ($id: ID!, $first: Int!, $after: String) {customer(id: $id) {timeline(first: $first, after: $after) {
		truncated pageInfo {hasNextPage endCursor} nodes {__typename
		... on Deal {id source number openedAt} ... on Invoice {id source number issuedAt} ... on Payment {id source paidAt}
		... on Order {id source number placedAt} ... on Ticket {id source number openedAt} ... on TimelineGap {source}}}}}`,
		row{"id": id, "first": first, "after": after}, &data)
	return data.Customer.Timeline, errors.Join(err, wantIf(len(wrong) == 0, "no error, got %v", wrong))
}

// pagedWhileGrowing pages the timeline of a customer of the helpdesk to its end
// while that customer opens tickets.
func pagedWhileGrowing(ctx context.Context, r *report, w *watched, answers []customer) error {
	const few, before, pageSize = 3, 30, 7
	desk := w.running.get("helpdesk")
	whom := richest(answers, desk.name)
	i := slices.IndexFunc(whom.Identity.Records, func(ref struct{ Source, ID string }) bool { return ref.Source == desk.name })
	user := whom.Identity.Records[i].ID
	make, making := errgroup.WithContext(ctx)
	make.SetLimit(few)
	for n := range before {
		make.Go(func() error { return desk.open(making, user, "One of many: "+strconv.Itoa(n)) })
	}
	if err := make.Wait(); err != nil {
		return err
	}
	var there timeline
	err := within(ctx, time.Minute, func() (err error) {
		there, err = w.page(ctx, whom.ID, 100, nil)
		return err
	})
	if err != nil {
		return err
	}
	var got []entry
	pages, added := 0, 0
	for after := (*string)(nil); ; pages++ {
		p, err := w.page(ctx, whom.ID, pageSize, after)
		if err != nil {
			return err
		}
		got = append(got, p.Nodes...)
		if !p.PageInfo.HasNextPage {
			break
		}
		after = p.PageInfo.EndCursor
		if err := desk.open(ctx, user, "Opened between two pages: "+strconv.Itoa(pages)); err != nil {
			return err
		}
		added++
	}
	seen := map[string]int{}
	for _, e := range got {
		seen[e.ID]++
	}
	var wrong []error
	for _, e := range there.Nodes {
		wrong = append(wrong, wantIf(seen[e.ID] == 1, "%s %s once, got it %d times", e.Typename, e.Number, seen[e.ID]))
	}
	// Undated ones come last; what is newer than the first page is on none.
	wrong = append(wrong, wantIf(len(got) == len(there.Nodes), "%d entries, got %d", len(there.Nodes), len(got)),
		wantIf(!there.Truncated && !there.PageInfo.HasNextPage, "all entries in one page"),
		wantIf(slices.IsSortedFunc(got, func(a, b entry) int { return compareMoments(b.when(), a.when()) }), "the newest first"))
	r.check(fmt.Sprintf("a timeline of %d entries in %d pages while %d tickets are opened: each entry once, newest first", len(got), pages+1, added), errors.Join(wrong...))
	after, err := w.page(ctx, whom.ID, 100, nil)
	r.check("and then the new ones are there", errors.Join(err, wantIf(len(after.Nodes) == len(there.Nodes)+added, "%d entries, got %d", len(there.Nodes)+added, len(after.Nodes))))
	return nil
}
