package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"customer360/idgraph"
	"customer360/idgraph/match"
)

// BuildOptions are how a whole graph is built. The zero value works.
type BuildOptions struct {
	// Keep goes by the snapshot in force; else a new one is taken of the records.
	Keep bool
	// Alone says that nobody reads the store until the build has ended, in this
	// process either: an empty graph is written faster.
	Alone bool
	// Progress is told how far each stage has come; total is 0 where it isn't known.
	Progress func(stage string, done, total int)
}

// A BuildReport is what a build has found and done.
type BuildReport struct {
	idgraph.Change
	Held     int // records
	Edges    int
	Compared int64                // pairs
	Empty    int                  // records that nothing can be told by
	Skipped  []match.SkippedBlock // blocks over their cap
	Snapshot int                  // version of the snapshot that the graph goes by
}

// Build makes the graph that these records and all decisions are, in one go: the
// graph that learning them one by one would end at under the same snapshot. What
// was there and isn't among them is gone; customers that were there keep their
// ids as they do in Learn, events go on. It is one transaction: readers see the
// old graph until the new one is there, whole. How far sources have been read
// stays as it is.
func (d *DB) Build(ctx context.Context, records iter.Seq2[idgraph.Record, error], o BuildOptions) (BuildReport, error) {
	report, err := d.construct(ctx, "build", o, func(c *construction) error {
		if err := d.changeRules(c.scope); err != nil {
			return err
		}
		return c.fromOutside(records)
	})
	if err != nil {
		return BuildReport{}, fmt.Errorf("build the graph: %w", err)
	}
	return report, nil
}

// Rebuild is Build of the records that the store holds.
func (d *DB) Rebuild(ctx context.Context, o BuildOptions) (BuildReport, error) {
	report, err := d.construct(ctx, "rebuild", o, (*construction).fromStore)
	if err != nil {
		return BuildReport{}, fmt.Errorf("build the graph anew: %w", err)
	}
	return report, nil
}

func (d *DB) construct(ctx context.Context, cause string, o BuildOptions, resolve func(*construction) error) (_ BuildReport, err error) {
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
	c := &construction{o: o, ctx: ctx}
	defer c.close()
	if o.Alone {
		back, begun := d.writeOnce(ctx)
		if begun != nil {
			return c.report, begun
		}
		defer func() { err = errors.Join(err, back()) }()
	}
	change, err := d.changeGraph(ctx, cause, func(l *learning) error {
		if err := l.keys.unsettled(); err != nil {
			return err
		}
		c.learning = l
		for _, step := range []func() error{func() error { return resolve(c) }, c.assign, c.weighAll, c.writeAll} {
			if err := step(); err != nil {
				return err
			}
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		return nil
	})
	c.report.Change = change
	return c.report, err
}

// A construction is one build under way.
type construction struct {
	*learning
	ctx    context.Context
	o      BuildOptions
	report BuildReport
	res    *match.Resolution
	spool  *spool       // what is written of records that came from outside; nil: they stand already
	total  int          // records that came
	came   []heldRecord // by the number that a record came in by; zero where it is new; nil where all are
	lost   []heldRecord // that did not come
	rids   []int64      // by the number that a record came in by; 0 for one that came again
	at     []int64      // the same by place in res.Records

	oldest   []int64              // by group: its least rid
	whose    []idgraph.CustomerID // by group
	minted   [2]int64             // the numbers of customers that were minted: behind the first, up to the second
	settling *settling
	edges    []builtEdge // by pairs
}

// A settling is what becomes of the customers that there were.
type settling struct {
	before map[idgraph.CustomerID]int     // how many of their records came
	merged map[idgraph.CustomerID]int32   // into which group
	split  map[idgraph.CustomerID][]int32 // the groups that others of their records are in now
}

// A heldRecord is one that the store holds.
type heldRecord struct {
	rid              int64
	customer, origin idgraph.CustomerID
}

func (c *construction) close() {
	if c.spool != nil {
		c.spool.close()
	}
}

// held is what the store held of a record, by its place in res.Records.
func (c *construction) held(place int) heldRecord {
	if c.came == nil {
		return heldRecord{}
	}
	return c.came[c.res.Came(place)]
}

// options are those of the engine.
func (c *construction) options() (match.Options, error) {
	o := match.Options{Region: c.db.region, Weights: c.db.weights, Hash: hashUnder(c.keys.index), Progress: c.o.Progress, Blocked: c.blocked}
	if c.o.Keep {
		o.Snapshot = c.rules.Snapshot()
	} else {
		var version int
		if err := c.get(&version, selectVersion); err != nil {
			return o, err
		}
		o.Version = version + 1
	}
	for p, list := range c.verdicts.byPair {
		if about := c.verdicts.about(p[0], p[1]); about != undecided {
			o.Decisions = append(o.Decisions, match.Decision{A: list[0].a, B: list[0].b, Same: about == same})
		}
	}
	return o, nil
}

// errStopped ends a reading whose records nobody wants any more.
var errStopped = errors.New("stopped")

// fromStore resolves the records that the store holds. They rest normalised.
func (c *construction) fromStore() error {
	o, err := c.options()
	if err != nil {
		return err
	}
	o.Normal = true
	var broken error
	c.res, err = match.Resolve(c.ctx, func(yield func(idgraph.Record) bool) {
		const all = `SELECT rid, source, id, customer, origin, features FROM records ORDER BY rid`
		var features []byte
		broken = c.each(all, nil, func(scan func(...any) error) error {
			var h heldRecord
			var ref idgraph.Ref
			if err := scan(&h.rid, &ref.Source, &ref.ID, &h.customer, &h.origin, &features); err != nil {
				return err
			}
			rec, err := decrypt(c.db.ring, ref, features)
			if err != nil {
				return err
			}
			c.came, c.total = append(c.came, h), c.total+1
			if !yield(rec) {
				return errStopped
			}
			return nil
		})
	}, o)
	if broken != nil && !errors.Is(broken, errStopped) {
		return broken
	}
	return err
}

// blocked writes, while records are compared, what is known of them by then.
func (c *construction) blocked(res *match.Resolution, all match.Blocks) error {
	c.res, c.rules = res, res.Rules
	if !c.o.Keep {
		if err := c.db.keepSnapshot(c.scope, c.keys.index, c.rules.Snapshot()); err != nil {
			return err
		}
	}
	if err := c.number(); err != nil {
		return err
	}
	if err := c.writeIdentifiers(all); err != nil {
		return err
	}
	return c.writeBlocks(all)
}

// number gives every record its number.
func (c *construction) number() error {
	c.rids = make([]int64, c.total)
	for place := range c.res.Records {
		c.rids[c.res.Came(place)] = -1
	}
	for n, rid := range c.rids {
		switch {
		case rid == 0:
		case c.came != nil && c.came[n].rid != 0:
			c.rids[n] = c.came[n].rid
		default:
			next, err := c.next("record")
			if err != nil {
				return err
			}
			c.rids[n] = next
			c.change.Records++
		}
	}
	c.at = make([]int64, len(c.res.Records))
	for place := range c.at {
		c.at[place] = c.rids[c.res.Came(place)]
	}
	return nil
}

// resolved tells what was found.
func (c *construction) resolved() {
	c.report.Held = len(c.res.Records)
	c.report.Edges, c.report.Compared, c.report.Empty = len(c.res.Edges), c.res.Compared, c.res.Empty
	c.report.Skipped, c.report.Snapshot = c.res.Skipped, c.rules.Snapshot().Version
}
