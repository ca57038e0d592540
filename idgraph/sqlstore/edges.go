package sqlstore

import (
	"fmt"
	"slices"

	"customer360/idgraph"
)

const (
	edgeColumns = `a, b, rule, rule_version, levels, weight, strong, decided, since, customer, review`
	selectAfter = `SELECT ` + edgeColumns + ` FROM edges WHERE a IN (`
	selectUntil = `SELECT ` + edgeColumns + ` FROM edges WHERE b IN (`
	updateEdge  = `UPDATE edges SET rule = ?, rule_version = ?, levels = ?, weight = ?, strong = ?, decided = ?, customer = ? WHERE a = ? AND b = ?`
	deleteEdge  = `DELETE FROM edges WHERE a = ? AND b = ?`
)

var insertEdges = insert{table: "edges", columns: edgeColumns}

// What a person said of a pair, as edges have it.
const (
	undecided = 0
	same      = 1
	apart     = 2
)

// An edge is one as the store has it.
type edge struct {
	pair
	rule     idgraph.Rule
	version  int64
	levels   []byte
	weight   int64
	strong   bool
	decided  int
	since    int64
	customer idgraph.CustomerID
	review   int64
}

// scan reads edgeColumns.
func (e *edge) scan(scan func(...any) error) error {
	var strong int64
	err := scan(&e.pair[0], &e.pair[1], &e.rule, &e.version, &e.levels, &e.weight, &strong, &e.decided, &e.since, &e.customer, &e.review)
	e.strong = strong == 1
	return err
}

// joins says that the two ends are of one component.
func (e *edge) joins() bool { return e.strong || e.decided == same }

// vouches says that the edge is a reason for its ends to be one customer.
func (e *edge) vouches() bool { return e.decided == same || e.strong && e.decided != apart }

// links says that it is why they are one.
func (e *edge) links() bool { return e.customer != 0 && e.vouches() }

// reason is the rule that a link goes by.
func (e *edge) reason() idgraph.Rule {
	if e.decided == same {
		return idgraph.Confirmed
	}
	return e.rule
}

// edgesOf reads all edges of records.
func (l *learning) edgesOf(rids []int64) (map[pair]*edge, error) {
	found := map[pair]*edge{}
	for _, text := range []string{selectAfter, selectUntil} {
		err := in(rids, func(marks string, args []any) error {
			return l.each(text+marks, args, func(scan func(...any) error) error {
				e := &edge{}
				err := e.scan(scan)
				found[e.pair] = e
				return err
			})
		})
		if err != nil {
			return nil, fmt.Errorf("read edges: %w", err)
		}
	}
	return found, nil
}

func (e *edge) equal(o *edge) bool {
	return e.rule == o.rule && e.version == o.version && slices.Equal(e.levels, o.levels) && e.weight == o.weight && e.strong == o.strong && e.decided == o.decided
}
