// Package requesttracker speaks REST2 with Request Tracker 5, the helpdesk of a
// company: its unprivileged users are customers, and the tickets that they
// requested theirs. What it knows of the wire comes from
// testdata/systems/request-tracker/NOTES.md, and from trying; the replies under
// testdata are recorded from that system.
package requesttracker

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/internal/keys"
)

// Config is one Request Tracker.
type Config struct {
	// URL is where people reach it: "https://helpdesk.example/". REST2 is
	// looked for below, at REST/2.0/.
	URL string `yaml:"url"`
	// Token is an authentication token of a user made for the gateway. That
	// user needs the rights SeeQueue and ShowTicket on the queues to be shown,
	// and the global ones AdminUsers, SeeGroup and AdminGroupMembership: Request
	// Tracker has no lesser ones to read users and to tell customers from staff.
	Token keys.Secret `yaml:"token"`
	// Statuses says what the statuses of the lifecycles mean that are not
	// Request Tracker's own: "waiting for vendor": PENDING. Its own are new,
	// open, stalled, resolved, rejected and deleted, and may be given another
	// meaning here. A ticket with any other status spoils its requestor's answer.
	Statuses map[string]connectors.TicketStatus `yaml:"statuses"`
	// Priorities says from which number on a priority has which name, such as
	// LOW: 0, NORMAL: 50, HIGH: 100 for Request Tracker's own. Left out: the
	// numbers mean nothing, and tickets have no priority.
	Priorities map[connectors.TicketPriority]int64 `yaml:"priorities"`
}

// The limits, and who says so.
var (
	userLimit    = connectors.Limit{N: pageRows, Says: "testdata/systems/request-tracker/NOTES.md, Requests: search many `Name`s at once; Pagination: pages of 100; Pitfalls: user searches have no other limit"}
	ticketLimit  = connectors.Limit{N: 5, Says: "testdata/systems/request-tracker/NOTES.md, Pitfalls: each OR-ed requestor adds a join, and the cost multiplies; chunk by 5"}
	messageLimit = connectors.Limit{N: 50, Says: "testdata/systems/request-tracker/NOTES.md, Requests: transactions of many tickets are OR-ed without a join; no limit is named, and 50 stay one small query"}
	findLimit    = connectors.Limit{N: 50, Says: "testdata/systems/request-tracker/NOTES.md, Requests: users by many mails are OR-ed; no limit is named, and 50 stay one small query"}
	callLimit    = connectors.Limit{N: 2, Says: "testdata/systems/request-tracker/NOTES.md, Pitfalls: a worker stays busy after the client hangs up; there are three"}
)

// timeout is longer than others': what five requestors ask of a database of two
// dozen tickets takes half a second, and a worker stays busy with a call that
// was given up (testdata/systems/request-tracker/NOTES.md, Pitfalls).
const timeout = 4 * time.Second

// ownStatuses are those of the lifecycle that Request Tracker comes with.
var ownStatuses = map[string]connectors.TicketStatus{
	"new": "NEW", "open": "OPEN", "stalled": "PENDING", "resolved": "RESOLVED", "rejected": "CLOSED", "deleted": "CLOSED",
}

type connector struct {
	cfg   Config
	setup connectors.Setup
	rest  *client
	staff staff
}

var (
	_ connectors.ProfileLister = (*connector)(nil)
	_ connectors.TicketLister  = (*connector)(nil)
	_ connectors.MessageLister = (*connector)(nil)
	_ connectors.Finder        = (*connector)(nil)
	_ connectors.ChangeLister  = (*connector)(nil)
	_ connectors.IDLister      = (*connector)(nil)
)

// Open returns a connector that has not called the server yet.
func (cfg *Config) Open(s connectors.Setup) (connectors.Connector, error) {
	c := &connector{cfg: *cfg, setup: s}
	if err := c.cfg.complete(s.Role); err != nil {
		return nil, err
	}
	token, err := cfg.Token.Reveal()
	if err != nil {
		return nil, fmt.Errorf("token: %w", err)
	}
	c.rest = newClient(c.cfg.URL, token, s)
	return c, nil
}

// complete fills in what was left out and refuses what cannot be.
func (cfg *Config) complete(role connectors.Role) error {
	if role != connectors.Helpdesk {
		return fmt.Errorf("requesttracker serves as HELPDESK, not as %q", role)
	}
	u, err := url.Parse(cfg.URL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("url: want http(s)://host/, and a path if there is one")
	}
	if u.User != nil {
		return errors.New("url: a user has no place there; token has a key of its own")
	}
	cfg.URL = strings.TrimSuffix(strings.TrimSuffix(cfg.URL, "/"), "/REST/2.0") + "/REST/2.0/"
	statuses := maps.Clone(ownStatuses)
	for name, means := range cfg.Statuses {
		if !slices.Contains(connectors.TicketStatuses, means) {
			return fmt.Errorf("statuses: %q: want one of %v", name, connectors.TicketStatuses)
		}
		statuses[strings.ToLower(name)] = means
	}
	cfg.Statuses = statuses
	for name := range cfg.Priorities {
		if !slices.Contains(connectors.TicketPriorities, name) {
			return fmt.Errorf("priorities: want some of %v", connectors.TicketPriorities)
		}
	}
	return nil
}

// Source is the configured name.
func (c *connector) Source() idgraph.Source { return c.setup.Source }

// Close gives back nothing: a token has no session.
func (c *connector) Close() error { return nil }

// About declares the limits.
func (c *connector) About() connectors.About {
	return connectors.About{
		Kind: "requesttracker", Role: c.setup.Role,
		Keys:      map[connectors.Kind]connectors.Limit{connectors.KindProfile: userLimit, connectors.KindTicket: ticketLimit, connectors.KindMessage: messageLimit},
		NeedsKeys: true, FindKeys: findLimit, Calls: callLimit, Timeout: timeout,
	}
}

func (c *connector) fail(op string, err error) error { return connectors.Fail(c.setup.Source, op, err) }
