package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// many is how many customers a dashboard shows at once.
const many = 50

// A message is one call that has come to a system, as a proxy before it has
// seen it.
type message struct{ method, path, query, body string }

// kind is the record kind that a call asks for, "" where it goes with another
// call: the texts of messages, and what a connector keeps for a while.
func (m message) kind() string {
	switch model := m.model(); {
	case strings.Contains(m.path, "/REST/2.0/attachments"), strings.Contains(m.path, "/REST/2.0/group"):
		return ""
	case strings.Contains(m.path, "/REST/2.0/transactions"):
		return "MESSAGE"
	case strings.Contains(m.path, "/REST/2.0/ticket"):
		return "TICKET"
	case strings.Contains(m.path, "/REST/2.0/user"):
		return "PROFILE"
	case strings.Contains(m.body, "orders(") || model == "sale.sale":
		return "ORDER"
	case strings.Contains(m.body, "customers("):
		return "PROFILE"
	case model == "party.party" && strings.Contains(m.body, `"receivable"`):
		return "BALANCE"
	case model == "party.party":
		return "PROFILE"
	case model == "sale.opportunity":
		return "DEAL"
	case model == "account.invoice":
		return "INVOICE"
	case model == "account.move.line":
		return "PAYMENT"
	}
	return m.method + " " + m.path + " " + m.model()
}

// model is the Tryton model that a call reads.
func (m message) model() string {
	var call struct{ Method string }
	if json.Unmarshal([]byte(m.body), &call) != nil {
		return ""
	}
	return strings.TrimSuffix(strings.TrimPrefix(call.Method, "model."), ".search_read")
}

// requestors is how many requestors a search for tickets names.
func (m message) requestors() int {
	return strings.Count(m.query+m.body, "Requestor.id")
}

// A watched gateway reaches every system through a proxy that notes each call.
type watched struct {
	*gateway
	running fleet
	proxies map[string]*proxy
}

// watch starts a gateway of its own that has read the systems once, and then
// leaves them alone.
func watch(ctx context.Context, g *gateway, running fleet) (*watched, error) {
	w := &watched{gateway: g, running: running, proxies: map[string]*proxy{}}
	g.every = time.Hour
	var sources []source
	for _, s := range running {
		p, err := newProxy(ctx, s, fault{})
		if err != nil {
			return nil, err
		}
		w.proxies[s.name] = p
		sources = append(sources, s.source(p.url))
	}
	if err := g.start(ctx, sources...); err != nil {
		return nil, err
	}
	return w, g.waitSynced(ctx, running.names()...)
}

// seen is what came to the systems since the last time that it was asked.
func (w *watched) seen() map[string][]message {
	all := map[string][]message{}
	for name, p := range w.proxies {
		all[name] = p.take()
	}
	return all
}

// An account is what an operation cost, by source and record kind.
type account map[[2]string]int

// reported reads extensions.sources.
type reported struct {
	Sources []struct {
		Source string
		Kinds  []struct {
			Kind  string
			Calls int
		}
	}
}

func (e reported) account() account {
	a := account{}
	for _, s := range e.Sources {
		for _, k := range s.Kinds {
			a[[2]string{s.Source, k.Kind}] = k.Calls
		}
	}
	return a
}

// countCalls asks for many customers with everything, and holds the number of
// calls that it should take against what the gateway says and what came to the
// systems.
func countCalls(ctx context.Context, r *report, w *watched) error {
	var data struct{ Customers nodes[customer] }
	var said reported
	// A hundred messages of each ticket would be TOO_COSTLY.
	query := fmt.Sprintf(`{customers(first: %d) {nodes {%s}}}`, many, withMessages(20))
	for range 3 { // first, connectors log in and read what they keep
		data.Customers.Nodes = nil
		w.seen()
		began := time.Now()
		wrong, err := w.askAll(ctx, query, nil, &data, &said)
		if err != nil {
			return err
		}
		r.note("%d customers with everything in %d ms, %d errors", len(data.Customers.Nodes), time.Since(began).Milliseconds(), len(wrong))
	}
	keys, tickets := map[string]int{}, map[string]bool{}
	for _, c := range data.Customers.Nodes {
		for _, ref := range c.Identity.Records {
			keys[ref.Source]++
		}
		for _, t := range c.Tickets.Nodes {
			tickets[s(t.Number)] = true
		}
	}
	keysOf := func(kind, source string) int { // messages are a ticket's, the rest is a record's
		if kind == "MESSAGE" {
			return len(tickets)
		}
		return keys[source]
	}
	want, arrived, told := account{}, account{}, said.account()
	for _, s := range w.running {
		for kind, limit := range s.limits {
			if n := keysOf(kind, s.name); n > 0 {
				want[[2]string{s.name, kind}] = (n + limit - 1) / limit
			}
		}
	}
	for source, messages := range w.seen() {
		for _, m := range messages {
			if kind := m.kind(); kind != "" {
				arrived[[2]string{source, kind}]++
			}
		}
	}
	r.note("%-9s %-8s %5s %6s %9s %9s %9s", "source", "kind", "keys", "limit", "expected", "gateway", "system")
	all := maps.Clone(want)
	maps.Copy(all, told)
	maps.Copy(all, arrived)
	sum := [3]int{}
	for _, k := range slices.SortedFunc(maps.Keys(all), func(a, b [2]string) int { return strings.Compare(a[0]+a[1], b[0]+b[1]) }) {
		limit := 0
		if s := w.running.get(k[0]); s != nil {
			limit = s.limits[k[1]]
		}
		r.note("%-9s %-8s %5d %6d %9d %9d %9d", k[0], k[1], keysOf(k[1], k[0]), limit, want[k], told[k], arrived[k])
		sum = [3]int{sum[0] + want[k], sum[1] + told[k], sum[2] + arrived[k]}
	}
	r.check(fmt.Sprintf("%d customers with everything: %d calls expected, %d told, %d seen by the systems", len(data.Customers.Nodes), sum[0], sum[1], sum[2]),
		wantIf(maps.Equal(want, told) && maps.Equal(want, arrived), "the same"))
	return nil
}

