package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"customer360/idgraph"
)

const (
	selectDecisions = `SELECT seq, at, actor, a_source, a_id, b_source, b_id, same, undoes, reason FROM decisions WHERE seq > ? ORDER BY seq`
	selectDecision  = `SELECT COALESCE(MAX(seq), 0) FROM decisions`
	insertDecision  = `INSERT INTO decisions (seq, at, actor, a_source, a_id, b_source, b_id, same, undoes, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	selectFollowed  = `SELECT value FROM meta WHERE name = 'followed'`
	updateFollowed  = `INSERT INTO meta (name, value) VALUES ('followed', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`
)

// A verdict is one decision, or the taking back of one, as the ledger has it.
type verdict struct {
	seq    int64
	at     int64
	actor  string
	a, b   idgraph.Ref
	same   bool
	undoes int64
	undone bool
	reason []byte // encrypted
}

// verdicts are all decisions. They are never changed, but replaced by longer ones.
type verdicts struct {
	all    []*verdict // by seq, from 1 on
	byPair map[[2]idgraph.Ref][]*verdict
	byRef  map[idgraph.Ref][]*verdict
}

// of answers the decisions about a record, undone ones included.
func (v *verdicts) of(ref idgraph.Ref) []*verdict { return v.byRef[ref] }

// about answers what holds of two records: the last that is not undone.
func (v *verdicts) about(x, y idgraph.Ref) int {
	if len(v.all) == 0 {
		return undecided
	}
	if y.Less(x) {
		x, y = y, x
	}
	list := v.byPair[[2]idgraph.Ref{x, y}]
	for i := len(list) - 1; i >= 0; i-- {
		switch {
		case list[i].undone:
		case list[i].same:
			return same
		default:
			return apart
		}
	}
	return undecided
}

// seq answers a decision by its number, nil where there is none.
func (v *verdicts) seq(n int64) *verdict {
	i, ok := slices.BinarySearchFunc(v.all, n, func(v *verdict, n int64) int { return int(v.seq - n) })
	if !ok || v.all[i].undoes != 0 {
		return nil
	}
	return v.all[i]
}

// add adds what the ledger has beyond.
func (v *verdicts) add(more []*verdict) *verdicts {
	if len(more) == 0 {
		return v
	}
	out := &verdicts{byPair: map[[2]idgraph.Ref][]*verdict{}, byRef: map[idgraph.Ref][]*verdict{}}
	for _, d := range slices.Concat(v.all, more) {
		d := *d
		d.undone = false
		out.all = append(out.all, &d)
		if d.undoes != 0 {
			if of := out.seq(d.undoes); of != nil {
				of.undone = true
			}
			continue
		}
		out.byPair[[2]idgraph.Ref{d.a, d.b}] = append(out.byPair[[2]idgraph.Ref{d.a, d.b}], &d)
		out.byRef[d.a], out.byRef[d.b] = append(out.byRef[d.a], &d), append(out.byRef[d.b], &d)
	}
	return out
}

// verdictsInForce are all decisions that the ledger has.
func (d *DB) verdictsInForce(ctx context.Context) (*verdicts, error) {
	have := d.verdicts.Load()
	last := int64(0)
	if n := len(have.all); n > 0 {
		last = have.all[n-1].seq
	}
	var more []*verdict
	err := d.asks.each(ctx, selectDecisions, []any{last}, func(scan func(...any) error) error {
		v, err := scanVerdict(scan)
		more = append(more, v)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read decisions: %w", err)
	}
	if len(more) == 0 {
		return have, nil
	}
	now := have.add(more)
	d.verdicts.CompareAndSwap(have, now)
	return now, nil
}

func scanVerdict(scan func(...any) error) (*verdict, error) {
	v, is := &verdict{}, int64(0)
	err := scan(&v.seq, &v.at, &v.actor, &v.a.Source, &v.a.ID, &v.b.Source, &v.b.ID, &is, &v.undoes, &v.reason)
	v.same = is == 1
	return v, err
}

// pending are the decisions that this graph has not followed yet.
func (l *learning) pending() ([]*verdict, error) {
	if len(l.verdicts.all) == 0 {
		return nil, nil
	}
	var text []byte
	followed := int64(0)
	err := l.get(&text, selectFollowed)
	if err == nil {
		followed, err = strconv.ParseInt(string(text), 10, 64)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("read how many decisions were followed: %w", err)
	}
	i, _ := slices.BinarySearchFunc(l.verdicts.all, followed+1, func(v *verdict, n int64) int { return int(v.seq - n) })
	return l.verdicts.all[i:], nil
}

// followed tells of the decisions that the graph follows now.
func (l *learning) followed(pending []*verdict) error {
	if len(pending) == 0 {
		return nil
	}
	var refs []idgraph.Ref
	for _, v := range pending {
		refs = append(refs, v.a, v.b)
	}
	held, err := l.held(refs)
	if err != nil {
		return err
	}
	for _, v := range pending {
		e := event{kind: idgraph.Decided, cause: fmt.Sprint("decision ", v.seq)}
		x, y := held[v.a], held[v.b]
		if x == nil || y == nil {
			continue // nobody's yet
		}
		p := pairOf(x, y)
		e.customer, e.a, e.b = x.customer, p[0], p[1]
		if y.customer != x.customer {
			e.other = y.customer
		}
		l.events = append(l.events, e)
	}
	return l.exec(updateFollowed, []byte(strconv.FormatInt(pending[len(pending)-1].seq, 10)))
}
