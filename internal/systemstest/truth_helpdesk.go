package main

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// deskStatuses are what the helpdesk's statuses mean, in our words.
var deskStatuses = map[string]string{"new": "NEW", "open": "OPEN", "stalled": "PENDING", "resolved": "RESOLVED", "rejected": "CLOSED"}

// readHelpdesk reads the users who are no staff and, by the list of all
// tickets, what each of them requested.
func readHelpdesk(ctx context.Context, s *system) (map[string]*record, error) {
	staff, err := s.staff(ctx)
	if err != nil {
		return nil, err
	}
	users, err := s.api.deskList(ctx, http.MethodPost, "users?find_disabled_rows=1&orderby=id&fields=id,Name,RealName,EmailAddress,Organization,Lang,MobilePhone,"+
		"WorkPhone,HomePhone,Address1,Address2,City,State,Zip,Country,LastUpdated", []row{{"field": "Name", "operator": "!=", "value": "Nobody"}})
	if err != nil {
		return nil, err
	}
	people := map[string]*record{}
	for _, u := range users {
		if login := text(u["Name"]); staff[login] || login == "RT_System" {
			continue
		}
		r := &record{
			source: s.name, id: text(u["id"]), name: text(u["RealName"]), company: text(u["Organization"]),
			language: strings.ReplaceAll(text(u["Lang"]), "_", "-"), touched: moment(u["LastUpdated"]), consents: map[string]string{}, emails: said(u["EmailAddress"]),
		}
		r.phones = slices.Concat(said(u["MobilePhone"]), said(u["WorkPhone"]), said(u["HomePhone"]))
		street := strings.Join(append(said(u["Address1"]), said(u["Address2"])...), "\n")
		if a := tuple(street, u["City"], u["Zip"], u["State"], u["Country"]); a != "||||" {
			r.addresses = []string{a}
		}
		people[r.id] = r
	}
	tickets, err := s.api.deskList(ctx, http.MethodGet, "tickets?orderby=id&fields=id,Subject,Status,Priority,Created,LastUpdated,Requestor&fields[Requestor]=id&query="+
		url.QueryEscape("id > 0"), nil)
	if err != nil {
		return nil, err
	}
	messages, err := s.messages(ctx, tickets, staff)
	if err != nil {
		return nil, err
	}
	for _, t := range tickets {
		line := tuple(s.name, t["id"], t["Subject"], deskStatuses[text(t["Status"])], priority(number(t["Priority"])), moment(t["Created"]), moment(t["LastUpdated"]), strings.Join(messages[text(t["id"])], "|"))
		for _, who := range list(t, "Requestor") {
			if r := people[text(who["id"])]; r != nil {
				r.tickets = append(r.tickets, line)
			}
		}
	}
	return people, nil
}

// staff are the logins of privileged users, one by one as they say of
// themselves.
func (s *system) staff(ctx context.Context) (map[string]bool, error) {
	logins := map[string]bool{}
	for _, login := range []string{"root", clerk} {
		var user row
		if err := s.api.send(ctx, http.MethodGet, "user/"+login, nil, &user); err != nil {
			return nil, err
		}
		logins[login] = text(user["Privileged"]) == "1"
	}
	return logins, nil
}

// priority is the name that the gateway's configuration gives a number.
func priority(n int) string {
	switch {
	case n >= 100:
		return "HIGH"
	case n >= 50:
		return "NORMAL"
	}
	return "LOW"
}

// moment writes a time as the gateway does.
func moment(v any) string {
	t, err := time.Parse(time.RFC3339, text(v))
	if err != nil || t.Unix() == 0 {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
