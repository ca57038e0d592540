package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"
)

// clerk is one of the helpdesk's staff, and so nobody's customer.
const clerk = "clerk"

// addToHelpdesk adds people, tickets and letters.
func addToHelpdesk(ctx context.Context, s *system) error {
	if err := addTickets(ctx, s); err != nil {
		return err
	}
	return addLetters(ctx, s)
}

// addLetters has a customer, staff and the helpdesk itself write in the first
// ticket that somebody requested: with HTML, HTML alone, and a file alone; and
// staff add a comment.
func addLetters(ctx context.Context, s *system) error {
	comments, err := s.api.deskList(ctx, http.MethodPost, "transactions?orderby=id&fields=id", []row{{"field": "Type", "operator": "=", "value": "Comment"}})
	if err != nil || len(comments) > 0 {
		return err
	}
	tickets, err := s.api.deskList(ctx, http.MethodGet, "tickets?orderby=id&fields=id,Requestor&query="+url.QueryEscape("id > 0"), nil)
	if err != nil {
		return err
	}
	for _, t := range tickets {
		if who := list(t, "Requestor"); len(who) == 1 {
			_, err := s.script(ctx, "env", "RT_SITE_CONFIG="+filepath.Join(s.state(), "RT_SiteConfig.pm"), "RT_SITE_CONFIG_DIR=/dev/null",
				"perl", "-I/usr/share/request-tracker5/lib", filepath.Join(s.scripts(), "letters.pl"), text(t["id"]), text(who[0]["id"]))
			return err
		}
	}
	return fmt.Errorf("no ticket has a requestor: %w", orTooFew(nil))
}

// addTickets gives a user what the seeder leaves empty, disables another,
// adds a clerk, and tickets of every status: one of two requestors, one deleted.
func addTickets(ctx context.Context, s *system) error {
	users, err := s.api.deskList(ctx, http.MethodPost, "users?find_disabled_rows=1&orderby=id&fields=id,Name", []row{{"field": "Name", "operator": "!=", "value": "Nobody"}})
	if err != nil {
		return err
	}
	var logins []string
	for _, u := range users {
		switch login := text(u["Name"]); {
		case login == clerk:
			return nil // all of this has been done
		case strings.Contains(login, "@"):
			logins = append(logins, login)
		}
	}
	if len(logins) < 4 {
		return fmt.Errorf("%d users: %w", len(logins), orTooFew(nil))
	}
	do := func(method, path string, body row) (said row) {
		if err == nil {
			var answer any
			err = s.api.send(ctx, method, path, body, &answer)
			said, _ = answer.(row)
		}
		return said
	}
	do(http.MethodPut, "user/"+url.PathEscape(logins[0]), row{
		"Lang": "pt_BR", "Organization": "Umbra Optics", "WorkPhone": "0221 555 0101", "HomePhone": "0221 555 0102", "Address2": "Hinterhaus", "State": "NW",
	})
	do(http.MethodPut, "user/"+url.PathEscape(logins[1]), row{"Disabled": 1})
	for i, status := range []string{"new", "open", "stalled", "resolved", "rejected", "deleted"} {
		requestors := []string{logins[2]}
		if status == "open" {
			requestors = append(requestors, logins[3])
		}
		made := do(http.MethodPost, "ticket", row{
			"Queue": "General", "Subject": "About what is " + status, "Requestor": requestors, "Priority": 50 * (i % 3), "Content": "Well?", "ContentType": "text/plain",
		})
		if status != "new" {
			do(http.MethodPut, "ticket/"+text(made["id"]), row{"Status": status})
		}
	}
	do(http.MethodPost, "user", row{"Name": clerk, "EmailAddress": "clerk@helpdesk.example", "RealName": "A Clerk", "Privileged": 1})
	return err
}

// open adds a ticket of a user, opened now, and says its number.
func (s *system) open(ctx context.Context, user, subject string) (string, error) {
	var login, made row
	if err := s.api.send(ctx, http.MethodGet, "user/"+user, nil, &login); err != nil {
		return "", err
	}
	err := s.api.send(ctx, http.MethodPost, "ticket", row{
		"Queue": "General", "Subject": subject, "Requestor": login["Name"], "Content": "At " + time.Now().Format(time.TimeOnly), "ContentType": "text/plain",
	}, &made)
	return text(made["id"]), err
}
