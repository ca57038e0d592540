package sql

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
)

// A list whose times are stored as timeAs says is answered in parts: every row of
// a window down to the last one answered, whatever the limit.
func TestListsAreAnsweredInParts(t *testing.T) {
	var more []string
	for i := range 60 { // seven of each time, and some without one
		placed := any(1740825000 + 1000*(i/7))
		if i > 52 {
			placed = "NULL"
		}
		more = append(more, fmt.Sprintf("INSERT INTO orders VALUES (%d, 1, 'O', 'open', %v, '1.00', 'EUR', 0)", 1000+i, placed))
	}
	cfg, _ := sqliteDatabase(t, more...)
	m := mapped(t, cfg)
	m.Orders.TimeAs, m.Payments.TimeAs = "unix", "YYYY-MM-DD"
	c := opened(t, m, connectors.Setup{Source: here})
	defer c.Close()
	if about := c.About(); !about.Windows[connectors.KindOrder] || !about.Windows[connectors.KindPayment] || about.Windows[connectors.KindTicket] {
		t.Fatalf("windows %v", about.Windows)
	}
	asker := &connectors.Asker{Connector: c, Timeout: 20 * time.Second}
	refs := []idgraph.Ref{who("1"), who("10")}
	windows(t, refs, func(q connectors.Query) (map[idgraph.Ref][]connectors.Row, map[idgraph.Ref]bool) {
		q.Fields = connectors.Fields("items.name")
		got, tally := connectors.Ask(t.Context(), asker, connectors.KindOrder, q, c.(connectors.OrderLister).Orders)
		return rowsOf(t, got, tally)
	})
	windows(t, refs, func(q connectors.Query) (map[idgraph.Ref][]connectors.Row, map[idgraph.Ref]bool) {
		got, tally := connectors.Ask(t.Context(), asker, connectors.KindPayment, q, c.(connectors.PaymentLister).Payments)
		return rowsOf(t, got, tally)
	})
}

func rowsOf[T connectors.Row](t *testing.T, got connectors.Answers[T], tally connectors.Tally) (map[idgraph.Ref][]connectors.Row, map[idgraph.Ref]bool) {
	t.Helper()
	if tally.Err != nil {
		t.Fatal(tally.Err)
	}
	rows, more := map[idgraph.Ref][]connectors.Row{}, map[idgraph.Ref]bool{}
	for ref, res := range got {
		more[ref] = res.More
		for _, row := range res.Rows {
			rows[ref] = append(rows[ref], row)
		}
	}
	return rows, more
}

// windows tries ranges and places at, and beside, every row.
func windows(t *testing.T, refs []idgraph.Ref, ask func(connectors.Query) (map[idgraph.Ref][]connectors.Row, map[idgraph.Ref]bool)) {
	t.Helper()
	all, _ := ask(connectors.Query{Refs: refs, Limit: connectors.MaxRows, Order: connectors.NewestFirst})
	for _, row := range slices.Clone(all[refs[0]]) {
		at := row.Time()
		var some []connectors.Window
		if at == nil {
			some = append(some, connectors.Window{After: connectors.Place{Undated: true, ID: row.Key().ID}}, connectors.Window{After: connectors.Place{Undated: true}})
		} else {
			for _, by := range []time.Duration{0, -1, 1, time.Hour} {
				some = append(some, connectors.Window{Since: at.Add(by)}, connectors.Window{Until: at.Add(by)},
					connectors.Window{After: connectors.Place{Time: at.Add(by), ID: row.Key().ID}}, connectors.Window{After: connectors.Place{Time: at.Add(by)}, Since: at.AddDate(0, 0, -1)})
			}
		}
		for _, w := range some {
			for _, limit := range []int{1, 5, connectors.MaxRows} {
				got, more := ask(connectors.Query{Refs: refs, Limit: limit, Order: connectors.NewestFirst, Window: w})
				for _, ref := range refs {
					var want, have []string
					for _, row := range all[ref] {
						if w.Holds(row) {
							want = append(want, row.Key().ID)
						}
					}
					for _, row := range got[ref] {
						if w.Holds(row) {
							have = append(have, row.Key().ID)
						}
					}
					if len(have) < min(limit, len(want)) || !slices.Equal(have, want[:len(have)]) || len(have) < len(want) && !more[ref] {
						t.Fatalf("%s, %+v, limit %d: %v (more: %t), want %v", ref, w, limit, have, more[ref], want)
					}
				}
			}
		}
	}
}

func TestATimeStoredOtherwiseThanSaidIsTold(t *testing.T) {
	cfg, _ := sqliteDatabase(t)
	m := mapped(t, cfg)
	m.Orders.TimeAs = "unixMilli"
	c := opened(t, m, connectors.Setup{Source: here}).(*connector)
	defer c.Close()
	got, err := c.Orders(t.Context(), connectors.Query{Refs: []idgraph.Ref{who("1")}, Limit: 5, Order: connectors.NewestFirst})
	if err != nil || connectors.Code(got[who("1")].Err) != "SOURCE_BAD_DATA" {
		t.Errorf("%+v, %v", got, err)
	}
	for as, right := range map[string]bool{"YYYY-MM-DD hh:mm:ss": true, "YYYYMMDD": true, "YYYY-MM-DDThh:mm:ss.sssZ": true, "DD.MM.YYYY": false, "timestamp": false, "soon": false} {
		m.Orders.TimeAs = as
		if _, err := m.Open(connectors.Setup{Source: here}); (err == nil) != right {
			t.Errorf("%s: %v", as, err)
		}
	}
}
