package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
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
	const atOnce, least, pageSize = 3, 30, 7
	desk := w.running.get("helpdesk")
	whom := richest(answers, desk.name)
	i := slices.IndexFunc(whom.Identity.Records, func(ref struct{ Source, ID string }) bool { return ref.Source == desk.name })
	user := whom.Identity.Records[i].ID
	filling, in := errgroup.WithContext(ctx)
	filling.SetLimit(atOnce)
	for n := range max(0, least-len(whom.Tickets.Nodes)) {
		filling.Go(func() error { _, err := desk.open(in, user, "One of many: "+strconv.Itoa(n)); return err })
	}
	if err := filling.Wait(); err != nil {
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
	pages, added := 0, []string(nil)
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
		id, err := desk.open(ctx, user, "Opened between two pages: "+strconv.Itoa(pages))
		if err != nil {
			return err
		}
		added = append(added, id)
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
	r.check(fmt.Sprintf("a timeline of %d entries in %d pages while %d tickets are opened: each entry once, newest first", len(got), pages+1, len(added)), errors.Join(wrong...))
	after, err := w.page(ctx, whom.ID, 100, nil)
	r.check("and then the new ones are there", errors.Join(err, wantIf(len(after.Nodes) == len(there.Nodes)+len(added), "%d entries, got %d", len(there.Nodes)+len(added), len(after.Nodes))))
	for _, id := range added { // a folder that is kept does not grow with each run
		if err := desk.api.send(ctx, http.MethodPut, "ticket/"+id, row{"Status": "deleted"}, new(any)); err != nil {
			return err
		}
	}
	return nil
}
