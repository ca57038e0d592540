package sql

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/consent"
)

// consentTable is what persons allowed, compiled.
type consentTable struct {
	stream   stream
	text     string // with one list of owners to bind
	purposes map[string]string
	states   map[string]string
	notice   string // the constant, "" where it is a column
}

func (cc *compiler) consents(k *Consents) *consentTable {
	if k == nil {
		return nil
	}
	cc.in("consents", "t")
	states := make([]string, 0, 8)
	for _, s := range []consent.State{consent.Requested, consent.Granted, consent.Denied, consent.Withdrawn, consent.Expired, consent.Objected, consent.Restricted, consent.Lifted} {
		states = append(states, string(s))
	}
	cc.mapped("state", k.State.Map, states)
	if len(k.State.Map) == 0 {
		cc.note("state.map", errors.New("is missing"))
	}
	for from, to := range k.Purpose.Map {
		if !strings.Contains(to, ".") {
			cc.note("purpose.map."+from, fmt.Errorf("%q is no purpose: a dotted key such as marketing.email", to))
		}
	}
	t := &consentTable{purposes: k.Purpose.Map, states: k.State.Map}
	owner, from, where := cc.column("owner", k.Owner), cc.table("from", k.From), cc.condition("where", k.Where)
	notice := "NULL"
	if strings.Contains(k.Notice, "@") {
		t.notice = k.Notice
	} else if k.Notice != "" {
		notice = cc.column("notice", Column{Column: k.Notice})
	}
	at := cc.raw("at", k.At)
	t.text = fmt.Sprintf("SELECT %s AS o, %s AS purpose, %s AS state, %s AS at, %s AS notice FROM %s WHERE %s IN (?)%s ORDER BY 1, 4, 2",
		owner, cc.raw("purpose", k.Purpose), cc.raw("state", k.State), at, notice, from, owner, where)
	changed := k.Changed
	if changed.isZero() {
		changed = k.At
	}
	key := cc.column("changed", changed)
	t.stream = stream{
		op: "changes", from: from, key: key, shown: cc.raw("changed", changed), id: owner, gone: "0",
		where: where + " AND " + key + " IS NOT NULL AND " + owner + " IS NOT NULL",
	}
	return t
}

// streams says whether consents are read in the order of their own changes;
// where persons are read in full each time, they need not be.
func (t *consentTable) streams(persons stream) bool { return t != nil && persons.key != "" }

// lastConsent is where a full reading that begins now may go on with consents:
// it reads those before with their persons.
func (c *connector) lastConsent(ctx context.Context) (place, error) {
	if !c.consents.streams(c.changes) {
		return place{}, nil
	}
	s := c.consents.stream
	text := fmt.Sprintf("SELECT %s AS k, %s AS id FROM %s WHERE 1 = 1%s ORDER BY %s DESC, %s DESC LIMIT ?", s.shown, s.id, s.from, s.where, s.key, s.id)
	horizon := c.now().Add(-c.setup.Margin())
	var at place
	err := c.query(ctx, s.op, text, []any{unsettled}, func(cells []any) error {
		when, err := momentOf(cells[0])
		if young := err == nil && when != nil && when.After(horizon); !young && !at.Begun {
			at = place{Begun: true, Key: kept(cells[0]), ID: kept(cells[1])}
		}
		return nil
	})
	return at, err
}

// unsettled is how many of the latest consents may be too young to go on
// behind. Where all of them are, consents are read again from the beginning.
const unsettled = 1000

// consentsOf reads all that the source holds about the consent of some persons.
func (c *connector) consentsOf(ctx context.Context, people []connectors.Profile) ([]connectors.Consent, error) {
	t := c.consents
	if t == nil || len(people) == 0 {
		return nil, nil
	}
	known := make(map[string]connectors.Profile, len(people))
	ids := make([]any, 0, len(people))
	for _, p := range people {
		if id, ok := c.ids.bind(p.Owner.ID); ok {
			ids = append(ids, id)
			known[p.Owner.ID] = p
		}
	}
	var out []connectors.Consent
	err := c.query(ctx, "changes", t.text, []any{ids}, func(cells []any) error {
		owner, err := textOf(cells[0])
		if err != nil || owner == nil {
			return nil
		}
		if person, ok := known[*owner]; ok {
			if event, ok := t.event(person.Owner, cells[1:]); ok {
				if event.At.IsZero() && person.UpdatedAt != nil {
					event.At = *person.UpdatedAt
				}
				out = append(out, event)
			}
		}
		return nil
	})
	return out, err
}

// event reads one row. Whatever is unclear about it counts against disclosure:
// an unknown state, or a grant whose time cannot be read, is a request.
func (t *consentTable) event(owner idgraph.Ref, cells []any) (connectors.Consent, bool) {
	purpose, err := textOf(cells[0])
	if err != nil || purpose == nil {
		return connectors.Consent{}, false
	}
	key := *purpose
	if len(t.purposes) > 0 {
		to, ok := mean(t.purposes, key)
		if !ok {
			return connectors.Consent{}, false
		}
		key = to
	}
	event := connectors.Consent{Owner: owner, Purpose: consent.Purpose(key), State: consent.Requested, Notice: t.notice}
	if state, err := textOf(cells[1]); err == nil && state != nil {
		if to, ok := mean(t.states, *state); ok {
			event.State = consent.State(to)
		}
	}
	at, err := momentOf(cells[2])
	if err == nil && at != nil {
		event.At = *at
	} else if event.At = (time.Time{}); event.State == consent.Granted {
		event.State = consent.Requested
	}
	if notice, err := textOf(cells[3]); err == nil && notice != nil {
		event.Notice = *notice
	}
	return event, true
}
