package door

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"customer360/idgraph"
)

// maxAsked is the most questions that are looked at for one page.
const maxAsked = 500

// MatchReviews answers a page of questions to people. Those that concern
// anybody whose identity is not shown to the caller are not there.
func (op *Operation) MatchReviews(ctx context.Context, first int, after *string) (*MatchReviewConnection, error) {
	if err := CheckFirst(first); err != nil {
		return nil, err
	}
	if !op.door.Policy.May(op.caller, "identity:review") || !op.couldShow(op.door.columns.of("MatchReview", "value")) {
		return nil, fmt.Errorf("the questions need the scope identity:review, and a purpose for which you are shown identities: %w", ErrForbidden)
	}
	place, bad := "", &InputError{"after", "is not a cursor of this list; use one that a page of it gave"}
	if after != nil {
		parts, err := op.door.Seal.Unseal("cursor", *after)
		if err != nil || len(parts) != 2 || parts[0] != "reviews" {
			return nil, bad
		}
		place = parts[1]
	}
	taken, behind, cut, err := op.readReviews(place, first+1)
	switch {
	case errors.Is(err, idgraph.ErrPlace):
		return nil, bad
	case err != nil:
		return nil, err
	}
	page := &MatchReviewConnection{Edges: []MatchReviewEdge{}, Truncated: cut, PageInfo: PageInfo{HasNextPage: cut || len(taken) > first, HasPreviousPage: after != nil}}
	taken = taken[:min(first, len(taken))]
	if err := op.attend(ctx, taken); err != nil {
		return nil, err
	}
	seal := func(place string) string { return op.door.Seal.Seal("cursor", "reviews", place) }
	for i, q := range taken {
		page.Edges = append(page.Edges, MatchReviewEdge{Cursor: seal(behind[i]), Node: q.up()})
	}
	if n := len(page.Edges); n > 0 {
		page.PageInfo.StartCursor, page.PageInfo.EndCursor = &page.Edges[0].Cursor, &page.Edges[n-1].Cursor
	}
	if cut && len(behind) > 0 && len(taken) < first {
		end := seal(behind[len(behind)-1])
		page.PageInfo.EndCursor = &end
	}
	return page, nil
}

// readReviews takes so many questions that are shown, each with the place behind
// it; where too many were looked at (cut), behind ends with the last place looked
// at. They are read one by one: the place behind one hangs on nothing but it.
func (op *Operation) readReviews(place string, want int) (taken []matter, behind []string, cut bool, err error) {
	if op.door.Reviews == nil {
		return nil, nil, false, nil
	}
	for seen := 0; len(taken) < want; seen++ {
		if seen == maxAsked {
			return taken, append(behind, place), true, nil
		}
		found, next, err := op.door.Reviews.Reviews(op.ctx, place, 1)
		if err != nil {
			return nil, nil, false, err
		}
		shown, err := op.askedOf(found)
		if err != nil {
			return nil, nil, false, err
		}
		if len(shown) > 0 {
			taken, behind = append(taken, shown[0]), append(behind, next)
		}
		if place = next; next == "" {
			break
		}
	}
	return taken, behind, false, nil
}

// attend has the customers whom questions concern take part in the operation:
// all that is asked of them is under way when it returns.
func (op *Operation) attend(ctx context.Context, matters []matter) error {
	var ids []idgraph.CustomerID
	for _, q := range matters {
		for _, s := range q.sides {
			if !slices.Contains(ids, s.customer.ID) {
				ids = append(ids, s.customer.ID)
			}
		}
	}
	handles, err := op.Customers(ctx, ids)
	if err != nil {
		return err
	}
	for _, q := range matters {
		for i, s := range q.sides {
			if c := handles[slices.Index(ids, s.customer.ID)]; c != nil {
				q.sides[i] = c.subject
			}
		}
	}
	return nil
}

// ExplainPath answers the links between two records of one customer. Where
// anything on the way is not shown, there is no answer.
func (op *Operation) ExplainPath(ctx context.Context, from, to SourceRecordInput) ([]IdentityLink, error) {
	refs := []idgraph.Ref{from.ref(), to.ref()}
	for i, name := range []string{"from", "to"} {
		if op.door.sources[refs[i].Source] == nil {
			return nil, &InputError{name + ".source", "is no configured source; the query `sources { name }` lists them"}
		}
	}
	if op.door.Reviews == nil || !op.mayLookUp("record") {
		return nil, nil
	}
	if err := op.names(len(refs)); err != nil {
		return nil, err
	}
	found, err := op.door.Graph.ByRefs(op.ctx, refs)
	if err != nil || found[refs[0]] == 0 || found[refs[0]] != found[refs[1]] {
		return nil, err
	}
	of, err := op.bystanders([]idgraph.CustomerID{found[refs[0]]})
	if err != nil {
		return nil, err
	}
	s := of[found[refs[0]]]
	if s == nil || !s.holds(refs[0]) || !s.holds(refs[1]) || !s.shows("IdentityLink", "") {
		return nil, nil
	}
	path, err := op.door.Reviews.Path(op.ctx, refs[0], refs[1])
	if err != nil {
		return nil, err
	}
	hidden := func(l idgraph.Link) bool { return !s.holds(l.A) || !s.holds(l.B) || l.Rule.Strength() == 0 }
	if len(path) == 0 && refs[0] != refs[1] || slices.ContainsFunc(path, hidden) {
		return nil, nil
	}
	handles, err := op.Customers(ctx, []idgraph.CustomerID{s.customer.ID})
	if err != nil || handles[0] == nil {
		return nil, err
	}
	s = handles[0].subject
	out := []IdentityLink{}
	for _, l := range path {
		out = append(out, linkUp(l, s.shows, s.owner))
	}
	return out, nil
}

// ref is the record that an input names.
func (in SourceRecordInput) ref() idgraph.Ref {
	return idgraph.Ref{Source: idgraph.Source(in.Source), ID: in.ID}
}

// names counts records that the caller names by key, each a look-up.
func (op *Operation) names(records int) error {
	if op.door.MayName != nil && !op.door.MayName(op.caller.Name, records) {
		return fmt.Errorf("too many records to look up; wait a minute: %w", ErrRateLimited)
	}
	op.mu.Lock()
	defer op.mu.Unlock()
	op.lookups += records
	return nil
}

// sealDecision is the id of a decision: it names its records too.
func (d *Door) sealDecision(of idgraph.Decision) string {
	return d.Seal.Seal("decision", strconv.FormatInt(of.Seq, 10), string(of.A.Source), of.A.ID, string(of.B.Source), of.B.ID)
}

// decision opens the sealed id of one.
func (d *Door) decision(sealed string) (of idgraph.Decision, ok bool) {
	parts, err := d.Seal.Unseal("decision", sealed)
	if err != nil || len(parts) != 5 {
		return of, false
	}
	of.Seq, err = strconv.ParseInt(parts[0], 10, 64)
	of.A, of.B = idgraph.Ref{Source: idgraph.Source(parts[1]), ID: parts[2]}, idgraph.Ref{Source: idgraph.Source(parts[3]), ID: parts[4]}
	return of, err == nil
}
