package door_test

import (
	"context"
	"slices"
	"strconv"

	"customer360/idgraph"
	"customer360/resolvers/door"
)

// A clerk has the questions to people, and takes their decisions.
type clerk struct {
	reviews []idgraph.Review // in the order of the queue
	events  map[idgraph.CustomerID][]idgraph.Event
	path    []idgraph.Link
	decided []idgraph.Decision
	undone  []int64
	decide  func([]idgraph.Decision) error // nil: all is well
	undo    func([]int64) error
}

// employ has a door ask the clerk.
func (c *clerk) employ(to *door.Config) { to.Reviews, to.Decider = c, c }

func (c *clerk) Reviews(_ context.Context, after string, limit int) ([]idgraph.Review, string, error) {
	from := 0
	if after != "" {
		from, _ = strconv.Atoi(after)
	}
	to := min(from+limit, len(c.reviews))
	if to-from < limit {
		return c.reviews[from:to], "", nil
	}
	return c.reviews[from:to], strconv.Itoa(to), nil
}

func (c *clerk) Rivals(_ context.Context, id idgraph.CustomerID) ([]idgraph.Review, error) {
	return slices.DeleteFunc(slices.Clone(c.reviews), func(r idgraph.Review) bool { return r.Customer != id && r.Other != id }), nil
}

func (c *clerk) Events(_ context.Context, id idgraph.CustomerID, before int64, limit int) ([]idgraph.Event, error) {
	out := slices.DeleteFunc(slices.Clone(c.events[id]), func(e idgraph.Event) bool { return before > 0 && e.Seq >= before })
	return out[:min(limit, len(out))], nil
}

func (c *clerk) Path(context.Context, idgraph.Ref, idgraph.Ref) ([]idgraph.Link, error) {
	return c.path, nil
}

func (c *clerk) Compare(_ context.Context, a, b idgraph.Ref) (idgraph.Link, error) {
	return idgraph.Link{A: a, B: b}, nil
}

func (c *clerk) Decide(_ context.Context, decisions []idgraph.Decision) (idgraph.Change, error) {
	for i := range decisions {
		decisions[i].Seq = int64(len(c.decided) + i + 1)
	}
	if c.decide != nil {
		if err := c.decide(decisions); err != nil {
			return idgraph.Change{}, err
		}
	}
	c.decided = append(c.decided, decisions...)
	return idgraph.Change{}, nil
}

func (c *clerk) Undo(_ context.Context, seqs []int64, _, _ string) (idgraph.Change, error) {
	if c.undo != nil {
		if err := c.undo(seqs); err != nil {
			return idgraph.Change{}, err
		}
	}
	c.undone = append(c.undone, seqs...)
	return idgraph.Change{}, nil
}

// pair is a question about two records of the house's sources.
func pair(a, b idgraph.Ref, customer, other idgraph.CustomerID, stopped ...string) idgraph.Review {
	return idgraph.Review{
		Kind: idgraph.ReviewPair, Value: 1.5, Customer: customer, Other: other, StoppedBy: stopped,
		Link: idgraph.Link{
			A: a, B: b, Rule: idgraph.SameEmail, RuleVersion: 3, Weight: 12.25, Since: now,
			Evidence: []idgraph.Evidence{{Field: "email", Level: "exact", Bits: 17.5}, {Field: "birth_date", Level: "differs", Bits: -5.25}},
		},
	}
}

func refOf(source, id string) idgraph.Ref {
	return idgraph.Ref{Source: idgraph.Source(source), ID: id}
}