// manyRequestors asks for the tickets of twenty of the helpdesk's users at once:
// a sixth requestor in one search would multiply its cost.
func manyRequestors(ctx context.Context, r *report, w *watched, answers []customer) error {
	const twenty = 20
	var ids []string
	requestors := 0
	want := map[string][]string{}
	for _, a := range answers {
		n := 0
		for _, ref := range a.Identity.Records {
			if ref.Source == "helpdesk" {
				n++
			}
		}
		if n > 0 && requestors < twenty {
			ids, requestors = append(ids, a.ID), requestors+n
			want[a.ID] = tuples(a.Tickets.Nodes, ticket.head)
		}
	}
	w.seen()
	var data struct{ CustomersByID []customer }
	began := time.Now()
	wrong, err := w.ask(ctx, `query ($ids: [ID!]!) {customersById(ids: $ids) {id tickets(first: 100) {nodes {source number subject status priority openedAt updatedAt}}}}`, row{"ids": ids}, &data)
	took := time.Since(began)
	if err != nil {
		return err
	}
	err = errors.Join(wantIf(len(wrong) == 0, "no error, got %v", wrong), wantIf(took < callTimeout, "an answer within %s", callTimeout))
	for _, c := range data.CustomersByID {
		err = errors.Join(err, wantIf(slices.Equal(tuples(c.Tickets.Nodes, ticket.head), want[c.ID]), "the tickets of %s", c.ID))
	}
	most, searches := 0, 0
	for _, m := range w.seen()["helpdesk"] {
		if n := m.requestors(); n > 0 {
			most, searches = max(most, n), searches+1
		}
	}
	r.check(fmt.Sprintf("%d requestors at once: answered after %d ms by %d searches of %d requestors at most", requestors, took.Milliseconds(), searches, most),
		errors.Join(err, wantIf(most > 0 && most <= 5, "5 at most"), wantIf(requestors >= twenty || len(answers) < 40, "%d requestors", twenty)))
	return nil
}

// dashboard asks for a page of many customers with their figures, and holds it
// against what was answered, and compared, before.
func dashboard(ctx context.Context, r *report, w *watched, answers []customer) error {
	before := map[string]summary{}
	for _, a := range answers {
		before[a.ID] = a.Summary
	}
	var data struct{ Customers nodes[customer] }
	began := time.Now()
	wrong, err := w.ask(ctx, fmt.Sprintf(`{customers(first: %d) {nodes {id name summary {%s}}}}`, many, summaryFields), nil, &data)
	took := time.Since(began)
	if err != nil {
		return err
	}
	err = wantIf(len(wrong) == 0, "no error, got %v", wrong)
	for _, c := range data.Customers.Nodes {
		had, known := before[c.ID]
		err = errors.Join(err, wantIf(known && c.Summary.is(had), "the figures of %s as before", c.ID))
	}
	r.check(fmt.Sprintf("a dashboard of %d customers with their figures, after %d ms", len(data.Customers.Nodes), took.Milliseconds()), err)
	return nil
}

func (m summary) is(other summary) bool {
	say := func(m summary) string { b, _ := json.Marshal(m); return string(b) }
	return say(m) == say(other)
}

// note keeps a call, and what came with it.
func note(r *http.Request, body []byte) message {
	query := r.URL.Query()
	return message{r.Method, r.URL.Path, query.Get("query"), string(body)}
}
