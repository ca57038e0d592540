package requesttracker

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
)

// What the server sends. A field that was asked for and has no value is "" in
// a list, and missing in a record on its own.

// A number comes as one or as a text of its digits. A user's id that is no
// number is a login, which comes where `id` was not asked for.
type number int64

// UnmarshalJSON reads either.
func (n *number) UnmarshalJSON(b []byte) error {
	text := string(b)
	if unquoted, err := strconv.Unquote(text); err == nil {
		text = unquoted
	}
	if text == "" || text == "null" {
		*n = 0
		return nil
	}
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return connectors.ErrBadData
	}
	*n = number(v)
	return nil
}

// A stamp is a moment in UTC; the epoch is how "never" is written.
type stamp struct{ *time.Time }

// UnmarshalJSON reads "2026-11-22T04:11:45Z".
func (s *stamp) UnmarshalJSON(b []byte) error {
	text := strings.Trim(string(b), `"`)
	if text == "" || text == "null" {
		return nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return connectors.ErrBadData
	}
	if t = t.UTC(); t.Unix() != 0 {
		s.Time = &t
	}
	return nil
}

// A user is a customer or one of the staff.
type user struct {
	ID           number `json:"id"`
	Login        string `json:"Name"`
	Privileged   *int   `json:"Privileged"` // in a record on its own only
	RealName     string `json:"RealName"`
	EmailAddress string `json:"EmailAddress"`
	Organization string `json:"Organization"`
	Lang         string `json:"Lang"`
	MobilePhone  string `json:"MobilePhone"`
	WorkPhone    string `json:"WorkPhone"`
	HomePhone    string `json:"HomePhone"`
	Address1     string `json:"Address1"`
	Address2     string `json:"Address2"`
	City         string `json:"City"`
	State        string `json:"State"`
	Zip          string `json:"Zip"`
	Country      string `json:"Country"`
	LastUpdated  stamp  `json:"LastUpdated"`
}

// A ticket, with the users and groups who requested it.
type ticket struct {
	ID          number   `json:"id"`
	Requestors  []member `json:"Requestor"`
	Subject     string   `json:"Subject"`
	Status      string   `json:"Status"`
	Priority    number   `json:"Priority"`
	Created     stamp    `json:"Created"`
	LastUpdated stamp    `json:"LastUpdated"`
}

// A member is a user or a group; their ids are of one series.
type member struct {
	Type string `json:"type"`
	ID   number `json:"id"`
}

type group struct {
	ID     number `json:"id"`
	Name   string `json:"Name"`
	Domain string `json:"Domain"`
}

// A column says which of the server's fields one of ours is mapped from.
type column struct {
	field string
	from  []string
}

// asks are the server's fields for ours, and no others.
func asks(wanted connectors.FieldSet, columns []column, always ...string) []string {
	fields := append([]string(nil), always...)
	for _, c := range columns {
		if wanted.Has(c.field) {
			fields = append(fields, c.from...)
		}
	}
	return fields
}

// text is a text that says something.
func text(s string) *string {
	if s = strings.TrimSpace(s); s == "" {
		return nil
	}
	return &s
}

// idsOf are the numbers of the refs, with the way back. An id is a serial of 32
// bits; a ref with anything else is none of this system's, and left out.
func idsOf(refs []idgraph.Ref) ([]int64, map[int64]idgraph.Ref) {
	ids, back := make([]int64, 0, len(refs)), make(map[int64]idgraph.Ref, len(refs))
	for _, ref := range refs {
		if id, err := strconv.ParseInt(ref.ID, 10, 32); err == nil && id > 0 && strconv.FormatInt(id, 10) == ref.ID {
			ids = append(ids, id)
			back[id] = ref
		}
	}
	return ids, back
}

func (c *connector) ref(id number) idgraph.Ref {
	return idgraph.Ref{Source: c.setup.Source, ID: strconv.FormatInt(int64(id), 10)}
}

// profileOf maps a user. It has one name; who needs its parts takes it apart.
func profileOf(owner idgraph.Ref, u user) connectors.Profile {
	p := connectors.Profile{
		Record:    connectors.NewRecord(owner, owner.ID),
		LookupKey: u.Login,
		UpdatedAt: u.LastUpdated.Time,
		Name:      text(u.RealName),
		Language:  text(strings.ReplaceAll(u.Lang, "_", "-")),
		Company:   text(u.Organization),
	}
	if address := text(u.EmailAddress); address != nil {
		p.Emails = []connectors.EmailAddress{{Address: address, Source: owner.Source}}
	}
	for _, typed := range []string{u.MobilePhone, u.WorkPhone, u.HomePhone} {
		if phone := text(typed); phone != nil {
			p.Phones = append(p.Phones, connectors.PhoneNumber{Number: phone, Source: owner.Source})
		}
	}
	at := connectors.PostalAddress{
		Street: text(strings.Trim(u.Address1+"\n"+u.Address2, "\n")), City: text(u.City), Postcode: text(u.Zip),
		Region: text(u.State), Country: text(u.Country), Source: owner.Source,
	}
	if at != (connectors.PostalAddress{Source: owner.Source}) {
		p.Addresses = []connectors.PostalAddress{at}
	}
	return p
}

// ticketOf maps a ticket as far as its fields were asked for.
func (c *connector) ticketOf(owner idgraph.Ref, wanted connectors.FieldSet, t ticket) (connectors.Ticket, error) {
	id := strconv.FormatInt(int64(t.ID), 10)
	out := connectors.Ticket{
		Record: connectors.NewRecord(owner, id), Number: &id, Subject: text(t.Subject),
		OpenedAt: t.Created.Time, UpdatedAt: t.LastUpdated.Time,
	}
	if wanted.Has("status") {
		means, known := c.cfg.Statuses[strings.ToLower(t.Status)]
		if !known {
			return out, fmt.Errorf("a status that the configuration does not know: %w", connectors.ErrBadData)
		}
		out.Status = &means
	}
	if wanted.Has("priority") {
		out.Priority = c.priorityOf(int64(t.Priority))
	}
	return out, nil
}

// priorityOf is the name with the highest number that n reaches.
func (c *connector) priorityOf(n int64) (name *connectors.TicketPriority) {
	for _, p := range connectors.TicketPriorities {
		from, ok := c.cfg.Priorities[p]
		if ok && n >= from && (name == nil || from >= c.cfg.Priorities[*name]) {
			name = &p
		}
	}
	return name
}
