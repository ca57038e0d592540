package sql

import (
	"context"
	"testing"

	"customer360/connectors"
	"customer360/idgraph"
)

// What goes over the wire, to be read by whoever runs the database: one
// statement a call, values as parameters, no column that nobody asked for.
func TestWhatIsSent(t *testing.T) {
	two := []idgraph.Ref{who("1"), who("10")}
	for name, c := range map[string]struct {
		ask  func(ctx context.Context, c *connector) error
		want string
	}{
		"profiles": {
			func(ctx context.Context, c *connector) error {
				_, err := c.Profiles(ctx, connectors.Query{Refs: two, Limit: 1, Fields: connectors.Fields("name", "addresses.city")})
				return err
			},
			`SELECT t."id" AS o, t."id" AS id, t."first_name" AS c0, t."last_name" AS c1, t."town" AS c2 FROM "people" AS t ` +
				`WHERE t."id" IN (?, ?) AND (t.kind = 'person') AND (CASE WHEN (t.deleted_at IS NOT NULL) THEN 0 ELSE 1 END) = 1`,
		},
		"the newest order": {
			func(ctx context.Context, c *connector) error {
				_, err := c.Orders(ctx, connectors.Query{Refs: two, Limit: 1, Order: connectors.NewestFirst, Fields: connectors.Fields("number")})
				return err
			},
			`SELECT r.o, r.id, r.c0, r.c1 FROM (SELECT t."person" AS o, t."id" AS id, t."order_no" AS c0, +t."placed" AS c1, ` +
				`row_number() OVER (PARTITION BY t."person" ORDER BY t."placed" IS NULL, t."placed" DESC, t."id") AS n ` +
				`FROM "orders" AS t WHERE t."person" IN (?, ?) AND (t.test = 0)) AS r WHERE r.n <= ? ORDER BY r.o, r.n`,
		},
		"orders with what was ordered": {
			func(ctx context.Context, c *connector) error {
				_, err := c.Orders(ctx, connectors.Query{Refs: two, Limit: 20, Fields: connectors.Fields("total", "items.name")})
				return err
			},
			`SELECT r.o, r.id, r.c0, r.c1, r.n, i."line", i."title" FROM (SELECT t."person" AS o, t."id" AS id, +t."total" AS c0, t."cur" AS c1, ` +
				`row_number() OVER (PARTITION BY t."person" ORDER BY t."id") AS n ` +
				`FROM "orders" AS t WHERE t."person" IN (?, ?) AND (t.test = 0)) AS r LEFT JOIN "order_lines" AS i ON i."order_id" = r.id WHERE r.n <= ? ORDER BY r.o, r.n, i."line"`,
		},
		"find": {
			func(ctx context.Context, c *connector) error {
				_, err := c.Find(ctx, []idgraph.Identifier{{Type: idgraph.Phone, Value: "+447700900101"}, {Type: idgraph.LoyaltyID, Value: "LC4711"}})
				return err
			},
			`SELECT 0 AS a, CAST(t."id" AS TEXT) AS id, CAST((upper(replace(t.card, '-', ''))) AS TEXT) AS v FROM "people" AS t ` +
				`WHERE (upper(replace(t.card, '-', ''))) IN (?) AND (t.kind = 'person') AND (CASE WHEN (t.deleted_at IS NOT NULL) THEN 0 ELSE 1 END) = 1` +
				` UNION ALL SELECT 1 AS a, CAST(t."id" AS TEXT) AS id, CAST((substr(replace(t.phone, ' ', ''), -6)) AS TEXT) AS v FROM "people" AS t ` +
				`WHERE (substr(replace(t.phone, ' ', ''), -6)) IN (?) AND (t.kind = 'person') AND (CASE WHEN (t.deleted_at IS NOT NULL) THEN 0 ELSE 1 END) = 1`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var sent []string
			cfg, _ := sqliteDatabase(t)
			conn := opened(t, mapped(t, cfg), connectors.Setup{Source: here, Before: func(_ context.Context, call string) error {
				sent = append(sent, call)
				return nil
			}}).(*connector)
			defer conn.Close()
			if err := c.ask(t.Context(), conn); err != nil {
				t.Fatal(err)
			}
			if len(sent) != 1 || sent[0] != c.want {
				t.Errorf("%d statements\n got %v\nwant %s", len(sent), sent, c.want)
			}
		})
	}
}

func TestNothingIsSentForIdsThatCannotBe(t *testing.T) {
	cfg, _ := sqliteDatabase(t)
	c := opened(t, mapped(t, cfg), connectors.Setup{Source: here, Before: func(context.Context, string) error {
		t.Error("a statement was sent")
		return nil
	}}).(*connector)
	defer c.Close()
	refs := []idgraph.Ref{who("x' OR '1'='1"), {Source: "elsewhere", ID: "1"}}
	if got, err := c.Orders(t.Context(), connectors.Query{Refs: refs, Limit: 1, Fields: connectors.Fields("number")}); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
}
