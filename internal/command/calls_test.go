package command

import (
	"context"
	"database/sql/driver"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"customer360/idgraph"
)

// A counter counts statements twice: as the connectors announce them, and as
// they arrive at the database driver.
type counter struct {
	mu        sync.Mutex
	announced map[idgraph.Source][]string
	arrived   map[idgraph.Source][]string
}

func (c *counter) before(_ context.Context, source idgraph.Source, call string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.announced[source] = append(c.announced[source], call)
	return nil
}

func (c *counter) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.announced, c.arrived = map[idgraph.Source][]string{}, map[idgraph.Source][]string{}
}

// driver wraps a source's database driver.
func (c *counter) driver(source idgraph.Source, to driver.Connector) driver.Connector {
	return countedConnector{to, func(text string) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.arrived[source] = append(c.arrived[source], text)
	}}
}

type countedConnector struct {
	driver.Connector
	note func(string)
}

func (c countedConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return countedConn{conn, c.note}, nil
}

// A countedConn answers queries as its connection does; it hides the faster
// ways of the driver, so that every statement passes here.
type countedConn struct {
	driver.Conn
	note func(string)
}

func (c countedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.note(query)
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
}

func (c countedConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	return c.Conn.(driver.ConnBeginTx).BeginTx(ctx, o)
}

// kindReports reads extensions.sources: source → kind → (calls, saved).
func kindReports(t *testing.T, a answer) map[string]map[string][2]int {
	t.Helper()
	out := map[string]map[string][2]int{}
	list, ok := a.Extensions["sources"].([]any)
	if !ok {
		t.Fatalf("no extensions.sources in %.300s", a.Raw)
	}
	for _, s := range list {
		src := s.(map[string]any)
		kinds := map[string][2]int{}
		entries, _ := src["kinds"].([]any)
		for _, k := range entries {
			kind := k.(map[string]any)
			kinds[kind["kind"].(string)] = [2]int{int(kind["calls"].(float64)), int(kind["saved"].(float64))}
		}
		out[src["source"].(string)] = kinds
	}
	return out
}

// TestShowCalls prints, for 50 customers with everything, the calls per source
// and record kind, beside what arrived at the databases.
func TestShowCalls(t *testing.T) {
	count := &counter{}
	count.reset()
	gateway := startDemoWith(t, count.before, count.driver)

	t.Run("a privacy officer's 50 customers cost one call per source and record kind", func(t *testing.T) {
		count.reset()
		a := gateway.ask(t, "privacy-officer", "legal.request", everybody, nil)
		if len(a.Errors) > 0 {
			t.Fatalf("errors: %v", a.Errors)
		}
		if n := len(a.Data["customers"].(map[string]any)["nodes"].([]any)); n != 50 {
			t.Fatalf("%d customers, want 50", n)
		}
		reports, total := kindReports(t, a), 0
		fmt.Println("\nprivacy-officer, legal.request: 50 customers with everything")
		for _, source := range []string{"crm", "erp", "shop", "helpdesk"} {
			calls := 0
			for _, kind := range sortedKinds(reports[source]) {
				n := reports[source][kind][0]
				fmt.Printf("  %-9s %-8s calls %d\n", source, kind, n)
				if n != 1 {
					t.Errorf("%s %s: %d calls, want 1", source, kind, n)
				}
				calls += n
			}
			arrived := len(count.arrived[idgraph.Source(source)])
			fmt.Printf("  %-9s %-8s calls %d, statements at the driver %d\n", source, "all", calls, arrived)
			if arrived != calls || len(count.announced[idgraph.Source(source)]) != calls {
				t.Errorf("%s: %d calls reported, %d announced, %d at the driver", source, calls, len(count.announced[idgraph.Source(source)]), arrived)
			}
			total += calls
		}
		fmt.Printf("  together  %d\n", total)
		if total < 8 {
			t.Errorf("%d calls: this query cannot have asked for everything", total)
		}
	})

	t.Run("for marketing, what may not be shown is not asked for", func(t *testing.T) {
		count.reset()
		a := gateway.ask(t, "marketing", "marketing.email", everybody, nil)
		fmt.Println("\nmarketing, marketing.email: the same query")
		for source, kinds := range kindReports(t, a) {
			for kind, n := range kinds {
				if kind != "INVOICE" && kind != "PAYMENT" && kind != "TICKET" && kind != "MESSAGE" && kind != "BALANCE" {
					continue
				}
				fmt.Printf("  %-9s %-8s calls %d, saved %d\n", source, kind, n[0], n[1])
				if n[0] != 0 || n[1] == 0 {
					t.Errorf("%s %s: %d calls, %d saved; want 0 and some", source, kind, n[0], n[1])
				}
			}
		}
		for source, list := range count.arrived {
			for _, text := range list {
				fmt.Printf("  %-9s %s\n", source, strings.Join(strings.Fields(text), " "))
			}
		}
	})

	t.Run("statements name only columns that were asked for and may be shown", func(t *testing.T) {
		count.reset()
		gateway.ask(t, "support-agent", "support.case", `{ customers(first: 50) { nodes { name birthDate birthDecade company emails { address } orders(first: 2) { nodes { number } } invoices { nodes { number } } } } }`, nil)
		all := map[idgraph.Source]string{}
		for source, list := range count.arrived {
			all[source] = strings.Join(list, "\n")
		}
		for _, want := range []struct {
			source  idgraph.Source
			columns string
			present bool
		}{
			{"crm", "first_name", true}, {"crm", "email_address", true}, {"crm", "birthday", true}, // for birthDecade
			{"crm", "account_name", false}, {"crm", "mobile", false}, {"crm", "mailing_street", false}, {"crm", "preferred_language", false},
		} {
			if got := regexp.MustCompile(`\b` + want.columns + `\b`).MatchString(all[want.source]); got != want.present {
				t.Errorf("%s: column %s in the statements: %v, want %v\n%s", want.source, want.columns, got, want.present, all[want.source])
			}
		}
	})
}

func sortedKinds(m map[string][2]int) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
